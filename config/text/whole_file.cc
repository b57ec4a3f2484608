#include "config/text/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "config/text/text_file.h"

namespace schoolgate {
bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

namespace {

bool fill(int fd, std::initializer_list<std::string_view> parts, FileAccess access) noexcept {
  if (::fchmod(fd, access.mode) != 0) return false;
  if (access.owner >= 0 &&
      ::fchown(fd, static_cast<uid_t>(access.owner), static_cast<gid_t>(access.group)) != 0)
    return false;
  for (const std::string_view part : parts) {
    if (!write_all(fd, part)) return false;
  }
  return ::fsync(fd) == 0;
}

// So that the rename itself survives a power cut.
void sync_folder(const std::string& folder) noexcept {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

std::optional<Error> write_whole_file(const std::string& path, std::initializer_list<std::string_view> parts,
                                      FileAccess access) {
  const auto trouble = [&path] { return Error{"cannot write " + path + ": " + std::strerror(errno)}; };
  const std::string beside = path + ".new." + std::to_string(::getpid());
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return trouble();
  bool good = fill(fd, parts, access);
  int error = good ? 0 : errno;
  if (::close(fd) != 0 && good) good = false, error = errno;
  if (good && ::rename(beside.c_str(), path.c_str()) != 0) good = false, error = errno;
  if (good) {
    sync_folder(folder_of(path));
    return std::nullopt;
  }
  ::unlink(beside.c_str());
  errno = error;
  return trouble();
}

}  // namespace schoolgate
