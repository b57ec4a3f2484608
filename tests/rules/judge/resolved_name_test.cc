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
list ads : theo-doi.vn 203.0.113.9
list games : choi.vn
list games : nhieu.vn/x
list press : bao.vn
list updates : capnhat.vn
locked block : cam.vn
tier hoc
  ads = block
  games = warn
  press = allow
  updates = allow
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
      CHECK(resolved.blocked == (resolved.verdict.action == Action::block));
      CHECK(resolved.rules_spoke == row.rules_spoke);
    }
  }
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
