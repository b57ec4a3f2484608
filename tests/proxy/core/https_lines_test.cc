// Each kind of explicit line in each way of treating https: what the person behind the browser gets.
#include <catch2/catch.hpp>

#include "proxy/core/plan.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

// "site": it is loaded; "page": the block page; "continue": a warning that can be passed; "closed": the
// connection is refused and the browser shows an error of its own.
std::string outcome(const World& world, std::string_view text, Https https) {
  Tier tier = world.policy->tiers()[0];
  tier.https = https;
  tier.warn_without_page = WarnWithoutPage::block;
  Url url, authority;
  if (url.parse(text).failed() || authority.parse_authority(std::string(url.host().text) + ":443").failed())
    return "bad URL";
  Judge judge = world.judge();
  const Opening opening{.has_authority = true, .judge = &judge, .name = &authority};
  const JudgeRequest connect{.url = authority, .stage = Stage::host, .tier = 0, .time = {}, .granted = {}};
  const Verdict by_name = judge.evaluate_connect(connect);
  const TunnelPlan tunnel = plan_tunnel(by_name, tier, opening);
  if (tunnel == TunnelPlan::pass) return "site";
  if (tunnel == TunnelPlan::close) return "closed";
  const JudgeRequest whole{.url = url, .stage = Stage::request, .tier = 0, .time = {}, .granted = {}};
  const Verdict verdict = tunnel == TunnelPlan::page ? by_name : judge.evaluate(whole);
  return verdict.action == Action::allow ? "site" : verdict.action == Action::warn ? "continue" : "page";
}

struct Row {
  const char* kind;
  const char* rule;
  bool in_name;  // the name alone tells whether it holds
  const char* url = "https://www.video.vn/tro-choi/a?b=c";
};

const Row rows[] = {
    {"host", "video.vn", true},
    {"longer host", "www.video.vn", true},
    {"path", "video.vn/tro-choi", false},
    {"path of this name alone", "=www.video.vn/tro-choi", false},
    {"pattern on the host", "re-host:^www.*vn$", true},
    {"pattern on the path", "re-path:tro-ch", false},
    {"pattern on the query", "re-query:b=c", false},
    {"pattern on the URL", "re:choi/a", false},
};

}  // namespace

TEST_CASE("kinds of explicit line in names, block-page and inspect", "[core][plan][golden]") {
  for (const Row& row : rows) DYNAMIC_SECTION(row.kind) {
      const auto world = [&](const char* action, const char* rest) {
        return parse_world(std::string("tier t") + rest + "\n  " + action + " : " + row.rule + "\n");
      };
      const auto block = world("block", ""), warn = world("warn", ""),
                 allow = world("allow", " default block");
      // What only the path tells is not seen by name: it neither blocks nor opens anything there.
      CHECK(outcome(*block, row.url, Https::names) == (row.in_name ? "closed" : "site"));
      CHECK(outcome(*block, row.url, Https::block_page) == (row.in_name ? "page" : "site"));
      CHECK(outcome(*block, row.url, Https::inspect) == "page");
      CHECK(outcome(*warn, row.url, Https::names) == (row.in_name ? "closed" : "site"));
      CHECK(outcome(*warn, row.url, Https::block_page) == (row.in_name ? "continue" : "site"));
      CHECK(outcome(*warn, row.url, Https::inspect) == "continue");
      CHECK(outcome(*allow, row.url, Https::names) == (row.in_name ? "site" : "closed"));
      CHECK(outcome(*allow, row.url, Https::block_page) == (row.in_name ? "site" : "page"));
      CHECK(outcome(*allow, row.url, Https::inspect) == "site");
      // Another site is touched by none of them.
      for (const Https https : {Https::names, Https::block_page, Https::inspect}) {
        CHECK(outcome(*block, "https://la.org/", https) == "site");
        CHECK(outcome(*warn, "https://la.org/", https) == "site");
        CHECK(outcome(*allow, "https://la.org/", https) == (https == Https::names ? "closed" : "page"));
      }
    }
}

TEST_CASE("a line on an address: never opened, in no way of treating https", "[core][plan][golden]") {
  const auto block = parse_world("tier t\n  tunnel address_target = allow\n  block : 203.0.113.6\n");
  const auto allow = parse_world("tier t default block\n  allow : 203.0.113.6\n");
  for (const Https https : {Https::names, Https::block_page, Https::inspect}) {
    CHECK(outcome(*block, "https://203.0.113.6/a", https) == "closed");
    CHECK(outcome(*block, "https://203.0.113.7/a", https) == "site");
    CHECK(outcome(*allow, "https://203.0.113.6/a", https) == "site");
    CHECK(outcome(*allow, "https://203.0.113.7/a", https) == "closed");
  }
}
