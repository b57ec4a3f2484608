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

bool is_tree_file(std::string_view name) {
  return std::any_of(tree_files.begin(), tree_files.end(),
                     [&](const auto& one) { return one.first == name; });
}

// The names in a folder, but for hidden ones and those of lists. Error: it cannot be read to its end.
Result<std::vector<std::string>> names_in(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(path.c_str()), ::closedir);
  if (!open) return Error{system_words(errno)};
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(open.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name.front() != '.' && !is_tree_file(name)) names.push_back(name);
  }
  if (errno != 0) return Error{system_words(errno)};
  return names;
}

bool holds_any(const TreeFolder& folder) {
  return !folder.files.empty() || !folder.problem.empty();
}

using Named = std::function<bool(const std::string&)>;

// What lies in a folder of the collection, and once more below that.
void look_below(const std::string& path, const std::string& above, const Named& named,
                std::vector<TreeFolder>& out) {
  const auto names = names_in(path);
  if (!names) {  // one that only may not be listed has told what it holds
    if (!out.empty() && out.back().name == above) return;
    out.push_back({above, {}, names.error().message});
    return;
  }
  for (const std::string& name : *names) {
    const std::string full = above + "/" + name, below = join_path(path, name);
    if (!real_folder(below) && !(named && named(full))) continue;
    if (TreeFolder folder = look_into(below, full); holds_any(folder)) out.push_back(std::move(folder));
    const auto deeper = names_in(below);
    if (!deeper) continue;
    for (const std::string& third : *deeper)
      if (const std::string there = join_path(below, third); real_folder(there))
        if (TreeFolder folder = look_into(there, full + "/" + third); holds_any(folder)) {
          folder.files.clear();
          folder.problem = say("it lies below two folders, where no list is read");
          folder.too_deep = true;
          out.push_back(std::move(folder));
        }
  }
}

// The folder in which an archive has all of its lists; empty: there is none.
std::string top_folder(const std::string& root, const std::vector<TreeFolder>& folders) {
  for (const char* const top : {"blacklists", "BL"}) {
    const std::string inside = std::string(top) + "/";
    const bool all = std::all_of(folders.begin(), folders.end(),
                                 [&](const TreeFolder& one) { return one.name.starts_with(inside); });
    if (all && base_name(root) != top && real_folder(join_path(root, top))) return join_path(root, top);
  }
  return {};
}

}  // namespace

Result<std::vector<TreeFolder>> read_tree(const std::string& root, const Named& named) {
  const auto names = names_in(root);
  if (!names) return names.error();
  std::vector<TreeFolder> folders;
  for (const std::string& name : *names) {
    const std::string path = join_path(root, name);
    if (!real_folder(path) && !(named && named(name))) continue;
    TreeFolder folder = look_into(path, name);
    const bool opens = folder.problem.empty();
    if (holds_any(folder)) folders.push_back(std::move(folder));
    if (opens) look_below(path, name, named, folders);
  }
  if (const std::string top = top_folder(root, folders); !top.empty()) return read_tree(top, named);
  std::sort(folders.begin(), folders.end(),
            [](const TreeFolder& a, const TreeFolder& b) { return a.name < b.name; });
  return folders;
}

std::string tree_list_name(const std::string& collection, const std::string& folder, const std::string& path,
                           ListFormat format) {
  return collection + "/" + folder + (format == ListFormat::domains ? "" : "/" + base_name(path));
}

std::string_view tree_folder_of(std::string_view below) noexcept {
  const std::size_t slash = below.rfind('/');
  const bool names_a_file = slash != std::string_view::npos && is_tree_file(below.substr(slash + 1));
  return names_a_file ? below.substr(0, slash) : below;
}

Message why_no_list(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno == ENOENT ? say("no such file") : system_words(errno);
  if (!S_ISREG(info.st_mode)) return say("not a regular file");
  return info.st_size == 0 ? say("it is empty") : say("no list names it");
}

}  // namespace schoolgate
