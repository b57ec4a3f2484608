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

bool is_inner_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > 255 || path.starts_with('/') || path.ends_with('/')) return false;
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return c >= ' ' && c < '\x7f'; })) return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

bool is_of_signed_floor(std::string_view name) noexcept {
  return name == sealed_file_name || name == sealed_signature_name || name == floor_keys_name;
}

std::optional<std::string> site_name(std::string_view text) {
  Host host;
  if (parse_host(text.starts_with("*.") ? text.substr(2) : text, host).failed() || host.is_address())
    return std::nullopt;
  return host.text;
}

}  // namespace schoolgate
