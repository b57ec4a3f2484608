// Many RE2 patterns asked at once, with exactly the answers RE2 would give one by one. Literals that a match
// must hold are looked for first, small automata of our own decide most of what is found, and RE2 decides
// the rest. The bytes are a section of a rule database; rules/patterns/match/README.md draws them.
//
// Subject of a pattern, by its target, always of the match form with the case kept (url.h):
//   host   match_host()           path   match_path(), "/path"
//   query  match_query(), no "?"  url    match(), "http://host[:port]/path?query"
// A query that holds "+" is asked about twice: as it came, and with blanks in their place.
// Patterns ignore case (RE2's (?i), with Unicode folding) unless case_sensitive says otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rules/patterns/match/index.h"
#include "rules/rule.h"
#include "rules/url/url.h"

namespace schoolgate {

// One per thread: confirmers (RE2 objects made on first use) and scratch.
class PatternMatcher {
 public:
  explicit PatternMatcher(std::shared_ptr<const PatternIndex> index);
  ~PatternMatcher();
  PatternMatcher(PatternMatcher&&) noexcept;
  PatternMatcher& operator=(PatternMatcher&&) noexcept;
  // Appends the ids of all patterns that match, ascending, each once. At Stage::host (url's path is "/")
  // these are patterns of target host, and those of target url that hold every address of the host. Returns
  // false if some pattern could not be judged: RE2 would have to decide it, but the subject is longer than 8
  // KiB or RE2 has no memory. That is an error, never "no match".
  [[nodiscard]] bool match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
