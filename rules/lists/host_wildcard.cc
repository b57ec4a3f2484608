#include "rules/lists/host_wildcard.h"

#include <algorithm>
#include <cstddef>

#include "rules/lists/line_text.h"
#include "rules/patterns/match/pattern_re2.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_host_wildcard(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == '*';
  });
}

std::string to_pattern(const HostWildcard& wildcard) {
  std::string_view text = wildcard.text;
  const bool floats = text.starts_with('*');
  while (text.starts_with('*')) text.remove_prefix(1);
  std::string out;
  if (!floats && wildcard.begin == HostWildcard::Begin::label) out = "(?:^|\\.)";
  if (!floats && wildcard.begin == HostWildcard::Begin::host) out = "^";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.')
      out += "\\.";
    else if (text[i] != '*')
      out += lower_case(text.substr(i, 1));
    else if (i + 1 == text.size() || text[i + 1] != '*')
      out += ".*";
  }
  if (wildcard.to_end) out += '$';
  return out;
}

bool is_too_broad(const HostWildcard& wildcard) {
  std::string_view named = wildcard.text;
  if (wildcard.to_end) {
    const std::size_t star = named.rfind('*');
    const std::size_t begin = star == std::string_view::npos ? 0 : star + 1;
    std::string last = lower_case(named.substr(begin));
    if (last.starts_with('.')) last.erase(0, 1);
    if (public_suffix(last) == Suffix::registry) named = named.substr(0, begin);
  }
  return std::count_if(named.begin(), named.end(), is_letter_or_digit) < 2 ||
         is_too_broad(to_pattern(wildcard), false);
}

bool is_too_broad(std::string_view expression, bool from_scheme) {
  constexpr std::string_view pairs[][2] = {
      {"zxqjvkw", "b0-qx"}, {"www.zxqjvkw", "www.b0-qx"}, {"b0-qx.yj4w", "zxqjvkw.k"}};
  constexpr std::string_view suffixes[] = {".com", ".net", ".org", ".vn", ".com.vn", ".edu.vn"};
  const RE2 re(re2::StringPiece(expression.data(), expression.size()), pattern_options(false));
  if (!re.ok()) return false;
  const auto finds = [&](const std::string& host) {
    return re2_finds(re, from_scheme ? "https://" + host + "/" : host);
  };
  for (const std::string_view suffix : suffixes)
    for (const auto& [one, other] : pairs)
      if (finds(std::string(one).append(suffix)) && finds(std::string(other).append(suffix))) return true;
  return false;
}

}  // namespace schoolgate
