// What the request and the response parser share: byte classes, field lines, lists of tokens. Internal to
// proxy/core.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "proxy/core/http/http_head.h"

namespace schoolgate::http_scan {

// tchar, RFC 9110 5.6.2
inline constexpr auto token_table = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token_char(char c) noexcept {
  return token_table[static_cast<unsigned char>(c)];
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// `lower` holds only lower-case letters, digits and '-'; `text` holds no control characters. So the one bit
// that tells upper from lower case may be set blindly.
inline bool equals(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != lower[i]) return false;
  return true;
}

inline bool equals_any_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

namespace detail {
// Eight bytes at a time; the lowest high bit that is set belongs to the first byte that matches (the borrow
// of a match can only set bits above it).
inline constexpr std::uint64_t ones = 0x0101010101010101, high_bits = 0x8080808080808080;
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t limit) noexcept {
  return (word - ones * limit) & ~word & high_bits;
}
constexpr std::uint64_t is_del(std::uint64_t word) noexcept {
  return below(word ^ (ones * 0x7f), 1);
}

template <class Words, class Bytes>
std::size_t find_byte(std::string_view text, std::size_t at, Words matches_of, Bytes matches) noexcept {
  static_assert(std::endian::native == std::endian::little);
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (const std::uint64_t found = matches_of(word); found != 0)
      return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (at < text.size() && !matches(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}
}  // namespace detail

// Position of the first control character (below 0x20, tabs included, or 0x7f) at or after `at`; text.size()
// if none.
inline std::size_t find_control(std::string_view text, std::size_t at) noexcept {
  return detail::find_byte(
      text, at, [](std::uint64_t word) { return detail::below(word, 0x20) | detail::is_del(word); },
      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// The same for whatever may not stand in a request target: blanks, control characters, bytes of 0x80 and
// above.
inline std::size_t find_not_visible(std::string_view text, std::size_t at) noexcept {
  return detail::find_byte(
      text, at,
      [](std::uint64_t word) {
        return detail::below(word, 0x21) | detail::is_del(word) | (word & detail::high_bits);
      },
      [](unsigned char c) { return c < 0x21 || c >= 0x7f; });
}

// The first field of that name, any case; "" if absent.
[[nodiscard]] std::string_view find_field(const std::vector<HeaderField>& fields,
                                          std::string_view name) noexcept;

[[nodiscard]] FieldKind kind_of(std::string_view name) noexcept;

// One "Name: value" CRLF that starts at `at`. True: `field` is filled and `at` is past the CRLF. False:
// `what` says why; no Result, as this is the loop in which a head is read. `space_before_colon` tolerates and
// drops what RFC 9112 5.1 lets a proxy drop from responses.
[[nodiscard]] bool scan_field(std::string_view head, std::size_t& at, bool space_before_colon,
                              HeaderField& field, std::string_view& what) noexcept;

// True if the line's end is at `at`: CRLF. `what` names what is there instead.
[[nodiscard]] bool line_ends(std::string_view head, std::size_t at, std::string_view& what) noexcept;

// 1*DIGIT up to 2^63 - 1.
[[nodiscard]] std::optional<std::uint64_t> parse_length(std::string_view text) noexcept;

// Calls `use(member)` for each member of a comma-separated list, white space around it removed, empty ones
// left out.
template <class Use>
void each_member(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view member = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    while (!member.empty() && is_blank(member.front())) member.remove_prefix(1);
    while (!member.empty() && is_blank(member.back())) member.remove_suffix(1);
    if (!member.empty()) use(member);
  }
}

struct ConnectionOptions {
  bool close = false, keep_alive = false, upgrade = false, names_fields = false;
};
void add_connection_options(std::string_view value, ConnectionOptions& out) noexcept;

}  // namespace schoolgate::http_scan
