#include "proxy/io/net/memory_room.h"

#include <sys/mman.h>

namespace schoolgate {

bool has_room(std::size_t bytes) noexcept {
  void* const place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return false;
  ::munmap(place, bytes);
  return true;
}

}  // namespace schoolgate
