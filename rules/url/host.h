// The host of a URL: a DNS name as A-labels, or an IP literal in one canonical spelling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate {

enum class UrlError : std::uint8_t {
  empty,
  too_long,
  bad_scheme,
  user_info,
  empty_host,
  bad_host,
  bad_label,
  bad_port,
  bad_escape,
  control_character,
  non_ascii,
  bad_address,
  no_port,
};
[[nodiscard]] Message message_of(UrlError e);                   // a short sentence
[[nodiscard]] std::string_view to_string(UrlError e) noexcept;  // it in English, for log and page

struct Host {
  enum class Kind : std::uint8_t { name, ipv4, ipv6 };
  Kind kind = Kind::name;
  bool canonical_spelling = true;  // false: the raw text was another spelling (case apart) of `text`
  IpAddress address;               // only for ipv4 and ipv6
  std::string text;                // "xn--bcher-kva.de", "127.0.0.1", "2001:db8::1" (no brackets)

  [[nodiscard]] bool is_address() const noexcept { return kind != Kind::name; }
};

// The WHATWG host parser (URL Standard 3.5) as browsers apply it, made strict: percent-decoding,
// UTS 46 to A-labels, ASCII lower case, one trailing dot removed; a last label that is a number makes
// it an IPv4 address in inet_aton spelling (octal, hex, short forms), brackets an IPv6 address without
// a zone. "[::ffff:1.2.3.4]" is 1.2.3.4: kind ipv4, spelled oddly.
// Refused: empty or >63-byte labels, >253 bytes in all, bytes outside [A-Za-z0-9-_.] after decoding,
// "xn--" labels that no browser would make. `raw` is ASCII or UTF-8.
// parse_host(text) of a result gives an equal result (IPv6 in brackets). When refused, `out` is an empty
// name. `out` is reused: a warm caller allocates nothing for a name that is plain lower-case ASCII.
[[nodiscard]] Result<void, UrlError> parse_host(std::string_view raw, Host& out);

}  // namespace schoolgate
