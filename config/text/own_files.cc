#include "config/text/own_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "config/text/descriptor.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {

std::string absolute_path(const std::string& path) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  return failed ? path : absolute.lexically_normal().string();
}

std::vector<std::string> names_in_folder(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

Result<void> check_own_folder(const std::string& folder, bool private_to_user) {
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISDIR(info.st_mode)) return Error{say("it is no folder")};
  struct stat above {};
  const bool has_above = ::stat(folder_of(folder).c_str(), &above) == 0;
  const bool known_owner =
      !private_to_user && (info.st_uid == 0 || (has_above && info.st_uid == above.st_uid));
  if (info.st_uid != ::geteuid() && ::geteuid() != 0 && !known_owner)
    return Error{say("it belongs to another user")};
  if (private_to_user && (info.st_mode & 077) != 0) return Error{say("others may look into it: chmod 700")};
  if ((info.st_mode & 022) != 0) return Error{say("others may write into it: chmod go-w")};
  if (has_above && (above.st_mode & S_IWOTH) != 0 && (above.st_mode & S_ISVTX) == 0)
    return Error{say("everybody may replace it: chmod o-w {}", folder_of(folder))};
  return {};
}

Result<void> make_own_folder(const std::string& folder, bool private_to_user) {
  const std::string above = folder_of(folder);
  std::error_code failed;
  if (!above.empty() && !std::filesystem::exists(above, failed)) {
    std::filesystem::create_directories(above, failed);
    if (failed) return Error{say("cannot make the folder {}: {}", above, system_words(failed))};
  }
  if (::mkdir(folder.c_str(), private_to_user ? 0700 : 0750) == 0) {
    const Descriptor parent(::open(above.empty() ? "." : above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.get() >= 0) ::fsync(parent.get());
  } else if (errno != EEXIST) {
    return Error{say("cannot make the folder {}: {}", folder, system_words(errno))};
  }
  if (const auto trusted = check_own_folder(folder, private_to_user); trusted.failed())
    return Error{say("the folder {} is not used: {}", folder, trusted.error().message)};
  return {};
}

Result<std::string> read_own_file(const std::string& path, const std::string& digest,
                                  std::uint64_t max_bytes) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISREG(info.st_mode)) return Error{say("it is no regular file")};
  struct stat folder {};
  if (::stat(folder_of(path).c_str(), &folder) != 0) return Error{system_words(errno)};
  if ((info.st_uid != folder.st_uid && info.st_uid != 0) || (info.st_mode & 022) != 0)
    return Error{say("others may have written it")};
  auto bytes = read_file(path, max_bytes);
  if (!bytes) return bytes;
  if (to_hex(sha256(*bytes)) != digest) return Error{say("its bytes are not as they were written")};
  return bytes;
}

}  // namespace schoolgate
