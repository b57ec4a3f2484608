// Counts the calling thread's heap allocations, for tests of code that must not allocate once it is warm.
#pragma once

#include <cstddef>

namespace schoolgate::testing {

// The number of operator new calls of this thread so far. (Linking this in replaces operator new.)
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace schoolgate::testing
