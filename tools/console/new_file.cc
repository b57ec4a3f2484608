#include "tools/console/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

std::error_code errno_now() noexcept {
  return {errno, std::generic_category()};
}

Error cannot_write(const std::string& path, std::error_code why) {
  if (why == std::errc::file_exists) return Error{say("{} is there already: it stays as it is", path)};
  return Error{say("cannot write {}: {}", path, system_words(why))};
}

bool is_there(const std::string& path) noexcept {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

// 0, or an errno. Some file systems cannot rename so that nothing is replaced: there it is looked at first.
int rename_to_new(const std::string& from, const std::string& to) noexcept {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (is_there(to)) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<NewFile> NewFile::begin(const std::string& path, mode_t mode) {
  if (is_there(path)) return cannot_write(path, std::make_error_code(std::errc::file_exists));
  std::string beside = path + ".new." + std::to_string(::getpid());
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return cannot_write(path, errno_now());
  NewFile file(path, std::move(beside), fd);
  if (::fchmod(fd, mode) != 0) return cannot_write(path, errno_now());
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), beside_(std::move(other.beside_)), fd_(std::exchange(other.fd_, -1)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(beside_.c_str());
}

Result<void> NewFile::add(std::string_view bytes) {
  const auto written = write_all(fd_, bytes);
  if (written.failed()) return cannot_write(path_, written.error());
  return {};
}

Result<void> NewFile::finish() {
  if (::fsync(fd_) != 0) return cannot_write(path_, errno_now());
  if (const int bad = rename_to_new(beside_, path_); bad != 0)
    return cannot_write(path_, {bad, std::generic_category()});
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0) return cannot_write(path_, errno_now());
  return {};
}

}  // namespace schoolgate::tools
