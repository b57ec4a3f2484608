// Whether the process could have more memory, asked before it is needed: where an address space is limited
// (ulimit -v, LimitAS=, overcommit_memory 2) the kernel says so, elsewhere it never refuses.
#pragma once

#include <cstddef>

namespace schoolgate {

// Below these nobody new is served, and no block for those who are here is made: what is left is for the
// small things without which nothing can be ended in order.
inline constexpr std::size_t room_for_newcomers = std::size_t{16} << 20;
inline constexpr std::size_t room_for_blocks = std::size_t{8} << 20;

// Where nothing limits it the answer is yes, in a fifth of a microsecond. Else it maps and gives back, 2 us,
// and waits while another thread of the process maps or unmaps. Any thread.
[[nodiscard]] bool has_room(std::size_t bytes) noexcept;

}  // namespace schoolgate
