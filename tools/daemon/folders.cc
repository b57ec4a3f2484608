#include "tools/daemon/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "config/text/system_words.h"
#include "rules/diagnostic.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

namespace fs = std::filesystem;

enum class Made : bool { by_us, by_others };

// What is wrong with it; empty: nothing.
Message fault(const fs::path& folder, Made made) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) {
    if (errno != ENOENT) return system_words(errno);
    const fs::path parent = folder.parent_path();
    if (made == Made::by_others || parent == folder || !fault(parent, made).empty())
      return say("does not exist");
    return {};
  }
  if (!S_ISDIR(info.st_mode)) return say("is not a folder");
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return say("belongs to {}, and this user ({}) may not write in it", name_of(info.st_uid),
             name_of(::geteuid()));
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
  Message faults;
  std::string cure;
  for (const Needed& one : needed) {
    const Message why = fault(one.folder, one.made);
    const std::string path = printable(one.folder.string());
    if (why.empty()) continue;
    faults = say("{}\n  {} ({}) {}", faults, path, one.key, why);
    cure += "\n  install -d -o " + name_of(::geteuid()) + " -m " + one.mode + " " + path;
  }
  if (faults.empty()) return {};
  return Error{say("folders are missing, or cannot be written in:{}\nas root:{}", faults, cure)};
}

}  // namespace schoolgate::tools
