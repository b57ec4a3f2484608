#include "tools/daemon/alert_hook.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "config/text/system_words.h"

namespace schoolgate::tools {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds hook_limit{30};
constexpr std::chrono::milliseconds hook_look{50};

// Signals as a program expects them: the daemon blocks its own, and those it ignores would stay ignored.
class HookAttributes {
 public:
  HookAttributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);  // what it starts ends with it
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
  }
  ~HookAttributes() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  HookAttributes(const HookAttributes&) = delete;
  HookAttributes& operator=(const HookAttributes&) = delete;

  int start(pid_t& child, std::vector<std::string>& words) const {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char* environment[] = {path, nullptr};
    return ::posix_spawn(&child, words[0].c_str(), &actions_, &attributes_, argv.data(), environment);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

Result<void> run_alert_hook(const std::vector<std::string>& words, const std::vector<std::string>& codes,
                            const std::atomic<bool>& ending) {
  std::vector<std::string> all = words;
  all.insert(all.end(), codes.begin(), codes.end());
  pid_t child = 0;
  if (const int error = HookAttributes().start(child, all); error != 0) return Error{system_words(error)};
  const auto until = Steady::now() + hook_limit;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (Steady::now() >= until || ending) {
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      return Error{say("it did not end within {} seconds", hook_limit.count())};
    }
    std::this_thread::sleep_for(hook_look);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{WIFEXITED(status) ? say("it ended with exit code {}", WEXITSTATUS(status))
                                 : say("it was ended by signal {}", WTERMSIG(status))};
}

}  // namespace schoolgate::tools
