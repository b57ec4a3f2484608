#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/db/rule_db.h"
#include "rules/db/rule_db_builder.h"
#include "rules/rule.h"
#include "tests/support/allocations.h"
#include "tests/support/draws.h"
#include "tests/support/reference_matcher.h"

namespace schoolgate {
namespace {

RuleEntry domain(std::string text, std::uint32_t line = 1) {
  RuleEntry e;
  e.text = std::move(text);
  e.line = line;
  return e;
}
RuleEntry exception(std::string text, std::uint32_t line = 1) {
  RuleEntry e = domain(std::move(text), line);
  e.exception = true;
  return e;
}
RuleEntry url_rule(std::string text, bool subdomains = false, std::uint32_t line = 1) {
  RuleEntry e = domain(std::move(text), line);
  e.kind = RuleKind::url;
  e.subdomains = subdomains;
  return e;
}
RuleEntry alone(std::string text) {
  RuleEntry e = domain(std::move(text));
  e.subdomains = false;
  return e;
}
RuleEntry below(std::string text) {
  RuleEntry e = domain(std::move(text));
  e.itself = false;
  return e;
}
RuleEntry open_end(std::string text) {
  RuleEntry e = url_rule(std::move(text), true);
  e.open_end = true;
  return e;
}
RuleEntry important(RuleEntry e) {
  e.important = true;
  return e;
}
RuleEntry pattern(std::string text, PatternTarget target = PatternTarget::url, bool case_sensitive = false) {
  RuleEntry e = domain(std::move(text));
  e.kind = RuleKind::pattern;
  e.target = target;
  e.case_sensitive = case_sensitive;
  return e;
}

RuleEntry network(std::string text, std::uint32_t line = 1) {
  RuleEntry e = domain(std::move(text), line);
  e.kind = RuleKind::network;
  return e;
}
RuleEntry lifting(RuleEntry e) {
  e.exception = true;
  return e;
}

// A database in memory and its Matcher. Tags are the positions of the rules.
struct Db {
  std::vector<std::byte> bytes;
  std::shared_ptr<const RuleDb> db;

  explicit Db(const std::vector<RuleEntry>& rules, Tag step = 1) {
    RuleDbBuilder builder;
    for (std::size_t i = 0; i < rules.size(); ++i) builder.add(static_cast<Tag>(i) * step, rules[i]);
    auto built = builder.build();
    REQUIRE(built);
    bytes = std::move(*built);
    auto opened = RuleDb::open(bytes);
    REQUIRE(opened);
    db = *opened;
  }
};

Url parsed(const std::string& text) {
  Url url;
  INFO(text);
  REQUIRE(url.parse(text).ok());
  return url;
}

std::vector<Tag> tags(const Matches& matches) {
  std::vector<Tag> out;
  for (const Matches::Hit& hit : matches.hits) out.push_back(hit.tag);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("matcher: exceptions that reach other lists of their group", "[rules][db][matcher]") {
  RuleDbBuilder builder;
  for (int tag = 0; tag < 4; ++tag) builder.add_source({});
  builder.add(0, exception("fine.com"));
  builder.add(0, important(exception("strong.com")));
  builder.add(1, domain("fine.com"));
  builder.add(1, domain("strong.com"));
  builder.add(1, important(domain("a.fine.com")));
  builder.add(2, domain("fine.com"));
  builder.add(3, exception("fine.com"));
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto db = RuleDb::open(*bytes);
  REQUIRE(db);
  const auto closing = [](Matcher& matcher, const std::string& host) {
    Url url;
    REQUIRE(url.parse("https://" + host + "/").ok());
    Matches found;
    matcher.match(url, Stage::host, found);
    std::vector<Tag> tags;
    for (const Matches::Hit& hit : found.hits)
      if (!hit.exception) tags.push_back(hit.tag);
    std::sort(tags.begin(), tags.end());
    // What is written down is the same.
    std::vector<Tag> told;
    for (const RuleHit& hit : matcher.explain(url, Stage::host))
      if (!hit.exception && !hit.lifted) told.push_back(hit.tag);
    std::sort(told.begin(), told.end());
    CHECK(told == tags);
    return tags;
  };
  using Tags = std::vector<Tag>;
  Matcher none(*db), reaching(*db, {{7, 7, 8, 7}, {true, false, false, false}});
  CHECK(closing(none, "fine.com") == Tags{1, 2});
  CHECK(closing(reaching, "fine.com") == Tags{2});       // of another group
  CHECK(closing(reaching, "a.fine.com") == Tags{1, 2});  // no exception of elsewhere lifts what is important
  CHECK(closing(reaching, "strong.com") == Tags{1});     // nor does an important one reach further
  Matcher other(*db, {{7, 7, 8, 7}, {false, false, false, true}});
  CHECK(closing(other, "fine.com") == Tags{2});
}

TEST_CASE("matcher: what each kind of rule holds", "[rules][matcher]") {
  struct Row {
    const char* name;
    RuleEntry rule;
    const char* url;
    bool want;
  };
  const Row table[] = {
      {"a host itself", domain("bad.com"), "http://bad.com/x", true},
      {"names below it", domain("bad.com"), "http://a.b.bad.com/", true},
      {"not a name that ends alike", domain("bad.com"), "http://notbad.com/", false},
      {"not its parent", domain("a.bad.com"), "http://bad.com/", false},
      {"a top-level domain", domain("xxx"), "https://any.xxx/", true},
      {"an address", domain("192.0.2.1"), "http://192.0.2.1/", true},
      {"an address in another spelling", domain("192.0.2.1"), "http://0xc0.0.513/", true},
      {"no address by its ending", domain("2.1"), "http://192.0.2.1/", false},
      {"an IPv6 address", domain("2001:db8::1"), "http://[2001:DB8:0::1]:8080/", true},
      {"a host alone", alone("bad.com"), "http://bad.com/x", true},
      {"nothing below it", alone("bad.com"), "http://www.bad.com/x", false},
      {"names below alone", below("bad.com"), "http://www.bad.com/x", true},
      {"not the host itself", below("bad.com"), "http://bad.com/x", false},
      {"an address alone", alone("192.0.2.1"), "http://192.0.2.1/", true},
      {"nothing is below an address", below("192.0.2.1"), "http://192.0.2.1/", false},
      {"a path", url_rule("site.com/bad"), "http://site.com/bad/page?x", true},
      {"a path in another spelling", url_rule("site.com/bad"), "http://SITE.com/x/..//%42ad", true},
      {"not a longer word", url_rule("site.com/bad"), "http://site.com/badminton", false},
      {"any port and scheme", url_rule("site.com/bad"), "https://site.com:8443/bad", true},
      {"with www", url_rule("site.com/bad"), "http://www.site.com/bad", true},
      {"without the rule's www", url_rule("www.site.com/bad"), "http://site.com/bad", true},
      {"no host below", url_rule("site.com/bad"), "http://m.site.com/bad", false},
      {"hosts below if it says so", url_rule("site.com/bad", true), "http://m.site.com/bad", true},
      {"hosts below its www only", url_rule("www.site.com/bad", true), "http://m.site.com/bad", false},
      {"hosts below its www", url_rule("www.site.com/bad", true), "http://m.www.site.com/bad", true},
      {"a directory without its slash", url_rule("site.com/bad/"), "http://site.com/bad", true},
      {"a longer word, where the end is open", open_end("site.com/ad"), "http://m.site.com/adverts", true},
      {"a directory with its slash alone", open_end("site.com/ad/"), "http://site.com/ad", false},
      {"what lies in it", open_end("site.com/ad/"), "http://site.com/ad/x", true},
      {"an open query", open_end("site.com/?ad="), "http://site.com/?ad=1", true},
      {"a query", url_rule("site.com/watch?v=1"), "http://site.com/watch?v=1&t=3", true},
      {"another query", url_rule("site.com/watch?v=1"), "http://site.com/watch?v=12", false},
      {"a whole host as a url", url_rule("site.com/"), "http://www.site.com/any", true},
      {"a path of an address", url_rule("192.0.2.1/x"), "http://192.0.2.1/x/y", true},
      {"a pattern", pattern("/p[o0]rn/"), "http://a.com/P0RN/", true},
      {"a pattern on the host", pattern("^bad", PatternTarget::host), "http://bad.com/", true},
      {"not outside its target", pattern("bad", PatternTarget::query), "http://bad.com/bad", false},
      {"case where it says so", pattern("Bad", PatternTarget::path, true), "http://a.com/bad", false},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.name) {
      const Db db({r.rule});
      Matcher matcher(db.db);
      Matches out;
      matcher.match(parsed(r.url), Stage::request, out);
      CHECK(out.hits.size() == (r.want ? 1u : 0u));
      CHECK_FALSE(out.pattern_error);
    }
  }
}

TEST_CASE("matcher: a hit says how specific it is, and where it stands", "[rules][matcher]") {
  const Db db({domain("com", 10), domain("bad.com", 20), domain("www.bad.com", 30),
               url_rule("www.bad.com/a", true, 40), url_rule("bad.com/a/b", false, 50)});
  Matcher matcher(db.db);
  Matches out;
  matcher.match(parsed("http://www.bad.com/a/b"), Stage::request, out);
  const std::vector<HitRow> want = {{0, 0, false, 1, 3, 10, false},
                                    {1, 0, false, 2, 7, 20, false},
                                    {2, 0, false, 3, 11, 30, false},
                                    {3, 1, false, 3, 13, 40, false},
                                    {4, 1, false, 2, 11, 50, false}};
  CHECK(to_string(rows(out)) == to_string(want));
}

TEST_CASE("matcher: the host stage knows hosts only, and says whether a path could matter",
          "[rules][matcher]") {
  struct Row {
    const char* name;
    std::vector<RuleEntry> rules;
    const char* authority;
    std::size_t hits;
    bool path_rules;
  };
  const Row table[] = {
      {"a domain rule", {domain("bad.com")}, "bad.com:443", 1, false},
      {"a url rule of the host", {url_rule("bad.com/x")}, "bad.com:443", 0, true},
      {"with www", {url_rule("bad.com/x")}, "www.bad.com:443", 0, true},
      {"of a host above", {url_rule("bad.com/x")}, "m.bad.com:443", 0, false},
      {"of a host above that reaches down", {url_rule("bad.com/x", true)}, "m.bad.com:443", 0, true},
      {"of another host", {url_rule("bad.com/x")}, "good.com:443", 0, false},
      {"a host pattern", {pattern("^bad", PatternTarget::host)}, "bad.com:443", 1, false},
      {"a pattern on the URL that needs a path", {pattern("bad/x")}, "bad.com:443", 0, true},
      {"a pattern on the URL that needs none", {pattern("bad")}, "bad.com:443", 1, true},
      {"... of an address with a port", {pattern("^https://bad\\.com:8443/")}, "bad.com:8443", 1, true},
      {"... whatever follows", {pattern("^https?://([^/]+\\.)?bad\\.com(/.*)?$")}, "m.bad.com:443", 1, true},
      {"... of the first page alone", {pattern("^https://[^/]+/$")}, "bad.com:443", 0, true},
      {"an archive", {domain("other.com")}, "web.archive.org:443", 0, true},
      {"a name within a name", {domain("bad.com")}, "www-bad-com.translate.goog:443", 1, false},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.name) {
      const Db db(r.rules);
      Matcher matcher(db.db);
      Url url;
      REQUIRE(url.parse_authority(r.authority).ok());
      Matches out;
      matcher.match(url, Stage::host, out);
      CHECK(out.hits.size() == r.hits);
      CHECK(out.path_rules == r.path_rules);
    }
  }
}

TEST_CASE("matcher: an exception lifts the rules of its tag, and only those", "[rules][matcher]") {
  RuleDbBuilder builder;
  builder.add(1, domain("bad.com"));
  builder.add(1, url_rule("fine.bad.com/x", true));
  builder.add(1, pattern("/y"));
  builder.add(1, exception("fine.bad.com"));
  builder.add(2, domain("fine.bad.com"));
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto db = RuleDb::open(*bytes);
  REQUIRE(db);
  Matcher matcher(*db);
  struct Row {
    const char* url;
    std::vector<Tag> want;
  };
  const Row table[] = {
      {"http://bad.com/y", {1, 1}},
      {"http://fine.bad.com/x/y", {1, 2}},  // the exception itself, and the other tag's rule
      {"http://m.fine.bad.com/x/y", {1, 2}},
      // The exception of the visible host does not reach the inner one, nor the other way round.
      {"http://bad-com.translate.goog/", {1}},
      {"http://fine-bad-com.translate.goog/y", {1, 1, 2}},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.url) {
      Matches out;
      matcher.match(parsed(r.url), Stage::request, out);
      CHECK(tags(out) == r.want);
      std::vector<Tag> explained;
      for (const RuleHit& hit : matcher.explain(parsed(r.url), Stage::request)) {
        if (!hit.lifted) explained.push_back(hit.tag);
      }
      std::sort(explained.begin(), explained.end());
      CHECK(explained == r.want);
    }
  }
}

TEST_CASE("matcher: what is important only an important exception lifts", "[rules][matcher]") {
  RuleDbBuilder builder;
  builder.add(1, domain("bad.com"));
  builder.add(1, important(domain("worst.bad.com")));
  builder.add(1, important(pattern("/worst$")));
  builder.add(1, important(open_end("bad.com/evil")));
  builder.add(1, exception("fine.bad.com"));
  builder.add(1, exception("worst.bad.com"));
  builder.add(1, important(exception("best.worst.bad.com")));
  builder.add(2, important(exception("bad.com")));
  builder.add(3, domain("bad.com"));
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto db = RuleDb::open(*bytes);
  REQUIRE(db);
  Matcher matcher(*db);
  struct Row {
    const char* url;
    std::size_t blocking;  // rules of tag 1 that are no exception
  };
  const Row table[] = {
      {"http://bad.com/", 1},           {"http://fine.bad.com/", 0},  {"http://fine.bad.com/worst", 1},
      {"http://fine.bad.com/evils", 1}, {"http://worst.bad.com/", 1}, {"http://best.worst.bad.com/worst", 0},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.url) {
      Matches out;
      matcher.match(parsed(r.url), Stage::request, out);
      const auto blocking = [&](Tag tag) {
        return static_cast<std::size_t>(std::count_if(out.hits.begin(), out.hits.end(), [&](const auto& hit) {
          return hit.tag == tag && !hit.exception;
        }));
      };
      CHECK(blocking(1) == r.blocking);
      CHECK(blocking(3) == 1);  // an exception of another tag lifts nothing here
      std::size_t explained = 0;
      for (const RuleHit& hit : matcher.explain(parsed(r.url), Stage::request))
        explained += hit.lifted ? 0 : 1;
      CHECK(explained == out.hits.size());
    }
  }
}

TEST_CASE("matcher: explain names text and line, also of what was lifted", "[rules][matcher]") {
  const Db db({domain("bad.com", 3), url_rule("www.bad.com/a/", false, 4), url_rule("bad.com", false, 5),
               pattern("/A"), exception("bad.com", 6)},
              0);  // all of tag 0
  Matcher matcher(db.db);
  const auto hits = matcher.explain(parsed("http://bad.com/a"), Stage::request);
  std::vector<std::string> texts;
  for (const RuleHit& hit : hits) {
    CHECK(hit.lifted == !hit.exception);
    texts.push_back(hit.text + ":" + std::to_string(hit.line));
  }
  std::sort(texts.begin(), texts.end());
  CHECK(texts == std::vector<std::string>{"/A:1", "bad.com/:5", "bad.com:3", "bad.com:6", "www.bad.com/a:4"});
  const auto inner = matcher.explain(parsed("http://bad-com.translate.goog/"), Stage::request);
  REQUIRE_FALSE(inner.empty());
  CHECK(inner.front().inner_host);
}

namespace {

// Hosts, paths and rules from so few words that they meet often.
struct Random {
  std::mt19937 engine;
  std::size_t below(std::size_t n) { return engine() % n; }
  std::string pick(std::initializer_list<const char*> words) { return words.begin()[below(words.size())]; }
  std::string host() {
    if (below(30) == 0) return pick({"192.0.2.1", "10.0.0.1"});
    if (below(10) == 0)
      return pick({"10.1.2.3", "10.1.2.4", "10.1.9.9", "[2001:db8::1]", "[2001:db9::]", "[::a01:203]"});
    if (below(25) == 0)
      return pick({"www-a-com.translate.goog", "web.archive.org", "a-b-com.cdn.ampproject.org"});
    std::string out = pick({"com", "vn", "a"});
    for (std::size_t n = below(4); n > 0; --n) out = pick({"a", "b", "www", "c-d", "translate"}) + "." + out;
    return out;
  }
  std::string path() {
    std::string out;
    for (std::size_t n = below(4); n > 0; --n)
      out += pick({"/a", "/b", "/ab", "/", ";x", "=", "/http://a.com/b"});
    if (out.empty() || out[0] != '/') out.insert(0, "/");
    if (below(4) == 0) out += pick({"?", "?a=b", "?a=b&c", "?u=http://b.com/a"});
    return out;
  }
  RuleEntry rule(std::uint32_t line) {
    RuleEntry e;
    e.line = line;
    e.exception = below(12) == 0;
    e.important = below(4) == 0;
    const std::size_t kind = below(12);
    if (kind < 5) {
      e.text = host();
      if (e.text.starts_with('[')) e.text = e.text.substr(1, e.text.size() - 2);
      e.subdomains = below(4) != 0;
      e.itself = !e.subdomains || below(4) != 0;
    } else if (kind < 9) {
      e.kind = RuleKind::url;
      e.subdomains = below(2) == 0;
      e.open_end = below(3) == 0;
      Url url;
      REQUIRE(url.parse("http://" + host() + path()).ok());
      e.text = std::string(url.match_host());
      const std::string_view path = url.match_path(true);
      e.text += url.match_lower().substr(static_cast<std::size_t>(path.data() - url.match_lower().data()));
    } else if (kind >= 10) {
      e.kind = RuleKind::network;
      e.text = pick({"10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "10.1.0.0/16", "0.0.0.0/0", "::/0",
                     "2001:db8::/31", "2001:db8::/32", "2001:db8::1/128", "2001:db8::/128"});
    } else {
      e.kind = RuleKind::pattern;
      e.target = static_cast<PatternTarget>(below(4));
      e.case_sensitive = below(2) == 0;
      e.text = pick({"a\\.com", "^b", "/ab", "a=b", "(^|\\.)www\\.", "B/?$"});
    }
    return e;
  }
};

}  // namespace

TEST_CASE("matcher: networks hold addresses, the narrowest first", "[rules][matcher][network]") {
  const Db db({network("198.51.100.0/24"), network("198.51.0.0/16"), network("198.51.100.7/32"),
               network("::/0"), network("2001:db8::/32"), network("64:ff9b::/96"), domain("198.51.100.7"),
               network("0.0.0.0/0")});
  Matcher matcher(db.db);
  struct Row {
    const char* url;
    std::vector<Tag> want;  // networks as they are found, then names
  };
  const Row table[] = {
      {"http://198.51.100.7/", {6, 2, 0, 1, 7}},
      {"http://198.51.100.8/", {0, 1, 7}},
      {"http://198.51.100.255/", {0, 1, 7}},
      {"http://198.51.101.0/", {1, 7}},
      {"http://198.52.0.0/", {7}},
      {"http://[::ffff:198.51.100.8]/", {0, 1, 7}},  // the same address
      {"http://[2001:db8::1]/", {4, 3}},
      {"http://[2001:db9::]/", {3}},
      {"http://[64:ff9b::198.51.100.7]/", {5, 3}},  // what is inside is asked for when it is connected to
      {"http://example.com/", {}},
      {"http://198.51.100.7.example.com/", {}},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(row.url) {
      for (const Stage stage : {Stage::host, Stage::request}) {
        Url url;
        REQUIRE(url.parse(row.url).ok());
        Matches out;
        matcher.match(url, stage, out);
        std::vector<Tag> got;
        for (const Matches::Hit& hit : out.hits) got.push_back(hit.tag);
        CHECK(got == row.want);
        CHECK_FALSE(out.path_rules);
        for (const Matches::Hit& hit : out.hits)
          if (hit.tag == 0) CHECK((hit.kind == RuleKind::network && hit.specificity == 120));
      }
    }
  }
}

TEST_CASE("matcher: an exception for a network lifts what is no narrower", "[rules][matcher][network]") {
  const Db db(
      {network("198.51.0.0/16", 1), lifting(network("198.51.100.0/24", 2)), network("198.51.100.128/25", 3),
       domain("198.51.100.5", 4), lifting(network("198.51.100.6/32", 5)), exception("198.51.100.200", 6)},
      0);
  Matcher matcher(db.db);
  struct Row {
    const char* url;
    std::vector<std::uint32_t> want;  // lines of the rules that are left
  };
  const Row table[] = {
      {"http://198.51.1.1/", {1}},   {"http://198.51.100.1/", {}}, {"http://198.51.100.129/", {3}},
      {"http://198.51.100.5/", {4}}, {"http://198.51.100.6/", {}}, {"http://198.51.100.200/", {}},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(row.url) {
      Url url;
      REQUIRE(url.parse(row.url).ok());
      Matches out;
      matcher.match(url, Stage::host, out);
      std::vector<std::uint32_t> got, explained;
      for (const Matches::Hit& hit : out.hits)
        if (!hit.exception) got.push_back(hit.line);
      CHECK(got == row.want);
      for (const RuleHit& hit : matcher.explain(url, Stage::host))
        if (!hit.exception && !hit.lifted) explained.push_back(hit.line);
      CHECK(explained == row.want);
    }
  }
}

TEST_CASE("matcher: the same answers as asking every rule", "[rules][matcher]") {
  int hits = 0;
  for (unsigned seed = 1; seed <= static_cast<unsigned>(test::draws(60)); ++seed) {
    Random random{std::mt19937(seed)};
    RuleDbBuilder builder;
    ReferenceMatcher reference;
    const std::size_t rules = random.below(150);
    for (std::uint32_t line = 1; line <= rules; ++line) {
      const RuleEntry rule = random.rule(line);
      const Tag tag = static_cast<Tag>(random.below(8));
      builder.add(tag, rule);
      reference.add(tag, rule);
    }
    const auto bytes = builder.build();
    REQUIRE(bytes);
    const auto db = RuleDb::open(*bytes);
    REQUIRE(db);
    Matcher matcher(*db);
    for (int i = 0; i < 300; ++i) {
      Url url;
      const std::string text = "http://" + random.host() + random.path();
      REQUIRE(url.parse(text).ok());
      for (const Stage stage : {Stage::request, Stage::host}) {
        Matches got;
        matcher.match(url, stage, got);
        const Matches want = reference.match(url, stage);
        INFO("seed " << seed << ", " << text);
        REQUIRE(to_string(rows(got)) == to_string(rows(want)));
        REQUIRE(got.path_rules == want.path_rules);
        REQUIRE(got.pattern_error == want.pattern_error);
        std::size_t explained = 0;
        for (const RuleHit& hit : matcher.explain(url, stage)) explained += hit.lifted ? 0 : 1;
        REQUIRE(explained == got.hits.size());
        hits += static_cast<int>(got.hits.size());
      }
    }
  }
  CHECK(hits > test::draws(10000));
}

TEST_CASE("matcher: allocates nothing once warm", "[rules][matcher]") {
  std::vector<RuleEntry> rules;
  for (int i = 0; i < 3000; ++i) rules.push_back(domain("n" + std::to_string(i) + ".example.com"));
  rules.push_back(domain("bad.com"));
  rules.push_back(exception("fine.bad.com"));
  rules.push_back(url_rule("site.com/a/b"));
  const Db db(rules);
  Matcher matcher(db.db);
  const std::vector<std::string> texts = {
      "http://bad.com/a",
      "http://fine.bad.com/",
      "http://www.site.com/a/b?c",
      "http://n7.example.com/",
      "http://nothing.example.net/a/b",
      "http://www-bad-com.translate.goog/page/of/it",
      "http://web.archive.org/web/2020/http://bad.com/a",
  };
  Url url;
  Matches out;
  std::uint64_t allocated = 0;
  for (const bool warm : {false, true}) {
    for (const std::string& text : texts) {
      REQUIRE(url.parse(text).ok());
      for (const Stage stage : {Stage::request, Stage::host}) {
        out.clear();
        const std::uint64_t before = testing::allocations();
        matcher.match(url, stage, out);
        if (warm) allocated += testing::allocations() - before;
      }
    }
  }
  CHECK(allocated == 0);
}

}  // namespace schoolgate
