#include "rules/lookalike/name_pieces.h"

#include <algorithm>

namespace schoolgate {
namespace {

constexpr char border_mark = '^', digit_mark = '#';

constexpr bool is_ascii_small(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Six bits each, none of them zero, so that pieces of all lengths are distinct numbers.
constexpr std::size_t index_of(char c) noexcept {
  return static_cast<unsigned char>(c) & 0x7fU;
}

constexpr std::array<std::uint8_t, 128> make_codes() {
  constexpr std::string_view all = "abcdefghijklmnopqrstuvwxyz0123456789-._^#";
  static_assert(all.ends_with(digit_mark) && all[all.size() - 2] == border_mark);
  std::array<std::uint8_t, 128> out{};
  for (std::uint8_t& code : out) code = 63;
  std::uint8_t next = 1;
  for (const char c : all) out[index_of(c)] = next++;
  return out;
}
constexpr auto piece_codes = make_codes();
constexpr std::uint32_t border_code = piece_codes[index_of(border_mark)];
constexpr std::uint32_t digit_code = piece_codes[index_of(digit_mark)];

constexpr std::uint32_t code_of(char c) noexcept {
  return piece_codes[index_of(c)];
}

constexpr std::uint32_t bucket_of(std::uint32_t piece) noexcept {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;
  static_assert(NamePieces::buckets == std::size_t{1} << 17);
  return static_cast<std::uint32_t>((piece * spread) >> (64 - 17));
}

// A country's own second level: "com" of com.vn.
bool is_short_second_level(std::string_view second, std::string_view top) noexcept {
  return top.size() == 2 && second.size() <= 3;
}

}  // namespace

std::string_view judged_name(std::string_view host) noexcept {
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return {};
  std::size_t begin = host.rfind('.', last - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  std::size_t suffix = last;
  if (begin > 1 && is_short_second_level(host.substr(begin, last - begin), host.substr(last + 1))) {
    suffix = begin - 1;
    const std::size_t before = host.rfind('.', suffix - 1);
    begin = before == std::string_view::npos ? 0 : before + 1;
  }
  const std::string_view name = host.substr(begin), label = host.substr(begin, suffix - begin);
  if (name.size() > max_judged_name || label.starts_with("xn--")) return {};
  return label.empty() ? std::string_view() : name;
}

std::string siblings_key(std::string_view name) {
  constexpr std::size_t few_letters = 3, first_digits = 3;
  std::string letters, digits;
  for (const char c : name.substr(0, name.find('.'))) {
    if (is_ascii_small(c)) letters += c;
    if (is_digit(c) && digits.size() < first_digits) digits += c;
  }
  return letters.size() < few_letters ? letters + digits : letters;
}

NamePieces::NamePieces(std::string_view name) noexcept {
  // Five characters to a number, the newest in its low bits; beside it the same with digits folded.
  std::uint32_t plain = border_code, folded = border_code;
  constexpr std::size_t lengths = longest - shortest + 1;
  constexpr std::uint32_t masks[lengths] = {(1U << 12) - 1, (1U << 18) - 1, (1U << 24) - 1, (1U << 30) - 1};
  const std::size_t text = std::min(name.size(), max_judged_name);
  std::size_t since_digit = longest;  // characters since the last one; a piece that is longer holds it
  std::uint32_t* to = all_.data();
  for (std::size_t at = 0; at <= text; ++at) {
    const char c = at < text ? name[at] : border_mark;
    const std::uint32_t code = code_of(c);
    const bool digit = is_digit(c);
    plain = plain << 6 | code;
    folded = folded << 6 | (digit ? digit_code : code);
    since_digit = digit ? 0 : since_digit + 1;
    const std::size_t pieces = std::min(at + 1, lengths);
    for (std::size_t i = 0; i < pieces; ++i) *to++ = bucket_of(plain & masks[i]);
    if (since_digit >= longest) [[likely]]
      continue;
    for (std::size_t i = since_digit < shortest ? 0 : since_digit - 1; i < pieces; ++i)
      *to++ = bucket_of(folded & masks[i]);
  }
  size_ = static_cast<std::size_t>(to - all_.data());
}

std::string piece_text(std::string_view name, std::size_t index) {
  const std::string text = border_mark + std::string(name.substr(0, max_judged_name)) + border_mark;
  for (std::size_t end = 2; end <= text.size(); ++end) {
    const std::size_t pieces = std::min(end - 1, NamePieces::longest - NamePieces::shortest + 1);
    for (const bool folds : {false, true}) {
      for (std::size_t i = 0; i < pieces; ++i) {
        std::string piece = text.substr(end - i - 2, i + 2);
        if (folds) {
          const std::string before = piece;
          std::replace_if(piece.begin(), piece.end(), is_digit, digit_mark);
          if (piece == before) continue;
        }
        if (index-- == 0) return piece;
      }
    }
  }
  return {};
}

}  // namespace schoolgate
