// A few sites are opened, and no other: plan_tunnel() and plan() of a tier that goes by names.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "proxy/core/certificate_refusals.h"
#include "proxy/core/plan.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

std::unique_ptr<World> world_with_a_bank_of_its_own() {
  auto world = parse_world("tier t\n");
  world->spec.never_inspect_hosts = {"bank.test", "closed.school.test"};
  compile_world(*world);
  return world;
}

Tier a_few() {
  Tier tier;
  tier.default_action = Action::allow;
  tier.inspect_only.hosts = {"bank.test", "open.test", "www.google.com"};
  tier.inspect_only.below = {"school.test"};
  return tier;
}

Verdict allowed() {
  Verdict verdict;
  verdict.action = Action::allow;
  verdict.layer = Layer::tier_default;
  verdict.reason = Reason::tier_default;
  return verdict;
}

Url authority(const std::string& host) {
  Url url;
  REQUIRE(url.parse_authority(host + ":443").ok());
  return url;
}

}  // namespace

TEST_CASE("inspect_only: which connections are opened", "[core][plan][inspect]") {
  struct Row {
    const char *name, *sni;  // "" = none
    bool trusts;
    TunnelPlan allow, block;
  };
  using enum TunnelPlan;
  const Row rows[] = {
      {"open.test", "", true, inspect, page},
      {"open.test", "open.test", true, inspect, page},
      {"www.google.com", "www.google.com", true, inspect, page},
      {"a.school.test", "a.school.test", true, inspect, page},
      {"open.test", "open.test", false, pass, close},  // the device does not trust the certificate
      {"other.test", "other.test", true, pass, close},
      {"www.open.test", "www.open.test", true, pass, close},
      {"school.test", "school.test", true, pass, close},
      {"open.test", "other.test", true, pass, close},  // one of the two names is not meant
      {"other.test", "open.test", true, pass, close},
      {"bank.test", "bank.test", true, pass, close},  // never_inspect wins
      {"closed.school.test", "closed.school.test", true, pass, close},
      {"mail.school.test", "mail.school.test", true, pass, close},
      {"open.test", "bank.test", true, pass, close},
      {"accounts.google.com", "accounts.google.com", true, pass, close},
  };
  const auto world = world_with_a_bank_of_its_own();
  Judge judge = world->judge();
  const Tier tier = a_few();
  for (const Row& row : rows)
    DYNAMIC_SECTION(row.name << " as " << row.sni << (row.trusts ? "" : ", untrusting")) {
      const Url name = authority(row.name);
      Url sni;
      Opening opening{.has_authority = row.trusts, .judge = &judge, .name = &name};
      if (*row.sni != 0) {
        sni = authority(row.sni);
        opening.sni = &sni;
      }
      CHECK(plan_tunnel(allowed(), tier, opening) == row.allow);
      CHECK(plan_tunnel(Verdict{}, tier, opening) == row.block);
      CHECK(may_inspect(tier, opening) == (row.allow == inspect));
    }
}

TEST_CASE("inspect_only: of a thousand other names none is opened", "[core][plan][inspect]") {
  const auto world = world_with_a_bank_of_its_own();
  Judge judge = world->judge();
  const Tier tier = a_few();
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string host;
    for (std::size_t labels = 1 + random() % 3; labels > 0; --labels) {
      for (std::size_t letters = 1 + random() % 9; letters > 0; --letters)
        host += static_cast<char>('a' + random() % 26);
      host += '.';
    }
    host += i % 3 == 0 ? "open.test" : i % 3 == 1 ? "www.google.com" : "vn";
    const Url name = authority(host);
    const Opening opening{.has_authority = true, .judge = &judge, .name = &name, .sni = &name};
    INFO(host);
    CHECK(plan_tunnel(allowed(), tier, opening) == TunnelPlan::pass);
  }
}

TEST_CASE("inspect_only: beside block-page it opens what is allowed too", "[core][plan][inspect]") {
  const auto world = world_with_a_bank_of_its_own();
  Judge judge = world->judge();
  Tier tier = a_few();
  tier.https = Https::block_page;
  const Url open = authority("open.test"), other = authority("other.test");
  const Opening named{.has_authority = true, .judge = &judge, .name = &open};
  const Opening unnamed{.has_authority = true, .judge = &judge, .name = &other};
  CHECK(plan_tunnel(allowed(), tier, named) == TunnelPlan::inspect);
  CHECK(plan_tunnel(allowed(), tier, unnamed) == TunnelPlan::pass);
  CHECK(plan_tunnel(Verdict{}, tier, unnamed) == TunnelPlan::page);
}

TEST_CASE("a CONNECT of a device that does not trust the certificate is not opened",
          "[core][plan][inspect]") {
  const auto world = world_with_a_bank_of_its_own();
  Judge judge = world->judge();
  const std::string text = "CONNECT open.test:443 HTTP/1.1\r\nHost: x\r\n\r\n";
  RequestHead head;
  REQUIRE(parse_request_head(text, head).ok());
  const Url url = authority("open.test");
  for (Https mode : {Https::names, Https::block_page, Https::inspect}) {
    Tier tier = a_few();
    tier.https = mode;
    PlanRequest request{head, url, allowed(), tier};
    request.has_authority = true;
    request.judge = &judge;
    CHECK(std::holds_alternative<Inspect>(plan(request)));
    request.trusts_ca = false;
    CHECK(std::holds_alternative<Tunnel>(plan(request)));
  }
  // Our own site is, so that the device can be made to trust it.
  const std::string own = "CONNECT schoolgate.internal:443 HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(parse_request_head(own, head).ok());
  const Url ours = authority("schoolgate.internal");
  const Tier tier = a_few();
  PlanRequest request{head, ours, allowed(), tier};
  request.has_authority = true;
  request.trusts_ca = false;
  request.judge = &judge;
  CHECK(std::holds_alternative<Inspect>(plan(request)));
}

TEST_CASE("devices that refuse the certificate are told until they accept one", "[core][inspect]") {
  CertificateRefusals refusals(2);
  const IpAddress a = IpAddress::v4(0x0a000001), b = IpAddress::v4(0x0a000002), c = IpAddress::v4(0x0a000003);
  refusals.refused(a, 1000);
  refusals.refused(a, 2000);
  CHECK(refusals.all().empty());  // an app that trusts its own alone
  refusals.refused(a, 3000);
  REQUIRE(refusals.all().size() == 1);
  CHECK(refusals.all()[0].address == a);
  CHECK(refusals.all()[0].refused == 3);
  CHECK(refusals.all()[0].last_ms == 3000);
  refusals.accepted(a);
  CHECK(refusals.all().empty());
  for (const IpAddress& device : {a, b, c})  // there is room for two: whoever refused longest ago goes
    for (int i = 0; i < 3; ++i)
      refusals.refused(device, 4000 + i + (device == b ? 1000 : 0) + (device == c ? 2000 : 0));
  REQUIRE(refusals.all().size() == 2);
  CHECK(refusals.all()[0].address == c);
  CHECK(refusals.all()[1].address == b);
}
