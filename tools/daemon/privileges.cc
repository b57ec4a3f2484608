#include "tools/daemon/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

std::string read_to_end(int fd) {
  std::string all;
  char part[16384];
  for (;;) {
    const ssize_t got = ::read(fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return all;
    all.append(part, static_cast<std::size_t>(got));
  }
}

bool become(uid_t user) noexcept {
  const passwd* entry = ::getpwuid(user);
  const gid_t group = entry != nullptr ? entry->pw_gid : static_cast<gid_t>(user);
  const bool groups =
      entry != nullptr ? ::initgroups(entry->pw_name, group) == 0 : ::setgroups(0, nullptr) == 0;
  return groups && ::setresgid(group, group, group) == 0 && ::setresuid(user, user, user) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

constexpr int cannot_become = 113;  // none of the commands' own exit codes

}  // namespace

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit wanted{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

Result<void> drop_root(const std::string& user) {
  if (::geteuid() != 0) return {};
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr)
    return Error{say(
        "started as root, and there is no user \"{0}\" to become: create it (useradd --system {0}), or name "
        "another with --user",
        user)};
  if (entry->pw_uid == 0) return Error{say("--user {} is root: name an unprivileged user", user)};
  const bool dropped = ::initgroups(user.c_str(), entry->pw_gid) == 0 &&
                       ::setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) == 0 &&
                       ::setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) == 0;
  if (!dropped || ::setuid(0) == 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return Error{say("cannot become user \"{}\": {}", user, system_words(errno))};
  return {};
}

Result<void> forbid_dumps() {
#ifndef __SANITIZE_ADDRESS__
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return Error{say("cannot forbid core files: {}", system_words(errno))};
#endif
  return {};
}

// The child's answer: the length of what it wrote to its output, a line end, the output, what it wrote to
// err.
Result<Done> do_as(uid_t user, const std::function<Done()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return Error{say("cannot make a pipe: {}", system_words(errno))};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    if (!become(user)) ::_exit(cannot_become);
    int code = 1;
    try {
      const Done done = work();
      if (write_all(ends[1], std::to_string(done.out.size()) + "\n" + done.out + done.err).ok())
        code = done.exit_code;
    } catch (const std::exception&) {
    }
    ::_exit(code);
  }
  ::close(ends[1]);
  const std::string answer = child > 0 ? read_to_end(ends[0]) : std::string();
  ::close(ends[0]);
  if (child < 0) return Error{say("cannot start a process: {}", system_words(errno))};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == cannot_become)
    return Error{say("cannot become user {}", name_of(user))};
  const std::size_t first_line = answer.find('\n');
  if (!WIFEXITED(status) || first_line == std::string::npos)
    return Error{say("the process that looked as user {} ended before it answered", name_of(user))};
  const std::size_t out = static_cast<std::size_t>(std::atoll(answer.c_str()));
  const std::string text = answer.substr(first_line + 1);
  return Done{WEXITSTATUS(status), text.substr(0, out), text.substr(std::min(out, text.size()))};
}

std::optional<uid_t> uid_of(const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  return entry == nullptr ? std::nullopt : std::optional(entry->pw_uid);
}

std::string name_of(uid_t user) {
  const passwd* entry = ::getpwuid(user);
  return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

}  // namespace schoolgate::tools
