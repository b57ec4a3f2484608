// How wrappers write the URL of another site within their own; only for wrapper_hosts.cc.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate::wrapper {

// Tabs and line ends are left out, as who parses the URL then will do (URL Standard 4.4).
void percent_decode(std::string_view raw, std::string& out);

// Whether `text` holds a dot as a host may spell it: also those of other scripts (URL Standard 3.5, UTS 46).
[[nodiscard]] bool has_dot(std::string_view text) noexcept;

// What was decoded may hold bytes that a request line cannot: those as escapes.
void append_escaped(std::string_view decoded, std::string& out);

// Takes "http:", "https:" or weserv's "ssl:", however often they stand there, and slashes, off the front.
// True if there was a scheme.
bool take_scheme(std::string_view& text) noexcept;

// "http" or "https" alone, as a segment of a path.
[[nodiscard]] bool is_scheme_word(std::string_view segment) noexcept;

// Whether `text` is a URL written in base64 (RFC 4648 4 or 5, padded or not) or hex, and that URL, in a
// buffer that is used again. Some leave the letters of the scheme out: "://host/".
[[nodiscard]] bool decode_url(std::string_view text, std::string& out);

// The value of a cache's question, "cache:ID:http://host/path+words" or "url:host", from the URL on; false
// without "cache:".
bool take_cache_prefix(std::string_view& value) noexcept;

// Whether `name`, in any case, is one of `names`: ",a,b,".
[[nodiscard]] bool is_named(std::string_view name, std::string_view names);

}  // namespace schoolgate::wrapper
