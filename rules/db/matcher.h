// Which rules of a database hold a URL.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/rule.h"
#include "rules/url/host_keys.h"
#include "rules/url/url.h"

namespace schoolgate {

// What held a URL. Reused by its owner; clear() keeps capacity.
struct Matches {
  struct Hit {
    Tag tag;
    RuleKind kind;
    bool exception;
    std::uint16_t specificity;  // domain, url: labels of the rule's host that matched; network: Network::bits
                                // url: + 256 per path byte is not needed; longer text wins on equal labels
    std::uint32_t text_length;  // bytes of the rule's text; network: 0
    std::uint32_t line;         // of the rule in its source
    // Held the host or URL inside a wrapper, not the visible one: a reason to block, never a reason to allow
    // (translate.google.com/translate?u=GOOD&u=BAD holds both).
    bool inner = false;
    bool important = false;  // only an important exception lifts it
  };
  std::vector<Hit> hits;
  bool pattern_error = false;  // something could not be asked (RE2 out of memory, subject over 8 KiB, bytes
                               // that are no database although their checksums say so): judge it as a fault
  bool path_rules = false;     // host stage: rules with a path exist that might hold a URL of this host
  void clear() noexcept {
    hits.clear();
    pattern_error = path_rules = false;
  }
};

// Which lists' exceptions lift rules of other lists, too: those of `reaching` tags, rules of tags of the same
// group. `$important` speaks within its own list alone: nothing of it reaches further, or is reached.
struct Reach {
  std::vector<std::uint32_t> group;  // both by tag; empty: none reaches further
  std::vector<bool> reaching;
};

// Asks one RuleDb; owns what must not be shared between threads (RE2 confirmers, scratch).
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleDb> db, Reach reach = {});
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  // Appends to `out` (the caller clears). Allocates nothing once warm, RE2's own DFA apart. Exceptions
  // have been applied: a hit that an exception of its tag, or one that reaches it, lifts is not in `out`; the
  // exception is.
  void match(const Url& url, Stage stage, Matches& out);
  // For those who ask several databases about one URL: `keys` were made from url.host(), and prefetch() of a
  // large database was called with them some time before.
  void match(const Url& url, const HostKeys& keys, Stage stage, Matches& out);
  // Asks the memory for what match() will read; worth it some 100 ns before.
  void prefetch(const HostKeys& keys) const noexcept;
  // The same question answered for people, with text and line of each rule, lifted ones included.
  [[nodiscard]] std::vector<RuleHit> explain(const Url& url, Stage stage);
  [[nodiscard]] const RuleDb& db() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
