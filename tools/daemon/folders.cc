#include "tools/daemon/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "rules/diagnostic.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

namespace fs = std::filesystem;

enum class Made : bool { by_us, by_others };

// What is wrong with it; "" = nothing.
std::string fault(const fs::path& folder, Made made) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) {
    if (errno != ENOENT) return std::strerror(errno);
    const fs::path parent = folder.parent_path();
    if (made == Made::by_others || parent == folder || !fault(parent, made).empty()) return "does not exist";
    return {};
  }
  if (!S_ISDIR(info.st_mode)) return "is not a folder";
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return "belongs to " + name_of(info.st_uid) + ", and this user (" + name_of(::geteuid()) +
         ") may not write in it";
}

}  // namespace

Result<void> missing_folders(const Config& config) {
  const auto folder = [](const std::string& path) { return fs::absolute(path).lexically_normal(); };
  const auto folder_of = [&](const std::string& file) { return folder(file).parent_path(); };
  const fs::path state = folder(config.state_directory), log = folder(config.log.directory);
  struct Needed {
    const char* key;
    fs::path folder;
    Made made;
    const char* mode;
  };
  std::vector<Needed> needed{
      // Whoever may ask over a socket must reach it.
      {"control_socket", folder_of(config.control_socket), Made::by_others, "0755"},
      {"state_directory", state, Made::by_us, "0750"},
      {"log: directory", log, Made::by_us, "0750"},
  };
  if (const fs::path keys = folder_of(config.log.key_file); keys != state && keys != log)
    needed.push_back({"log: key_file", keys, Made::by_others, "0750"});
  std::string faults, cure;
  for (const Needed& one : needed) {
    const std::string why = fault(one.folder, one.made), path = printable(one.folder.string());
    if (why.empty()) continue;
    faults += "\n  " + path + " (" + one.key + ") " + why;
    cure += "\n  install -d -o " + name_of(::geteuid()) + " -m " + one.mode + " " + path;
  }
  if (faults.empty()) return {};
  return Error{"folders are missing, or cannot be written in:" + faults + "\nas root:" + cure};
}

}  // namespace schoolgate::tools
