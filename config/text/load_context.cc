#include "config/text/load_context.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "config/text/diag_codes.h"
#include "config/text/restoring.h"

namespace schoolgate {

LoadContext::LoadContext(const std::string& config_file, const ConfigTexts* kept, const Overlay* laid)
    : config_file_(config_file), folder_(folder_of(config_file)), kept_(kept) {
  if (laid != nullptr)
    overlay_ = *laid;
  else
    find_laid();
  // Half of one configuration and half of another rule nobody.
  if (laid == nullptr && kept == nullptr && restore_was_cut(config_file))
    diagnostics.push_back(
        {Severity::error,
         diag::restore_cut,
         config_file,
         {},
         0,
         say("a restore was cut in the middle: some of these files are of before, some of after"),
         say("schoolgate restore --finish")});
}

// Without a policy that commands changed nothing may rule as if they had not.
void LoadContext::find_laid() {
  FoundOverlay found = find_overlay(config_file_);
  overlay_ = std::move(found.overlay);
  if (kept_ != nullptr) return;  // then it is told of only by who reads the files
  if (!found.problem.empty())
    diagnostics.push_back(
        {Severity::error,
         diag::overlay_unusable,
         config_file_,
         {},
         0,
         say("what commands changed of the configuration cannot be used: {}", found.problem),
         say("schoolgate policy rollback lays it anew; to go on without it, move the folder {} "
             "away",
             overlay_folder(config_file_))});
  else if (found.out_of_sight)
    diagnostics.push_back({Severity::warning,
                           diag::overlay_unusable,
                           config_file_,
                           {},
                           0,
                           say("whether commands changed the configuration cannot be seen by this user"),
                           say("look as root")});
}

const OverlayFile* LoadContext::laid_over(const std::string& path) const {
  if (kept_ != nullptr || overlay_.files.empty()) return nullptr;
  const auto found = overlay_.files.find(name_of(path));
  return found == overlay_.files.end() ? nullptr : &found->second;
}

std::string LoadContext::real(const std::string& path) const {
  const OverlayFile* const laid = laid_over(path);
  if (laid == nullptr || !laid->text) return path;
  return overlay_.shown.empty() ? name_of(path) : join_path(overlay_.shown, name_of(path));
}

std::string LoadContext::name_of(const std::string& path) const {
  const bool inside = !folder_.empty() && path.size() > folder_.size() + 1 &&
                      path.compare(0, folder_.size(), folder_) == 0 && path[folder_.size()] == '/';
  return inside ? path.substr(folder_.size() + 1) : path;
}

Result<std::string> LoadContext::bytes_of(const std::string& path, std::uint64_t max_bytes) const {
  if (const OverlayFile* const laid = laid_over(path)) {
    if (!laid->text) return Error{say("no such file")};
    if (laid->text->size() > max_bytes) return Error{say("larger than {} MiB", max_bytes / (1024 * 1024))};
    return *laid->text;
  }
  if (kept_ == nullptr) return read_trusted_file(path, max_bytes);
  const auto found = kept_->files.find(name_of(path));
  if (found == kept_->files.end()) return Error{say("it was not kept")};
  return found->second;
}

bool LoadContext::absent(const std::string& path) const {
  if (kept_ != nullptr) return kept_->files.count(name_of(path)) == 0;
  if (const OverlayFile* const laid = laid_over(path)) return !laid->text;
  struct stat info {};
  return ::lstat(path.c_str(), &info) != 0 && errno == ENOENT;  // a link that leads to nothing was meant
}

std::uint32_t LoadContext::source(const std::string& path) {
  const std::string where = real(path);  // readers name a file by either
  const auto [found, fresh] = index_.emplace(where, static_cast<std::uint32_t>(names_.size()));
  if (fresh) {
    names_.push_back(where == path ? name_of(path) : where);
    paths_.push_back(where);
  }
  return found->second;
}

std::optional<std::string> LoadContext::text(const std::string& path, std::uint64_t max_bytes,
                                             const Place& named) {
  auto text = unquoted_text(path, max_bytes, named);
  if (text) texts.add(real(path), *text);
  return text;
}

std::optional<std::string> LoadContext::unquoted_text(const std::string& path, std::uint64_t max_bytes,
                                                      const Place& named) {
  auto bytes = bytes_of(path, max_bytes);
  if (!bytes) {
    Message message = say("cannot read {}: {}", real(path), bytes.error().message);
    if (named.pos.line != 0)
      add(Severity::error, diag::file_unreadable, named, std::move(message),
          say("check the path and who may read the file"));
    else
      reporter(path).add(Severity::error, diag::file_unreadable, {}, 0, std::move(message));
    return std::nullopt;
  }
  source(path);
  if (bytes->compare(0, 3, "\xEF\xBB\xBF") == 0)
    bytes->erase(0, 3);  // a byte order mark is no part of line 1
  read.files[name_of(path)] = *bytes;
  digest.update(path);
  digest.update(std::string_view("\0", 1));
  digest.update(to_hex(sha256(*bytes)));
  return std::move(*bytes);
}

Result<std::string> LoadContext::untouched(const std::string& path, std::uint64_t max_bytes) const {
  return kept_ == nullptr ? read_trusted_file(path, max_bytes) : bytes_of(path, max_bytes);
}

void LoadContext::accept(const std::string& path, std::string bytes) {
  source(path);
  digest.update(path);
  digest.update(std::string_view("\0", 1));
  digest.update(to_hex(sha256(bytes)));
  read.files[name_of(path)] = std::move(bytes);
}

std::optional<YamlNode> LoadContext::yaml(const std::string& path, const Place& named) {
  const auto bytes = text(path, YamlLimits::bytes, named);
  if (!bytes) return std::nullopt;
  return read_yaml(*bytes, real(path), diagnostics);
}

void LoadContext::add(Severity severity, int code, const Place& at, Message message, Message hint) {
  const std::string file = at.source < paths_.size() ? paths_[at.source] : config_file_;
  diagnostics.push_back({severity, code, file, at.pos, at.length, std::move(message), std::move(hint)});
}

std::string LoadContext::show(const Place& at) const {
  if (at.source >= names_.size()) return config_file_;
  return at.pos.line == 0 ? names_[at.source] : names_[at.source] + ":" + std::to_string(at.pos.line);
}

Result<std::vector<std::string>, std::error_code> LoadContext::yaml_files_in(const std::string& folder) {
  return files_in(folder, {".yaml", ".yml"});
}

Result<std::vector<std::string>, std::error_code> LoadContext::text_files_in(const std::string& folder) {
  return files_in(folder, {".txt"});
}

Result<std::vector<std::string>, std::error_code> LoadContext::files_in(
    const std::string& folder, std::initializer_list<std::string_view> endings) {
  const auto trouble = [] { return std::error_code(errno, std::generic_category()); };
  std::vector<std::string> files;
  if (kept_ != nullptr) {
    const auto found = kept_->folders.find(name_of(folder));
    if (found == kept_->folders.end()) return std::make_error_code(std::errc::no_such_file_or_directory);
    for (const std::string& name : found->second) files.push_back(path(name));
    return files;
  }
  const auto is_wanted = [&](std::string_view name) {
    return name.front() != '.' && std::any_of(endings.begin(), endings.end(), [&](std::string_view end) {
             return name.size() > end.size() && name.ends_with(end);
           });
  };
  for (const auto& [name, laid] : overlay_.files)
    if (laid.text && folder_of(name) == name_of(folder) && is_wanted(base_name(name)))
      files.push_back(join_path(folder, base_name(name)));
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open && (files.empty() || errno != ENOENT)) return trouble();
  while (open) {
    errno = 0;
    const dirent* const entry = ::readdir(open.get());
    if (entry == nullptr) break;
    std::string file = join_path(folder, entry->d_name);
    if (is_wanted(entry->d_name) && laid_over(file) == nullptr) files.push_back(std::move(file));
  }
  if (open && errno != 0) return trouble();
  std::sort(files.begin(), files.end());
  std::vector<std::string>& names = read.folders[name_of(folder)];
  names.clear();
  for (const std::string& file : files) names.push_back(name_of(file));
  return files;
}

}  // namespace schoolgate
