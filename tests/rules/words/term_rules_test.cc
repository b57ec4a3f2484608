#include <catch2/catch.hpp>
#include <random>

#include "rules/words/term_phrase.h"
#include "rules/words/term_rules.h"
#include "tests/support/allocations.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

std::string phrases_of(std::string_view term) {
  const auto phrases = parse_term(term);
  if (!phrases) return "error: " + phrases.error().message;
  std::string text;
  for (const Phrase& phrase : *phrases) {
    if (!text.empty()) text += " / ";
    for (std::size_t i = 0; i < phrase.words.size(); ++i)
      text += (i == 0 ? "" : " ") + (phrase.words[i].gap ? "*" : phrase.words[i].telex);
    if (phrase.at_end) text += " $";
  }
  return text;
}

TermRule rule(std::string term, TermRule::Match match = TermRule::Match::any) {
  TermRule rule;
  rule.id = term;
  rule.term = std::move(term);
  rule.match = match;
  rule.category = 0;
  return rule;
}

std::shared_ptr<const TermRules> compiled(std::vector<TermRule> rules,
                                          std::vector<TermVariant> variants = {}) {
  auto result = TermRules::compile(std::move(rules), variants);
  REQUIRE(result);
  return *result;
}

// The one rule's answer about a search: "-", or its action.
std::string answer(const TermRule& one, const std::string& text, std::vector<TermVariant> variants = {}) {
  TermMatcher matcher(compiled({one}, std::move(variants)));
  std::vector<TermHit> hits;
  matcher.match_search(text, hits);
  if (hits.empty()) return "-";
  return hits[0].effect ? to_string(*hits[0].effect) : "category";
}

}  // namespace

TEST_CASE("a term is taken apart into phrases", "[rules][terms]") {
  struct Row {
    const char *term, *phrases;
  };
  const Row rows[] = {
      {"cá độ", "caS dDoOJ"},
      {"kèo (châu á|tài xỉu)", "keoF chaAu aS / keoF taiF xiuR"},
      {"link (vào )?nhà cái", "link vaoF nhaF caiS / link nhaF caiS"},
      {"(a|b) (c|d)", "a c / a d / b c / b d"},
      {"a|b c", "a / b c"},
      {"unblock(ed)?", "unblocked / unblock"},
      {"a((b|c) d)?", "ab d / ac d / a"},
      {"18+ 1.1.1.1", "18plus 1 1 1 1"},
      {"uống * chết", "uoOngS * cheEtS"},
      {"tu tu$", "tu tu $"},
      {"", "error: it holds no word"},
      {"a||b", "error: it holds no word"},
      {"(a)?", "error: it holds no word"},
      {"- !", "error: it holds no word"},
      {"(a", "error: a \"(\" without its \")\""},
      {"a)", "error: a \")\" without its \"(\""},
      {"a?", "error: a \"?\" stands after a \")\" only"},
      {"* a", "error: a \"*\" stands between words"},
      {"a *", "error: a \"*\" stands between words"},
      {"a b*", "error: a \"*\" is a word of its own"},
      {"a$ b", "error: a \"$\" stands at the end only"},
      {"(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)",
       "error: it stands for more than 4,096 phrases"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.term) {
      CHECK(phrases_of(row.term) == row.phrases);
    }
  }
  CHECK(phrases_of(std::string(1001, 'a')) == "error: it is longer than 1,000 bytes");
  CHECK(phrases_of(std::string(998, '(')) == "error: a \"(\" without its \")\"");
}

TEST_CASE("what a term rule says to a search", "[rules][terms]") {
  using Match = TermRule::Match;
  TermRule help = rule("muốn tự tử", Match::toned);
  help.effect = *parse_effect("help+alert");
  help.bare = "em muon tu tu$";
  help.bare_effect = *parse_effect("help");
  help.unless = "nhân vật";
  TermRule block = rule("cá độ", Match::toned_or_bare);
  block.effect = *parse_effect("block");
  block.unless = "phòng (chống)?";
  struct Row {
    const char* name;
    TermRule rule;
    const char *text, *want;
  };
  const Row rows[] = {
      {"any: with marks", rule("cá độ"), "xem+cá+độ+hay", "category"},
      {"any: without", rule("cá độ"), "xem ca do", "category"},
      {"any: with other marks", rule("cá độ"), "cà đỏ", "category"},
      {"words are whole", rule("jav"), "javascript", "-"},
      {"words follow each other", rule("cá độ"), "cá bóng độ", "-"},
      {"toned: with these marks", rule("cá độ", Match::toned), "cá độ", "category"},
      {"toned: without", rule("cá độ", Match::toned), "ca do", "-"},
      {"toned or bare: without", rule("cá độ", Match::toned_or_bare), "ca do", "category"},
      {"toned or bare: other marks", rule("cá độ", Match::toned_or_bare), "cả đó", "-"},
      {"a gap of none", rule("a * b"), "a b", "category"},
      {"a gap of ten", rule("a * b"), "a 1 2 3 4 5 6 7 8 9 10 b", "category"},
      {"a gap of eleven", rule("a * b"), "a 1 2 3 4 5 6 7 8 9 10 11 b", "-"},
      {"the nearest end of a gap", rule("a * b"), "a b b c", "category"},
      {"the end", rule("a b$"), "x a b", "category"},
      {"not the end", rule("a b$"), "a b x", "-"},
      {"its action", block, "cá độ", "block"},
      {"unless", block, "phòng chống cá độ", "-"},
      {"unless, in any spelling", block, "ca do phong", "-"},
      {"help and alert", help, "em muốn tự tử", "help+alert"},
      {"unless takes the alert only", help, "nhân vật muốn tự tử", "help"},
      {"the bare form's own action", help, "em muon tu tu", "help"},
      {"the bare form does not match marks", help, "em muốn từ từ", "-"},
      {"both forms", help, "muốn tự tử em muon tu tu", "help+alert"},
      {"encoded twice", rule("cá độ"), "c%25C3%25A1+%25C4%2591%25E1%25BB%2599", "category"},
      {"a tail that is encoded twice hides nothing", rule("phim sex"), "phim+sex%2541", "category"},
      {"windows-1258", rule("độ", Match::toned), "%F0%F4%F2", "category"},
      {"a byte that is no UTF-8 hides nothing", rule("tự tử", Match::toned), "tự+tử+%FF", "category"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(answer(row.rule, row.text) == row.want);
    }
  }
}

TEST_CASE("short spellings", "[rules][terms]") {
  const std::vector<TermVariant> variants{{"không", {"ko", "hông"}}, {"muốn", {"mún"}}};
  TermRule any = rule("không muốn"), toned = rule("không muốn", TermRule::Match::toned);
  any.variants = toned.variants = true;
  CHECK(answer(any, "ko mun", variants) == "category");
  CHECK(answer(any, "hong muốn", variants) == "category");
  CHECK(answer(toned, "ko mún", variants) == "category");
  CHECK(answer(toned, "hong mun", variants) == "-");
  CHECK(answer(rule("không muốn"), "ko mun", variants) == "-");
  TermRule other = rule("khong");  // another word, though it folds alike
  other.variants = true;
  CHECK(answer(other, "ko", variants) == "-");
}

TEST_CASE("words of paths", "[rules][terms]") {
  TermRule in_path = rule("cá độ bóng đá");
  in_path.in_path = true;
  TermMatcher matcher(compiled({in_path, rule("bóng")}));
  std::vector<TermHit> hits;
  matcher.match_path("/tin/ca-do_bong.%C4%91a.html", hits);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0] == TermHit{0, std::nullopt, true});
  hits.clear();
  matcher.match_path("/tin/bong", hits);
  CHECK(hits.empty());
}

TEST_CASE("a wrong term is refused by its id", "[rules][terms]") {
  const auto result = TermRules::compile({rule("a"), rule("(b")}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "term (b: a \"(\" without its \")\"");
  CHECK(compiled({})->empty());
}

// All phrases at once against one after the other, on few words so that phrases overlap.
TEST_CASE("the automaton finds what asking each phrase finds", "[rules][terms]") {
  std::mt19937 random(5);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 300; ++round) {
    std::vector<WordPhrase> phrases(1 + below(12));
    for (std::uint32_t i = 0; i < phrases.size(); ++i) {
      phrases[i].item = i;
      phrases[i].at_end = below(4) == 0;
      for (std::size_t n = 1 + below(4); n > 0; --n) {
        WordPhrase::Position& position = phrases[i].positions.emplace_back();
        for (std::size_t m = 1 + below(2); m > 0; --m)
          position.words.push_back(std::string(1, static_cast<char>('a' + below(3))));
        if (n > 1 && below(4) == 0) phrases[i].positions.insert(phrases[i].positions.end(), 2, {{}, true});
      }
    }
    const auto automaton = WordAutomaton::build(phrases);
    REQUIRE(automaton);
    std::vector<std::string> words(below(9));
    std::string text;
    for (std::string& word : words) {
      word = std::string(1, static_cast<char>('a' + below(4)));
      text += (text.empty() ? "" : " ") + word;
    }
    // Whether positions[s..] match words[w..].
    const auto holds = [&](auto&& self, const WordPhrase& phrase, std::size_t s, std::size_t w) -> bool {
      if (s == phrase.positions.size()) return !phrase.at_end || w == words.size();
      const WordPhrase::Position& position = phrase.positions[s];
      if (position.any && self(self, phrase, s + 1, w)) return true;
      if (w == words.size()) return false;
      const bool fits =
          position.any || std::count(position.words.begin(), position.words.end(), words[w]) > 0;
      return fits && self(self, phrase, s + 1, w + 1);
    };
    std::vector<bool> want(phrases.size()), got(phrases.size());
    for (const WordPhrase& phrase : phrases)
      for (std::size_t w = 0; w < words.size(); ++w)
        want[phrase.item] = want[phrase.item] || holds(holds, phrase, 0, w);
    std::vector<WordAutomaton::WordId> scratch;
    automaton->match(text, scratch, [&](std::uint32_t item) { got[item] = true; });
    INFO("round " << round << ": " << text);
    REQUIRE(got == want);
  }
}

TEST_CASE("asking terms allocates nothing once warm", "[rules][terms]") {
  TermMatcher matcher(
      compiled({rule("cá độ bóng đá"), rule("cá (ba|bốn) con"), rule("đá bóng", TermRule::Match::toned)}));
  std::vector<TermHit> hits;
  const auto ask = [&] {
    hits.clear();
    matcher.match_search("xem+c%C3%A1+%C4%91%E1%BB%99+b%C3%B3ng+%C4%91%C3%A1+%2541", hits);
    return hits.size();
  };
  CHECK(ask() == 2);
  const std::size_t before = allocations();
  CHECK(ask() == 2);
  CHECK(allocations() == before);
}
