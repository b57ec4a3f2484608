// What the request and the response parser share: byte classes, field lines, lists of tokens. Internal to
// proxy/core.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "proxy/core/http_head.h"

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

// Position of the first byte at or after `at` that is a control character (below 0x20, or 0x7f), tabs
// included; text.size() if there is none.
inline std::size_t find_control(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
  while (at + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t below_space = (word - ones * 0x20) & ~word;
    const std::uint64_t x = word ^ (ones * 0x7f);
    const std::uint64_t is_del = (x - ones) & ~x;
    if (((below_space | is_del) & high) != 0) break;  // somewhere in these eight: the loop below finds where
    at += 8;
  }
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == 0x7f) return at;
  }
  return at;
}

// The first field of that name, any case; "" if absent.
[[nodiscard]] std::string_view find_field(const std::vector<HeaderField>& fields,
                                          std::string_view name) noexcept;

[[nodiscard]] FieldKind kind_of(std::string_view name) noexcept;

// One "Name: value" CRLF that starts at `at`. True: `field` is filled and `at` is past the CRLF. False:
// `what` says why. `space_before_colon` tolerates and drops what RFC 9112 5.1 lets a proxy drop from
// responses.
[[nodiscard]] bool scan_field(std::string_view head, std::size_t& at, bool space_before_colon,
                              HeaderField& field, std::string_view& what) noexcept;

// True if the line's end is at `at`: CRLF. `what` names what is there instead.
[[nodiscard]] bool line_ends(std::string_view head, std::size_t at, std::string_view& what) noexcept;

// 1*DIGIT up to 2^63 - 1.
[[nodiscard]] bool parse_length(std::string_view text, std::uint64_t& out) noexcept;

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
