#include "config/kept_sets.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "config/text/descriptor.h"
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

std::string absolute_path(const std::string& path) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  return failed ? path : absolute.lexically_normal().string();
}

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

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

// The newest first.
std::vector<SetName> sets_in(const std::string& folder) {
  std::vector<SetName> sets;
  for (const std::string& name : names_in(folder))
    if (auto set = parse_set_name(name)) sets.push_back(std::move(*set));
  std::sort(sets.begin(), sets.end(), [](const SetName& a, const SetName& b) { return a.number > b.number; });
  return sets;
}

// Nobody else may put files here: a folder of this user (root, who only looks, takes anybody's), no link,
// closed to others, in a folder where others cannot swap it.
Result<void> check_trust(const std::string& folder) {
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISDIR(info.st_mode)) return Error{say("it is no folder")};
  if (info.st_uid != ::geteuid() && ::geteuid() != 0) return Error{say("it belongs to another user")};
  if ((info.st_mode & 077) != 0) return Error{say("others may look into it: chmod 700")};
  struct stat above {};
  if (::stat(folder_of(folder).c_str(), &above) == 0 && (above.st_mode & S_IWOTH) != 0 &&
      (above.st_mode & S_ISVTX) == 0)
    return Error{say("everybody may replace it: chmod o-w {}", folder_of(folder))};
  return {};
}

// A file of ours whose bytes are those that its digest names.
Result<std::string> read_kept(const std::string& path, const std::string& digest, std::uint64_t most) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISREG(info.st_mode)) return Error{say("it is no regular file")};
  if ((info.st_uid != ::geteuid() && ::geteuid() != 0) || (info.st_mode & 022) != 0)
    return Error{say("others may have written it")};
  auto bytes = read_file(path, most);
  if (!bytes) return bytes;
  if (to_hex(sha256(*bytes)) != digest) return Error{say("its bytes are not as they were written")};
  return bytes;
}

Result<void> make_private_folder(const std::string& folder) {
  const std::string above = folder_of(folder);
  std::error_code failed;
  if (!above.empty() && !std::filesystem::exists(above, failed)) {
    std::filesystem::create_directories(above, failed);
    if (failed) return Error{say("cannot make the folder {}: {}", above, system_words(failed))};
  }
  if (::mkdir(folder.c_str(), 0700) == 0) {
    const Descriptor parent(::open(above.empty() ? "." : above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.get() >= 0) ::fsync(parent.get());
  } else if (errno != EEXIST) {
    return Error{say("cannot make the folder {}: {}", folder, system_words(errno))};
  }
  if (const auto trusted = check_trust(folder); trusted.failed())
    return Error{say("the folder {} is not used: {}", folder, trusted.error().message)};
  return {};
}

Result<KeptSetIndex> read_index(const std::string& folder, const SetName& name) {
  const auto text = read_kept(join_path(folder, name.file), name.digest, largest_index);
  if (!text) return text.error();
  auto index = parse_kept_set(*text);
  if (!index) return Error{say("it is not a set of this program")};
  return std::move(*index);
}

// Sets beyond the bounds, texts that no set names, and what a process that was killed left half written.
void remove_old(const std::string& folder) {
  std::set<std::string> used;
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  for (const SetName& name : sets_in(folder)) {
    const auto index = read_index(folder, name);
    std::set<std::string> texts;
    std::uint64_t more = 0;
    if (index)
      for (const auto& [file, digest] : index->files) {
        const std::string text = std::string(text_prefix) + digest;
        struct stat info {};
        if (used.count(text) == 0 && texts.insert(text).second &&
            ::stat(join_path(folder, text).c_str(), &info) == 0)
          more += static_cast<std::uint64_t>(info.st_size);
      }
    const bool fits =
        index && count < KeptSets::most_sets && (count == 0 || bytes + more <= KeptSets::most_bytes);
    if (!fits) {
      ::unlink(join_path(folder, name.file).c_str());
      continue;
    }
    ++count;
    bytes += more;
    used.merge(texts);
    used.insert(name.file);
  }
  for (const std::string& name : names_in(folder)) {
    const bool ours = name.compare(0, text_prefix.size(), text_prefix) == 0 ||
                      name.compare(0, set_prefix.size(), set_prefix) == 0;
    if (ours && used.count(name) == 0) ::unlink(join_path(folder, name).c_str());
  }
}

std::optional<std::string_view> next_part(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

}  // namespace

// Parts end with NUL, which no path holds: "file" name digest, "folder" name, "entry" name (of that folder).
std::string to_text(const KeptSetIndex& index) {
  std::string out;
  const auto put = [&out](std::string_view part) { out.append(part).push_back('\0'); };
  put(kept_set_magic);
  put(index.main_file);
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

Result<std::string> KeptSets::keep(const ConfigTexts& texts) const {
  if (const auto made = make_private_folder(folder_); made.failed()) return made.error();
  const Descriptor held(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (held.get() < 0 || ::flock(held.get(), LOCK_EX) != 0)
    return Error{say("cannot use the folder {}: {}", folder_, system_words(errno))};
  KeptSetIndex index;
  index.main_file = main_file_;
  index.folders = texts.folders;
  std::uint64_t bytes = 0;
  for (const auto& [name, text] : texts.files) bytes += text.size();
  if (bytes > most_bytes)
    return Error{say("the configuration's texts are larger than {} MiB", most_bytes >> 20)};
  constexpr FileAccess own{.mode = 0600};
  for (const auto& [name, text] : texts.files) {
    const std::string digest = to_hex(sha256(text));
    const std::string path = join_path(folder_, std::string(text_prefix) + digest);
    index.files.emplace(name, digest);
    if (read_kept(path, digest, most_bytes)) continue;
    if (const auto written = write_whole_file(path, {text}, own); written.failed()) return written.error();
  }
  const std::string text = to_text(index);
  std::string digest = to_hex(sha256(text));
  const std::vector<SetName> sets = sets_in(folder_);
  const bool newest = !sets.empty() && sets.front().digest == digest && read_index(folder_, sets.front());
  if (!newest) {
    const std::uint64_t number = sets.empty() ? 1 : sets.front().number + 1;
    const auto written = write_whole_file(join_path(folder_, set_file_name(number, digest)), {text}, own);
    if (written.failed()) return written.error();
    for (const SetName& old : sets)
      if (old.digest == digest) ::unlink(join_path(folder_, old.file).c_str());
  }
  remove_old(folder_);
  return digest;
}

KeptSets::Found KeptSets::find(std::size_t skip) const {
  Found found;
  struct stat info {};
  if (folder_.empty() || (::lstat(folder_.c_str(), &info) != 0 && errno == ENOENT)) return found;
  if (const auto trusted = check_trust(folder_); trusted.failed()) {
    found.problems.push_back(say("the folder {} is not used: {}", folder_, trusted.error().message));
    return found;
  }
  for (const SetName& name : sets_in(folder_)) {
    const std::string path = join_path(folder_, name.file);
    const auto index = read_index(folder_, name);
    if (!index) {
      found.problems.push_back(say("{} is not used: {}", path, index.error().message));
      continue;
    }
    if (index->main_file != main_file_) continue;
    KeptSet set{name.digest, 0, {{}, index->folders}};
    bool whole = true;
    for (const auto& [file, digest] : index->files) {
      auto text = read_kept(join_path(folder_, std::string(text_prefix) + digest), digest, most_bytes);
      if (text) {
        set.texts.files.emplace(file, std::move(*text));
        continue;
      }
      found.problems.push_back(say("{} is not used: the text of {}: {}", path, file, text.error().message));
      whole = false;
      break;
    }
    if (!whole || skip-- > 0) continue;
    if (::stat(path.c_str(), &info) == 0) set.accepted_at = info.st_mtime;
    found.set = std::move(set);
    return found;
  }
  return found;
}

}  // namespace schoolgate
