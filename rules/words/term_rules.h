// Rules on words: what people search for, and the words in the paths of addresses.
//
// A rule is looked for in a text's two keys (text_fold.h), word for word, so that "từ từ" (slowly) is never
// taken for "tự tử" (suicide) where a rule asks for marks, and marks do not matter where it does not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/action.h"
#include "rules/result.h"
#include "rules/verdict.h"
#include "rules/words/phrase_finder.h"
#include "rules/words/term_phrase.h"
#include "rules/words/text_fold.h"

namespace schoolgate {

// One rule as its author wrote it. Terms are written as term_phrase.h says.
struct TermRule {
  enum class Match : std::uint8_t {
    any,            // marks do not matter
    toned,          // with exactly these marks only
    toned_or_bare,  // with exactly these marks, or without any
  };
  std::string id;  // "GA01"
  CategoryId category = no_category;
  Match match = Match::any;
  std::string term;
  std::string bare;    // toned, toned_or_bare: the form for words without marks, if not the term itself
  std::string unless;  // marks do not matter
  std::size_t near = most_near_words;  // how many words may stand between the parts of its terms
  bool in_path = false;                // asked about the words of paths too, not of searches only
  bool path_always = false;            // ... and of a path that TermRules::compile()'s path_unless speaks of
  bool variants = false;               // short spellings count (TermVariants)
  // In place of its category's, never stricter than it, but for `help`. Absent: the category's.
  std::optional<Effect> effect;
  std::optional<Effect> bare_effect;  // where only the bare form was found; absent: `effect`
  RuleRef where;

  // Where `unless` is in the text too, the rule does not hold; but one that helps only loses its alert.
  [[nodiscard]] bool helps() const noexcept { return effect && effect->action == Action::help; }
};

// Short spellings of pupils: {"không", {"ko", "hok"}}. Single words.
struct TermVariant {
  std::string word;
  std::vector<std::string> spellings;
};

// Threads: immutable; shared by all TermMatchers.
class TermRules {
 public:
  // `path_unless`: terms that take back what rules say of a path's words, all but those with path_always and
  // those that help; marks do not matter, and "&" reaches over ten words. Error: a term that parse_term()
  // refuses, named by its rule's id; too many phrases in all.
  [[nodiscard]] static Result<std::shared_ptr<const TermRules>> compile(
      std::vector<TermRule> rules, std::span<const TermVariant> variants,
      std::span<const std::string> path_unless = {});

  [[nodiscard]] std::span<const TermRule> rules() const noexcept { return rules_; }
  [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }
  [[nodiscard]] bool any_in_path() const noexcept { return any_in_path_; }

 private:
  friend class TermMatcher;
  TermRules() = default;
  // Of a rule, what is asked whenever it is found: all of it in one place.
  struct Answer {
    std::optional<Effect> effect, bare_effect;
    bool in_path = false, path_always = false, helps = false;
  };
  std::vector<TermRule> rules_;
  std::vector<Answer> answers_;  // by rule
  bool any_in_path_ = false;
  PhraseFinder telex_, folded_;
};

struct TermHit {
  std::uint32_t rule = 0;        // index in TermRules::rules()
  std::optional<Effect> effect;  // what the rule says here, before any cap
  bool in_path = false;
  friend bool operator==(const TermHit&, const TermHit&) = default;
};

// Asks one TermRules. Threads: one per thread. Allocates nothing once warm.
class TermMatcher {
 public:
  explicit TermMatcher(std::shared_ptr<const TermRules> rules);

  // Appends a hit for each rule that holds the text, by any of its readings; a rule may come several times.
  void match_search(std::string_view encoded_value, std::vector<TermHit>& out);
  void match_path(std::string_view encoded_path, std::vector<TermHit>& out);
  [[nodiscard]] const TermRules& rules() const noexcept { return *rules_; }

 private:
  void match(std::string_view encoded, TextReadings::From from, std::vector<TermHit>& out);
  void match_keys(bool in_path, std::vector<TermHit>& out);

  std::shared_ptr<const TermRules> rules_;
  TextReadings readings_;
  std::string with_letters_;
  TextKeys keys_;
  PhraseFinder::Scratch scratch_;
  std::vector<std::uint8_t> seen_;      // by rule: what was found of it in this text
  std::vector<std::uint32_t> touched_;  // rules with something in seen_
};

}  // namespace schoolgate
