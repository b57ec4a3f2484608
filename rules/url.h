// A URL parsed once, in the two forms that everything else uses.
//
// Forward form: what is sent and logged. Host as A-label, no user-info (refused) or fragment
//   (dropped), default port dropped, dot segments removed (RFC 3986 5.2.4, "%2e" counts as a dot as in
//   the WHATWG URL Standard), every other byte as it came.
// Match form: fold(forward form), what rules are asked about. Percent-decoded (once; what decodes to
//   a control character stays encoded), back slashes and repeated slashes folded to one slash, dot
//   segments removed again, NFC. Also in ASCII lower case plus simple case folding.
// Law, fuzzed: match(parse(forward(u))) == match(u).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/host.h"

namespace schoolgate {

enum class Scheme : std::uint8_t { http, https };
[[nodiscard]] std::uint16_t default_port(Scheme s) noexcept;
[[nodiscard]] std::string_view to_string(Scheme s) noexcept;

// Threads: a value; no shared state. Reuse one object per connection: parsing again keeps capacity.
class Url {
 public:
  static constexpr std::size_t max_length = 64 * 1024;

  // An absolute URL: "http://host[:port]/path?query" or https. Nullopt when good.
  [[nodiscard]] std::optional<UrlError> parse(std::string_view absolute);
  // The authority of a CONNECT request, "host:port" (port required, 1-65535); stands for
  // "https://host:port/" (http when the port is 80), without a path to judge.
  [[nodiscard]] std::optional<UrlError> parse_authority(std::string_view authority);

  [[nodiscard]] Scheme scheme() const noexcept { return scheme_; }
  [[nodiscard]] const Host& host() const noexcept { return host_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] bool has_path() const noexcept { return has_path_; }  // false after parse_authority

  // Forward form. Views live until the next parse.
  [[nodiscard]] std::string_view forward() const noexcept { return forward_; }    // whole URL
  [[nodiscard]] std::string_view authority() const noexcept;                      // host[:port] for Host:
  [[nodiscard]] std::string_view target() const noexcept;                         // "/path?query"
  [[nodiscard]] std::string_view path() const noexcept;                           // "/path" of the forward form

  // Match form, case kept / folded to lower case (the host is lower case in both).
  // match() is "http://host[:port]/path?query".
  [[nodiscard]] std::string_view match() const noexcept { return match_; }
  [[nodiscard]] std::string_view match_lower() const noexcept { return lower_is_match_ ? match_ : match_lower_; }
  [[nodiscard]] std::string_view match_host() const noexcept { return host_.text; }
  // Offsets that hold in match() and match_lower() alike where the two have equal length; use these accessors.
  [[nodiscard]] std::string_view match_path(bool lower) const noexcept;   // "/path"
  [[nodiscard]] std::string_view match_query(bool lower) const noexcept;  // without "?"; empty if none

 private:
  Scheme scheme_ = Scheme::http;
  bool has_path_ = false;
  bool lower_is_match_ = true;
  std::uint16_t port_ = 80;
  Host host_;
  std::string forward_, match_, match_lower_;
  std::uint32_t authority_begin_ = 0, path_begin_ = 0, query_begin_ = 0;  // in forward_
  std::uint32_t match_path_ = 0, match_query_ = 0;                        // in match_; query = past the "?"
  std::uint32_t lower_path_ = 0, lower_query_ = 0;                        // in match_lower_
};

}  // namespace schoolgate
