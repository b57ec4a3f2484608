// A URL parsed once, in the two forms that everything else uses.
//
// Forward form: what is sent and logged. Host as A-label, no user-info (refused) or fragment
//   (dropped), default port dropped, dot segments removed (RFC 3986 5.2.4, "%2e" counts as a dot as in
//   the WHATWG URL Standard), every other byte as it came. An empty path becomes "/".
// Match form: fold(forward form), what rules are asked about. In path and query every valid percent
//   escape is decoded, once: "%2561" becomes "%61", for an origin that decodes twice is an origin's own
//   mistake, and decoding until nothing changes would confuse different resources of all others.
//   Escapes stay, in upper case, for "?" and "#" (they would move the borders), for control characters
//   (C0, DEL, C1) and for bytes that are no UTF-8; what is no escape ("%zz") stays too. In the path back
//   slashes and repeated slashes fold to one slash and dot segments are removed again. Then NFC.
//   So the match form is valid UTF-8 without control characters. The lower form is the match form in
//   simple case folding.
//   A query is decoded as a whole: who splits it into parameters splits the query of target() first.
// Laws, fuzzed: match(parse(forward(u))) == match(u), forward(parse(forward(u))) == forward(u).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/result.h"
#include "rules/url/host.h"

namespace schoolgate {

enum class Scheme : std::uint8_t { http, https };
[[nodiscard]] std::uint16_t default_port(Scheme s) noexcept;
[[nodiscard]] std::string_view to_string(Scheme s) noexcept;

struct TargetScan;

// Threads: a value; no shared state. Reuse one object per connection: parsing again keeps capacity, and
// allocates nothing unless the host or the decoded path is unusual (IDN, rare scripts).
class Url {
 public:
  static constexpr std::size_t max_length = 64 * 1024;

  // An absolute URL as in a request line: "http://host[:port]/path?query" or https, scheme in any case.
  // Bytes up to space, DEL and above are errors wherever they stand. After one the object is as empty
  // as a new one.
  [[nodiscard]] Result<void, UrlError> parse(std::string_view absolute);
  // The authority of a CONNECT request, "host:port" (port required, 1-65535); stands for
  // "https://host:port/" (http when the port is 80), without a path to judge.
  [[nodiscard]] Result<void, UrlError> parse_authority(std::string_view authority);

  [[nodiscard]] Scheme scheme() const noexcept { return scheme_; }
  [[nodiscard]] const Host& host() const noexcept { return host_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] bool has_path() const noexcept { return has_path_; }  // false after parse_authority

  // Forward form. Views live until the next parse.
  [[nodiscard]] std::string_view forward() const noexcept { return forward_; }  // whole URL
  [[nodiscard]] std::string_view authority() const noexcept;                    // host[:port] for Host:
  [[nodiscard]] std::string_view target() const noexcept;                       // "/path?query"
  [[nodiscard]] std::string_view path() const noexcept;                         // "/path" of the forward form

  // Match form, case kept / folded to lower case (the host is lower case in both).
  // match() is "http://host[:port]/path?query".
  [[nodiscard]] std::string_view match() const noexcept { return match_is_forward_ ? forward_ : match_; }
  [[nodiscard]] std::string_view match_lower() const noexcept {
    return lower_is_match_ ? match() : match_lower_;
  }
  [[nodiscard]] std::string_view match_host() const noexcept { return host_.text; }
  // The two forms may differ in length: never carry an offset from one to the other.
  [[nodiscard]] std::string_view match_path(bool lower) const noexcept;   // "/path"
  [[nodiscard]] std::string_view match_query(bool lower) const noexcept;  // without "?"; empty if none

 private:
  struct Parts {
    std::uint32_t path = 0;   // where the path begins
    std::uint32_t query = 0;  // where its "?" stands; the size of the text if there is none
  };

  void clear() noexcept;
  [[nodiscard]] bool parse_plain(std::string_view absolute);
  [[nodiscard]] bool parse_plain_authority(std::string_view authority);
  [[nodiscard]] Result<void, UrlError> parse_carefully(std::string_view raw);
  [[nodiscard]] Result<void, UrlError> parse_host_and_port(std::string_view authority, bool port_required);
  void write_origin();
  void write_target(std::string_view target);
  void fold(std::size_t size, const TargetScan& scan);
  void append_match(std::string_view encoded, bool is_path);

  Scheme scheme_ = Scheme::http;
  bool has_path_ = false;
  bool match_is_forward_ = true;
  bool lower_is_match_ = true;
  std::uint16_t port_ = 0;
  std::uint32_t authority_begin_ = 0;  // in forward_
  Parts forward_parts_, match_parts_, lower_parts_;
  Host host_;
  std::string forward_;
  std::string match_, match_lower_;  // only where they differ from the form before
  std::string scratch_;
};

// What a person typed or a rule file holds, as a request line would carry it: spaces, control characters
// and bytes outside ASCII percent-encoded, everything else as it is.
[[nodiscard]] std::string escape_typed_url(std::string_view typed);

}  // namespace schoolgate
