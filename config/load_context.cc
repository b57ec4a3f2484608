#include "config/load_context.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace schoolgate {

LoadContext::LoadContext(const std::string& config_file)
    : config_file_(config_file), folder_(folder_of(config_file)) {}

std::uint32_t LoadContext::source(const std::string& path) {
  const auto [found, fresh] = index_.emplace(path, static_cast<std::uint32_t>(names_.size()));
  if (fresh) {
    const bool inside = !folder_.empty() && path.size() > folder_.size() + 1 &&
                        path.compare(0, folder_.size(), folder_) == 0 && path[folder_.size()] == '/';
    names_.push_back(inside ? path.substr(folder_.size() + 1) : path);
    paths_.push_back(path);
  }
  return found->second;
}

std::optional<std::string> LoadContext::text(const std::string& path, std::uint64_t max_bytes,
                                             const Place& named) {
  auto read = read_file(path, max_bytes);
  if (!read) {
    std::string message = "cannot read " + path + ": " + read.error().message;
    if (named.pos.line != 0)
      add(Severity::error, diag::file_unreadable, named, std::move(message),
          "check the path and who may read the file");
    else
      reporter(path).add(Severity::error, diag::file_unreadable, {}, 0, std::move(message));
    return std::nullopt;
  }
  source(path);
  if (read->compare(0, 3, "\xEF\xBB\xBF") == 0) read->erase(0, 3);  // a byte order mark is no part of line 1
  texts.add(path, *read);
  digest.update(path);
  digest.update(std::string_view("\0", 1));
  digest.update(to_hex(sha256(*read)));
  return std::move(*read);
}

std::optional<YamlNode> LoadContext::yaml(const std::string& path, const Place& named) {
  const auto read = text(path, YamlLimits::bytes, named);
  if (!read) return std::nullopt;
  return read_yaml(*read, path, diagnostics);
}

void LoadContext::add(Severity severity, int code, const Place& at, std::string message, std::string hint) {
  const std::string file = at.source < paths_.size() ? paths_[at.source] : config_file_;
  diagnostics.push_back({severity, code, file, at.pos, at.length, std::move(message), std::move(hint)});
}

std::string LoadContext::show(const Place& at) const {
  if (at.source >= names_.size()) return config_file_;
  return at.pos.line == 0 ? names_[at.source] : names_[at.source] + ":" + std::to_string(at.pos.line);
}

std::optional<std::vector<std::string>> yaml_files_in(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return std::nullopt;
  std::vector<std::string> files;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    const auto ends = [&](std::string_view end) {
      return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
    };
    if (name.front() != '.' && (ends(".yaml") || ends(".yml"))) files.push_back(join_path(folder, name));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace schoolgate
