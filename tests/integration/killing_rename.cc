// For LD_PRELOAD: the process is killed in place of its KILL_AT_RENAMEth rename by which `schoolgate restore`
// puts a file aside or in place, and nothing more of it is done.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

extern "C" int rename(const char* from, const char* to) {
  static int left = std::getenv("KILL_AT_RENAME") != nullptr ? std::atoi(std::getenv("KILL_AT_RENAME")) : 0;
  const bool moves =
      std::strstr(to, "/.before-restore-") != nullptr ||
      (std::strstr(from, "/.restore-new/") != nullptr && std::strstr(to, "/.restore-new/") == nullptr);
  if (moves && left > 0 && --left == 0) ::kill(::getpid(), SIGKILL);
  const auto real = reinterpret_cast<int (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, "rename"));
  return real(from, to);
}
