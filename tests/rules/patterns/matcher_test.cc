#include <catch2/catch.hpp>
#include <random>

#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/build/reach.h"
#include "rules/patterns/match/index.h"
#include "rules/patterns/match/index_matcher.h"
#include "rules/patterns/matcher.h"
#include "tests/support/allocations.h"
#include "tests/support/draws.h"
#include "tests/support/pattern_corpus.h"

using namespace schoolgate;

namespace {

struct Fixture {
  std::vector<std::byte> bytes;
  PatternMatcher matcher;
  explicit Fixture(const std::vector<Pattern>& patterns)
      : bytes(*build_pattern_index(patterns)), matcher(*PatternIndex::open(bytes)) {}

  std::vector<std::uint32_t> ids;
  bool ask(const std::string& address, Stage stage = Stage::request) {
    Url url;
    REQUIRE(url.parse(address).ok());
    ids.clear();
    return matcher.match(url, stage, ids);
  }
};

using Ids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("pattern matcher: each target is asked about its own part", "[rules][pattern]") {
  Fixture f({{"^ads[0-9]*\\.", PatternTarget::host},
             {"^/ads/", PatternTarget::path},
             {"^ads=1$", PatternTarget::query},
             {"^https://ads[^/]*/ads/\\?ads=1$", PatternTarget::url},
             {"ads", PatternTarget::url}});
  struct Row {
    const char* address;
    Ids request, host;
  };
  const Row rows[] = {
      {"https://ads7.example.com/ads/?ads=1", {0, 1, 2, 3, 4}, {0, 4}},
      {"https://example.com/ads/", {1, 4}, {}},
      {"https://example.com/x?ads=1", {2, 4}, {}},
      {"https://example.com/x?ads=12", {4}, {}},
      {"http://ads.example.com/", {0, 4}, {0, 4}},
      {"https://example.com/", {}, {}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.address) {
      CHECK(f.ask(row.address));
      CHECK(f.ids == row.request);
      CHECK(f.ask(row.address, Stage::host));
      CHECK(f.ids == row.host);
    }
}

// The index has tables of its own for hosts; it must not leave out a pattern that holds one.
TEST_CASE("pattern matcher: at the host stage what each pattern says by itself", "[rules][pattern]") {
  std::vector<Pattern> patterns;
  const auto add = [&](Pattern p) {
    if (p.target == PatternTarget::url && check_pattern(p.text, p.case_sensitive).ok())
      patterns.push_back(std::move(p));
  };
  for (const char* text :
       {"^http://", "^https://", ":8443/", "nohu[0-9]+", "^https://[^/]+/$", "\\.vn/", "a.*b"})
    add({text, PatternTarget::url, false});
  std::vector<Pattern> corpus = testing::pattern_corpus();
  for (std::size_t i = 0; i < corpus.size(); i += 4) add(std::move(corpus[i]));  // building is slow
  std::mt19937 random(7);
  for (int i = 0; i < test::draws(150); ++i)
    add({testing::random_pattern(random), PatternTarget::url, i % 3 == 0});
  Fixture f(patterns);
  std::vector<WholeHostPattern> each_alone;
  for (const Pattern& p : patterns) each_alone.emplace_back(p);
  std::size_t held = 0;
  for (const char* authority :
       {"nohu88.vn:443", "x.vn:80", "casino.example:8443", "www.bet365.example:443", "ab.ba:443",
        "aab-b.a1:80", "ads.example.com:443", "xn--ls8h.la:443", "192.0.2.7:443", "[2001:db8::1]:443"}) {
    Url url;
    REQUIRE(url.parse_authority(authority).ok());
    Ids want;
    for (std::uint32_t id = 0; id < patterns.size(); ++id)
      if (each_alone[id].holds_all_of(url.match())) want.push_back(id);
    held += want.size();
    f.ids.clear();
    CHECK(f.matcher.match(url, Stage::host, f.ids));
    CHECK(f.ids == want);
  }
  CHECK(held > static_cast<std::size_t>(test::draws(100)));
}

TEST_CASE("pattern matcher: case, and letters beyond ASCII", "[rules][pattern]") {
  Fixture f({{"/Casino", PatternTarget::path, false},
             {"/Casino", PatternTarget::path, true},
             {"đánh bạc", PatternTarget::url, false}});
  CHECK((f.ask("http://a.vn/CASINO") && f.ids == Ids{0}));
  CHECK((f.ask("http://a.vn/Casino") && f.ids == Ids{0, 1}));
  CHECK((f.ask("http://a.vn/x?q=%C4%90%C3%81NH%20B%E1%BA%A0C") && f.ids == Ids{2}));
  CHECK((f.ask("http://a.vn/x?q=danh%20bac") && f.ids.empty()));
}

TEST_CASE("pattern matcher: a blank of a query may be sent as +", "[rules][pattern]") {
  Fixture f({{"game online"},
             {"(?:^|[+])game[+]"},
             {"game online", PatternTarget::query},
             {"game online", PatternTarget::path}});
  CHECK((f.ask("http://a.vn/s?q=game+online") && f.ids == Ids{0, 2}));
  CHECK((f.ask("http://a.vn/s?q=game%20online") && f.ids == Ids{0, 2}));
  CHECK((f.ask("http://a.vn/s?q=x+game+online") && f.ids == Ids{0, 1, 2}));
  CHECK((f.ask("http://a.vn/game+online?q=c++") && f.ids.empty()));
  CHECK((f.ask("http://a.vn/game%20online?q=1+2") && f.ids == Ids{0, 3}));
}

TEST_CASE("pattern matcher: ids are appended, ascending, each once", "[rules][pattern]") {
  Fixture f({{"zzz"}, {"spin+er"}, {"casino"}});
  Url url;
  REQUIRE(url.parse("http://casino.com/casino/spiner/casino/zzz").ok());
  Ids ids{9};
  REQUIRE(f.matcher.match(url, Stage::request, ids));
  CHECK(ids == Ids{9, 0, 1, 2});
}

TEST_CASE("pattern matcher: a long address is judged unless RE2 would have to decide", "[rules][pattern]") {
  const std::string long_path(20'000, 'a');
  Fixture f({{"casino"}, {"pok[e3]r.*table$"}, {"Slot", PatternTarget::url, true}});
  CHECK((f.ask("http://x.y/" + long_path) && f.ids.empty()));
  CHECK((f.ask("http://x.y/" + long_path + "casino") && f.ids == Ids{0}));
  CHECK((f.ask("http://x.y/poker" + long_path + "table") && f.ids == Ids{1}));
  CHECK((f.ask("http://x.y/poker" + long_path) && f.ids.empty()));
  CHECK_FALSE(f.ask("http://x.y/Slot" + long_path));          // only RE2 tells upper from lower case
  CHECK_FALSE(f.ask("http://x.y/casino%C3%A9" + long_path));  // and reads letters beyond ASCII exactly
  CHECK((f.ask("http://x.y/Slot" + std::string(100, 'a')) && f.ids == Ids{2}));
  Fixture always({{"a\\Cb"}});
  CHECK_FALSE(always.ask("http://x.y/" + long_path));
}

TEST_CASE("pattern matcher: a text that begins a match over and over costs no more than RE2",
          "[rules][pattern]") {
  Fixture f({{"(sex|porn)+.*\\.jpg"}});
  std::string many = "http://x.y/";
  for (int i = 0; i < 2000; ++i) many += "sex-";
  REQUIRE(many.size() < 8192 + 100);
  many.resize(8000);
  CHECK((f.ask(many) && f.ids.empty()));
  CHECK((f.ask(many + ".jpg") && f.ids == Ids{0}));
}

TEST_CASE("pattern matcher: allocates nothing once warm", "[rules][pattern]") {
  Fixture f({{"casino"}, {"^https?://[a-z]+\\.[a-z]+/c"}, {"spin+er.*x"}});
  Url url;
  REQUIRE(url.parse("http://casino.com/casino/spinner/x").ok());
  Ids ids;
  for (int round = 0; round < 2; ++round) {
    ids.clear();
    const std::size_t before = testing::allocations();
    const bool judged = f.matcher.match(url, Stage::request, ids);
    const std::size_t after = testing::allocations();
    CHECK(judged);
    CHECK(ids == Ids{0, 1, 2});
    if (round == 1) CHECK(after == before);
  }
}

TEST_CASE("pattern matcher: an empty index matches nothing", "[rules][pattern]") {
  Fixture f({});
  CHECK((f.ask("http://x.y/z") && f.ids.empty()));
}
