#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/log_record.h"
#include "proxy/core/plan.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

struct Asked {
  std::string head;
  Verdict verdict;
  WarnWithoutPage warn = WarnWithoutPage::block;
  bool as_of_origin = false, to_our_address = false;
};

std::string name_of(PageKind kind) {
  switch (kind) {
    case PageKind::block:
      return "block";
    case PageKind::block_locked:
      return "block_locked";
    case PageKind::block_default:
      return "block_default";
    case PageKind::block_line:
      return "block_line";
    case PageKind::block_room_off:
      return "block_room_off";
    case PageKind::block_room_only:
      return "block_room_only";
    case PageKind::block_search:
      return "block_search";
    case PageKind::block_unsafe_search:
      return "block_unsafe_search";
    case PageKind::warn:
      return "warn";
    case PageKind::help:
      return "help";
    case PageKind::bad_request:
      return "bad_request";
    case PageKind::loop:
      return "loop";
    case PageKind::not_ready:
      return "not_ready";
    case PageKind::address_refused:
      return "address_refused";
    case PageKind::name_mismatch:
      return "name_mismatch";
    case PageKind::not_tls:
      return "not_tls";
    case PageKind::port_not_allowed:
      return "port_not_allowed";
    case PageKind::no_server_name:
      return "no_server_name";
    default:
      return "another page";
  }
}

std::string planned(const Asked& asked) {
  RequestHead head;
  REQUIRE(parse_request_head(asked.head, head).ok());
  Url url;
  if (head.form == RequestHead::Form::authority)
    REQUIRE(url.parse_authority(head.target).ok());
  else if (head.form == RequestHead::Form::absolute)
    REQUIRE(url.parse(head.target).ok());
  else {
    const std::string target = head.form == RequestHead::Form::asterisk ? "/" : std::string(head.target);
    REQUIRE(url.parse("http://" + std::string(head.field("Host")) + target).ok());
  }
  Tier tier;
  tier.warn_without_page = asked.warn;
  const PlanRequest request{head, url, asked.verdict, tier, asked.as_of_origin, asked.to_our_address, "gate"};
  const Plan result = plan(request);
  if (const auto* block = std::get_if<Block>(&result)) return "page " + name_of(block->page);
  if (std::holds_alternative<Tunnel>(result)) return "tunnel";
  if (const auto* reject = std::get_if<Reject>(&result)) return "reject " + name_of(reject->page);
  if (std::holds_alternative<LastHop>(result)) return "options";
  return std::holds_alternative<Own>(result) ? "own" : "forward";
}

Verdict verdict(Action action, Reason reason = Reason::category, Flags flags = {}) {
  Verdict result;
  result.action = action;
  result.reason = reason;
  result.flags = flags;
  result.layer = Layer::category;
  return result;
}

// bank.test is never opened.
std::unique_ptr<World> world_with_a_bank() {
  auto world = parse_world("tier t\n");
  world->spec.never_inspect_hosts = {"bank.test"};
  compile_world(*world);
  return world;
}

std::string name_of(TunnelPlan plan) {
  switch (plan) {
    case TunnelPlan::close:
      return "close";
    case TunnelPlan::pass:
      return "pass";
    case TunnelPlan::page:
      return "page";
    case TunnelPlan::inspect:
      return "inspect";
  }
  return "?";
}

std::string page(const std::string& url = "http://a.vn/") {
  return "GET " + url + " HTTP/1.1\r\nHost: a.vn\r\nAccept: text/html,*/*\r\n\r\n";
}
std::string image() {
  return "GET http://a.vn/a.png HTTP/1.1\r\nHost: a.vn\r\nAccept: image/png,*/*\r\n\r\n";
}
std::string connect(const std::string& to = "a.vn:443") {
  return "CONNECT " + to + " HTTP/1.1\r\nHost: a.vn\r\n\r\n";
}
std::string origin(const std::string& host = "a.vn") {
  return "GET / HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n\r\n";
}

}  // namespace

TEST_CASE("what is done with a request", "[core][plan]") {
  const auto open = WarnWithoutPage::allow_and_record, shut = WarnWithoutPage::block;
  const Verdict allow = verdict(Action::allow), warn = verdict(Action::warn), block = verdict(Action::block),
                help = verdict(Action::help),
                recorded = verdict(Action::allow, Reason::category, {.record = true});
  struct Row {
    const char* name;
    Asked asked;
    const char* want;
  };
  const Row rows[] = {
      {"a verdict nobody made blocks", {page(), Verdict{}}, "page not_ready"},
      {"allow", {page(), allow}, "forward"},
      {"block", {page(), block}, "page block"},
      {"warn", {page(), warn, open}, "page warn"},
      {"a site that a list of help names", {page(), help}, "page help"},
      // no page can be shown
      {"a blocked picture", {image(), block, open}, "page block"},
      {"a warned picture where warn is strict", {image(), warn, shut}, "page block"},
      {"a warned picture where warn is lenient", {image(), warn, open}, "forward"},
      {"a picture of such a site", {image(), help, open}, "page help"},
      // tunnels
      {"an allowed tunnel", {connect(), allow}, "tunnel"},
      {"a recorded tunnel", {connect(), recorded}, "tunnel"},
      {"a blocked tunnel", {connect(), block, open}, "page block"},
      {"a warned tunnel, strict", {connect(), warn, shut}, "page block"},
      {"a warned tunnel, lenient", {connect(), warn, open}, "tunnel"},
      {"a tunnel to such a site", {connect(), help, open}, "page help"},
      {"a tunnel to a wrong port",
       {connect("a.vn:25"), verdict(Action::block, Reason::port_not_allowed)},
       "page port_not_allowed"},
      {"a tunnel in a tunnel", {connect(), allow, shut, true}, "reject bad_request"},
      {"a tunnel to ourselves", {connect("schoolgate.internal:443"), allow}, "reject bad_request"},
      // forms
      {"https without a tunnel", {page("https://a.vn/"), allow}, "reject bad_request"},
      {"absolute form in a tunnel", {page(), allow, shut, true}, "reject bad_request"},
      {"origin form outside a tunnel", {origin(), allow}, "reject bad_request"},
      {"a browser that looks for its proxy, under the name it knows",
       {"GET /wpad.dat HTTP/1.1\r\nHost: wpad.school.lan\r\n\r\n", block},
       "own"},
      {"... with a query", {"GET /proxy.pac?v=2 HTTP/1.1\r\nHost: wpad\r\n\r\n", block}, "own"},
      {"... but nothing is put there",
       {"PUT /proxy.pac HTTP/1.1\r\nHost: wpad\r\nContent-Length: 0\r\n\r\n", allow},
       "reject bad_request"},
      {"... and a site's own file of that name is the site's",
       {"GET http://site.test/proxy.pac HTTP/1.1\r\nHost: site.test\r\n\r\n", allow},
       "forward"},
      {"... in a tunnel too",
       {"GET /proxy.pac HTTP/1.1\r\nHost: site.test\r\n\r\n", allow, shut, true},
       "forward"},
      {"origin form in a tunnel", {origin(), allow, shut, true}, "forward"},
      {"origin form in a tunnel, blocked", {origin(), block, shut, true}, "page block"},
      {"OPTIONS * outside a tunnel",
       {"OPTIONS * HTTP/1.1\r\nHost: a.vn\r\n\r\n", allow},
       "reject bad_request"},
      {"OPTIONS * in a tunnel", {"OPTIONS * HTTP/1.1\r\nHost: a.vn\r\n\r\n", allow, shut, true}, "forward"},
      {"OPTIONS * of a blocked host",
       {"OPTIONS * HTTP/1.1\r\nHost: a.vn\r\n\r\n", block, shut, true},
       "page block"},
      {"OPTIONS that may go on",
       {"OPTIONS http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\nMax-Forwards: 1\r\n\r\n", allow},
       "forward"},
      {"OPTIONS that goes no further",
       {"OPTIONS http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\nMax-Forwards: 0\r\n\r\n", allow},
       "options"},
      {"... of a blocked host",
       {"OPTIONS http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\nMax-Forwards: 0\r\n\r\n", block},
       "page block"},
      // ourselves
      {"our own site", {page("http://schoolgate.internal/"), block}, "own"},
      {"our own site in capitals, with a dot", {page("http://SchoolGate.Internal./x"), block}, "own"},
      {"our own site by origin form", {origin("schoolgate.internal"), block}, "own"},
      {"our address", {origin("10.0.0.1:3128"), block, shut, false, true}, "own"},
      {"a name that only ends like ours", {page("http://my-schoolgate.internal/"), block}, "page block"},
      // loops
      {"a loop", {"GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n", allow}, "reject loop"},
      {"a loop through CONNECT",
       {"CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n", allow},
       "reject loop"},
      // which page
      {"locked category", {page(), verdict(Action::block, Reason::locked_category)}, "page block_locked"},
      {"category that is locked",
       {page(), verdict(Action::block, Reason::category, {false, false, true})},
       "page block_locked"},
      {"sealed floor", {page(), verdict(Action::block, Reason::floor_hash)}, "page block_locked"},
      {"default", {page(), verdict(Action::block, Reason::tier_default)}, "page block_default"},
      {"line", {page(), verdict(Action::block, Reason::host_line)}, "page block_line"},
      {"search words", {page(), verdict(Action::block, Reason::search_term)}, "page block_search"},
      {"locked search words",
       {page(), verdict(Action::block, Reason::search_term, {.locked = true})},
       "page block_locked"},
      {"an engine that cannot be made safe",
       {page(), verdict(Action::block, Reason::unsafe_search)},
       "page block_unsafe_search"},
      {"block of an unknown site on a hosting platform",
       {page(), verdict(Action::block, Reason::unknown_on_hosting)},
       "page block_line"},
      {"words of a path", {page(), verdict(Action::block, Reason::path_term)}, "page block"},
      {"a room that is off", {page(), verdict(Action::block, Reason::room_off)}, "page block_room_off"},
      {"a room with one site open",
       {page(), verdict(Action::block, Reason::room_only)},
       "page block_room_only"},
      {"the school's locked line", {page(), verdict(Action::block, Reason::locked_line)}, "page block_line"},
      {"a pattern out of memory", {page(), verdict(Action::block, Reason::pattern_error)}, "page block"},
      {"a bare address",
       {connect("10.1.1.1:443"), verdict(Action::block, Reason::address_target)},
       "page address_refused"},
      {"names that differ", {connect(), verdict(Action::block, Reason::sni_mismatch)}, "page name_mismatch"},
      {"no name", {connect(), verdict(Action::block, Reason::no_sni)}, "page no_server_name"},
      {"no TLS", {connect(), verdict(Action::block, Reason::not_tls)}, "page not_tls"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(planned(row.asked) == row.want);
    }
}

TEST_CASE("what may be opened to show its page", "[core][plan]") {
  struct Row {
    const char* name;
    const char* authority;
    Verdict verdict;
    Https https;
    bool has_authority;
    const char* want;
  };
  const auto world = world_with_a_bank();
  Judge judge = world->judge();
  const Verdict allow = verdict(Action::allow), block = verdict(Action::block), warn = verdict(Action::warn);
  const Row rows[] = {
      {"by names nothing", "a.test:443", block, Https::names, true, "block"},
      {"a blocked site", "a.test:443", block, Https::block_page, true, "inspect"},
      {"on any TLS port", "a.test:8443", block, Https::block_page, true, "inspect"},
      {"not plain HTTP", "a.test:80", block, Https::block_page, true, "block"},
      {"no address", "10.1.2.3:443", block, Https::block_page, true, "block"},
      {"without an authority of the school", "a.test:443", block, Https::block_page, false, "block"},
      {"never a bank", "bank.test:443", block, Https::block_page, true, "block"},
      {"a warning, even where none would be shown", "a.test:443", warn, Https::block_page, true, "inspect"},
      {"a warning about a bank", "bank.test:443", warn, Https::block_page, true, "tunnel"},
      {"never what is allowed", "a.test:443", allow, Https::block_page, true, "tunnel"},
      {"a site of help", "a.test:443", verdict(Action::help), Https::block_page, true, "inspect"},
      {"a site of help, by names", "a.test:443", verdict(Action::help), Https::names, true, "block"},
      {"a site of help that is never opened", "bank.test:443", verdict(Action::help), Https::inspect, true,
       "block"},
      {"inspected: what is allowed", "a.test:443", allow, Https::inspect, true, "inspect"},
      {"inspected: a warning", "a.test:443", warn, Https::inspect, true, "inspect"},
      {"inspected: help", "a.test:443", verdict(Action::help), Https::inspect, true, "inspect"},
      {"inspected: without an authority", "a.test:443", allow, Https::inspect, false, "tunnel"},
      {"inspected: not plain HTTP", "a.test:80", allow, Https::inspect, true, "tunnel"},
      {"inspected: never a bank", "bank.test:443", allow, Https::inspect, true, "tunnel"},
      {"inspected: a blocked bank", "bank.test:443", block, Https::inspect, true, "block"},
      {"inspected: no address", "10.1.2.3:443", allow, Https::inspect, true, "tunnel"},
      {"our own site", "schoolgate.internal:443", block, Https::names, true, "inspect"},
      {"our own site without an authority", "schoolgate.internal:443", block, Https::names, false, "reject"},
      {"our own site on port 80", "schoolgate.internal:80", block, Https::names, true, "reject"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::string text = "CONNECT " + std::string(row.authority) + " HTTP/1.1\r\nHost: x\r\n\r\n";
      RequestHead head;
      REQUIRE(parse_request_head(text, head).ok());
      Url url;
      REQUIRE(url.parse_authority(row.authority).ok());
      Tier tier;
      tier.https = row.https;
      tier.warn_without_page = WarnWithoutPage::allow_and_record;
      PlanRequest request{head, url, row.verdict, tier};
      request.has_authority = row.has_authority;
      request.judge = &judge;
      const Plan result = plan(request);
      const char* got = std::holds_alternative<Inspect>(result)  ? "inspect"
                        : std::holds_alternative<Tunnel>(result) ? "tunnel"
                        : std::holds_alternative<Reject>(result) ? "reject"
                        : std::holds_alternative<Block>(result)  ? "block"
                                                                 : "other";
      CHECK(std::string(got) == row.want);
      if (url.scheme() == Scheme::http || url.host().is_address() || is_own_site(url)) return;
      const Opening opening{.has_authority = row.has_authority, .judge = &judge, .name = &url};
      const TunnelPlan inside = plan_tunnel(row.verdict, tier, opening);
      const bool opened = std::string(row.want) == "inspect";
      const bool closed = row.verdict.action == Action::help;  // its page is all that is shown
      CHECK(opened == (inside == TunnelPlan::page || inside == TunnelPlan::inspect));
      CHECK((inside == TunnelPlan::inspect) == (row.https == Https::inspect && !closed && opened));
      CHECK((inside == TunnelPlan::pass) == (std::string(row.want) == "tunnel"));
    }
}

TEST_CASE("which connections may be opened", "[core][plan]") {
  struct Row {
    const char* name;
    Https https;
    bool has_authority;
    const char *authority, *sni;  // "" = none
    bool may_open, may_inspect;
  };
  const Row rows[] = {
      {"by names", Https::names, true, "a.test:443", "", false, false},
      {"for a page", Https::block_page, true, "a.test:443", "", true, false},
      {"for a page, without an authority", Https::block_page, false, "a.test:443", "", false, false},
      {"to inspect", Https::inspect, true, "a.test:443", "", true, true},
      {"to inspect, without an authority", Https::inspect, false, "a.test:443", "", false, false},
      {"a bank", Https::inspect, true, "bank.test:443", "", false, false},
      {"below a bank", Https::inspect, true, "www.bank.test:443", "", false, false},
      {"an address", Https::inspect, true, "10.1.2.3:443", "", false, false},
      {"an address in brackets", Https::inspect, true, "[2001:db8::1]:443", "", false, false},
      {"a hello for the same site", Https::inspect, true, "a.test:443", "a.test:443", true, true},
      {"a hello for a bank", Https::inspect, true, "a.test:443", "bank.test:443", false, false},
      {"a hello for a bank, for a page", Https::block_page, true, "a.test:443", "bank.test:443", false,
       false},
      {"a bank, a hello for another", Https::inspect, true, "bank.test:443", "a.test:443", false, false},
      {"an address, a hello with a name", Https::inspect, true, "10.1.2.3:443", "a.test:443", false, false},
      {"a hello for an address", Https::inspect, true, "a.test:443", "10.1.2.3:443", false, false},
  };
  const auto world = world_with_a_bank();
  Judge judge = world->judge();
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Tier tier;
      tier.https = row.https;
      Url name, sni;
      REQUIRE(name.parse_authority(row.authority).ok());
      Opening opening{.has_authority = row.has_authority, .judge = &judge, .name = &name};
      if (*row.sni != 0) {
        REQUIRE(sni.parse_authority(row.sni).ok());
        opening.sni = &sni;
      }
      CHECK(may_open(tier, opening) == row.may_open);
      CHECK(may_inspect(tier, opening) == row.may_inspect);
    }
}

TEST_CASE("what nobody said everything about is not opened", "[core][plan]") {
  const auto world = world_with_a_bank();
  Judge judge = world->judge();
  Url name;
  REQUIRE(name.parse_authority("a.test:443").ok());
  Tier tier;
  tier.https = Https::inspect;
  CHECK(may_open(tier, {.has_authority = true, .judge = &judge, .name = &name}));
  CHECK_FALSE(may_open(tier, {}));
  CHECK_FALSE(may_open(tier, {.has_authority = true, .judge = nullptr, .name = &name}));
  CHECK_FALSE(may_open(tier, {.has_authority = true, .judge = &judge, .name = nullptr}));
  CHECK_FALSE(may_open(tier, {.has_authority = true, .judge = &judge, .name = nullptr, .sni = &name}));
  CHECK_FALSE(may_open(tier, {.has_authority = false, .judge = &judge, .name = &name}));
}

TEST_CASE("an inspected tier decides a firm block by name, and asks the path where a rule wants it",
          "[core][plan]") {
  Tier tier;
  tier.https = Https::inspect;
  const auto world = world_with_a_bank();
  Judge judge = world->judge();
  Url name;
  REQUIRE(name.parse_authority("a.test:443").ok());
  const Opening opening{.has_authority = true, .judge = &judge, .name = &name};
  Verdict blocked = verdict(Action::block);
  CHECK(plan_tunnel(blocked, tier, opening) == TunnelPlan::page);
  blocked.path_may_change_it = true;
  CHECK(plan_tunnel(blocked, tier, opening) == TunnelPlan::inspect);
  CHECK(plan_tunnel(blocked, tier, Opening()) == TunnelPlan::close);
}

TEST_CASE("a request in a tunnel that was opened for a page", "[core][plan]") {
  struct Row {
    const char* name;
    Action action;
    const char* accept;
    bool again;
    PageKind page;
  };
  const Row rows[] = {
      {"a document that is blocked", Action::block, "text/html", false, PageKind::block},
      {"a document that is warned about", Action::warn, "text/html", false, PageKind::warn},
      {"a picture nobody can continue", Action::warn, "image/png", false, PageKind::block},
      {"allowed by now", Action::allow, "text/html", true, PageKind::block},
      {"a site of help", Action::help, "text/html", false, PageKind::help},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::string text =
          "GET /x HTTP/1.1\r\nHost: a.test\r\nAccept: " + std::string(row.accept) + "\r\n\r\n";
      RequestHead head;
      REQUIRE(parse_request_head(text, head).ok());
      Url url;
      REQUIRE(url.parse("https://a.test/x").ok());
      Tier tier;
      tier.https = Https::block_page;
      tier.warn_without_page = WarnWithoutPage::allow_and_record;
      const Verdict judged = verdict(row.action);
      PlanRequest request{head, url, judged, tier, true};
      request.in_page_tunnel = true;
      const Plan result = plan(request);
      CHECK(std::holds_alternative<Again>(result) == row.again);
      const auto* block = std::get_if<Block>(&result);
      CHECK((block != nullptr) == !row.again);
      if (block != nullptr) CHECK(block->page == row.page);
    }
}

TEST_CASE("what is done with a tunnel after its first bytes", "[core][plan]") {
  Tier strict, lenient;
  lenient.warn_without_page = WarnWithoutPage::allow_and_record;
  struct Row {
    const char* name;
    Verdict verdict;
    const Tier& tier;
    const char* want;
  };
  const Row rows[] = {
      {"nobody judged", Verdict{}, lenient, "close"},
      {"allow", verdict(Action::allow), strict, "pass"},
      {"allow, recorded", verdict(Action::allow, Reason::no_sni, {.record = true}), strict, "pass"},
      {"block", verdict(Action::block), lenient, "close"},
      {"warn, strict", verdict(Action::warn), strict, "close"},
      {"warn, lenient", verdict(Action::warn), lenient, "pass"},
      {"a site of help", verdict(Action::help), lenient, "close"},
  };
  const auto world = world_with_a_bank();
  Judge judge = world->judge();
  Url name;
  REQUIRE(name.parse_authority("a.test:443").ok());
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(name_of(plan_tunnel(row.verdict, row.tier, Opening())) == row.want);
      // Makes no difference where https is judged by names.
      const Opening opening{.has_authority = true, .judge = &judge, .name = &name};
      CHECK(name_of(plan_tunnel(row.verdict, row.tier, opening)) == row.want);
    }
}

TEST_CASE("a WebSocket whose words help stays open where the tier opens", "[core][plan][help]") {
  Judged judged{verdict(Action::help, Reason::search_term), std::nullopt};
  judged.help = HelpMatch{judged.verdict, verdict(Action::block)};
  Tier opens, lists;
  opens.default_action = Action::allow;
  lists.default_action = Action::block;
  CHECK(plan_tunnel(judged, opens, Opening()) == TunnelPlan::pass);
  CHECK(plan_tunnel(judged, lists, Opening()) == TunnelPlan::close);
  judged.help->without = verdict(Action::allow);
  CHECK(plan_tunnel(judged, lists, Opening()) == TunnelPlan::pass);
  judged.verdict = judged.help->help = verdict(Action::help);  // a site that a list names
  CHECK(plan_tunnel(judged, opens, Opening()) == TunnelPlan::close);
}

TEST_CASE("which site is our own", "[core][plan]") {
  struct Row {
    const char* url;
    bool own;
  };
  const Row rows[] = {
      {"http://schoolgate.internal/", true},          {"http://SchoolGate.Internal./x", true},
      {"http://schoolgate.internal:8080/", true},     {"https://schoolgate.internal/", true},
      {"http://my-schoolgate.internal/", false},      {"http://x.schoolgate.internal/", false},
      {"http://schoolgate.internal.evil.vn/", false}, {"http://internal/", false}};
  for (const Row& row : rows) DYNAMIC_SECTION(row.url) {
      Url url;
      REQUIRE(url.parse(row.url).ok());
      CHECK(is_own_site(url) == row.own);
    }
  CHECK_FALSE(is_own_site(Url()));
}

TEST_CASE("who looks at the answer", "[core][plan]") {
  struct Row {
    const char* name;
    const char* fields;
    bool page;
  };
  const Row rows[] = {
      {"a browser that navigates",
       "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", true},
      {"in capitals", "accept: Text/HTML\r\n", true},
      {"with white space", "Accept: image/png , text/html ;q=0.5\r\n", true},
      {"a picture", "Accept: image/avif,image/webp,*/*;q=0.8\r\n", false},
      {"a script or curl", "Accept: */*\r\n", false},
      {"nothing said", "", false},
      {"text/htmlx", "Accept: text/htmlx\r\n", false},
      {"a fetch that takes HTML", "Accept: text/html, */*; q=0.01\r\nX-Requested-With: XMLHttpRequest\r\n",
       false},
      {"Sec-Fetch-Dest beats Accept", "Accept: text/html\r\nSec-Fetch-Dest: empty\r\n", false},
      {"document", "Accept: */*\r\nSec-Fetch-Dest: document\r\n", true},
      {"frame", "Sec-Fetch-Dest: iframe\r\n", true},
      {"script", "Sec-Fetch-Dest: script\r\nAccept: */*\r\n", false},
      {"WebSocket",
       "Accept: text/html\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::string text =
          "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + std::string(row.fields) + "\r\n";
      RequestHead head;
      REQUIRE(parse_request_head(text, head).ok());
      CHECK(wants_page(head) == row.page);
    }
}

TEST_CASE("which pages say that a rule of the policy closed it", "[core][plan]") {
  for (const PageKind kind : {PageKind::block, PageKind::block_locked, PageKind::block_default,
                              PageKind::block_line, PageKind::block_room_off, PageKind::block_room_only,
                              PageKind::block_search, PageKind::block_unsafe_search, PageKind::help})
    CHECK(is_block(kind));
  for (const PageKind kind : {PageKind::warn, PageKind::bad_request, PageKind::loop, PageKind::dns_fail,
                              PageKind::address_refused, PageKind::cert_refused, PageKind::name_mismatch})
    CHECK_FALSE(is_block(kind));
}

TEST_CASE("no page of a refusal is a success", "[core][plan]") {
  for (int kind = 0; kind <= static_cast<int>(PageKind::no_server_name); ++kind) {
    const auto status = status_of(static_cast<PageKind>(kind));
    CHECK(status >= 400);
    CHECK(status < 600);
  }
  CHECK(page_of(HeadError{417, "expect"}) == PageKind::bad_request);
  CHECK(page_of(HeadError{405, "trace"}) == PageKind::method_not_allowed);
  CHECK(page_of(HeadError{431, "too_many_fields"}) == PageKind::head_too_large);
  CHECK(page_of(HeadError{502, "bare_lf"}) == PageKind::bad_gateway);
}

TEST_CASE("what is refused before it is judged has a reason of its own, and passes nowhere", "[core][plan]") {
  struct Row {
    std::uint16_t status;
    const char* reason;
  };
  const Row rows[] = {{400, "bad_request"},
                      {405, "method_not_allowed"},
                      {408, "request_timeout"},
                      {414, "uri_too_long"},
                      {417, "expectation_failed"},
                      {421, "wrong_host"},
                      {429, "too_many_requests"},
                      {431, "head_too_large"},
                      {503, "no_room"},
                      {505, "http_version"},
                      {508, "loop"}};
  for (const Row& row : rows) {
    const Verdict verdict = Verdict::refused(refusal_of(row.status));
    CHECK(to_string(verdict.reason) == row.reason);
    CHECK(verdict.action == Action::block);
    CHECK(verdict.was_refused());
    CHECK(page_of(verdict) == PageKind::bad_request);
  }
  CHECK_FALSE(Verdict{}.was_refused());
}

TEST_CASE("decision codes", "[core][log_record]") {
  struct Row {
    std::uint64_t decision;
    const char* code;
  };
  const Row rows[] = {
      {0, "0000-0000"},
      {1, "0000-0001"},
      {31, "0000-000Z"},
      {32, "0000-0010"},
      {0xffffffffff, "ZZZZ-ZZZZ"},
      {0x10000000000, "0000-0000"},
      {1ULL << 20, "0001-0000"},
  };
  for (const Row& row : rows) CHECK(decision_code(row.decision) == row.code);
}
