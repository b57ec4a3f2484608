#include "config/list_tree.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "config/text_file.h"

namespace schoolgate {
namespace {

bool real_folder(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool file_with_bytes(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
}

}  // namespace

Result<std::vector<TreeFolder>> scan_tree(const std::string& root) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(root.c_str()), ::closedir);
  if (!open) return Error{std::strerror(errno)};
  std::vector<TreeFolder> folders;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string name = entry->d_name;
    const std::string path = join_path(root, name);
    if (name.front() == '.' || !real_folder(path)) continue;
    TreeFolder folder{name, {}};
    for (const auto& [file, format] : tree_files)
      if (const std::string full = join_path(path, file); file_with_bytes(full))
        folder.files.emplace_back(full, format);
    if (!folder.files.empty()) folders.push_back(std::move(folder));
  }
  if (folders.empty() && base_name(root) != "blacklists" && real_folder(join_path(root, "blacklists")))
    return scan_tree(join_path(root, "blacklists"));
  std::sort(folders.begin(), folders.end(),
            [](const TreeFolder& a, const TreeFolder& b) { return a.name < b.name; });
  return folders;
}

}  // namespace schoolgate
