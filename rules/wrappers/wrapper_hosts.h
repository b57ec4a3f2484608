// Sites that show another site's page under their own name (translators, archives, caches, image proxies),
// and the URLs of those other sites within theirs. A search engine that is asked about a URL is none.
// wrapper_table.h lists them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rules/rule.h"
#include "rules/url/host_keys.h"
#include "rules/url/url.h"

namespace schoolgate {

// One per thread; allocates nothing for hosts that are no wrappers.
class Unwrapper {
 public:
  static constexpr std::size_t max_inner = 8;   // in one another or side by side
  static constexpr std::size_t max_tries = 64;  // texts that look like one

  Unwrapper();

  // Quick: false for nearly every host that is no wrapper. What it passes, unwrap() looks at closely.
  [[nodiscard]] bool may_wrap(const HostKeys& keys) const noexcept;

  struct Inner {
    std::span<const Url> urls;  // valid until the next call
    bool in_path = false;       // host stage: the path of a request could carry another URL
    bool too_many = false;      // of either: not all of them could be judged
  };
  [[nodiscard]] Inner unwrap(const Url& url, Stage stage);

 private:
  void unwrap_one(const Url& url, Stage stage, Inner& result);
  void unwrap_as(const Url& url, Stage stage, const struct Wrapper& wrapper, std::string_view name,
                 Inner& result);
  void add(std::string_view inner, Stage stage);
  void add_label(const Url& url, std::string_view labels, bool path_is_inner, Stage stage);
  void add_path(const Url& url, std::string_view prefix, bool scheme_needed);
  bool add_segment(std::string_view rest, std::string_view segment);
  void add_query(const Url& url, const struct Wrapper& wrapper);
  bool add_value(std::string_view value, bool scheme_needed);

  const struct WrapperIndex& index_;
  std::array<Url, max_inner + 1> inner_;
  std::size_t count_ = 0;
  std::size_t tries_ = 0;
  bool full_ = false;
  std::string text_, value_, decoded_;
};

// "www-bad-com" of "www-bad-com.translate.goog" to "www.bad.com": '-' is a dot, "--" a hyphen, "0-...-0" a
// fence around names that would look like an A-label, "xn--..." is decoded first. False if it is no such
// label. `host` is a buffer that is used again.
[[nodiscard]] bool unwrap_label(std::string_view label, std::string& host);

}  // namespace schoolgate
