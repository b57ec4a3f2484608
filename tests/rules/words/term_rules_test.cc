#include <catch2/catch.hpp>
#include <iterator>
#include <random>

#include "rules/words/term_phrase.h"
#include "rules/words/term_rules.h"
#include "tests/support/allocations.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

std::string phrases_of(std::string_view term) {
  const auto read = parse_term(term);
  if (!read) return "error: " + read.error().message.english();
  std::string text;
  for (const TermPhrases::Phrase& phrase : read->phrases) {
    if (!text.empty()) text += " / ";
    std::string words;
    for (const auto& [gap, word] : read->units_of(phrase))
      words += " " + (gap == 0 ? read->words[word].telex : gap == term_gap_words ? "*" : "~");
    text += words.substr(1);
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

TermRule near(TermRule rule, std::size_t words) {
  rule.near = words;
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
      {"kèo (châu á|tài xỉu)", "keoF ~ chaAu aS / keoF ~ taiF xiuR"},
      {"link (vào )?nhà cái", "link ~ vaoF ~ nhaF caiS / link ~ nhaF caiS"},
      {"(a|b) (c|d)", "a ~ c / a ~ d / b ~ c / b ~ d"},
      {"a|b c", "a / b c"},
      {"unblock(ed)?", "unblocked / unblock"},
      {"a((b|c) d)?", "ab ~ d / ac ~ d / a"},
      {"18+ 1.1.1.1", "18plus 1 1 1 1"},
      {"uống * chết", "uoOngS * cheEtS"},
      {"(a|b) * (c)", "a * c / b * c"},
      {"a * * b", "a * b"},
      {"a * (b)? * c", "a * b * c / a * c"},
      {"a & b c", "a ~ b c / b c ~ a"},
      {"(a|b) & c", "a ~ c / c ~ a / b ~ c / c ~ b"},
      {"a & b & c", "a ~ b ~ c / a ~ c ~ b / b ~ a ~ c / b ~ c ~ a / c ~ a ~ b / c ~ b ~ a"},
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
      {"a &", "error: it holds no word"},
      {"a & b & c & d", "error: a phrase has more than two \"&\""},
      {"a & b$", "error: a \"$\" does not go with \"&\""},
      {"a & * b", "error: a \"*\" stands between words"},
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

// Texts of one term that begin alike are not read twice: of each alone the same comes out.
TEST_CASE("a term stands for what each of its alternatives stands for alone", "[rules][terms]") {
  std::mt19937 random(14);
  const std::string pieces[] = {"a", "b ", " c", " * ", " ", "d e", " & ", "-", "a "};
  const auto alternative = [&] {
    std::string text;
    for (std::size_t n = random() % 5; n > 0; --n) text += pieces[random() % std::size(pieces)];
    return text;
  };
  std::size_t good = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string head = alternative(), tail = alternative();
    std::string whole, alone;
    for (std::size_t n = 2 + random() % 4; n > 0; --n) {
      const std::string one = alternative();
      whole += (whole.empty() ? "(" : "|(") + one + ")";
      const std::string phrases = phrases_of(head + "((" + one + "))" + tail);
      if (!alone.starts_with("error"))
        alone = phrases.starts_with("error") || alone.empty() ? phrases : alone + " / " + phrases;
    }
    INFO(head << "(" << whole << ")" << tail);
    CHECK(phrases_of(head + "(" + whole + ")" + tail) == alone);
    good += alone.starts_with("error") ? 0 : 1;
  }
  CHECK(good > 500);
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
      {"between parts two words", rule("a (b|c)"), "a 1 2 c", "category"},
      {"but not three", rule("a (b|c)"), "a 1 2 3 c", "-"},
      {"within a part none", rule("a b (c|d)"), "a 1 b c", "-"},
      {"between parts as the rule says", near(rule("a (b|c)"), 1), "a 1 c", "category"},
      {"not more", near(rule("a (b|c)"), 1), "a 1 2 c", "-"},
      {"none at all", near(rule("a (b|c)"), 0), "a 1 c", "-"},
      {"parts in order", rule("mua & súng"), "mua+cây+súng", "category"},
      {"parts the other way", rule("mua & súng"), "súng+này+mua", "category"},
      {"words written as one", rule("cá độ (bóng đá|x)"), "cadobongda", "category"},
      {"a part written as one", rule("cá độ (bóng đá|x)"), "xem cado bong da", "category"},
      {"with marks", rule("tự tử", Match::toned), "tựtử", "category"},
      {"with other marks", rule("tự tử", Match::toned), "tửtự", "-"},
      {"of letters alone", rule("sex"), "xem s e x", "category"},
      {"of letters alone, with marks", rule("tự tử", Match::toned), "t ự t ử", "category"},
      {"of two letters alone", rule("xx"), "x x", "-"},
      {"Telex with the input method off", rule("tự tử", Match::toned), "tuwj tuwr", "category"},
      {"VNI with the input method off", rule("tự tử", Match::toned), "tu75 tu73", "category"},
      {"Telex where marks do not matter", rule("cá độ"), "cas ddooj", "category"},
      {"digits for letters", rule("sex"), "s3x", "category"},
      {"signs for letters", rule("sex"), "$ex", "category"},
      {"a letter held", rule("sex"), "seeexx", "category"},
      {"a letter held, with marks", rule("tự tử", Match::toned), "tựựự tửửử", "category"},
      {"letters of another script", rule("sex"), "s\u0435\u0445", "category"},
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

TEST_CASE("a path that speaks of reports or the law", "[rules][terms]") {
  TermRule ordinary = rule("cá độ"), always = rule("cá độ"), help = rule("tự tử");
  ordinary.in_path = always.in_path = help.in_path = always.path_always = true;
  help.effect = *parse_effect("help");
  const std::string path_unless[] = {"khởi tố|xử phạt", "cảnh báo & lừa đảo"};
  const auto rules = TermRules::compile({ordinary, always, help}, {}, path_unless);
  REQUIRE(rules);
  TermMatcher matcher(*rules);
  const auto of_path = [&](std::string_view path) {
    std::vector<TermHit> hits;
    matcher.match_path(path, hits);
    std::string found;
    for (const TermHit& hit : hits) found += std::to_string(hit.rule);
    return found;
  };
  CHECK(of_path("/ca-do-tu-tu") == "012");
  CHECK(of_path("/khoi-to-ca-do-tu-tu") == "12");
  CHECK(of_path("/ca-do/xu-phat") == "1");
  CHECK(of_path("/canh-bao-ca-do") == "01");
  CHECK(of_path("/canh-bao-ca-do-lua-dao") == "1");
  CHECK(of_path("/lua-dao-ca-do-canh-bao") == "1");
  std::vector<TermHit> hits;
  matcher.match_search("khởi+tố+cá+độ", hits);
  CHECK(hits.size() == 2);
  const std::string wrong[] = {"(a"};
  CHECK_FALSE(TermRules::compile({ordinary}, {}, wrong));
}

TEST_CASE("a wrong term is refused by its id", "[rules][terms]") {
  const auto result = TermRules::compile({rule("a"), rule("(b")}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "term (b: a \"(\" without its \")\"");
  CHECK(compiled({})->empty());
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
