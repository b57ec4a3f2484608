#include "tests/support/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define SCHOOLGATE_COUNTS 0
#elif defined(__has_feature)
#define SCHOOLGATE_COUNTS !__has_feature(address_sanitizer)
#else
#define SCHOOLGATE_COUNTS 1
#endif

namespace {
std::atomic<std::uint64_t> count{0};
}

namespace schoolgate {
bool allocations_are_counted() noexcept {
  return SCHOOLGATE_COUNTS != 0;
}
std::uint64_t allocations() noexcept {
  return count.load();
}
}  // namespace schoolgate

#if SCHOOLGATE_COUNTS
void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif
