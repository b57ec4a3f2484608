#include "config/lists/list_tree.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "config/text/system_words.h"
#include "config/text/text_file.h"

namespace schoolgate {
namespace {

bool real_folder(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// What is there and no file with entries (a pipe, a link in a circle) is named as one: whoever reads it says
// why not.
void look_at(const std::string& path, std::string_view file, ListFormat format, TreeFolder& folder) {
  struct stat info {};
  const std::string full = join_path(path, file);
  if (::stat(full.c_str(), &info) != 0) {
    if (errno == EACCES) folder.problem = system_words(errno);
    if (errno == ENOENT || errno == EACCES) return;
  } else if (S_ISREG(info.st_mode) && info.st_size == 0) {
    return;
  }
  folder.files.emplace_back(full, format);
}

TreeFolder look_into(const std::string& path, std::string name) {
  TreeFolder folder{std::move(name), {}, {}};
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    folder.problem = system_words(errno);
  else if (S_ISDIR(info.st_mode))
    for (const auto& [file, format] : tree_files) look_at(path, file, format, folder);
  return folder;
}

}  // namespace

Result<std::vector<TreeFolder>> read_tree(const std::string& root,
                                          const std::function<bool(const std::string&)>& named) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(root.c_str()), ::closedir);
  if (!open) return Error{system_words(errno)};
  std::vector<TreeFolder> folders;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(open.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    const std::string path = join_path(root, name);
    if (name.front() == '.' || (!real_folder(path) && !(named && named(name)))) continue;
    TreeFolder folder = look_into(path, name);
    if (!folder.files.empty() || !folder.problem.empty()) folders.push_back(std::move(folder));
  }
  if (errno != 0) return Error{system_words(errno)};
  if (folders.empty() && base_name(root) != "blacklists" && real_folder(join_path(root, "blacklists")))
    return read_tree(join_path(root, "blacklists"), named);
  std::sort(folders.begin(), folders.end(),
            [](const TreeFolder& a, const TreeFolder& b) { return a.name < b.name; });
  return folders;
}

std::string tree_list_name(const std::string& collection, const std::string& folder, const std::string& path,
                           ListFormat format) {
  return collection + "/" + folder + (format == ListFormat::domains ? "" : "/" + base_name(path));
}

Message why_no_list(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno == ENOENT ? say("no such file") : system_words(errno);
  if (!S_ISREG(info.st_mode)) return say("not a regular file");
  return info.st_size == 0 ? say("it is empty") : say("no list names it");
}

}  // namespace schoolgate
