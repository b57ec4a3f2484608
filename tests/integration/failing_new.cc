// For LD_PRELOAD: once SIGUSR1 has come, and until it comes again, one in FAILING_NEW of the program's
// allocations by `new` fails, in an order that a seed decides. What C libraries ask of malloc does not fail.
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint32_t> one_in{0};
std::atomic<bool> armed{false};
std::atomic<std::uint32_t> threads{0};

bool fails() noexcept {
  thread_local std::uint32_t state = 2463534242u + 7919u * threads.fetch_add(1);
  const std::uint32_t n = one_in.load(std::memory_order_relaxed);
  if (n == 0 || !armed.load(std::memory_order_relaxed)) return false;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % n == 0;
}

__attribute__((constructor)) void prepare() {
  if (const char* text = std::getenv("FAILING_NEW")) one_in = static_cast<std::uint32_t>(std::atoi(text));
  struct sigaction toggle {};
  toggle.sa_handler = [](int) { armed = !armed; };
  toggle.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &toggle, nullptr);
}

}  // namespace

void* operator new(std::size_t size) {
  void* const place = fails() ? nullptr : std::malloc(size != 0 ? size : 1);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return fails() ? nullptr : std::malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* place) noexcept {
  std::free(place);
}
void operator delete[](void* place) noexcept {
  std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
  std::free(place);
}
void operator delete[](void* place, std::size_t) noexcept {
  std::free(place);
}
