// What a pattern says about addresses as such: whether it can match any at all, and whether it holds every
// address of a host, so that it can be judged before a path is known.
#pragma once

#include <memory>
#include <string_view>

#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate {

// False only if no address can hold a match: "^ads\." on whole addresses, which begin with "http", or
// "\.vn$", behind which there is always a "/". Where our reading of a pattern is inexact it is true rather
// than false. `pattern` is one that check_pattern takes; so below.
[[nodiscard]] bool can_match_an_address(const Pattern& pattern);

// True if no host alone answers it: of target path or query, or of whole addresses and of no host known to
// hold every one. Takes about a millisecond.
[[nodiscard]] bool needs_a_path(const Pattern& pattern);

// A pattern of target url, asked about a host of whose addresses none is known yet. Belongs to one thread.
class WholeHostPattern {
 public:
  explicit WholeHostPattern(const Pattern& pattern);
  ~WholeHostPattern();
  WholeHostPattern(WholeHostPattern&&) noexcept;
  WholeHostPattern& operator=(WholeHostPattern&&) noexcept;

  // `front` is Url::match() of an address whose path is "/": "https://host/", "http://host:8080/". True only
  // if every address that begins with it holds a match. RE2 is asked about patterns that are too large for an
  // automaton or not read exactly; it may say "no" where only a look at all continuations says "yes".
  [[nodiscard]] bool holds_all_of(std::string_view front);

  // Its matches never depend on where a text ends: where it matches `front` alone, holds_all_of(front) is
  // true.
  [[nodiscard]] bool heeds_no_end() const noexcept;
  // Whether there is a host of which holds_all_of() is true; and whether it is by https. Unknown (RE2's
  // patterns) counts as yes.
  [[nodiscard]] bool holds_all_of_some_host() const;
  [[nodiscard]] bool holds_all_of_some_host_by_https() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
