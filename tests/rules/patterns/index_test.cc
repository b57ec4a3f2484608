// The index against RE2: for every pattern and text the same answer.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/match/index_matcher.h"
#include "tests/support/draws.h"
#include "tests/support/pattern_corpus.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

std::vector<Pattern> usable(std::vector<Pattern> patterns) {
  std::erase_if(patterns, [](const Pattern& p) { return check_pattern(p.text, p.case_sensitive).failed(); });
  return patterns;
}

// What RE2 says about each pattern, one by one.
class Naive {
 public:
  explicit Naive(const std::vector<Pattern>& patterns) {
    for (const Pattern& p : patterns)
      all_.push_back(std::make_unique<RE2>(p.text, pattern_options(p.case_sensitive)));
  }
  std::vector<std::uint32_t> match(const std::string& text) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t id = 0; id < all_.size(); ++id)
      if (re2_finds(*all_[id], text)) out.push_back(id);
    return out;
  }

 private:
  std::vector<std::unique_ptr<RE2>> all_;
};

class Indexed {
 public:
  explicit Indexed(const std::vector<Pattern>& patterns)
      : bytes_(pattern::assemble_index(patterns, {})), scanner_(*PatternIndex::open(bytes_)) {}
  std::vector<std::uint32_t> match(const std::string& text) {
    std::vector<std::uint32_t> out;
    if (!scanner_.match(PatternTarget::url, text, out)) FAIL("not judged: " << text);
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::vector<std::byte> bytes_;
  pattern::IndexMatcher scanner_;
};

std::string difference(const std::vector<Pattern>& patterns, const std::vector<std::uint32_t>& ours,
                       const std::vector<std::uint32_t>& naive) {
  std::vector<std::uint32_t> ids;
  std::set_symmetric_difference(ours.begin(), ours.end(), naive.begin(), naive.end(),
                                std::back_inserter(ids));
  std::string out;
  for (const std::uint32_t id : ids)
    out += (std::binary_search(naive.begin(), naive.end(), id) ? "missed: " : "made up: ") +
           patterns[id].text + (patterns[id].case_sensitive ? " (case-sensitive)\n" : "\n");
  return out;
}

// `rounds` texts from each pattern (under sanitizers from some), asked about all patterns together.
void compare_on_own_texts(const std::vector<Pattern>& patterns, int rounds, unsigned seed) {
  const Naive naive(patterns);
  Indexed indexed(patterns);
  std::mt19937 random(seed);
  std::size_t matches = 0;
  const auto compare = [&](const std::string& text) {
    const auto want = naive.match(text), got = indexed.match(text);
    matches += want.size();
    if (got != want) FAIL_CHECK("on \"" << text << "\"\n" << difference(patterns, got, want));
  };
  for (const std::string& text : pattern_subjects()) compare(text);
  const std::size_t step =
      patterns.size() / static_cast<std::size_t>(test::draws(static_cast<int>(patterns.size())));
  for (std::size_t at = 0; at < patterns.size(); at += step)
    for (int i = 0; i < rounds; ++i) {
      const std::string text = text_like(patterns[at].text, random);
      compare(text);
      compare(spoilt(text, random));
    }
  CHECK(matches > patterns.size() / step);  // the texts were worth asking about
}

}  // namespace

TEST_CASE("pattern index: RE2's answers on patterns of every shape", "[rules][pattern]") {
  const auto patterns = usable(pattern_corpus());
  REQUIRE(patterns.size() > 600);
  compare_on_own_texts(patterns, 3, 1);
}

TEST_CASE("pattern index: each pattern alone, so that none hides behind another", "[rules][pattern]") {
  std::mt19937 random(2);
  for (const Pattern& p : usable(pattern_corpus())) {
    const Naive naive({p});
    Indexed indexed({p});
    for (int i = 0; i < 20; ++i) {
      std::string text = text_like(p.text, random);
      if (i % 2 == 1) text = spoilt(text, random);
      if (indexed.match(text) != naive.match(text)) FAIL_CHECK(p.text << " on \"" << text << "\"");
    }
  }
}

TEST_CASE("pattern index: RE2's answers on random patterns", "[rules][pattern]") {
  std::mt19937 random(5);
  std::size_t asked = 0, matches = 0;
  for (int round = 0; round < test::draws(1500); ++round) {
    const Pattern p{random_pattern(random), PatternTarget::url, round % 3 == 0};
    if (check_pattern(p.text, p.case_sensitive).failed()) continue;
    const Naive naive({p});
    Indexed indexed({p});
    for (int i = 0; i < 8; ++i) {
      std::string text = text_like(p.text, random);
      if (i % 3 == 1) text = spoilt(text, random);
      const auto want = naive.match(text);
      ++asked;
      matches += want.size();
      if (indexed.match(text) != want)
        FAIL_CHECK(p.text << (p.case_sensitive ? " (case) on \"" : " on \"") << text << "\"");
    }
  }
  CHECK(asked > static_cast<std::size_t>(test::draws(4000)));
  CHECK(matches > asked / 4);
}

TEST_CASE("pattern index: the self-check finds nothing to distrust, and its distrust is obeyed",
          "[rules][pattern]") {
  auto patterns = usable(pattern_corpus());
  patterns.resize(static_cast<std::size_t>(test::draws(static_cast<int>(patterns.size()))));
  CHECK(pattern::disagreements(patterns, pattern::assemble_index(patterns, {})).empty());
  const std::uint32_t distrusted[] = {0};
  const std::vector<Pattern> two = {{"casino"}, {"poker"}};
  const auto bytes = pattern::assemble_index(two, distrusted);
  const auto index = *PatternIndex::open(bytes);
  CHECK(index->weak(0));
  CHECK_FALSE(index->weak(1));
  // An index of other patterns disagrees wherever it can.
  const std::vector<Pattern> other = {{"roulette"}, {"poker"}};
  CHECK(pattern::disagreements(two, pattern::assemble_index(other, {})) == std::vector<std::uint32_t>{0});
}

// Real patterns and addresses are not part of the sources: SCHOOLGATE_DATA names a folder with
// patterns/p_real.txt, patterns/p_1000.txt and trace/trace.tsv.
TEST_CASE("pattern index: RE2's answers on real patterns and addresses", "[rules][pattern]") {
  const char* const data = std::getenv("SCHOOLGATE_DATA");
  if (data == nullptr) return;
  std::vector<Pattern> patterns;
  for (const char* name : {"/patterns/p_real.txt", "/patterns/p_1000.txt"}) {
    std::ifstream in(std::string(data) + name);
    for (std::string line; std::getline(in, line);) patterns.push_back({line});
  }
  patterns = usable(std::move(patterns));
  REQUIRE(patterns.size() > 1000);
  const Naive naive(patterns);
  Indexed indexed(patterns);
  std::ifstream in(std::string(data) + "/trace/trace.tsv");
  std::string line;
  for (int i = 0; std::getline(in, line); ++i) {
    if (i % 150 != 0) continue;
    const std::size_t a = line.find('\t'), b = line.find('\t', a + 1), c = line.find('\t', b + 1);
    const std::string url =
        line.substr(0, a) + "://" + line.substr(a + 1, b - a - 1) + line.substr(b + 1, c - b - 1);
    const auto want = naive.match(url), got = indexed.match(url);
    if (got != want) FAIL_CHECK("on " << url << "\n" << difference(patterns, got, want));
  }
  compare_on_own_texts(patterns, 1, 3);
}

TEST_CASE("pattern index: a refused pattern is an error, the same patterns give the same bytes",
          "[rules][pattern]") {
  const std::vector<Pattern> bad = {{"good"}, {"(bad"}};
  const auto refused = build_pattern_index(bad);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message.english(), Catch::Contains("(bad"));
  auto patterns = usable(pattern_corpus());
  patterns.resize(static_cast<std::size_t>(test::draws(static_cast<int>(patterns.size()))));
  const auto a = build_pattern_index(patterns), b = build_pattern_index(patterns);
  REQUIRE(a);
  CHECK(*a == *b);
  const auto index = PatternIndex::open(*a);
  REQUIRE(index);
  REQUIRE((*index)->size() == patterns.size());
  for (std::uint32_t id = 0; id < patterns.size(); ++id) CHECK((*index)->text(id) == patterns[id].text);
}

TEST_CASE("pattern index: weak patterns are named", "[rules][pattern]") {
  struct Row {
    const char* text;
    bool weak;
  };
  const Row rows[] = {
      {"casino", false},   {"^https?://[a-z]+\\.[a-z]+/", true},
      {"[0-9]{6}", true},  {"\\.cn/", false},
      {"xxx", false},      {"a\\Cb", true},
      {"/ad[sx]/", false}, {"https?", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      const auto bytes = build_pattern_index(std::vector<Pattern>{{row.text}});
      REQUIRE(bytes);
      CHECK((*PatternIndex::open(*bytes))->weak(0) == row.weak);
    }
}

TEST_CASE("pattern index: of another version is no damage", "[rules][pattern]") {
  auto bytes = *build_pattern_index(std::vector<Pattern>{{"ads?/", PatternTarget::url, false}});
  bytes[4] = std::byte{0xfe};  // behind the magic
  const auto index = PatternIndex::open(bytes);
  REQUIRE_FALSE(index);
  CHECK(index.error().message.english().find("version 254") != std::string::npos);
}

TEST_CASE("pattern index: damaged bytes are refused or harmless", "[rules][pattern]") {
  const auto good = pattern::assemble_index(usable(pattern_corpus()), {});
  std::mt19937 random(4);
  for (int i = 0; i < test::draws(300); ++i) {
    auto bytes = good;
    // Mostly where offsets and sizes are, and now and then anywhere.
    const std::size_t reach = i % 3 == 0 ? bytes.size() : 400;
    for (int k = 0; k < 1 + i % 4; ++k) bytes[random() % reach] = static_cast<std::byte>(random());
    if (i % 5 == 0) bytes.resize(random() % bytes.size());
    const auto index = PatternIndex::open(bytes);
    if (!index) continue;
    pattern::IndexMatcher scanner(*index);
    std::vector<std::uint32_t> ids;
    for (const std::string& text : pattern_subjects())
      for (const auto target :
           {PatternTarget::host, PatternTarget::path, PatternTarget::query, PatternTarget::url})
        static_cast<void>(scanner.match(target, text, ids));
    CHECK(std::all_of(ids.begin(), ids.end(), [&](std::uint32_t id) { return id < (*index)->size(); }));
  }
  CHECK_FALSE(PatternIndex::open({}));
}
