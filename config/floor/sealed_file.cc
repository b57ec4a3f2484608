#include "config/floor/sealed_file.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "rules/policy/civil_date.h"

namespace schoolgate {
namespace {

constexpr std::string_view floor_first_line = "schoolgate floor 1";
constexpr std::array<std::string_view, floor_kinds> kind_words{"csam", "terrorism", "intimate", "unlawful"};
constexpr std::uint32_t lines_of_head = 3 + floor_kinds;
constexpr std::size_t salted_digits = 32;

std::string hex_of(const std::array<std::uint8_t, 16>& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

// 32 digits, in lower case alone.
std::optional<std::array<std::uint8_t, 16>> sixteen_bytes(std::string_view hex) {
  if (hex.size() != salted_digits) return std::nullopt;
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const char c = hex[i];
    int digit = 0;
    if (c >= '0' && c <= '9')
      digit = c - '0';
    else if (c >= 'a' && c <= 'f')
      digit = c - 'a' + 10;
    else
      return std::nullopt;
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] << 4 | digit);
  }
  return out;
}

// Line after line; each must end.
class FloorLines {
 public:
  explicit FloorLines(std::string_view text) : left_(text) {}
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] std::optional<std::string_view> next() {
    const std::size_t end = left_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    ++number_;
    return line;
  }
  // What stands behind "word " on the next line.
  [[nodiscard]] std::optional<std::string_view> after(std::string_view word) {
    const auto line = next();
    if (!line || !line->starts_with(word) || line->size() <= word.size() || (*line)[word.size()] != ' ')
      return std::nullopt;
    return line->substr(word.size() + 1);
  }

 private:
  std::string_view left_;
  std::uint32_t number_ = 0;
};

std::optional<std::uint64_t> plain_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || std::to_string(value) != text)
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> utc_moment(std::string_view text) {
  constexpr std::size_t date_size = 10, size = 20;
  if (text.size() != size) return std::nullopt;
  const auto day = parse_date(text.substr(0, date_size));
  if (!day || *day < 0) return std::nullopt;
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
  const std::int64_t seconds = std::int64_t{*day} * 86'400 + two(11) * 3600 + two(14) * 60 + two(17);
  if (seconds < 0 || utc_second_text(seconds) != text) return std::nullopt;
  return seconds;
}

auto order_of(FloorKind kind, const SaltedEntry& entry) {
  return std::tuple(kind, entry.host, entry.url);
}

}  // namespace

std::string_view to_string(FloorKind kind) noexcept {
  return kind_words[static_cast<std::size_t>(kind)];
}

Message name_of(FloorKind kind) {
  switch (kind) {
    case FloorKind::csam:
      return say("child sexual abuse");
    case FloorKind::terrorism:
      return say("terrorism");
    case FloorKind::intimate:
      return say("intimate images");
    case FloorKind::unlawful:
      return say("unlawful by decision");
  }
  return {};
}

void put_in_order(SealedFile& file) {
  std::vector<std::size_t> order(file.kinds.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) { return order_of(file.kinds[i], file.floor.entries[i]); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  order.erase(
      std::unique(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) == key(b); }),
      order.end());
  std::vector<SaltedEntry> entries;
  std::vector<FloorKind> kinds;
  file.counts = {};
  for (const std::size_t i : order) {
    entries.push_back(file.floor.entries[i]);
    entries.back().where.line = lines_of_head + static_cast<std::uint32_t>(entries.size());
    kinds.push_back(file.kinds[i]);
    ++file.counts[static_cast<std::size_t>(file.kinds[i])];
  }
  file.floor.entries = std::move(entries);
  file.kinds = std::move(kinds);
}

std::string to_text(const SealedFile& file) {
  std::string out(floor_first_line);
  out += "\nmade " + utc_second_text(file.made) + "\nsalt " + hex_of(file.floor.salt) + "\n";
  for (std::size_t kind = 0; kind < floor_kinds; ++kind)
    out += std::string(kind_words[kind]) + " " + std::to_string(file.counts[kind]) + "\n";
  for (std::size_t i = 0; i < file.kinds.size(); ++i) {
    const SaltedEntry& entry = file.floor.entries[i];
    out += to_string(file.kinds[i]);
    out += " " + hex_of(entry.host);
    if (entry.url) out += " " + hex_of(*entry.url);
    out += "\n";
  }
  return out;
}

Result<SealedFile> parse_sealed_file(std::string_view text) {
  SealedFile file;
  FloorLines lines(text);
  const auto wrong = [&] {
    return Error{say("line {} is not as \"schoolgate floor build\" writes it", lines.number())};
  };
  if (lines.next() != floor_first_line) return Error{say("it does not begin as a sealed floor does")};
  const auto made = lines.after("made");
  const auto moment = made ? utc_moment(*made) : std::nullopt;
  if (!moment) return wrong();
  file.made = *moment;
  const auto salt_text = lines.after("salt");
  const auto salt = salt_text ? sixteen_bytes(*salt_text) : std::nullopt;
  if (!salt) return wrong();
  file.floor.salt = *salt;
  FloorCounts told{};
  for (std::size_t kind = 0; kind < floor_kinds; ++kind) {
    const auto number = lines.after(kind_words[kind]);
    const auto value = number ? plain_number(*number) : std::nullopt;
    if (!value) return wrong();
    told[kind] = *value;
  }
  while (!lines.at_end()) {
    const auto line = lines.next();
    if (!line) return Error{say("its last line is cut short")};
    const std::string_view word = line->substr(0, line->find(' '));
    const auto kind = std::find(kind_words.begin(), kind_words.end(), word);
    if (kind == kind_words.end() || line->size() == word.size()) return wrong();
    const std::string_view digests = line->substr(word.size() + 1);
    const auto host = sixteen_bytes(digests.substr(0, salted_digits));
    SaltedEntry entry;
    if (!host) return wrong();
    entry.host = *host;
    if (digests.size() != salted_digits) {
      if (digests[salted_digits] != ' ') return wrong();
      entry.url = sixteen_bytes(digests.substr(salted_digits + 1));
      if (!entry.url) return wrong();
    }
    entry.where.line = lines.number();
    const auto its_kind = static_cast<FloorKind>(kind - kind_words.begin());
    if (!file.kinds.empty() &&
        order_of(file.kinds.back(), file.floor.entries.back()) >= order_of(its_kind, entry))
      return wrong();
    file.kinds.push_back(its_kind);
    file.floor.entries.push_back(entry);
    ++file.counts[static_cast<std::size_t>(its_kind)];
  }
  if (told != file.counts)
    return Error{say("it does not hold as many entries as it says: it was cut or added to")};
  return file;
}

std::string utc_second_text(std::int64_t seconds) {
  const auto rest = static_cast<int>(seconds % 86'400);
  char clock[16];
  std::snprintf(clock, sizeof clock, "T%02d:%02d:%02dZ", rest / 3600, rest / 60 % 60, rest % 60);
  return date_text(static_cast<std::int32_t>(seconds / 86'400)) + clock;
}

}  // namespace schoolgate
