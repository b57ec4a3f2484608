#include "config/kept_sets.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <utility>

#include "config/text/descriptor.h"
#include "config/text/newer_form.h"
#include "config/text/own_files.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {
namespace {

constexpr std::string_view kept_set_magic = "schoolgate kept set 1";
constexpr std::string_view text_prefix = "text-", set_prefix = "set-";
constexpr std::size_t number_digits = 12, hex_digits = 64;
constexpr std::uint64_t largest_index = 4 * 1024 * 1024;

// "set-000000000012-<digest>".
struct SetName {
  std::uint64_t number = 0;
  std::string digest, file;
};

std::string set_file_name(std::uint64_t number, const std::string& digest) {
  std::string digits = std::to_string(number);
  digits.insert(0, number_digits - std::min(number_digits, digits.size()), '0');
  return std::string(set_prefix) + digits + "-" + digest;
}

std::optional<SetName> parse_set_name(const std::string& file) {
  if (file.size() != set_prefix.size() + number_digits + 1 + hex_digits) return std::nullopt;
  if (file.compare(0, set_prefix.size(), set_prefix) != 0) return std::nullopt;
  SetName name;
  name.file = file;
  for (std::size_t i = 0; i < number_digits; ++i) {
    const char digit = file[set_prefix.size() + i];
    if (digit < '0' || digit > '9') return std::nullopt;
    name.number = name.number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (file[set_prefix.size() + number_digits] != '-') return std::nullopt;
  name.digest = file.substr(set_prefix.size() + number_digits + 1);
  return parse_sha256_hex(name.digest) ? std::optional(std::move(name)) : std::nullopt;
}

// The newest first.
std::vector<SetName> sets_in(const std::string& folder) {
  std::vector<SetName> sets;
  for (const std::string& name : names_in_folder(folder))
    if (auto set = parse_set_name(name)) sets.push_back(std::move(*set));
  std::sort(sets.begin(), sets.end(), [](const SetName& a, const SetName& b) { return a.number > b.number; });
  return sets;
}

Result<KeptSetIndex> read_index(const std::string& folder, const SetName& name) {
  const auto text = read_own_file(join_path(folder, name.file), name.digest, largest_index);
  if (!text) return text.error();
  auto index = parse_kept_set(*text);
  if (const std::uint32_t form = newer_form(*text, kept_set_magic); form != 0)
    return Error{newer_file(name.file, form, 1)};
  if (!index) return Error{say("it is not a set of this program")};
  return std::move(*index);
}

bool is_of_newer_form(const std::string& folder, const SetName& name) {
  const auto text = read_own_file(join_path(folder, name.file), name.digest, largest_index);
  return text && newer_form(*text, kept_set_magic) != 0;
}

// A set as it lies there: which texts it names, and how many bytes it and they take.
struct Held {
  SetName name;
  std::optional<KeptSetIndex> index;
  bool stays = true;
};

std::uint64_t size_in(const std::string& folder, const std::string& file) {
  struct stat info {};
  return ::stat(join_path(folder, file).c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

// What the sets that stay take up, a text that several name once.
std::uint64_t bytes_of(const std::string& folder, const std::vector<Held>& sets) {
  std::set<std::string> files;
  for (const Held& set : sets) {
    if (!set.stays) continue;
    files.insert(set.name.file);
    for (const auto& [name, digest] : set.index->files) files.insert(std::string(text_prefix) + digest);
  }
  std::uint64_t bytes = 0;
  for (const std::string& file : files) bytes += size_in(folder, file);
  return bytes;
}

// Marks what is too old, then the oldest beyond the bound; the numbers of those. `sets`: the newest first.
std::vector<std::uint64_t> choose_old(const std::string& folder, std::vector<Held>& sets, std::int64_t now,
                                      const KeptSets::Named& named) {
  constexpr std::int64_t day = 24 * 60 * 60;
  std::vector<std::uint64_t> gone;
  std::optional<std::set<std::string>> policies;
  bool asked = false;
  const auto may_go = [&](const Held& set) {
    const std::string& policy = set.index->accepted.policy;
    if (policy.empty() || !named) return true;
    if (!std::exchange(asked, true)) policies = named();
    return policies && policies->count(policy) == 0;
  };
  const auto newest =
      std::find_if(sets.begin(), sets.end(), [](const Held& set) { return set.index.has_value(); });
  std::uint64_t bytes = bytes_of(folder, sets);
  for (std::size_t i = sets.size(); i-- > 0;) {
    Held& set = sets[i];
    if (!set.stays || (newest != sets.end() && &set == &*newest)) continue;
    const std::int64_t at = set.index->accepted.at;
    const bool too_old = at != 0 && at < now - KeptSets::most_days * day;
    if ((!too_old && bytes <= KeptSets::most_bytes) || !may_go(set)) continue;
    set.stays = false;
    gone.push_back(set.name.number);
    bytes = bytes_of(folder, sets);
  }
  return gone;
}

// Sets beyond the bounds, damaged ones, texts that no set names, and what a process that was killed left half
// written.
std::vector<std::uint64_t> remove_old(const std::string& folder, std::int64_t now,
                                      const KeptSets::Named& named) {
  std::vector<Held> sets;
  for (const SetName& name : sets_in(folder)) {
    const auto index = read_index(folder, name);
    // Which texts it needs nobody here knows: nothing goes.
    if (index.failed() && is_of_newer_form(folder, name)) return {};
    sets.push_back({name, index ? std::optional(*index) : std::nullopt, !index.failed()});
  }
  std::vector<std::uint64_t> gone = choose_old(folder, sets, now, named);
  std::set<std::string> used;
  for (const Held& set : sets) {
    if (!set.stays) {
      ::unlink(join_path(folder, set.name.file).c_str());
      continue;
    }
    used.insert(set.name.file);
    for (const auto& [name, digest] : set.index->files) used.insert(std::string(text_prefix) + digest);
  }
  for (const std::string& name : names_in_folder(folder)) {
    const bool ours = name.compare(0, text_prefix.size(), text_prefix) == 0 ||
                      name.compare(0, set_prefix.size(), set_prefix) == 0;
    if (ours && used.count(name) == 0) ::unlink(join_path(folder, name).c_str());
  }
  return gone;
}

std::optional<std::string_view> next_part(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

}  // namespace

// Parts end with NUL, which no path holds: "accepted" at, who, why, policy; "file" name digest; "folder"
// name, "entry" name (of that folder).
std::string to_text(const KeptSetIndex& index) {
  std::string out;
  const auto put = [&out](std::string_view part) { out.append(part).push_back('\0'); };
  put(kept_set_magic);
  put(index.main_file);
  if (index.accepted != Acceptance{}) {
    put("accepted");
    put(std::to_string(index.accepted.at));
    put(index.accepted.who);
    put(index.accepted.why);
    put(index.accepted.policy);
  }
  for (const auto& [name, digest] : index.files) {
    put("file");
    put(name);
    put(digest);
  }
  for (const auto& [name, entries] : index.folders) {
    put("folder");
    put(name);
    for (const std::string& entry : entries) {
      put("entry");
      put(entry);
    }
  }
  return out;
}

namespace {

// What follows "accepted" and its first part.
std::optional<Acceptance> parse_acceptance(std::string_view at, std::string_view& text) {
  Acceptance out;
  const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), out.at);
  if (error != std::errc() || std::to_string(out.at) != at) return std::nullopt;
  for (std::string* const part : {&out.who, &out.why, &out.policy}) {
    const auto read = next_part(text);
    if (!read) return std::nullopt;
    *part = *read;
  }
  return out == Acceptance{} ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

std::optional<KeptSetIndex> parse_kept_set(std::string_view text) {
  KeptSetIndex index;
  if (next_part(text) != kept_set_magic) return std::nullopt;
  const auto main_file = next_part(text);
  if (!main_file) return std::nullopt;
  index.main_file = *main_file;
  std::vector<std::string>* entries = nullptr;
  while (!text.empty()) {
    const auto kind = next_part(text), name = next_part(text);
    if (!kind || !name) return std::nullopt;
    if (*kind == "file") {
      const auto digest = next_part(text);
      if (!digest || digest->size() != hex_digits || !parse_sha256_hex(*digest)) return std::nullopt;
      if (!index.files.emplace(*name, *digest).second) return std::nullopt;
    } else if (*kind == "folder") {
      const auto [folder, fresh] = index.folders.try_emplace(std::string(*name));
      if (!fresh) return std::nullopt;
      entries = &folder->second;
    } else if (*kind == "entry" && entries != nullptr) {
      entries->emplace_back(*name);
    } else if (*kind == "accepted" && index.accepted == Acceptance{} && index.files.empty() &&
               index.folders.empty()) {
      auto accepted = parse_acceptance(*name, text);
      if (!accepted) return std::nullopt;
      index.accepted = std::move(*accepted);
    } else {
      return std::nullopt;
    }
  }
  return index;
}

std::string kept_sets_folder(const std::string& main_file, const std::string& state) {
  if (!state.empty()) return join_path(state, "last-good");
  return absolute_path(main_file) == "/etc/schoolgate/schoolgate.yaml" ? "/var/lib/schoolgate/last-good"
                                                                       : std::string();
}

KeptSets::KeptSets(std::string folder, const std::string& main_file)
    : folder_(std::move(folder)), main_file_(absolute_path(main_file)) {}

Result<KeptSets::Kept> KeptSets::keep(const ConfigTexts& texts, const Acceptance& accepted,
                                      const Named& named, std::int64_t believed) const {
  if (const auto made = make_own_folder(folder_, true); made.failed()) return made.error();
  const Descriptor held(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (held.get() < 0 || ::flock(held.get(), LOCK_EX) != 0)
    return Error{say("cannot use the folder {}: {}", folder_, system_words(errno))};
  KeptSetIndex index{main_file_, {}, texts.folders, accepted};
  std::uint64_t bytes = 0;
  for (const auto& [name, text] : texts.files) bytes += text.size();
  if (bytes > most_bytes)
    return Error{say("the configuration's texts are larger than {} MiB", most_bytes >> 20)};
  constexpr FileAccess own{.mode = 0600};
  for (const auto& [name, text] : texts.files) {
    const std::string digest = to_hex(sha256(text));
    const std::string path = join_path(folder_, std::string(text_prefix) + digest);
    index.files.emplace(name, digest);
    if (read_own_file(path, digest, most_bytes)) continue;
    if (const auto written = write_whole_file(path, {text}, own); written.failed()) return written.error();
  }
  const std::vector<SetName> sets = sets_in(folder_);
  Kept kept;
  if (!sets.empty()) {
    const auto newest = read_index(folder_, sets.front());
    const bool same = newest && newest->main_file == index.main_file && newest->files == index.files &&
                      newest->folders == index.folders && newest->accepted.policy == accepted.policy;
    if (same) kept = {sets.front().digest, sets.front().number, {}};
  }
  if (kept.number == 0) {
    const std::string text = to_text(index);
    kept.digest = to_hex(sha256(text));
    kept.number = sets.empty() ? 1 : sets.front().number + 1;
    const std::string path = join_path(folder_, set_file_name(kept.number, kept.digest));
    if (const auto written = write_whole_file(path, {text}, own); written.failed()) return written.error();
    for (const SetName& old : sets)
      if (old.digest == kept.digest) ::unlink(join_path(folder_, old.file).c_str());
  }
  const std::int64_t now = believed != 0 ? believed : accepted.at != 0 ? accepted.at : std::time(nullptr);
  kept.removed = remove_old(folder_, now, named);
  return kept;
}

KeptSets::History KeptSets::history() const {
  History out;
  struct stat info {};
  if (folder_.empty() || (::lstat(folder_.c_str(), &info) != 0 && errno == ENOENT)) return out;
  if (const auto trusted = check_own_folder(folder_, true); trusted.failed()) {
    out.problems.push_back(say("the folder {} is not used: {}", folder_, trusted.error().message));
    return out;
  }
  for (const SetName& name : sets_in(folder_)) {
    const std::string path = join_path(folder_, name.file);
    auto index = read_index(folder_, name);
    if (!index) {
      out.problems.push_back(say("{} is not used: {}", path, index.error().message));
      continue;
    }
    if (index->main_file != main_file_) continue;
    if (index->accepted.at == 0 && ::stat(path.c_str(), &info) == 0) index->accepted.at = info.st_mtime;
    out.entries.push_back({name.number, name.digest, std::move(*index)});
  }
  return out;
}

Result<ConfigTexts> KeptSets::texts_of(const Entry& entry) const {
  ConfigTexts texts{{}, entry.index.folders};
  for (const auto& [file, digest] : entry.index.files) {
    auto text = read_own_file(join_path(folder_, std::string(text_prefix) + digest), digest, most_bytes);
    if (!text) return Error{say("the text of {}: {}", file, text.error().message)};
    texts.files.emplace(file, std::move(*text));
  }
  return texts;
}

KeptSets::Found KeptSets::find(std::size_t skip) const {
  Found found;
  History all = history();
  found.problems = std::move(all.problems);
  for (const Entry& entry : all.entries) {
    auto texts = texts_of(entry);
    if (!texts) {
      found.problems.push_back(say("{} is not used: {}",
                                   join_path(folder_, set_file_name(entry.number, entry.digest)),
                                   texts.error().message));
      continue;
    }
    if (skip-- > 0) continue;
    found.set =
        KeptSet{entry.digest, entry.index.accepted.at, std::move(*texts), entry.number, entry.index.accepted};
    return found;
  }
  return found;
}

}  // namespace schoolgate
