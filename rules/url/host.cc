#include "rules/url/host.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "rules/bytes/hex.h"
#include "rules/url/host_scan.h"
#include "rules/url/idna.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_name = 253, max_label = 63;  // RFC 1035 2.3.4, in text form
// More than any name needs, even with three bytes for each; spares the mapping endless input.
constexpr std::size_t max_raw = 4096;

char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool equal_but_for_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// URL Standard 1.3, into a buffer that is used again. False: an escape that is none, for a host could not
// hold its "%".
bool decode_host(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out.push_back(raw[i]);
      continue;
    }
    const int high = i + 2 < raw.size() ? hex_value(raw[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(raw[i + 2]) : -1;
    if (low < 0) return false;
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return true;
}

// Lower case and A-labels: `text` becomes [a-z0-9-_.]*.
Result<void, UrlError> to_name_bytes(std::string& text) {
  const bool ascii =
      std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!ascii) {
    std::optional<std::string> mapped = idna_to_ascii(text);
    if (!mapped) return UrlError::bad_label;
    text = *std::move(mapped);
  }
  std::transform(text.begin(), text.end(), text.begin(), ascii_lower);
  if (!std::all_of(text.begin(), text.end(), is_name_byte)) return UrlError::bad_host;
  return {};
}

Result<void, UrlError> check_labels(std::string_view name) {
  if (name.size() > max_name) return UrlError::too_long;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view label = name.substr(begin, end - begin);
    if (label.empty() || label.size() > max_label) return UrlError::bad_label;
    if (label.starts_with("xn--") && !is_valid_a_label(label)) return UrlError::bad_label;
    begin = end + 1;
  }
  return {};
}

// URL Standard 3.5, "IPv4 number parser", for lower-case text. Numbers too large for any place stay so.
std::optional<std::uint64_t> parse_v4_number(std::string_view text) noexcept {
  unsigned base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || digit >= static_cast<int>(base)) return std::nullopt;
    value = std::min<std::uint64_t>(value * base + static_cast<unsigned>(digit), std::uint64_t{1} << 40);
  }
  return value;
}

// URL Standard 3.5, "ends in a number checker"; no trailing dot.
bool ends_in_number(std::string_view name) noexcept {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (last.empty()) return false;
  const bool digits = std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits || (last.starts_with("0x") && parse_v4_number(last).has_value());
}

// URL Standard 3.5, "IPv4 parser": one to four numbers, the last fills the bytes that are left.
std::optional<std::uint32_t> parse_v4_host(std::string_view name) noexcept {
  std::uint64_t address = 0;
  for (unsigned part = 0;; ++part) {
    const std::size_t dot = name.find('.');
    const std::string_view text = name.substr(0, dot);
    const std::optional<std::uint64_t> number = text.empty() ? std::nullopt : parse_v4_number(text);
    if (!number || part == 4) return std::nullopt;
    if (dot == std::string_view::npos) {
      const unsigned bits_left = 32 - 8 * part;
      if (*number >> bits_left != 0) return std::nullopt;
      return static_cast<std::uint32_t>(address << bits_left | *number);
    }
    if (*number > 255 || part == 3) return std::nullopt;
    address = address << 8 | *number;
    name.remove_prefix(dot + 1);
  }
}

void set_address(Host& out, const IpAddress& address, std::string_view raw) {
  out.kind = address.is_v4() ? Host::Kind::ipv4 : Host::Kind::ipv6;
  out.address = address;
  out.text = address.to_string();
  out.canonical_spelling = equal_but_for_case(raw, out.text);
}

Result<void, UrlError> parse_bracketed(std::string_view raw, Host& out) {
  if (raw.size() < 2 || raw.back() != ']') return UrlError::bad_address;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  // Without a colon it would be an IPv4 address; a zone ("%25eth0") is refused by the parser.
  if (inside.find(':') == std::string_view::npos) return UrlError::bad_address;
  const std::optional<IpAddress> address = IpAddress::parse(inside);
  if (!address) return UrlError::bad_address;
  set_address(out, *address, inside);
  return {};
}

// "192.168.1.10": four numbers as they are usually written. Anything else, odd or no address, is for the
// careful way.
std::optional<std::uint32_t> parse_dotted_quad(std::string_view raw) noexcept {
  if (raw.size() > 15) return std::nullopt;
  std::uint32_t address = 0, number = 0, digits = 0, dots = 0;
  for (const char c : raw) {
    if (c >= '0' && c <= '9') {
      if (digits == 3 || (digits > 0 && number == 0)) return std::nullopt;  // a leading zero means octal
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
      ++digits;
      continue;
    }
    if (c != '.' || digits == 0 || number > 255) return std::nullopt;
    address = address << 8 | number;
    number = digits = 0;
    ++dots;
  }
  if (dots != 3 || digits == 0 || number > 255) return std::nullopt;
  return address << 8 | number;
}

Result<void, UrlError> parse_carefully(std::string_view raw, Host& out) {
  if (raw.size() > max_raw) return UrlError::too_long;
  if (raw.front() == '[') return parse_bracketed(raw, out);
  std::string& name = out.text;
  if (!decode_host(raw, name)) return UrlError::bad_escape;
  if (const auto bytes = to_name_bytes(name); bytes.failed()) return bytes.error();
  if (!name.empty() && name.back() == '.') name.pop_back();
  if (name.empty()) return raw == "." ? UrlError::bad_label : UrlError::empty_host;
  if (ends_in_number(name)) {
    const std::optional<std::uint32_t> value = parse_v4_host(name);
    if (!value) return UrlError::bad_address;
    set_address(out, IpAddress::v4(*value), raw);
    return {};
  }
  if (const auto labels = check_labels(name); labels.failed()) return labels.error();
  out.canonical_spelling = equal_but_for_case(raw, name);
  return {};
}

}  // namespace

Message message_of(UrlError e) {
  switch (e) {
    case UrlError::empty:
      return say("the URL is empty");
    case UrlError::too_long:
      return say("the URL or its host is too long");
    case UrlError::bad_scheme:
      return say("the URL does not begin with http:// or https://");
    case UrlError::user_info:
      return say("a user name before the host is not allowed");
    case UrlError::empty_host:
      return say("the URL names no host");
    case UrlError::bad_host:
      return say("the host holds a character that no name may hold");
    case UrlError::bad_label:
      return say("a part of the host name is empty, too long or wrongly encoded");
    case UrlError::bad_port:
      return say("the port is not a number from 1 to 65535");
    case UrlError::bad_escape:
      return say("the host holds a broken percent escape");
    case UrlError::control_character:
      return say("the URL holds a space or control character");
    case UrlError::non_ascii:
      return say("the URL holds a byte outside ASCII that is not percent-encoded");
    case UrlError::bad_address:
      return say("the host is a malformed IP address");
    case UrlError::no_port:
      return say("the port is missing");
  }
  return say("the URL is malformed");
}

std::string_view to_string(UrlError e) noexcept {
  return message_of(e).sentence();
}

Result<void, UrlError> parse_host(std::string_view raw, Host& out) {
  out.kind = Host::Kind::name;
  out.canonical_spelling = true;
  out.address = IpAddress{};
  if (raw.empty()) {
    out.text.clear();
    return UrlError::empty_host;
  }
  if (const std::optional<std::uint32_t> address = parse_dotted_quad(raw)) {
    out.kind = Host::Kind::ipv4;
    out.address = IpAddress::v4(*address);
    out.text.assign(raw);
    return {};
  }
  if (raw.size() < HostScan::limit) {
    char padded[HostScan::limit + ByteBlock::size];  // blocks are read whole
    std::memcpy(padded, raw.data(), raw.size());
    std::memset(padded + raw.size(), 0, ByteBlock::size);
    const HostScan scan = scan_host(padded);
    if (scan.length == raw.size() && is_plain_host(scan, padded)) {
      out.text.assign(padded, raw.size());
      return {};
    }
  }
  const auto parsed = parse_carefully(raw, out);
  if (parsed.failed()) out.text.clear();
  return parsed;
}

}  // namespace schoolgate
