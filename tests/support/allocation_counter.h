// Counts the calls of operator new in the program that links it, on all threads.
#pragma once

#include <cstdint>

namespace schoolgate {

// False in builds with a sanitizer, whose own operator new stays.
[[nodiscard]] bool allocations_are_counted() noexcept;
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace schoolgate
