#include "tools/fetch/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "config/text/system_words.h"

namespace schoolgate::tools {
namespace {

constexpr uid_t nobody = 65534;

// What getaddrinfo(3) and its modules read.
constexpr const char* folders[] = {"/lib", "/lib64", "/usr/lib", "/run/systemd/resolve", "/run/resolvconf"};
constexpr const char* readable_files[] = {"/etc/resolv.conf", "/etc/hosts",          "/etc/nsswitch.conf",
                                          "/etc/host.conf",   "/etc/gai.conf",       "/etc/services",
                                          "/etc/protocols",   "/etc/ssl/openssl.cnf"};

constexpr std::uint64_t all_of_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
    LANDLOCK_ACCESS_FS_MAKE_SYM;

// What is not there need not be allowed.
void allow(int ruleset, const char* path, std::uint64_t access) noexcept {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = fd;
  ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(fd);
}

// A kernel without it leaves what the user may do.
void close_file_system() noexcept {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = all_of_files;
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) return;
  for (const char* folder : folders)
    allow(ruleset, folder, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
  for (const char* file : readable_files) allow(ruleset, file, LANDLOCK_ACCESS_FS_READ_FILE);
  ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  ::close(ruleset);
}

bool limit(__rlimit_resource_t what, unsigned long most) noexcept {
  const rlimit both{most, most};
  return ::setrlimit(what, &both) == 0;
}

}  // namespace

bool keep_only(std::vector<int> descriptors) noexcept {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return false;
  for (int fd = 0; fd <= 2; ++fd)
    if (std::find(descriptors.begin(), descriptors.end(), fd) == descriptors.end() &&
        ::dup2(nowhere, fd) != fd)
      return false;
  std::sort(descriptors.begin(), descriptors.end());
  unsigned first = 3;
  for (const int fd : descriptors) {
    if (fd < static_cast<int>(first)) continue;
    if (static_cast<unsigned>(fd) > first && ::close_range(first, static_cast<unsigned>(fd) - 1, 0) != 0)
      return false;
    first = static_cast<unsigned>(fd) + 1;
  }
  return ::close_range(first, ~0U, 0) == 0;
}

Result<void> confine(unsigned long largest_file, unsigned long cpu_seconds) {
  const auto reason = [] { return system_words(errno); };
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, largest_file) || !limit(RLIMIT_CPU, cpu_seconds))
    return Error{say("cannot set limits: {}", reason())};
  ::signal(SIGXFSZ, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
                           ::setresuid(nobody, nobody, nobody) != 0))
    return Error{say("cannot give up root: {}", reason())};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Error{say("cannot give up rights: {}", reason())};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return Error{say("cannot be tied to its parent: {}", reason())};
  close_file_system();
  return {};
}

}  // namespace schoolgate::tools
