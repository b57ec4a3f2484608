// What Matcher must answer, found the slow and obvious way: every rule is asked, one after the other.
#pragma once

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/rule.h"

namespace schoolgate {

// A hit as a value that sorts.
using HitRow = std::tuple<Tag, int, bool, unsigned, unsigned, unsigned, bool>;
[[nodiscard]] HitRow row(const Matches::Hit& hit);
[[nodiscard]] std::vector<HitRow> rows(const Matches& matches);  // sorted
[[nodiscard]] std::string to_string(const std::vector<HitRow>& rows);

// Whether a pattern (RE2's text) of whole addresses seems to hold every address of the URL's host: many are
// tried.
[[nodiscard]] bool seems_to_hold_whole_host(const Url& url, const std::string& pattern);

class ReferenceMatcher {
 public:
  void add(Tag tag, RuleEntry entry) { rules_.emplace_back(tag, std::move(entry)); }
  [[nodiscard]] Matches match(const Url& url, Stage stage) const;

 private:
  void ask_all(const Url& url, Stage stage, bool inner, Matches& out) const;

  std::vector<std::pair<Tag, RuleEntry>> rules_;
};

}  // namespace schoolgate
