#include "tools/backup/restore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>

#include "config/load_snapshot.h"
#include "config/text/overlay.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "config/text/yaml_reader.h"
#include "rules/bytes/sha256.h"
#include "tools/backup/collect.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view laid_entry = "state/policy/.laid", policy_entries = "state/policy/",
                           list_entries = "state/lists/", history_entries = "state/last-good/",
                           secret_entries = "keys/config/";

std::string main_name(const Manifest& manifest) {
  return base_name(manifest.config_file);
}

bool is_yaml(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// A folder that is away with this.
struct CheckFolder {
  CheckFolder() {
    std::error_code failed;
    std::string pattern = (std::filesystem::temp_directory_path(failed) / "schoolgate-check-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path = pattern;
  }
  ~CheckFolder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  CheckFolder(const CheckFolder&) = delete;
  CheckFolder& operator=(const CheckFolder&) = delete;
  std::string path;
};

Result<void> put_file(const std::string& path, std::string_view bytes) {
  std::error_code failed;
  std::filesystem::create_directories(folder_of(path), failed);
  if (failed) return Error{say("cannot make the folder {}: {}", folder_of(path), failed.message())};
  return write_whole_file(path, {bytes}, {.mode = 0600});
}

// A tree in which the backup's configuration can be loaded without touching the machine's.
class CheckedCopy {
 public:
  CheckedCopy(const Backup& backup, const Overlay& overlay) : backup_(backup), overlay_(overlay) {}

  ArchiveCheck check(Catalogue catalogue) {
    ArchiveCheck out;
    if (const auto made = lay_out(); made.failed()) {
      out.report = made.error().message.in(catalogue) + "\n";
      return out;
    }
    LoadOptions options;
    options.use_cache = options.write_cache = false;
    options.laid = &overlay_;
    LoadResult loaded = load_snapshot(join_path(config_, main_name(backup_.manifest)), options);
    out.loads = loaded.snapshot != nullptr;
    std::erase_if(loaded.diagnostics, [](const Diagnostic& one) { return one.severity != Severity::error; });
    out.report = render(loaded.diagnostics, loaded.texts, catalogue, false);
    replace_all(out.report, config_, folder_of(backup_.manifest.config_file));
    replace_all(out.report, folder_.path, "");
    return out;
  }

 private:
  // "": a load does not need it.
  [[nodiscard]] std::string place_of(const std::string& name, const std::string& state) const {
    if (name.starts_with(in_config)) return join_path(config_, name.substr(in_config.size()));
    if (name.starts_with(list_entries)) return join_path(state, name.substr(in_state.size()));
    if (name.starts_with(secret_entries)) return join_path(config_, name.substr(secret_entries.size()));
    return "";
  }

  void make_folders() const {
    for (const BackupFolder& one : backup_.manifest.folders)
      if (one.name.starts_with(in_config)) {
        std::error_code failed;
        std::filesystem::create_directories(join_path(config_, one.name.substr(in_config.size())), failed);
      }
  }

  Result<void> lay_out() {
    if (folder_.path.empty())
      return Error{say("no folder can be made for a copy of {}", backup_.manifest.config_file)};
    config_ = join_path(folder_.path, "config");
    const std::string* const main = ruling_main(backup_, overlay_);
    if (main == nullptr)
      return Error{say("{} is missing in it, or not in its place", main_name(backup_.manifest))};
    const std::string named = top_value_in(*main, "state_directory");
    const std::string state =
        named.empty() || named.front() == '/' ? join_path(folder_.path, "state") : join_path(config_, named);
    const std::string before = folder_of(backup_.manifest.config_file);
    const auto moved = [&](std::string text) {
      replace_all(text, before + "/", config_ + "/");
      if (named.size() > 1 && named.front() == '/') replace_all(text, named, state);
      return text;
    };
    make_folders();
    for (const auto& [name, bytes] : backup_.contents) {
      const std::string path = place_of(name, state);
      if (path.empty()) continue;
      // No key ever lies in a folder for temporary files: what is looked at is whether there is one.
      const bool secret = name.starts_with(secret_entries);
      if (auto put = put_file(path, secret          ? std::string()
                                    : is_yaml(name) ? moved(bytes)
                                                    : bytes);
          put.failed())
        return put;
    }
    for (const std::string& name : backup_.manifest.left)
      if (name.starts_with(secret_entries))
        if (auto put = put_file(join_path(config_, name.substr(secret_entries.size())), ""); put.failed())
          return put;
    for (auto& [name, file] : overlay_.files)
      if (file.text && is_yaml(name)) file.text = moved(*file.text);
    if (!named.empty()) return {};
    // The usual state folder is this machine's.
    const std::string name = main_name(backup_.manifest);
    std::string text = moved(*main) + "\nstate_directory: \"" + state + "\"\n";
    overlay_.files[name].text = std::move(text);
    return {};
  }

  const Backup& backup_;
  Overlay overlay_;
  CheckFolder folder_;
  std::string config_;
};

const YamlNode* log_key(const YamlNode& top, const std::string& key) {
  const YamlNode* const log = top.find("log");
  return log != nullptr && log->kind == YamlNode::Kind::map ? log->find(key) : nullptr;
}

std::size_t offset_of(std::string_view text, SourcePos pos) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < pos.line && at != std::string_view::npos; ++line) {
    at = text.find('\n', at);
    if (at != std::string_view::npos) ++at;
  }
  return at == std::string_view::npos ? text.size() : std::min(text.size(), at + pos.column - 1);
}

}  // namespace

Result<Overlay> overlay_in(const Backup& backup) {
  Overlay overlay;
  const auto laid = backup.contents.find(std::string(laid_entry));
  const auto is_policy = [](const auto& entry) { return entry.first.starts_with(policy_entries); };
  if (laid == backup.contents.end()) {
    if (std::any_of(backup.contents.begin(), backup.contents.end(), is_policy))
      return Error{say("{} is missing in it, or not in its place", laid_entry)};
    return overlay;
  }
  auto index = parse_overlay(laid->second);
  if (!index || index->main_file != backup.manifest.config_file)
    return Error{say("{} is not as this program writes it", laid_entry)};
  for (auto& [name, file] : index->files) {
    if (file.text) {
      const auto bytes = backup.contents.find(std::string(policy_entries) + name);
      if (bytes == backup.contents.end() || to_hex(sha256(bytes->second)) != *file.text)
        return Error{say("{} is missing in it, or not in its place", std::string(policy_entries) + name)};
      file.text = bytes->second;
    }
    overlay.files.emplace(name, std::move(file));
  }
  return overlay;
}

const std::string* ruling_main(const Backup& backup, const Overlay& overlay) {
  const std::string name = main_name(backup.manifest);
  if (const auto laid = overlay.files.find(name); laid != overlay.files.end())
    return laid->second.text ? &*laid->second.text : nullptr;
  const auto own = backup.contents.find(std::string(in_config) + name);
  return own == backup.contents.end() ? nullptr : &own->second;
}

std::optional<Config> config_in(const Backup& backup, const Overlay& overlay, const std::string& config_file,
                                Diagnostics& out) {
  ConfigTexts texts;
  for (const auto& [name, bytes] : backup.contents)
    if (name.starts_with(in_config)) texts.files[name.substr(in_config.size())] = bytes;
  for (const auto& [name, file] : overlay.files) {
    texts.files.erase(name);
    if (file.text) texts.files[name] = *file.text;
  }
  for (const BackupFolder& folder : backup.manifest.folders)
    if (folder.name.starts_with(in_config)) texts.folders[folder.name.substr(in_config.size())];
  for (const auto& [name, bytes] : texts.files)
    if (is_yaml(name) && !base_name(name).starts_with('.')) texts.folders[folder_of(name)].push_back(name);
  return main_file_of(config_file, texts, out);
}

Result<std::string> with_log_number(const std::string& text, const std::string& key, std::uint32_t number) {
  Diagnostics ignored;
  const std::string value = std::to_string(number);
  const Error by_hand{
      say("log: {} in the main file of the backup cannot be set to {}: its text is laid out in "
          "another way",
          key, number)};
  const auto top = read_yaml(text, "", ignored);
  if (!top) return by_hand;
  std::string after = text;
  const YamlNode* const log = top->find("log");
  if (const YamlNode* const has = log_key(*top, key)) {
    after.replace(offset_of(text, has->pos), has->text.size(), value);
  } else if (log == nullptr) {
    after += (after.ends_with('\n') ? "" : "\n") + std::string("log: {") + key + ": " + value + "}\n";
  } else {
    const std::size_t at = offset_of(text, log->pos);
    if (at < text.size() && text[at] == '{')
      after.insert(at + 1, key + ": " + value + ", ");
    else
      after.insert(at, key + ": " + value + "\n" + std::string(log->pos.column - 1, ' '));
  }
  const auto again = read_yaml(after, "", ignored);
  const YamlNode* const is = again ? log_key(*again, key) : nullptr;
  if (is == nullptr || is->text != value) return by_hand;
  return after;
}

Retention stricter(const Retention& machine, const Retention& backup) noexcept {
  Retention both;
  both.keep_days = std::min(machine.keep_days, backup.keep_days);
  both.min_days = std::min(both.keep_days, std::max(machine.min_days, backup.min_days));
  return both;
}

Retention retention_told_in(std::string_view text, const Retention& otherwise) {
  constexpr std::uint32_t least = 30, most = 365;  // of both keys
  std::vector<std::uint32_t> keep, min;
  for_each_line(text, [&](std::string_view line, std::uint32_t) {
    line = line.substr(0, line.find('#'));
    for (const auto& [key, told] :
         {std::pair<std::string_view, std::vector<std::uint32_t>*>{"keep_days:", &keep},
          {"min_days:", &min}}) {
      const std::size_t at = line.find(key);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = line.substr(at + key.size());
      const std::size_t first = std::min(rest.find_first_not_of(" \t\""), rest.size());
      std::uint32_t days = 0;
      std::from_chars(rest.data() + first, rest.data() + rest.size(), days);
      if (days >= least && days <= most) told->push_back(days);
    }
  });
  Retention all = otherwise;
  if (!keep.empty()) all.keep_days = *std::min_element(keep.begin(), keep.end());
  if (!min.empty()) all.min_days = *std::max_element(min.begin(), min.end());
  return all;
}

Result<void> set_retention(Backup& backup, const Retention& wanted, const Retention& has) {
  const std::string name = main_name(backup.manifest);
  const auto laid = backup.contents.find(std::string(laid_entry));
  auto index = laid == backup.contents.end() ? std::nullopt : parse_overlay(laid->second);
  const bool in_overlay = index && index->files.count(name) != 0;
  std::string& text =
      backup.contents[(in_overlay ? std::string(policy_entries) : std::string(in_config)) + name];
  struct Row {
    const char* key;
    std::uint32_t wanted, has;
  };
  for (const Row& row :
       {Row{"keep_days", wanted.keep_days, has.keep_days}, Row{"min_days", wanted.min_days, has.min_days}}) {
    if (row.wanted == row.has) continue;
    auto edited = with_log_number(text, row.key, row.wanted);
    if (!edited) return edited.error();
    text = *std::move(edited);
  }
  if (in_overlay) {
    index->files[name].text = to_hex(sha256(text));
    laid->second = to_text(*index);
  }
  return {};
}

ArchiveCheck check_backup(const Backup& backup, const Overlay& overlay, Catalogue catalogue) {
  return CheckedCopy(backup, overlay).check(catalogue);
}

RestoreChanges changes_of(const Backup& backup, const Places& places) {
  RestoreChanges out;
  std::set<std::string> there;
  const auto counts = [](std::string_view name) {
    return name.starts_with(in_config) || name.starts_with(policy_entries) ||
           name.starts_with(list_entries) || name.starts_with(in_keys);
  };
  for (const FoundFile& file : find_files(places).files) {
    const std::string name = entry_of(places, file);
    if (name.empty() || !counts(name)) continue;
    there.insert(name);
    const auto comes = backup.contents.find(name);
    if (comes == backup.contents.end()) {
      if (!name.starts_with(in_keys)) out.gone.push_back(name);  // secrets stay
      continue;
    }
    const auto bytes = read_file(file.path, comes->second.size() + 1);
    if (bytes && *bytes == comes->second)
      ++out.same;
    else
      out.changed.push_back(name);
  }
  for (const auto& [name, bytes] : backup.contents)
    if (counts(name) && name != month_key_entry && there.count(name) == 0) out.fresh.push_back(name);
  for (const std::string& name : backup.manifest.left)
    if (there.count(name) == 0) out.lacking.push_back(name);
  return out;
}

std::vector<SwapPart> parts_of(const Backup& backup, const Places& places, const RestoreChanges& changes,
                               bool history) {
  SwapPart config{places.config, {}, {}, {}, {}}, state{places.state, {}, {}, {"lists", "policy"}, {}},
      accounts{folder_of(places.accounts), {}, {}, {}, {}};
  if (history) state.whole.emplace_back("last-good");
  for (const BackupFolder& folder : backup.manifest.folders)
    if (folder.name.starts_with(in_config))
      config.folders.push_back({folder.name.substr(in_config.size()), folder.owner});
  for (const BackupFile& file : backup.manifest.files) {
    const std::string& name = file.name;
    const std::string& bytes = backup.contents.at(name);
    if (name.starts_with(in_config)) {
      config.files.push_back({name.substr(in_config.size()), bytes, file.owner});
    } else if (name.starts_with(secret_entries)) {
      config.files.push_back({name.substr(secret_entries.size()), bytes, file.owner});
    } else if (name.starts_with(policy_entries)) {
      state.files.push_back(
          {"policy/gen-000000000001/" + name.substr(policy_entries.size()), bytes, {0640, "-", "-"}});
    } else if (name.starts_with(list_entries)) {
      state.files.push_back({name.substr(in_state.size()), bytes, {0640, "-", "-"}});
    } else if (name.starts_with(history_entries)) {
      if (history) state.files.push_back({name.substr(in_state.size()), bytes, {0600, "-", "-"}});
    } else if (name == accounts_entry) {
      accounts.files.push_back(
          {base_name(places.accounts), bytes, {0600, file.owner.user, file.owner.group}});
    }
  }
  for (const std::string& name : changes.gone)
    if (name.starts_with(in_config)) config.gone.push_back(name.substr(in_config.size()));
  if (accounts.folder == state.folder) {
    std::move(accounts.files.begin(), accounts.files.end(), std::back_inserter(state.files));
    accounts.files.clear();
  }
  std::vector<SwapPart> parts{std::move(config), std::move(state)};
  if (!accounts.files.empty()) parts.push_back(std::move(accounts));
  return parts;
}

}  // namespace schoolgate::tools
