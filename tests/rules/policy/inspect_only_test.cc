// Which sites a tier opens although it goes by names, and whose devices are taken to trust the certificate.
#include <algorithm>
#include <catch2/catch.hpp>

#include "rules/policy/policy.h"
#include "rules/policy/private_sites.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

TEST_CASE("inspect_only: a name is that host alone, *.x those below x", "[rules][policy][inspect]") {
  InspectOnly only;
  only.hosts = {"accounts.google.com", "docs.example.vn", "sites.google.com", "www.google.com"};
  only.below = {"google.com", "truong.edu.vn"};
  struct Row {
    const char* host;
    bool holds;
  };
  const Row rows[] = {
      {"www.google.com", true},
      {"sites.google.com", true},
      {"a.b.google.com", true},
      {"google.com", false},  // "*.google.com" is what lies below it
      {"notgoogle.com", false},
      {"www.google.com.vn", false},
      {"xwww.google.com", true},
      {"accounts.google.com", false},  // whatever names it
      {"mail.google.com", false},
      {"x.mail.google.com", false},
      {"drive.google.com", false},
      {"docs.google.com", false},
      {"meet.google.com", false},
      {"login.microsoftonline.com", false},
      {"lop.truong.edu.vn", true},
      {"mail.truong.edu.vn", false},  // named like a letter box, below a "*."
      {"sso.truong.edu.vn", false},
      {"lop.mail.truong.edu.vn", true},
      {"docs.example.vn", true},  // named by itself
      {"com", false},
      {"", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("host " << row.host) {
      CHECK(only.holds(row.host) == row.holds);
    }
  CHECK_FALSE(InspectOnly{}.holds("www.google.com"));
}

TEST_CASE("inspect_only: what is private is in order, and holds what lies below",
          "[rules][policy][inspect]") {
  CHECK(std::is_sorted(private_sites().begin(), private_sites().end(),
                       [](const PrivateSite& a, const PrivateSite& b) { return a.name < b.name; }));
  for (const PrivateSite& site : private_sites()) {
    CHECK(private_site(site.name) == site.kind);
    CHECK(private_site("a." + std::string(site.name)) == site.kind);
    if (!private_site(site.name.substr(site.name.find('.') + 1)))
      CHECK_FALSE(private_site("x" + std::string(site.name)).has_value());
    InspectOnly only;
    only.hosts = {std::string(site.name)};
    CHECK_FALSE(only.holds(site.name));
  }
  // Those that schools want to inspect are none of them.
  for (const char* const host : {"www.google.com", "www.google.com.vn", "www.bing.com", "coccoc.com",
                                 "www.youtube.com", "m.youtube.com", "sites.google.com"})
    CHECK_FALSE(private_site(host).has_value());
}

TEST_CASE("who trusts the certificate", "[rules][policy][inspect]") {
  const auto network = [](const char* text) { return *Network::parse(text); };
  const auto address = [](const char* text) { return *IpAddress::parse(text); };
  const auto world = parse_world("tier a\ntier b\n");
  const auto compile = [&](bool said, bool room, bool within) {
    world->spec.networks = {{network("10.0.0.0/8"), 0, {}, room}, {network("10.1.0.0/16"), 1, {}, within}};
    world->spec.trust_is_said = said;
    compile_world(*world);
    return world->policy;
  };
  struct Row {
    const char* name;
    bool said, room, within;
    bool far, near, stranger, some_a, some_b;
  };
  const Row rows[] = {
      {"nobody says", false, false, false, true, true, true, true, true},
      {"the wide network", true, true, false, true, false, false, true, false},
      {"the narrow one", true, false, true, false, true, false, false, true},
      {"none of them", true, false, false, false, false, false, false, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const auto policy = compile(row.said, row.room, row.within);
      CHECK(policy->trusts_ca(address("10.9.0.1")) == row.far);
      CHECK(policy->trusts_ca(address("10.1.0.1")) == row.near);
      CHECK(policy->trusts_ca(address("192.168.1.1")) == row.stranger);
      CHECK(policy->some_trust_ca(0) == row.some_a);
      CHECK(policy->some_trust_ca(1) == row.some_b);
    }
}
