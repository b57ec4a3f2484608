#include "proxy/io/net/memory_room.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace schoolgate {
namespace {

// vm.overcommit_memory 2: the kernel promises no more than it has. Where that cannot be read (a unit that
// sees of /proc its own processes alone) it is as Debian sets it.
bool promises_are_counted() noexcept {
  const int fd = ::open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
  char mode = '0';
  const bool read = fd >= 0 && ::read(fd, &mode, 1) == 1;
  if (fd >= 0) ::close(fd);
  return read && mode == '2';
}

}  // namespace

bool has_room(std::size_t bytes) noexcept {
  static const bool counted = promises_are_counted();
  rlimit space{};
  if (!counted && ::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur == RLIM_INFINITY) return true;
  void* const place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return false;
  ::munmap(place, bytes);
  return true;
}

}  // namespace schoolgate
