#include "config/text/names.h"

#include <algorithm>

#include "rules/url/host.h"

namespace schoolgate {

bool is_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > 32 || text[0] < 'a' || text[0] > 'z') return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

bool is_list_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

bool is_interface_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > 15 || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
  });
}

std::optional<std::string> site_name(std::string_view text) {
  Host host;
  if (parse_host(text.starts_with("*.") ? text.substr(2) : text, host).failed() || host.is_address())
    return std::nullopt;
  return host.text;
}

}  // namespace schoolgate
