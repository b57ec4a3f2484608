// The shipped terms against the cases of tests/rules/data, and the reader's refusals.
#include <catch2/catch.hpp>

#include "config/policy/term_reader.h"
#include "tests/support/tsv.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

const std::string defaults = SCHOOLGATE_SOURCE_DIR "/config/defaults/";
const std::string data = SCHOOLGATE_SOURCE_DIR "/tests/rules/data/";

struct Shipped {
  Shipped() {
    LoadContext context(defaults + "schoolgate.yaml");
    const CategoryCatalogue catalogue = read_catalogue(defaults + "categories.yaml", context);
    TermsFile file = read_terms_file(defaults + "terms.yaml", catalogue, context);
    INFO(render(context.diagnostics, context.texts, nullptr, false));
    REQUIRE(context.diagnostics.empty());
    auto compiled = TermRules::compile(file.rules, file.variants, file.path_unless);
    REQUIRE(compiled);
    rules = *compiled;
    for (const std::string& id : catalogue.ids) categories.push_back(id);
  }
  std::shared_ptr<const TermRules> rules;
  std::vector<std::string> categories;
};

const Shipped& shipped() {
  static const Shipped all;
  return all;
}

// Weakest first. An alert is more than help.
int rank(const std::string& action) {
  const std::vector<std::string> order{"-", "allow", "allow+record", "warn", "block", "help", "help+alert"};
  const auto at = std::find(order.begin(), order.end(), action);
  REQUIRE(at != order.end());
  return static_cast<int>(at - order.begin());
}

// What one rule ("*": the strongest of all) says to a search, as in terms_tests.tsv.
std::string answer(const std::string& rule, const std::string& encoded) {
  TermMatcher matcher(shipped().rules);
  std::vector<TermHit> hits;
  matcher.match_search(encoded, hits);
  std::string strongest = "-";
  for (const TermHit& hit : hits) {
    if (rule != "*" && matcher.rules().rules()[hit.rule].id != rule) continue;
    REQUIRE(hit.effect);
    const std::string action = to_string(*hit.effect);
    if (rank(action) > rank(strongest)) strongest = action;
  }
  return strongest;
}

std::string without_brackets(std::string text) {
  for (std::size_t open; (open = text.find('(')) != std::string::npos;) {
    const std::size_t close = text.find(')', open);
    text.erase(open, close == std::string::npos ? close : close - open + 1);
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(at, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

}  // namespace

TEST_CASE("the shipped terms", "[config][terms]") {
  CHECK(shipped().rules->rules().size() == 560);
  CHECK(shipped().rules->any_in_path());
}

TEST_CASE("every case of the shipped terms", "[config][terms]") {
  const auto rows = read_tsv(data + "terms_tests.tsv");
  CHECK(rows.size() == 1432);
  std::set<std::string> found;
  for (const TsvRow& row : rows) {
    INFO(row.at("rule") << ": " << row.at("input"));
    CHECK(answer(row.at("rule"), row.at("input")) == row.at("action"));
    CHECK((row.at("action") != "-") == (row.at("expect") == "1"));
    if (row.at("expect") == "1") found.insert(row.at("rule"));
  }
  for (const TermRule& rule : shipped().rules->rules()) {
    INFO(rule.id);
    CHECK(found.count(rule.id) == 1);
  }
}

TEST_CASE("innocent readings of what folds alike", "[config][terms]") {
  const auto rows = read_tsv(data + "collisions.tsv");
  CHECK(rows.size() >= 42);
  std::size_t innocent = 0;
  for (const TsvRow& row : rows) {
    for (const std::string& text : split(row.at("innocent_readings"), ';')) {
      // "(biện pháp) tu từ": with what stands in brackets; "(without ...)" is a remark.
      const std::string words = text.find("(without") == std::string::npos ? text : without_brackets(text);
      TextKeys keys;
      fold_text(words, keys);
      for (const std::string& form : {words, keys.folded}) {
        INFO(row.at("folded") << ": " << form);
        CHECK(rank(answer("*", form)) <= rank("warn"));
        ++innocent;
      }
    }
    const std::string& way = row.at("safe_way");
    const bool by_marks = way.starts_with("telex key") || way.starts_with("toned");
    if (!by_marks || row.at("folded") == "cat co" || row.at("folded") == "chat dau") continue;
    INFO(row.at("harmful_reading"));
    CHECK(answer("*", without_brackets(row.at("harmful_reading"))) != "-");
  }
  CHECK(innocent > 150);
}

TEST_CASE("what the shipped terms promise", "[config][terms]") {
  for (const TermRule& rule : shipped().rules->rules()) {
    INFO(rule.id);
    const std::string& category = shipped().categories[rule.category];
    const bool care = category == "self_harm" || category == "bullying_abuse";
    REQUIRE(rule.effect);
    if (care) CHECK(rule.effect->action != Action::block);
    if (rule.helps()) CHECK_FALSE(rule.in_path);
    CHECK_FALSE(rule.effect->flags.locked);
  }
}
