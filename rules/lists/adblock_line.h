// Lines of Adblock and AdGuard syntax, as far as they are about hosts and the addresses below a host.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "rules/lists/entry_maker.h"

namespace schoolgate {

// A rule cut into its parts; nothing in it is judged yet.
struct AdblockRule {
  bool exception = false;    // "@@"
  bool expression = false;   // "/.../": `pattern` is what stands between
  std::string_view pattern;  // without mark of exception and options
  std::string_view options;  // behind "$"; empty: none

  // `line` is neither a comment nor a cosmetic rule.
  [[nodiscard]] static AdblockRule of(std::string_view line) noexcept;
  // Each option without blanks around it, as it is written.
  void each_option(const std::function<void(std::string_view)>& take) const;
};

// What a line owes to the other lines of its file: the rules that "$badfilter" takes back, wherever it
// stands.
class TakenBack {
 public:
  TakenBack() = default;
  explicit TakenBack(std::string_view text);
  [[nodiscard]] bool holds(const AdblockRule& rule) const;

 private:
  std::unordered_set<std::string> keys_;
};

// "example.com##.ad": about what a page shows.
[[nodiscard]] bool is_cosmetic(std::string_view line) noexcept;
// The rule of a line, without a comment behind it; empty when the line is a comment.
[[nodiscard]] std::string_view adblock_without_comment(std::string_view line) noexcept;
// A line of a hosts file within such a list: an address, and behind it a name.
[[nodiscard]] bool is_hosts_line(std::string_view line) noexcept;

// A line as adblock_without_comment() leaves it, and no line of a hosts file.
void read_adblock(std::string_view line, const TakenBack& taken_back, EntryMaker& make, ListLineSink& sink);

}  // namespace schoolgate
