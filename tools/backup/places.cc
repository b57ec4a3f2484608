#include "tools/backup/places.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "config/text/own_files.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"

namespace schoolgate::tools {
namespace {

struct ClassWords {
  FileClass what;
  std::string_view word;
  bool held, with_keys;
};
constexpr ClassWords class_words[] = {
    {FileClass::config, "config", true, true},        {FileClass::secret, "secret", false, true},
    {FileClass::policy, "policy", true, true},        {FileClass::history, "history", true, true},
    {FileClass::lists, "lists", true, true},          {FileClass::answers, "answers", true, true},
    {FileClass::totals, "totals", true, true},        {FileClass::names, "names", true, true},
    {FileClass::month_key, "month_key", false, true}, {FileClass::rows, "rows", false, false},
    {FileClass::seals, "seals", false, false},        {FileClass::made_anew, "made_anew", false, false},
    {FileClass::passing, "passing", false, false},    {FileClass::leftover, "leftover", false, false},
    {FileClass::link, "link", false, false},          {FileClass::unknown, "unknown", false, false},
};

const ClassWords& words_of(FileClass what) noexcept {
  const auto* const found = std::find_if(std::begin(class_words), std::end(class_words),
                                         [&](const ClassWords& one) { return one.what == what; });
  return found == std::end(class_words) ? std::end(class_words)[-1] : *found;
}

// The rest of a path below a folder; nullopt: it is not below it.
std::optional<std::string_view> below(const std::string& folder, std::string_view path) {
  if (folder.empty() || path.size() <= folder.size() + 1 || !path.starts_with(folder) ||
      path[folder.size()] != '/')
    return std::nullopt;
  return path.substr(folder.size() + 1);
}

// "x.new.1234": written beside and not yet renamed.
bool is_half_written(std::string_view name) {
  const std::size_t at = name.rfind(".new.");
  return at != std::string_view::npos && at + 5 < name.size() &&
         name.find_first_not_of("0123456789", at + 5) == std::string_view::npos;
}

bool is_leftover(std::string_view relative) {
  const std::string_view name = relative.substr(relative.rfind('/') + 1);
  return relative.starts_with('.') || relative.find("/.") != std::string_view::npos || name.ends_with('~') ||
         name.ends_with(".swp") || name.find(".dpkg-") != std::string_view::npos || is_half_written(name);
}

FileClass class_in_state(std::string_view relative) {
  if (is_half_written(relative)) return FileClass::leftover;
  if (relative.starts_with(staged_folder) || relative.starts_with(aside_prefix)) return FileClass::leftover;
  if (relative.starts_with("policy/")) return FileClass::policy;
  if (relative.starts_with("last-good/")) return FileClass::history;
  if (relative == "setup/answers" || relative == "setup/written") return FileClass::answers;
  if (relative == "lists.sgdb") return FileClass::made_anew;
  if (relative == "overrides") return FileClass::passing;
  if (relative.starts_with("lists/"))
    return relative.ends_with(".list") || relative.ends_with(".list.record") ? FileClass::lists
                                                                             : FileClass::passing;
  return FileClass::unknown;
}

FileClass class_in_log(std::string_view relative) {
  if (is_half_written(relative)) return FileClass::leftover;
  if (relative.find(".damaged-") != std::string_view::npos) return FileClass::rows;
  if (relative.starts_with("access-") || relative.starts_with("safeguarding-") ||
      relative == "retention.state" || relative == "wishes.db")
    return FileClass::rows;
  if (relative == "seal.key" || relative == "seal.pub" || relative.starts_with("seals.db") ||
      relative.starts_with("seals-safeguarding.db"))
    return FileClass::seals;
  if (relative == "totals.db") return FileClass::totals;
  if (relative == "names.db") return FileClass::names;
  if (relative.ends_with("-wal") || relative.ends_with("-shm")) return FileClass::made_anew;
  return FileClass::unknown;
}

// Root's own look at what a file holds: a private key is one wherever it lies.
bool holds_private_key(const std::string& path) {
  constexpr std::uint64_t most = 1 << 20;
  const auto text = read_file(path, most);
  return text && text->find("PRIVATE KEY-----") != std::string::npos;
}

class Finder {
 public:
  explicit Finder(const Places& places) : places_(places) {}

  FoundFiles find() {
    walk(places_.config, true, 0);
    for (const std::string* folder : {&places_.state, &places_.log}) walk(*folder, false, 0);
    for (const std::string& path : {places_.accounts, places_.accounts + ".lock", places_.key_file})
      look(path);
    for (const std::string& path : places_.secrets)
      if (below(places_.config, path)) look(path);
    std::sort(out_.files.begin(), out_.files.end(),
              [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
    const auto same = [](const FoundFile& a, const FoundFile& b) { return a.path == b.path; };
    out_.files.erase(std::unique(out_.files.begin(), out_.files.end(), same), out_.files.end());
    std::sort(out_.folders.begin(), out_.folders.end());
    return std::move(out_);
  }

 private:
  static constexpr int deepest = 32;

  void walk(const std::string& folder, bool config, int depth) {
    DIR* const open = ::opendir(folder.c_str());
    if (open == nullptr) {
      if (errno != ENOENT) out_.problems.push_back(say("cannot read {}: {}", folder, system_words(errno)));
      return;
    }
    ::closedir(open);
    if (depth > deepest) return;
    for (const std::string& name : names_in_folder(folder)) {
      if (name == "." || name == "..") continue;
      const std::string path = join_path(folder, name);
      struct stat info {};
      if (::lstat(path.c_str(), &info) != 0) continue;
      if (!S_ISDIR(info.st_mode)) {
        look(path);
        continue;
      }
      if (config && (path == places_.state || path == places_.log)) continue;  // looked at by themselves
      if (config && name.front() != '.') out_.folders.push_back(path);
      walk(path, config, depth + 1);
    }
  }

  void look(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return;
    auto what = class_of(places_, path);
    if (!what) return;
    const bool readable = *what != FileClass::leftover && *what != FileClass::made_anew;
    if (S_ISLNK(info.st_mode) && *what != FileClass::policy && readable)
      what = FileClass::link;
    else if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode))
      what = FileClass::made_anew;  // sockets
    else if (*what == FileClass::config && ((info.st_mode & 077) == 0 || holds_private_key(path)))
      what = FileClass::secret;
    out_.files.push_back({path, *what});
  }

  const Places& places_;
  FoundFiles out_;
};

}  // namespace

std::string_view to_string(FileClass what) noexcept {
  return words_of(what).word;
}

bool is_held(FileClass what, bool keys) noexcept {
  return keys ? words_of(what).with_keys : words_of(what).held;
}

Message reason_of(FileClass what) {
  switch (what) {
    case FileClass::config:
      return say("the configuration");
    case FileClass::secret:
      return say("a key or a password: only with --keys");
    case FileClass::policy:
      return say("what commands and pages changed of the policy");
    case FileClass::history:
      return say("policies that were accepted");
    case FileClass::lists:
      return say("a list that was fetched");
    case FileClass::answers:
      return say("what setup was answered");
    case FileClass::totals:
      return say("figures by the hour, without clients");
    case FileClass::names:
      return say("sites that many asked for; those of few go with the rows");
    case FileClass::month_key:
      return say("the key of pseudonyms: this month's, only with --keys");
    case FileClass::seals:
      return say("seals of the log, and their key: never, each machine has its own");
    case FileClass::rows:
      return say("rows of the log: never");
    case FileClass::made_anew:
      return say("the program makes it anew");
    case FileClass::passing:
      return say("ends by itself");
    case FileClass::leftover:
      return say("left over: no part of the configuration");
    case FileClass::link:
      return say("a link: what it leads to is not in the backup");
    case FileClass::unknown:
      break;
  }
  return say("nothing that this program knows");
}

Places Places::of(const Config& config, const std::string& config_file, const std::string& accounts) {
  Places places;
  places.main_file = absolute_path(config_file);
  places.config = folder_of(places.main_file);
  places.state = absolute_path(config.state_directory);
  places.log = absolute_path(config.log.directory);
  places.accounts = absolute_path(accounts);
  places.key_file = absolute_path(config.log.key_file);
  places.ca = absolute_path(config.https.ca_directory);
  if (config.admin && !config.admin->key.empty()) places.secrets.push_back(absolute_path(config.admin->key));
  if (config.alerts.mail && !config.alerts.mail->password_file.empty())
    places.secrets.push_back(absolute_path(config.alerts.mail->password_file));
  return places;
}

std::optional<FileClass> class_of(const Places& places, const std::string& path) {
  if (path == places.key_file) return FileClass::month_key;
  if (path == places.accounts) return FileClass::secret;
  if (path == places.accounts + ".lock") return FileClass::made_anew;
  if (path.starts_with(places.accounts + std::string(aside_prefix))) return FileClass::leftover;
  if (std::find(places.secrets.begin(), places.secrets.end(), path) != places.secrets.end() ||
      below(places.ca, path))
    return is_leftover(base_name(path)) ? FileClass::leftover : FileClass::secret;
  if (const auto relative = below(places.state, path); relative && places.state != places.config)
    return class_in_state(*relative);
  if (const auto relative = below(places.log, path); relative && places.log != places.config)
    return class_in_log(*relative);
  if (const auto relative = below(places.config, path))
    return is_leftover(*relative) ? FileClass::leftover : FileClass::config;
  return std::nullopt;
}

FoundFiles find_files(const Places& places) {
  return Finder(places).find();
}

}  // namespace schoolgate::tools
