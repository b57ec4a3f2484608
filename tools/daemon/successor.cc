#include "tools/daemon/successor.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "config/text/system_words.h"

namespace schoolgate::tools {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

std::string own_program() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  return size > 0 && size < static_cast<ssize_t>(sizeof path)
             ? std::string(path, static_cast<std::size_t>(size))
             : std::string();
}

Result<pid_t> start_successor(const SuccessorOptions& options) {
  if (options.program.empty()) return Error{say("nobody knows where the program lies (is /proc there?)")};
  std::vector<std::string> words{options.program, "run", "--take-over", "--config", options.config_file};
  if (!options.state.empty()) words.insert(words.end(), {"--state", options.state});
  std::vector<std::string> environment;
  for (char** variable = ::environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  if (options.watchdog)
    environment.push_back("WATCHDOG_USEC=" + std::to_string(options.watchdog->count() * 1000));
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t successor = 0;
  const int error = ::posix_spawn(&successor, options.program.c_str(), &files, nullptr,
                                  pointers(words).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return Error{say("cannot start {}: {}", options.program, system_words(error))};
  return successor;
}

std::optional<int> ended_with(pid_t successor) {
  int status = 0;
  const pid_t ended = ::waitpid(successor, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  if (ended < 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace schoolgate::tools
