// The known wrappers, as data: which names, and where in their URLs the page within stands.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace schoolgate {

enum class WrapperForm : std::uint8_t {
  label,       // the label before the name is the inner host; path and query are the inner site's
  label_only,  // the same, but the path is the wrapper's own
  ending,      // the whole inner host stands before the name; path and query are the inner site's
  path,  // after `prefix` and some words the path goes on "http://host/path", "http/host/path", "host/path"
  url_path,     // the same, but only with a scheme: the site has paths of its own that hold dots
  query,        // a parameter of `parameters` holds a URL or "host/path"; the path begins with `prefix`
  cache,        // the same, but the value begins with "cache:"
  whole_query,  // the query itself is the URL
};

struct Wrapper {
  // Between blanks. Names below them count too. "google.<cc>": of any country.
  std::string_view hosts;
  WrapperForm form;
  std::string_view prefix = "/";     // lower case
  std::string_view parameters = "";  // between commas, with one at each end
};

[[nodiscard]] std::span<const Wrapper> wrappers() noexcept;

}  // namespace schoolgate
