#include "config/lists/archived_file.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace schoolgate {
namespace {

constexpr std::size_t name_size = 100, size_at = 124, size_size = 12, sum_at = 148, sum_size = 8,
                      type_at = 156, magic_at = 257, prefix_at = 345, prefix_size = 155;
constexpr std::size_t longest_name_data = 8192, most_seen = 5;

std::string_view text_in(std::string_view block, std::size_t at, std::size_t size) noexcept {
  const std::string_view field = block.substr(at, size);
  return field.substr(0, field.find('\0'));
}

// Octal digits among blanks. Nullopt: something else, as the base 256 of files over 8 GiB.
std::optional<std::uint64_t> octal(std::string_view field) noexcept {
  field = field.substr(0, field.find('\0'));
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  std::uint64_t value = 0;
  for (const char digit : field) {
    if (digit < '0' || digit > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

// The sum over all bytes of a head, its own field read as blanks.
bool sum_fits(std::string_view block) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i)
    sum += i >= sum_at && i < sum_at + sum_size ? ' ' : static_cast<unsigned char>(block[i]);
  return octal(block.substr(sum_at, sum_size)) == sum;
}

// Without "./" in front and "/" at the end.
std::string_view plain_path(std::string_view name) noexcept {
  while (name.starts_with("./")) name.remove_prefix(2);
  while (name.ends_with('/')) name.remove_suffix(1);
  return name;
}

bool leads_out(std::string_view name) noexcept {
  if (name.starts_with('/')) return true;
  while (!name.empty()) {
    const std::size_t slash = name.find('/');
    if (name.substr(0, slash) == "..") return true;
    name = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
  }
  return false;
}

Message names_text(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return Message::foreign(all);
}

}  // namespace

bool begins_tar(std::string_view first_block) noexcept {
  return first_block.size() >= tar_block && first_block.substr(magic_at, 5) == "ustar" &&
         sum_fits(first_block.substr(0, tar_block));
}

ArchivedFile::ArchivedFile(std::string wanted, Take take)
    : wanted_(std::move(wanted)), take_(std::move(take)) {}

Result<void> ArchivedFile::take(std::string_view bytes) {
  while (!bytes.empty() && !ended_) {
    std::uint64_t& left = left_ != 0 ? left_ : padding_;
    if (left != 0) {
      const std::string_view now =
          bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size())));
      const bool is_data = left_ != 0;
      left -= now.size();
      bytes.remove_prefix(now.size());
      if (is_data)
        if (auto taken = data(now); taken.failed()) return taken;
      continue;
    }
    const std::string_view now = bytes.substr(0, tar_block - block_.size());
    block_ += now;
    bytes.remove_prefix(now.size());
    if (block_.size() < tar_block) break;
    if (auto read = head(); read.failed()) return read;
    block_.clear();
  }
  return {};
}

Result<void> ArchivedFile::data(std::string_view bytes) {
  if (what_ == Data::wanted) return take_(bytes);
  if (what_ == Data::skipped) return {};
  name_data_ += bytes;
  return left_ == 0 ? named() : Result<void>();
}

// "L" holds the name of the next entry, "x" lines "LENGTH KEY=VALUE".
Result<void> ArchivedFile::named() {
  if (name_type_ == 'L') {
    next_name_ = name_data_.substr(0, name_data_.find('\0'));
    return {};
  }
  std::string_view rest = name_data_;
  while (!rest.empty()) {
    const std::size_t blank = rest.find(' ');
    std::uint64_t length = 0;
    for (const char digit : rest.substr(0, blank))
      length = digit >= '0' && digit <= '9' && length <= longest_name_data
                   ? length * 10 + static_cast<std::uint64_t>(digit - '0')
                   : longest_name_data + 1;
    if (blank == std::string_view::npos || length <= blank + 1 || length > rest.size())
      return Error{say("it begins as an archive does and is none, or is damaged")};
    std::string_view line = rest.substr(blank + 1, static_cast<std::size_t>(length) - blank - 1);
    rest.remove_prefix(static_cast<std::size_t>(length));
    while (line.ends_with('\n')) line.remove_suffix(1);
    if (line.starts_with("path=")) next_name_ = std::string(line.substr(5));
    if (line.starts_with("size=")) return Error{say("a file in the archive is too large")};
  }
  return {};
}

Result<void> ArchivedFile::head() {
  if (block_.find_first_not_of('\0') == std::string::npos) {
    ended_ = true;
    return {};
  }
  const auto size = octal(std::string_view(block_).substr(size_at, size_size));
  if (!sum_fits(block_)) return Error{say("it begins as an archive does and is none, or is damaged")};
  if (!size) return Error{say("a file in the archive is too large")};
  if (++entries_ > most_entries)
    return Error{say("there are more than {} files in the archive", most_entries)};
  left_ = *size;
  padding_ = (tar_block - *size % tar_block) % tar_block;
  what_ = Data::skipped;
  const char type = block_[type_at];
  if (type == 'L' || type == 'x') {
    if (*size > longest_name_data) return Error{say("a name in the archive is too long")};
    what_ = Data::name;
    name_type_ = type;
    name_data_.clear();
    return {};
  }
  if (type == 'g' || type == 'K') return {};
  std::string name = std::exchange(next_name_, {});
  if (name.empty()) {
    // GNU's own heads, "ustar  ", keep times where the prefix stands.
    const bool has_prefix = std::string_view(block_).substr(magic_at, 6) == std::string_view("ustar\0", 6);
    const std::string_view prefix = has_prefix ? text_in(block_, prefix_at, prefix_size) : std::string_view();
    name = std::string(prefix) + (prefix.empty() ? "" : "/");
    name += text_in(block_, 0, name_size);
  }
  return entry(type, name);
}

Result<void> ArchivedFile::entry(char type, const std::string& name) {
  if (leads_out(name)) return Error{say("\"{}\" in the archive leads out of it", name)};
  const std::string path(plain_path(name));
  const bool is_file = type == '0' || type == '\0' || type == '7', is_link = type == '1' || type == '2';
  if (is_link) left_ = padding_ = 0;  // whatever size it names: nothing follows a link
  if (is_link && !wanted_.empty() && path == wanted_) return Error{say("{} in the archive is a link", path)};
  if (!is_file) return {};
  if (seen_.size() < most_seen) seen_.push_back(path);
  if (!wanted_.empty() && path != wanted_) return {};
  if (found_)
    return wanted_.empty() ? Error{say("it is an archive of several files ({}): update: file: says which one",
                                       names_text(seen_))}
                           : Error{say("{} is twice in the archive", path)};
  found_ = true;
  what_ = Data::wanted;
  return {};
}

Result<void> ArchivedFile::finish() const {
  if (!ended_) return Error{say("it is cut short")};
  if (found_) return {};
  if (seen_.empty()) return Error{say("there is no file in the archive")};
  return Error{say("there is no {} in the archive; there are: {}", wanted_, names_text(seen_))};
}

}  // namespace schoolgate
