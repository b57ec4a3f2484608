#include "tools/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace schoolgate::tools {

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit wanted{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

std::optional<Error> drop_root(const std::string& user) {
  if (::geteuid() != 0) return std::nullopt;
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr)
    return Error{"started as root, and there is no user \"" + user +
                 "\" to become: create it (useradd --system " + user + "), or name another with --user"};
  if (entry->pw_uid == 0) return Error{"--user " + user + " is root: name an unprivileged user"};
  const bool dropped = ::initgroups(user.c_str(), entry->pw_gid) == 0 &&
                       ::setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) == 0 &&
                       ::setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) == 0;
  if (!dropped || ::setuid(0) == 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return Error{"cannot become user \"" + user + "\": " + std::strerror(errno)};
  return std::nullopt;
}

std::optional<Error> forbid_dumps() {
#ifndef __SANITIZE_ADDRESS__
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return Error{std::string("cannot forbid core files: ") + std::strerror(errno)};
#endif
  return std::nullopt;
}

}  // namespace schoolgate::tools
