#include "tools/backup/manifest.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view format_line = "schoolgate backup ";
constexpr int format_now = 1;

std::string mode_text(unsigned mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) text += static_cast<char>('0' + (mode >> shift & 7));
  return text;
}

std::optional<unsigned> mode_in(std::string_view text, bool folder) {
  if (text.size() != 4) return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode << 3 | static_cast<unsigned>(c - '0');
  }
  const unsigned most = folder ? 02777 : 0777;
  return (mode & ~most) == 0 ? std::optional(mode) : std::nullopt;
}

template <class Number>
bool read_decimal(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && std::to_string(out) == text;
}

bool is_account_word(std::string_view text) {
  constexpr std::size_t longest = 32;
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// The next word of a line; the rest is left in `line`.
std::string_view next_word(std::string_view& line) {
  const std::size_t blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
  return word;
}

bool owner_in(std::string_view& line, bool folder, BackupOwner& out) {
  const auto mode = mode_in(next_word(line), folder);
  const std::string_view user = next_word(line), group = next_word(line);
  if (!mode || !is_account_word(user) || !is_account_word(group)) return false;
  out = {*mode, std::string(user), std::string(group)};
  return true;
}

bool take_entry(std::string_view kind, std::string_view line, Manifest& out) {
  if (out.left.size() + out.folders.size() + out.files.size() == Manifest::most_entries) return false;
  if (kind == "left") {
    if (!out.folders.empty() || !out.files.empty() || !is_backup_name(line)) return false;
    out.left.emplace_back(line);
    return true;
  }
  if (kind == "folder") {
    BackupFolder folder;
    if (!out.files.empty() || !owner_in(line, true, folder.owner) || !is_backup_name(line)) return false;
    folder.name = line;
    out.folders.push_back(std::move(folder));
    return true;
  }
  BackupFile file;
  if (kind != "file" || !owner_in(line, false, file.owner) || !read_decimal(next_word(line), file.size))
    return false;
  file.digest = next_word(line);
  const auto digest = parse_sha256_hex(file.digest);
  if (!digest || to_hex(*digest) != file.digest || !is_backup_name(line)) return false;
  file.name = line;
  if (!out.files.empty() && out.files.back().name >= file.name) return false;
  out.files.push_back(std::move(file));
  return true;
}

std::optional<std::string_view> value_of(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.substr(key.size(), 1) != " ")
    return std::nullopt;
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<Manifest> read_manifest(std::string_view text) {
  const std::size_t sum = text.rfind("\nsum ");
  if (sum == std::string_view::npos || text.size() > Manifest::most_bytes) return std::nullopt;
  const std::string_view summed = text.substr(0, sum + 1);
  if (text.substr(sum + 1) != "sum " + to_hex(sha256(summed)) + "\n") return std::nullopt;
  std::string_view rest = summed;
  rest.remove_prefix(rest.find('\n') + 1);  // its form was looked at
  Manifest out;
  const auto version = value_of(rest, "version"), made = value_of(rest, "made"),
             config = value_of(rest, "config"), keys = value_of(rest, "keys");
  if (!version || !made || !config || !keys || !read_decimal(*made, out.made)) return std::nullopt;
  constexpr std::size_t longest = 4096;
  if (config->size() > longest || !config->starts_with('/') || printable(*config) != *config)
    return std::nullopt;
  if (!is_account_word(*version) || (*keys != "yes" && *keys != "no")) return std::nullopt;
  out.version = *version;
  out.config_file = *config;
  out.keys = *keys == "yes";
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const std::string_view kind = next_word(line);
    if (!take_entry(kind, line, out)) return std::nullopt;
  }
  return out;
}

std::array<std::uint32_t, 3> numbers_of(std::string_view version) {
  std::array<std::uint32_t, 3> numbers{};
  for (std::uint32_t& number : numbers) {
    const std::string_view part = version.substr(0, version.find('.'));
    if (std::from_chars(part.data(), part.data() + part.size(), number).ec != std::errc()) break;
    version.remove_prefix(std::min(part.size() + 1, version.size()));
  }
  return numbers;
}

}  // namespace

std::string to_text(const Manifest& manifest) {
  std::string text = std::string(format_line) + std::to_string(format_now) + "\n";
  text += "version " + manifest.version + "\nmade " + std::to_string(manifest.made) + "\nconfig " +
          manifest.config_file + "\nkeys " + (manifest.keys ? "yes" : "no") + "\n";
  const auto owner = [](const BackupOwner& one) {
    return mode_text(one.mode) + " " + one.user + " " + one.group + " ";
  };
  for (const std::string& name : manifest.left) text += "left " + name + "\n";
  for (const BackupFolder& one : manifest.folders) text += "folder " + owner(one.owner) + one.name + "\n";
  for (const BackupFile& one : manifest.files)
    text += "file " + owner(one.owner) + std::to_string(one.size) + " " + one.digest + " " + one.name + "\n";
  return text + "sum " + to_hex(sha256(text)) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text, std::string_view now) {
  const Error none{say("it is no backup of Schoolgate, or it is damaged")};
  if (!text.starts_with(format_line)) return none;
  const std::string_view first = text.substr(0, text.find('\n'));
  int format = 0;
  if (!read_decimal(first.substr(format_line.size()), format) || format < 1) return none;
  if (format > format_now)
    return Error{
        say("a newer version of Schoolgate made it, in a form that this one ({}) does not know: install "
            "the newer version first",
            now)};
  auto manifest = read_manifest(text);
  if (!manifest) return none;
  if (is_newer_version(manifest->version, now))
    return Error{say("Schoolgate {} made it, and this is {}: install the newer version first",
                     manifest->version, now)};
  return *std::move(manifest);
}

bool is_backup_name(std::string_view name) {
  constexpr std::size_t longest = 512;
  if (name.size() > longest || printable(name) != name) return false;
  const bool known = name == accounts_entry || name == month_key_entry || name == totals_entry ||
                     name == names_entry || name.starts_with(in_config) || name.starts_with(in_state) ||
                     name.starts_with("keys/config/");
  if (!known) return false;
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || (part.front() == '.' && part != ".laid")) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_newer_version(std::string_view one, std::string_view than) {
  return numbers_of(one) > numbers_of(than);
}

}  // namespace schoolgate::tools
