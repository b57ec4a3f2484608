// Forms and cookies as browsers send them. Bad input is none: what cannot be read is refused whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/web/request.h"

namespace schoolgate::web {

inline constexpr std::size_t most_form_bytes = 16 * 1024;
inline constexpr std::size_t most_form_fields = 100;

// "a=1&b=x+y%21", as of a query and of a form's body (application/x-www-form-urlencoded). Nullopt: longer
// than that, more fields than that, a broken escape, bytes that are no UTF-8, or control characters other
// than a line's end.
[[nodiscard]] std::optional<Fields> parse_form(std::string_view text);
// A path's escapes resolved; nullopt as above.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view text);
// The field Cookie (RFC 6265 4.2.1). Cookies are not decoded; what is no pair is left out.
[[nodiscard]] Fields parse_cookies(std::string_view text);
// For a value of a query: everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string encode_value(std::string_view text);

}  // namespace schoolgate::web
