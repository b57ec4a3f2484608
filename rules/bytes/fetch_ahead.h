// Asks the memory for what will be read soon, so that it arrives while something else is done.
#pragma once

namespace schoolgate {

// The cache line at `at`, which need not be readable.
inline void fetch_ahead(const void* at) noexcept {
  __builtin_prefetch(at);
  asm volatile("");  // else g++ takes a function that only fetches ahead for one that does nothing: no calls
}

}  // namespace schoolgate
