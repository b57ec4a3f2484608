// Names with "*" in them as patterns on hosts.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate {

// "ads*.example.vn": "*" stands for any number of characters, dots too.
struct HostWildcard {
  enum class Begin : unsigned char { anywhere, label, host };  // where in the host it may begin
  std::string_view text;
  Begin begin = Begin::label;
  bool to_end = true;  // of the host; false: anything may follow
};

// Whether it is made of what host names are made of, in ASCII, and "*".
[[nodiscard]] bool is_host_wildcard(std::string_view text) noexcept;
// RE2, for PatternTarget::host.
[[nodiscard]] std::string to_pattern(const HostWildcard& wildcard);
// Whether it names next to nothing: fewer than two letters or digits besides a public suffix at its end
// ("*.com.vn", "*-*", "a*").
[[nodiscard]] bool is_too_broad(const HostWildcard& wildcard);
// Whether an expression on hosts (or, from_scheme, on whole addresses) matches names that nobody chose.
[[nodiscard]] bool is_too_broad(std::string_view expression, bool from_scheme);

}  // namespace schoolgate
