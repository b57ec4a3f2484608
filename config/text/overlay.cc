#include "config/text/overlay.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "config/text/descriptor.h"
#include "config/text/names.h"
#include "config/text/newer_form.h"
#include "config/text/own_files.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "config/text/yaml_reader.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

constexpr char installed_main_file[] = "/etc/schoolgate/schoolgate.yaml";
constexpr char usual_state[] = "/var/lib/schoolgate";
constexpr std::string_view overlay_magic = "schoolgate overlay 1";
constexpr std::string_view generation_prefix = "gen-";
constexpr char laid_name[] = ".laid", current_name[] = "current";
constexpr std::uint64_t largest_laid = 4 * 1024 * 1024, largest_text = 64 * 1024 * 1024;
constexpr std::size_t generation_digits = 12, digest_digits = 64;

bool is_digest(std::string_view text) {
  return text.size() == digest_digits && parse_sha256_hex(std::string(text)).has_value();
}

std::optional<std::string_view> next_laid_part(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

// "gen-000000000012" -> 12; 0: no generation.
std::uint64_t generation_number(std::string_view name) {
  if (name.size() != generation_prefix.size() + generation_digits || !name.starts_with(generation_prefix))
    return 0;
  name.remove_prefix(generation_prefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

std::string generation_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(generation_prefix) +
         std::string(generation_digits - std::min(generation_digits, digits.size()), '0') + digits;
}

Result<Overlay> read_generation(const std::string& folder, const std::string& name,
                                const std::string& main_file) {
  const std::string generation = join_path(folder, name), laid = join_path(generation, laid_name);
  struct stat info {};
  if (::lstat(laid.c_str(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISREG(info.st_mode) || (info.st_mode & 022) != 0) return Error{say("others may have written it")};
  const auto text = read_file(laid, largest_laid);
  if (!text) return text.error();
  auto index = parse_overlay(*text);
  if (const std::uint32_t form = newer_form(*text, overlay_magic); form != 0)
    return Error{newer_file(laid, form, 1)};
  if (!index) return Error{say("{} is not as this program writes it", laid)};
  Overlay overlay;
  if (index->main_file != main_file) return overlay;  // another configuration's
  overlay.shown = join_path(folder, current_name);
  for (auto& [file, entry] : index->files) {
    if (entry.text) {
      auto bytes = read_own_file(join_path(generation, file), *entry.text, largest_text);
      if (!bytes) return Error{say("{}: {}", join_path(overlay.shown, file), bytes.error().message)};
      entry.text = std::move(*bytes);
    }
    overlay.files.emplace(file, std::move(entry));
  }
  return overlay;
}

Result<void> write_generation(const std::string& generation, const std::string& main_file,
                              const Overlay& overlay) {
  OverlayIndex index{main_file, overlay.files};
  if (::mkdir(generation.c_str(), 0750) != 0)
    return Error{say("cannot make the folder {}: {}", generation, system_words(errno))};
  constexpr FileAccess access{.mode = 0640};
  for (auto& [name, entry] : index.files) {
    if (!entry.text) continue;
    const std::string path = join_path(generation, name);
    std::error_code failed;
    std::filesystem::create_directories(folder_of(path), failed);
    if (failed) return Error{say("cannot make the folder {}: {}", folder_of(path), system_words(failed))};
    std::filesystem::permissions(folder_of(path), static_cast<std::filesystem::perms>(0750), failed);
    if (const auto written = write_whole_file(path, {*entry.text}, access); written.failed()) return written;
    entry.text = to_hex(sha256(*entry.text));
  }
  return write_whole_file(join_path(generation, laid_name), {to_text(index)}, access);
}

// The new one rules from here on.
Result<void> turn_to(const std::string& folder, int held, const std::string& name) {
  const std::string current = join_path(folder, current_name), fresh = current + ".new";
  ::unlink(fresh.c_str());
  if (::symlink(name.c_str(), fresh.c_str()) != 0 || ::rename(fresh.c_str(), current.c_str()) != 0) {
    const int why = errno;
    ::unlink(fresh.c_str());
    return Error{say("cannot write {}: {}", current, system_words(why))};
  }
  ::fsync(held);
  return {};
}

}  // namespace

std::string ruling_generation(const std::string& folder) {
  std::array<char, 64> target{};
  const ssize_t length = ::readlink(join_path(folder, current_name).c_str(), target.data(), target.size());
  if (length <= 0) return {};
  const std::string name(target.data(), static_cast<std::size_t>(length));
  return generation_number(name) != 0 ? name : std::string();
}

// Parts end with NUL, which no path holds: "text" name digest, or "none" name; then below, account, since.
std::string to_text(const OverlayIndex& index) {
  std::string out;
  const auto put = [&out](std::string_view part) { out.append(part).push_back('\0'); };
  put(overlay_magic);
  put(index.main_file);
  for (const auto& [name, file] : index.files) {
    put(file.text ? "text" : "none");
    put(name);
    if (file.text) put(*file.text);
    put(file.below);
    put(file.account);
    put(std::to_string(file.since));
  }
  return out;
}

std::optional<OverlayIndex> parse_overlay(std::string_view text) {
  OverlayIndex index;
  if (next_laid_part(text) != overlay_magic) return std::nullopt;
  const auto main_file = next_laid_part(text);
  if (!main_file) return std::nullopt;
  index.main_file = *main_file;
  while (!text.empty()) {
    const auto kind = next_laid_part(text), name = next_laid_part(text);
    if (!kind || !name || (*kind != "text" && *kind != "none") || !can_be_laid(*name)) return std::nullopt;
    OverlayFile file;
    if (*kind == "text") {
      const auto digest = next_laid_part(text);
      if (!digest || !is_digest(*digest)) return std::nullopt;
      file.text = *digest;
    }
    const auto below = next_laid_part(text), account = next_laid_part(text), since = next_laid_part(text);
    if (!below || !account || !since || (!below->empty() && !is_digest(*below))) return std::nullopt;
    file.below = *below;
    file.account = *account;
    const auto [end, error] = std::from_chars(since->data(), since->data() + since->size(), file.since);
    if (error != std::errc() || std::to_string(file.since) != *since) return std::nullopt;
    if (!index.files.emplace(*name, std::move(file)).second) return std::nullopt;
  }
  return index;
}

bool can_be_laid(std::string_view name) {
  constexpr std::size_t most_bytes = 255;
  if (name.empty() || name.size() > most_bytes || printable(name) != name) return false;
  if (is_of_signed_floor(name)) return false;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part.front() == '.') return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

std::string top_value_in(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
    line.remove_prefix(key.size() + 1);
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    line.remove_prefix(begin);
    const char quote = line.front();
    if (quote == '"' || quote == '\'') {
      line.remove_prefix(1);
      line = line.substr(0, line.find(quote));
    } else {
      line = line.substr(0, std::min(line.find(" #"), line.find("\t#")));
      const std::size_t end = line.find_last_not_of(" \t\r");
      line = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
    }
    if (!line.empty() && line.front() != '#') return std::string(line);
  }
  return {};
}

std::string overlay_folder(const std::string& config_file) {
  std::string state = usual_state;
  if (const auto text = read_file(config_file, YamlLimits::bytes)) {
    const std::string named = top_value_in(*text, "state_directory");
    if (!named.empty()) state = join_path(folder_of(absolute_path(config_file)), named);
  }
  return join_path(state, "policy");
}

FoundOverlay find_overlay(const std::string& config_file) {
  FoundOverlay found;
  const std::string folder = overlay_folder(config_file), main_file = absolute_path(config_file);
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) {
    found.out_of_sight = errno == EACCES && main_file == installed_main_file;
    return found;
  }
  constexpr int most_tries = 3;  // while it is read the next may be laid
  for (int tries = 0; tries < most_tries; ++tries) {
    const std::string name = ruling_generation(folder);
    if (name.empty()) {
      const bool there = ::lstat(join_path(folder, current_name).c_str(), &info) == 0;
      if (!there && errno == EACCES) found.out_of_sight = main_file == installed_main_file;
      if (there) found.problem = say("{} is not as this program writes it", join_path(folder, current_name));
      return found;
    }
    if (const auto trusted = check_own_folder(folder, false); trusted.failed()) {
      found.problem = say("the folder {} is not used: {}", folder, trusted.error().message);
      return found;
    }
    auto overlay = read_generation(folder, name, main_file);
    if (overlay) {
      found.problem = {};
      found.overlay = std::move(*overlay);
      return found;
    }
    found.problem = overlay.error().message;
    if (ruling_generation(folder) == name) return found;
  }
  return found;
}

Result<void> write_overlay(const std::string& config_file, const Overlay& overlay) {
  const std::string folder = overlay_folder(config_file);
  if (const auto made = make_own_folder(folder, false); made.failed()) return made;
  const Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (held.get() < 0 || ::flock(held.get(), LOCK_EX) != 0)
    return Error{say("cannot use the folder {}: {}", folder, system_words(errno))};
  const std::string before = ruling_generation(folder);
  std::uint64_t newest = 0;
  for (const std::string& name : names_in_folder(folder)) newest = std::max(newest, generation_number(name));
  const std::string name = generation_name(newest + 1);
  std::error_code ignored;
  if (const auto written = write_generation(join_path(folder, name), absolute_path(config_file), overlay);
      written.failed()) {
    std::filesystem::remove_all(join_path(folder, name), ignored);
    return written;
  }
  if (const auto turned = turn_to(folder, held.get(), name); turned.failed()) {
    std::filesystem::remove_all(join_path(folder, name), ignored);
    return turned;
  }
  // The one before stays, for whoever is reading it; others, and what a killed process left, go.
  for (const std::string& old : names_in_folder(folder))
    if (generation_number(old) != 0 && old != name && old != before)
      std::filesystem::remove_all(join_path(folder, old), ignored);
  return {};
}

Result<std::string> digest_below(const std::string& config_file, const std::string& name) {
  const std::string path = join_path(folder_of(absolute_path(config_file)), name);
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::string();
  auto text = read_file(path, largest_text);
  if (!text) return text;
  if (text->compare(0, 3, "\xEF\xBB\xBF") == 0) text->erase(0, 3);
  return to_hex(sha256(*text));
}

std::vector<LaidFile> laid_files(const std::string& config_file, const Overlay& overlay) {
  std::vector<LaidFile> out;
  for (const auto& [name, file] : overlay.files) {
    LaidFile laid{name, file.account, file.since, !file.text.has_value(), false};
    const auto below = digest_below(config_file, name);
    // What was brought back into the folder is the same there: that is no change that is lost.
    const bool brought_back = below && file.text && *below == to_hex(sha256(*file.text));
    laid.below_changed = !brought_back && (!below || *below != file.below);
    out.push_back(std::move(laid));
  }
  return out;
}

}  // namespace schoolgate
