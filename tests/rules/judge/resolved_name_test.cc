// What a name resolved to: aliases and addresses behind an open name.
#include <catch2/catch.hpp>

#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr const char* school = R"(
category ads
category games
category press
category updates protecting
category lua
category cuu
list ads : theo-doi.vn 203.0.113.9
list games : choi.vn net:198.18.7.0/24
list ads : net:198.18.0.0/24 net:2001:db8:ad::/48 net:198.18.3.0/25
list updates : net:198.18.0.128/25
list press : net:198.18.4.0/24
list games : nhieu.vn/x
list press : bao.vn
list updates : capnhat.vn
list lua : net:198.18.9.0/24
list cuu : net:198.18.10.0/24
locked block : cam.vn net:198.18.8.0/24
locked allow : net:198.18.8.64/26 khoa.vn
tier hoc
  ads = block
  games = warn
  press = allow
  updates = allow
  lua = block+locked
  cuu = help+alert
  block : net:198.18.5.0/24 net:198.18.6.7/32
  allow : net:198.18.5.64/26 net:198.18.0.64/26 net:198.18.9.0/24 198.18.5.9 net:198.18.6.0/24
  warn : net:198.18.5.32/27
  block : xau.vn 203.0.113.7 chan.vn re:tracker re:dem/vao
  block : nhieu.vn
  allow : mo.vn 203.0.113.8 nhieu.vn/tot
tier khac
  ads = allow
  games = allow
  press = allow
  updates = allow
tier chi_xem default block
  press = allow
  open : press
)";

}  // namespace

TEST_CASE("aliases and addresses behind an open name", "[rules][judge][resolved]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  using Names = std::vector<std::string>;
  struct Row {
    const char *name, *tier, *asked;
    Names aliases, addresses;
    const char* want;
    bool rules_spoke = true;
  };
  const Row rows[] = {
      {"nothing behind it", "hoc", "a.vn", {}, {"198.51.100.1"}, "allow tier_default", false},
      {"an alias nobody knows", "hoc", "a.vn", {"cdn.la"}, {"198.51.100.1"}, "allow tier_default", false},
      {"a blocked line", "hoc", "a.vn", {"xau.vn"}, {}, "block host_line"},
      {"... as the middle of a chain", "hoc", "a.vn", {"www.xau.vn", "cdn.la"}, {}, "block host_line"},
      {"... with pages of its own that are open", "hoc", "a.vn", {"nhieu.vn"}, {}, "block host_line"},
      {"... of another tier", "khac", "a.vn", {"xau.vn"}, {}, "allow tier_default"},
      {"a pattern that holds all its addresses", "hoc", "a.vn", {"x.tracker.la"}, {}, "block pattern_line"},
      {"a pattern that needs a path", "hoc", "a.vn", {"x.dem.la"}, {}, "allow tier_default", false},
      {"a blocked category", "hoc", "a.vn", {"theo-doi.vn"}, {}, "block category ads"},
      {"... under an allowed category", "hoc", "bao.vn", {"theo-doi.vn"}, {}, "block category ads"},
      {"... under a protecting one", "hoc", "capnhat.vn", {"theo-doi.vn"}, {}, "allow category updates"},
      {"... under an open line", "hoc", "mo.vn", {"theo-doi.vn"}, {}, "allow host_line"},
      {"a blocked line under an open line", "hoc", "mo.vn", {"xau.vn"}, {}, "allow host_line"},
      {"a locked line under an open line", "hoc", "mo.vn", {"cam.vn"}, {}, "block+locked locked_line"},
      {"a warning", "hoc", "a.vn", {"choi.vn"}, {}, "allow tier_default"},
      {"a default is no rule",
       "chi_xem",
       "bao.vn",
       {"cdn.la"},
       {"198.51.100.1"},
       "allow category press",
       false},
      {"no host name", "hoc", "a.vn", {"x y", "", "a..b", "[::1"}, {}, "allow tier_default", false},
      {"a blocked address", "hoc", "a.vn", {}, {"203.0.113.7"}, "block host_line"},
      {"... among others", "hoc", "a.vn", {}, {"198.51.100.1", "203.0.113.7"}, "block host_line"},
      {"... by NAT64", "hoc", "a.vn", {}, {"64:ff9b::203.0.113.7"}, "block host_line"},
      {"... by 6to4", "hoc", "a.vn", {}, {"2002:cb00:7107::1"}, "block host_line"},
      {"... IPv4-compatible", "hoc", "a.vn", {}, {"::203.0.113.7"}, "block host_line"},
      {"... of another tier", "khac", "a.vn", {}, {"203.0.113.7"}, "allow tier_default"},
      {"... under an open line", "hoc", "mo.vn", {}, {"203.0.113.7"}, "allow host_line"},
      {"an open address", "hoc", "a.vn", {}, {"203.0.113.8"}, "allow tier_default"},
      {"an address in a list", "hoc", "a.vn", {}, {"203.0.113.9"}, "allow tier_default", false},
      {"a list's network", "hoc", "a.vn", {}, {"198.18.0.7"}, "block category ads"},
      {"... among others", "hoc", "a.vn", {}, {"198.51.100.1", "198.18.0.7"}, "block category ads"},
      {"... by NAT64", "hoc", "a.vn", {}, {"64:ff9b::198.18.0.7"}, "block category ads"},
      {"... of IPv6", "hoc", "a.vn", {}, {"2001:db8:ad:1::1"}, "block category ads"},
      {"... beside it", "hoc", "a.vn", {}, {"198.18.1.0"}, "allow tier_default", false},
      {"... of another tier", "khac", "a.vn", {}, {"198.18.0.7"}, "allow tier_default"},
      {"... under an allowed category", "hoc", "bao.vn", {}, {"198.18.0.7"}, "block category ads"},
      {"... under a protecting one", "hoc", "capnhat.vn", {}, {"198.18.0.7"}, "allow category updates"},
      {"... under an open line", "hoc", "mo.vn", {}, {"198.18.0.7"}, "allow host_line"},
      {"... within it a protecting network", "hoc", "a.vn", {}, {"198.18.0.129"}, "allow tier_default"},
      {"... within it an open line on a network", "hoc", "a.vn", {}, {"198.18.0.65"}, "block category ads"},
      {"... that only warns", "hoc", "a.vn", {}, {"198.18.7.1"}, "allow tier_default"},
      {"... that is allowed opens nothing", "chi_xem", "bao.vn", {}, {"198.18.4.1"}, "allow category press"},
      {"... of a locked category", "hoc", "a.vn", {}, {"198.18.9.1"}, "block+locked locked_category lua"},
      {"... of a locked category under an open line",
       "hoc",
       "mo.vn",
       {},
       {"198.18.9.1"},
       "block+locked locked_category lua"},
      {"... of a locked category under a locked line",
       "hoc",
       "khoa.vn",
       {},
       {"198.18.9.1"},
       "allow+locked locked_line"},
      {"... that helps", "hoc", "a.vn", {}, {"198.18.10.1"}, "help+alert category cuu"},
      {"a line's network", "hoc", "a.vn", {}, {"198.18.5.1"}, "block host_line"},
      {"... of one address", "hoc", "a.vn", {}, {"198.18.6.7"}, "block host_line"},
      {"... beside that address", "hoc", "a.vn", {}, {"198.18.6.8"}, "allow tier_default"},
      {"... within it an open network", "hoc", "a.vn", {}, {"198.18.5.65"}, "block host_line"},
      {"... within it one that is warned of", "hoc", "a.vn", {}, {"198.18.5.33"}, "block host_line"},
      {"... within it an open address", "hoc", "a.vn", {}, {"198.18.5.9"}, "allow tier_default"},
      {"... under an open line", "hoc", "mo.vn", {}, {"198.18.5.1"}, "allow host_line"},
      {"... of another tier", "khac", "a.vn", {}, {"198.18.5.1"}, "allow tier_default"},
      {"a locked line's network", "hoc", "mo.vn", {}, {"198.18.8.1"}, "block+locked locked_line"},
      {"... within it a locked one that opens",
       "hoc",
       "mo.vn",
       {},
       {"198.18.8.65"},
       "block+locked locked_line"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Url url;
      REQUIRE(url.parse(std::string("http://") + row.asked + "/x").ok());
      const JudgeRequest request{url, Stage::request, *world->policy->find_tier(row.tier), LocalTime{}, {}};
      std::vector<IpAddress> addresses;
      for (const std::string& text : row.addresses) addresses.push_back(*IpAddress::parse(text));
      const Verdict verdict = judge.evaluate(request);
      REQUIRE(verdict.action == Action::allow);
      const auto resolved = judge.evaluate_resolved(request, verdict, row.aliases, addresses);
      CHECK(world->words(resolved.verdict) == row.want);
      CHECK(resolved.blocked == (resolved.verdict.action != Action::allow));
      CHECK(resolved.rules_spoke == row.rules_spoke);
    }
  }
}

TEST_CASE("an address that was let through by number is not closed by what stands around it",
          "[rules][judge][resolved]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  struct Row {
    const char *name, *asked, *want;
  };
  const Row rows[] = {
      {"an open network within a blocked one", "198.18.5.65:443", "allow host_line"},
      {"an open network within a list's", "198.18.0.65:443", "allow host_line"},
      {"a protecting network within a list's", "198.18.0.129:443", "allow category updates"},
      {"a locked network that opens", "198.18.8.65:443", "allow+locked locked_line"},
      {"a locked category", "198.18.9.1:443", "block+locked locked_category lua"},
      {"IPv4 within IPv6", "[64:ff9b::198.18.5.1]:443", "block host_line"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Url url;
      REQUIRE(url.parse_authority(row.asked).ok());
      const JudgeRequest request{url, Stage::host, *world->policy->find_tier("hoc"), LocalTime{}, {}};
      const Verdict verdict = judge.evaluate(request);
      const IpAddress itself[] = {url.host().address};
      CHECK(world->words(judge.evaluate_resolved(request, verdict, {}, itself).verdict) == row.want);
    }
  }
}

TEST_CASE("a network that helps: what would be without it stands beside", "[rules][judge][resolved]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse("http://a.vn/").ok());
  const JudgeRequest request{url, Stage::host, *world->policy->find_tier("hoc"), LocalTime{}, {}};
  Judged judged{judge.evaluate(request), std::nullopt};
  const IpAddress found[] = {*IpAddress::parse("198.18.10.1")};
  CHECK(judge.judge_resolved(request, judged, {}, found).blocked);
  REQUIRE(judged.help);
  CHECK(judged.verdict.action == Action::help);
  CHECK(judged.without_help().action == Action::allow);
}

TEST_CASE("no tier, no way", "[rules][judge][resolved]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  Url url;
  REQUIRE(url.parse("http://a.vn/").ok());
  const JudgeRequest request{url, Stage::request, 77, LocalTime{}, {}};
  const auto resolved = judge.evaluate_resolved(request, Verdict{}, {}, {});
  CHECK(resolved.blocked);
  CHECK(resolved.verdict == Verdict{});
}
