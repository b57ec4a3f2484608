// evaluate_connect() is in tests/golden/tunnels.txt; here is what the ClientHello adds.
#include <catch2/catch.hpp>

#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

constexpr const char* school = R"(
category gambling
category self_harm
list gambling : bad.vn
list self_harm : giup.vn
tier chat_che
  gambling = block+locked
  self_harm = help
  allow : 203.0.113.5
  warn : can-than.vn
  block : kem.vn/x
  block : chan.vn
tier ghi_lai extends chat_che
  tunnel sni_mismatch = allow_and_record
  tunnel no_sni = allow_and_record
  tunnel several_names = allow_and_record
  tunnel sni_is_address = allow_and_record
  tunnel not_tls = allow_and_record
  tunnel hidden_name = allow_and_record
tier tha extends chat_che
  tunnel sni_mismatch = allow
  tunnel no_sni = allow
  tunnel several_names = allow
  tunnel sni_is_address = allow
  tunnel not_tls = allow
  tunnel hidden_name = allow
tier mo_mot_nua extends tha
  tunnel hidden_name = block
)";

using First = TunnelFacts::First;

struct Hello {
  First first = First::tls;
  std::uint8_t names = 1;
  const char* sni = "";  // "" = none
  bool is_address = false, valid = true, ech = false;
};

}  // namespace

TEST_CASE("what a ClientHello adds to the verdict on the name", "[rules][judge][tunnel]") {
  const std::unique_ptr<World> world = parse_world(school);
  Judge judge = world->judge();
  struct Row {
    const char *name, *tier, *authority;
    Hello hello;
    const char* want;
  };
  const Hello none{First::tls, 0};
  const Row rows[] = {
      {"the same name", "chat_che", "a.vn", {First::tls, 1, "a.vn"}, "allow tier_default"},
      {"... in other case, with a dot", "chat_che", "a.vn", {First::tls, 1, "A.VN."}, "allow tier_default"},
      {"... as A-label in capitals",
       "chat_che",
       "xn--bcher-kva.vn",
       {First::tls, 1, "XN--BCHER-KVA.vn"},
       "allow tier_default"},
      {"GREASE", "chat_che", "a.vn", {First::tls, 1, "a.vn", false, true, true}, "allow tier_default"},

      {"no name", "chat_che", "a.vn", none, "block+record no_sni"},
      {"no name, recorded", "ghi_lai", "a.vn", none, "allow+record tier_default"},
      {"no name, allowed", "tha", "a.vn", none, "allow tier_default"},
      {"an address has none", "chat_che", "203.0.113.5", none, "allow host_line"},

      {"another name", "chat_che", "a.vn", {First::tls, 1, "b.vn"}, "block+record sni_mismatch"},
      {"another name, recorded", "ghi_lai", "a.vn", {First::tls, 1, "b.vn"}, "allow+record tier_default"},
      {"another name, allowed", "tha", "a.vn", {First::tls, 1, "b.vn"}, "allow tier_default"},
      {"another name that is blocked",
       "tha",
       "a.vn",
       {First::tls, 1, "bad.vn"},
       "block+locked locked_category gambling"},
      {"another name that warns", "tha", "a.vn", {First::tls, 1, "can-than.vn"}, "warn host_line"},
      {"a milder name does not help", "tha", "can-than.vn", {First::tls, 1, "a.vn"}, "warn host_line"},
      {"help does not open a block", "tha", "chan.vn", {First::tls, 1, "giup.vn"}, "block host_line"},
      {"a site of help is stricter than a warning",
       "tha",
       "can-than.vn",
       {First::tls, 1, "giup.vn"},
       "help category self_harm"},
      {"a name below the authority is another",
       "chat_che",
       "a.vn",
       {First::tls, 1, "w.a.vn"},
       "block+record sni_mismatch"},
      {"an address that shows a name",
       "chat_che",
       "203.0.113.5",
       {First::tls, 1, "b.vn"},
       "block+record sni_mismatch"},

      {"two names", "chat_che", "a.vn", {First::tls, 2, "a.vn"}, "block+record several_names"},
      {"two names, recorded", "ghi_lai", "a.vn", {First::tls, 2, "a.vn"}, "allow+record tier_default"},
      {"an address as name",
       "chat_che",
       "a.vn",
       {First::tls, 1, "10.0.0.1", true},
       "block+record sni_is_address"},
      {"an address as name, still another name",
       "ghi_lai",
       "a.vn",
       {First::tls, 1, "10.0.0.1", true},
       "allow+record tier_default"},
      {"a name that is none", "tha", "a.vn", {First::tls, 1, "", false, false}, "block+record bad_hello"},
      {"no TLS", "chat_che", "a.vn", {First::not_tls, 0}, "block+record not_tls"},
      {"no TLS, recorded", "ghi_lai", "a.vn", {First::not_tls, 0}, "allow+record tier_default"},
      {"a broken hello", "tha", "a.vn", {First::bad_hello, 0}, "block+record bad_hello"},

      {"a hidden name",
       "chat_che",
       "a.vn",
       {First::tls, 1, "cloudflare-ech.com", false, true, true},
       "block+record hidden_name"},
      {"a hidden name behind any other",
       "mo_mot_nua",
       "a.vn",
       {First::tls, 1, "b.vn", false, true, true},
       "block+record hidden_name"},
      {"another name without ECH", "mo_mot_nua", "a.vn", {First::tls, 1, "b.vn"}, "allow tier_default"},
      {"the public name itself, with ECH",
       "mo_mot_nua",
       "cloudflare-ech.com",
       {First::tls, 1, "cloudflare-ech.com", false, true, true},
       "block+record hidden_name"},
      {"the public name itself, without",
       "mo_mot_nua",
       "cloudflare-ech.com",
       {First::tls, 1, "cloudflare-ech.com"},
       "allow tier_default"},
      {"not everything that ends so",
       "mo_mot_nua",
       "notcloudflare-ech.com",
       {First::tls, 1, "notcloudflare-ech.com", false, true, true},
       "allow tier_default"},

      {"a block keeps its reason", "chat_che", "bad.vn", none, "block+locked locked_category gambling"},
      {"a path that may change it stays open",
       "chat_che",
       "kem.vn",
       {First::tls, 1, "kem.vn"},
       "allow tier_default, path may change it"},
      {"... but not past a rule of tunnels", "chat_che", "kem.vn", none, "block+record no_sni"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Url authority, sni;
      REQUIRE(authority.parse_authority(std::string(row.authority) + ":443").ok());
      const TierId tier = *world->policy->find_tier(row.tier);
      const JudgeRequest request{authority, Stage::host, tier, LocalTime{}, {}};
      TunnelFacts facts;
      facts.first = row.hello.first;
      facts.names = row.hello.names;
      facts.sni_is_address = row.hello.is_address;
      facts.sni_valid = row.hello.valid;
      facts.ech = row.hello.ech;
      if (*row.hello.sni != '\0') {
        REQUIRE(sni.parse_authority(std::string(row.hello.sni) + ":443").ok());
        facts.sni = &sni;
      }
      const Verdict verdict = judge.evaluate_hello(request, judge.evaluate_connect(request), facts);
      CHECK(world->words(verdict) + (verdict.path_may_change_it ? ", path may change it" : "") == row.want);
    }
  }
}

TEST_CASE("a soft block becomes firm under another name", "[rules][judge][tunnel]") {
  const std::unique_ptr<World> world = parse_world(R"(
category gambling
list gambling : bad.vn
tier chi_xem default block
  gambling = block
  tunnel sni_mismatch = allow
  allow : video.vn/bai
  allow : tot.vn
)");
  Judge judge = world->judge();
  Url authority, sni;
  REQUIRE(authority.parse_authority("video.vn:443").ok());
  const JudgeRequest request{authority, Stage::host, 0, LocalTime{}, {}};
  const Verdict soft = judge.evaluate_connect(request);
  REQUIRE(soft.path_may_change_it);
  TunnelFacts facts;
  facts.names = 1;
  facts.sni = &sni;

  REQUIRE(sni.parse_authority("tot.vn:443").ok());  // the soft block is the stricter and stays soft
  CHECK(judge.evaluate_hello(request, soft, facts).path_may_change_it);
  REQUIRE(sni.parse_authority("bad.vn:443").ok());  // no path makes the SNI's block any better
  const Verdict firm = judge.evaluate_hello(request, soft, facts);
  CHECK(firm.action == Action::block);
  CHECK_FALSE(firm.path_may_change_it);
  CHECK(judge.evaluate_hello(request, soft, TunnelFacts{}).reason == Reason::no_sni);  // nor a missing SNI
  CHECK_FALSE(judge.evaluate_hello(request, soft, TunnelFacts{}).path_may_change_it);
}

TEST_CASE("what was redirected to an address has no name by itself", "[rules][judge][tunnel]") {
  struct Row {
    const char *address_target, *no_sni;
    bool redirected;
    Action want;
    Reason reason;
  };
  const Row rows[] = {
      // A CONNECT to an address asks for that address: no name is missing.
      {"allow", "block", false, Action::allow, Reason::tier_default},
      {"allow", "block", true, Action::block, Reason::no_sni},
      {"allow", "allow", true, Action::allow, Reason::tier_default},
      {"block", "allow", true, Action::block, Reason::address_target},
      {"block", "block", true, Action::block, Reason::address_target},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.address_target << ", " << row.no_sni << (row.redirected ? ", redirected" : "")) {
      const std::unique_ptr<World> world =
          parse_world(std::string("tier t\n  tunnel address_target = ") + row.address_target +
                      "\n  tunnel no_sni = " + row.no_sni + "\n");
      Judge judge = world->judge();
      Url authority;
      REQUIRE(authority.parse_authority("93.184.216.34:443").ok());
      const JudgeRequest request{authority, Stage::host, 0, LocalTime{}, {}};
      TunnelFacts facts;
      facts.redirected = row.redirected;
      const Verdict verdict = judge.evaluate_hello(request, judge.evaluate_connect(request), facts);
      CHECK(verdict.action == row.want);
      CHECK(verdict.reason == row.reason);
    }
  }
}
