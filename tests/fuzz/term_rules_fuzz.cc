// A term as its author wrote it, and searches: it is refused with a reason, or what it says is found by what
// it stands for; and as `path_unless` it takes back what paths say, and nothing else.
//   input: flags, term, '\n', text, '\n', text ...
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "rules/words/term_phrase.h"
#include "rules/words/term_rules.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

// A text that the phrase must be found in, by its folded words.
std::string text_of(const TermPhrases& term, const TermPhrases::Phrase& phrase) {
  std::string text = "zzz";
  for (const auto& [gap, word] : term.units_of(phrase))
    text += "+" + (gap > 0 ? std::string("q2") : term.words[word].folded);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 400) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view term = input.substr(0, input.find('\n'));
  const auto phrases = parse_term(term);
  if (!phrases) require(!phrases.error().message.empty(), "a refusal says why");

  TermRule rule;
  rule.id = "F1";
  rule.term = term;
  rule.match = static_cast<TermRule::Match>(data[0] % 3);
  rule.in_path = (data[0] & 4) != 0;
  rule.variants = (data[0] & 8) != 0;
  const TermVariant variants[] = {{"không", {"ko", "hok"}}, {"được", {"dc"}}};
  const auto compiled = TermRules::compile({rule}, variants);
  if (!phrases) return require(!compiled, "no rule of a term that is none"), 0;
  if (!compiled) return require(!compiled.error().message.empty(), "a refusal says why"), 0;

  TermMatcher matcher(*compiled);
  std::vector<TermHit> hits;
  if (rule.match == TermRule::Match::any && phrases->phrases.size() <= 64) {
    for (const TermPhrases::Phrase& phrase : phrases->phrases) {
      require(phrase.begin < phrase.end, "a phrase has words");
      hits.clear();
      matcher.match_search(text_of(*phrases, phrase), hits);
      require(!hits.empty(), "what a term stands for is found");
    }
  }
  const std::string path_unless[] = {std::string(term)};
  const auto with_unless = TermRules::compile({rule}, variants, path_unless);
  require(static_cast<bool>(with_unless), "what is a term is one for path_unless");
  TermMatcher excusing(*with_unless);
  for (std::size_t at = term.size(); at < input.size();) {
    const std::size_t end = std::min(input.find('\n', at + 1), input.size());
    const std::string_view text = input.substr(at + 1, end - at - 1);
    hits.clear();
    matcher.match_search(text, hits);
    const std::size_t once = hits.size();
    matcher.match_search(text, hits);
    require(hits.size() == 2 * once, "the same text, the same answer");
    hits.clear();
    matcher.match_path(text, hits);
    require(rule.in_path || hits.empty(), "paths are asked only where the rule says so");
    std::vector<TermHit> excused;
    excusing.match_path(text, excused);
    require(excused.empty() || rule.variants || rule.match != TermRule::Match::any,
            "a path with the term in it is excused");
    for (const TermHit& hit : hits) require(hit.rule == 0 && hit.in_path, "a hit names its rule");
    at = end;
  }
  return 0;
}
