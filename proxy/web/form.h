// Forms and cookies as browsers send them. Bad input is none: what cannot be read is refused whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/web/request.h"

namespace schoolgate::web {

inline constexpr std::size_t most_form_bytes = 16 * 1024;
// Of the one form that brings a file's text: 128 KiB, each byte as %XX at worst.
inline constexpr std::size_t most_text_form_bytes = 400 * 1024;
[[nodiscard]] std::size_t most_form_bytes_of(std::string_view path) noexcept;
inline constexpr std::size_t most_form_fields = 100;

// "a=1&b=x+y%21", as of a query and of a form's body (application/x-www-form-urlencoded). Nullopt: longer
// than `most`, more fields than that, a broken escape, bytes that are no UTF-8, or control characters other
// than a line's end and a tab.
[[nodiscard]] std::optional<Fields> parse_form(std::string_view text, std::size_t most = most_form_bytes);
// A path's escapes resolved; nullopt as above.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view text);
// The field Cookie (RFC 6265 4.2.1). Cookies are not decoded; what is no pair is left out.
[[nodiscard]] Fields parse_cookies(std::string_view text);
// For a value of a query: everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string encode_value(std::string_view text);

}  // namespace schoolgate::web
