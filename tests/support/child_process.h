// What cannot be undone (users, limits, low descriptors) is tried in a child process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <vector>

namespace schoolgate::test {

// What `work` answers in a child process, 0 to 255; -1: a signal ended it. No assertions in there: their
// reports would be lost.
inline int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// For a child's checks: 0, or the place (from 1) of the first one that is false.
inline int first_false(const std::vector<bool>& checks) {
  for (std::size_t i = 0; i < checks.size(); ++i)
    if (!checks[i]) return static_cast<int>(i) + 1;
  return 0;
}

}  // namespace schoolgate::test
