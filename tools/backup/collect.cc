#include "tools/backup/collect.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

#include "config/text/overlay.h"
#include "config/text/own_files.h"
#include "config/text/text_file.h"
#include "proxy/audit/figures_copy.h"
#include "proxy/audit/pseudonym.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate::tools {
namespace {

constexpr std::uint64_t most_of_one = 1ull << 30;
constexpr std::int64_t second_ms = 1000;

BackupOwner owner_of(const struct stat& info, bool folder) {
  const passwd* const user = ::getpwuid(info.st_uid);
  const group* const people = ::getgrgid(info.st_gid);
  // Whatever it was there: nobody but owner and group may write to what comes back.
  return {info.st_mode & (folder ? 02775U : 0775U), user != nullptr ? user->pw_name : "-",
          people != nullptr ? people->gr_name : "-"};
}

// "policy/gen-000000000012/tiers.d/x.yaml" -> "gen-000000000012", and the rest.
bool split_generation(std::string_view relative, std::string_view& generation, std::string_view& rest) {
  constexpr std::string_view policy = "policy/";
  if (!relative.starts_with(policy)) return false;
  relative.remove_prefix(policy.size());
  const std::size_t slash = relative.find('/');
  if (slash == std::string_view::npos) return false;
  generation = relative.substr(0, slash);
  rest = relative.substr(slash + 1);
  return true;
}

class Collector {
 public:
  Collector(const Places& places, const Config& config, const CollectOptions& options)
      : places_(places), config_(config), options_(options) {
    Manifest& manifest = out_.backup.manifest;
    manifest.version = options.version;
    manifest.made = options.now;
    manifest.config_file = places.main_file;
    manifest.keys = options.keys;
  }

  Result<Collected> collect() {
    const FoundFiles found = find_files(places_);
    if (!found.problems.empty()) return Error{found.problems.front()};
    for (const std::string& folder : found.folders) put_folder(folder);
    if (auto policy = put_policy(); policy.failed()) return policy.error();
    for (const FoundFile& file : found.files)
      if (auto put = put_found(file); put.failed()) return put.error();
    if (auto figures = put_figures(); figures.failed()) return figures.error();
    if (options_.keys)
      if (auto key = put_month_key(); key.failed()) return key.error();
    for (const auto& [name, content] : out_.backup.contents)
      out_.backup.manifest.files.push_back({name, owners_[name], content.size(), to_hex(sha256(content))});
    tell_outside();
    return std::move(out_);
  }

 private:
  void put_folder(const std::string& folder) {
    struct stat info {};
    if (::stat(folder.c_str(), &info) != 0) return;
    // Of a folder of secrets no more than of them.
    std::string name = std::string(in_config) + folder.substr(places_.config.size() + 1);
    if (is_backup_name(name)) out_.backup.manifest.folders.push_back({std::move(name), owner_of(info, true)});
  }

  Result<void> put_found(const FoundFile& file) {
    if (file.what == FileClass::link || file.what == FileClass::unknown)
      out_.remarks.push_back(say("{} is not in the backup: {}", file.path, reason_of(file.what)));
    if (file.what == FileClass::policy || file.what == FileClass::totals || file.what == FileClass::names ||
        file.what == FileClass::month_key)
      return {};
    const std::string name = entry_of(places_, file);
    if (file.what == FileClass::secret && name.empty()) tell_elsewhere(file.path);
    if (!is_held(file.what, options_.keys)) {
      if (file.what == FileClass::secret && is_backup_name(name)) out_.backup.manifest.left.push_back(name);
      return {};
    }
    if (name.empty()) return {};
    if (!is_backup_name(name))
      return Error{say("{} has a name that a backup cannot hold: rename it", file.path)};
    struct stat info {};
    if (::stat(file.path.c_str(), &info) != 0) return {};  // gone meanwhile
    auto bytes = read_file(file.path, most_of_one);
    if (!bytes) return Error{say("cannot read {}: {}", file.path, bytes.error().message)};
    put(name, *std::move(bytes), owner_of(info, false));
    return {};
  }

  void put(const std::string& name, std::string bytes, BackupOwner owner) {
    owners_[name] = std::move(owner);
    out_.backup.contents[name] = std::move(bytes);
  }

  // The generation of the overlay that rules, whole: while it is read another may take its place.
  Result<void> put_policy() {
    constexpr int tries = 20;
    const std::string folder = places_.state + "/policy";
    for (int i = 0; i < tries; ++i) {
      const std::string ruled = ruling_generation(folder);
      if (ruled.empty()) return {};
      std::map<std::string, std::pair<std::string, BackupOwner>> files;
      bool whole = true;
      std::error_code failed;
      using Walk = std::filesystem::recursive_directory_iterator;
      for (Walk one(folder + "/" + ruled, failed); !failed && one != Walk(); one.increment(failed)) {
        struct stat info {};
        const std::string path = one->path().string();
        if (::lstat(path.c_str(), &info) != 0) whole = false;
        if (!S_ISREG(info.st_mode)) continue;
        auto bytes = read_file(path, most_of_one);
        whole = whole && bytes;
        if (bytes)
          files[std::string(in_state) + "policy" + path.substr(folder.size() + 1 + ruled.size())] = {
              *std::move(bytes), owner_of(info, false)};
      }
      if (!whole || failed || ruling_generation(folder) != ruled) continue;
      for (auto& [name, file] : files) {
        if (!is_backup_name(name))
          return Error{say("{} has a name that a backup cannot hold: rename it", name)};
        put(name, std::move(file.first), std::move(file.second));
      }
      return {};
    }
    return Error{say("the policy is being changed, or cannot be read: make the backup once more")};
  }

  BackupOwner owner_of_log() const {
    struct stat info {};
    if (::stat(places_.log.c_str(), &info) != 0) return {0640, "-", "-"};
    BackupOwner owner = owner_of(info, false);
    owner.mode = 0640;
    return owner;
  }

  Result<void> put_figures() {
    auto totals = audit::copy_totals(places_.log);
    if (!totals) return totals.error();
    if (!totals->empty()) put(std::string(totals_entry), *std::move(totals), owner_of_log());
    auto names = audit::copy_names(places_.log);
    if (!names) return names.error();
    if (!names->empty()) put(std::string(names_entry), *std::move(names), owner_of_log());
    return {};
  }

  // "2026-11 <64 hex digits>": this month's line, and no older one.
  Result<void> put_month_key() {
    const std::string month = audit::Month::of(options_.now * second_ms).to_string();
    const auto text = read_file(places_.key_file, 1 << 20);
    if (!text) {
      struct stat info {};
      if (::stat(places_.key_file.c_str(), &info) != 0 && errno == ENOENT) return {};
      return Error{say("cannot read {}: {}", places_.key_file, text.error().message)};
    }
    if (const auto keys = audit::PseudonymKeys::load(places_.key_file); !keys) return keys.error();
    for_each_line(*text, [&](std::string_view line, std::uint32_t) {
      if (line.starts_with(month + " "))
        put(std::string(month_key_entry), std::string(line) + "\n", {0600, "-", "-"});
    });
    return {};
  }

  void tell_elsewhere(const std::string& path) {
    out_.remarks.push_back(
        say("{} is named in the configuration and lies elsewhere: it is not in the backup", path));
  }

  // What the main file names, and that lies elsewhere.
  void tell_outside() {
    std::vector<std::string> named = options_.lists;
    named.insert(named.end(), config_.upstream.extra_ca.begin(), config_.upstream.extra_ca.end());
    named.insert(named.end(), places_.secrets.begin(), places_.secrets.end());
    named.push_back(config_.https.crl_directory);
    if (config_.admin) named.push_back(config_.admin->certificate);
    if (config_.alerts.mail) named.push_back(config_.alerts.mail->ca);
    struct stat info {};
    if (::stat(places_.ca.c_str(), &info) == 0) named.push_back(places_.ca);
    for (const std::string& path : named)
      if (!path.empty() && !is_walked(absolute_path(path))) tell_elsewhere(path);
  }

  // find_files() goes there, so that put_found() has said what is not held.
  [[nodiscard]] bool is_walked(const std::string& path) const {
    for (const std::string* folder : {&places_.config, &places_.state, &places_.log})
      if (path.starts_with(*folder + "/")) return true;
    return false;
  }

  const Places& places_;
  const Config& config_;
  const CollectOptions& options_;
  Collected out_;
  std::map<std::string, BackupOwner> owners_;
};

}  // namespace

Result<Collected> collect_backup(const Places& places, const Config& config, const CollectOptions& options) {
  return Collector(places, config, options).collect();
}

std::string entry_of(const Places& places, const FoundFile& file) {
  const auto relative = [&](const std::string& folder) { return file.path.substr(folder.size() + 1); };
  switch (file.what) {
    case FileClass::config:
      return std::string(in_config) + relative(places.config);
    case FileClass::secret:
      if (file.path == places.accounts) return std::string(accounts_entry);
      if (file.path.starts_with(places.config + "/")) return "keys/config/" + relative(places.config);
      return {};
    case FileClass::policy: {
      std::string_view generation, rest;
      const std::string below = relative(places.state);
      if (!split_generation(below, generation, rest) ||
          generation != ruling_generation(places.state + "/policy"))
        return {};
      return std::string(in_state) + "policy/" + std::string(rest);
    }
    case FileClass::history:
    case FileClass::lists:
    case FileClass::answers:
      return std::string(in_state) + relative(places.state);
    default:
      return {};
  }
}

}  // namespace schoolgate::tools
