#include "config/text/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "config/text/system_words.h"
#include "config/text/text_file.h"

namespace schoolgate {
namespace {

using Written = Result<void, std::error_code>;

constexpr std::size_t most_at_once = std::size_t{256} << 10;

std::error_code last_error() noexcept {
  return {errno, std::generic_category()};
}

Written fill(int fd, std::initializer_list<std::string_view> parts, FileAccess access) noexcept {
  if (::fchmod(fd, access.mode) != 0) return last_error();
  if (access.owner >= 0 &&
      ::fchown(fd, static_cast<uid_t>(access.owner), static_cast<gid_t>(access.group)) != 0)
    return last_error();
  for (const std::string_view part : parts) {
    if (const auto written = write_all(fd, part); written.failed()) return written.error();
  }
  if (::fsync(fd) != 0) return last_error();
  return {};
}

// So that the rename itself survives a power cut.
void sync_folder(const std::string& folder) noexcept {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

// In pieces: some kernels let nobody else run until a call has copied all.
Written write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), std::min(bytes.size(), most_at_once));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return last_error();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_whole_file(const std::string& path, std::initializer_list<std::string_view> parts,
                              FileAccess access) {
  const auto trouble = [&path](std::error_code why) {
    return Error{say("cannot write {}: {}", path, system_words(why))};
  };
  const std::string beside = path + ".new." + std::to_string(::getpid());
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return trouble(last_error());
  Written written = fill(fd, parts, access);
  if (::close(fd) != 0 && written.ok()) written = last_error();
  if (written.ok() && ::rename(beside.c_str(), path.c_str()) != 0) written = last_error();
  if (written.failed()) {
    ::unlink(beside.c_str());
    return trouble(written.error());
  }
  sync_folder(folder_of(path));
  return {};
}

}  // namespace schoolgate
