#include "proxy/core/plan.h"

#include <algorithm>

#include "proxy/core/http/http_scan.h"

namespace schoolgate {

bool is_block(PageKind kind) noexcept {
  switch (kind) {
    case PageKind::block:
    case PageKind::block_locked:
    case PageKind::block_default:
    case PageKind::block_line:
    case PageKind::block_room_off:
    case PageKind::block_room_only:
    case PageKind::block_search:
    case PageKind::block_unsafe_search:
    case PageKind::help:
      return true;
    case PageKind::warn:
    case PageKind::bad_request:
    case PageKind::uri_too_long:
    case PageKind::head_too_large:
    case PageKind::request_timeout:
    case PageKind::method_not_allowed:
    case PageKind::loop:
    case PageKind::bad_gateway:
    case PageKind::upstream_timeout:
    case PageKind::dns_fail:
    case PageKind::dns_down:
    case PageKind::connect_fail:
    case PageKind::address_refused:
    case PageKind::proxy_busy:
    case PageKind::not_ready:
    case PageKind::cert_refused:
    case PageKind::tls_fail:
    case PageKind::h2_only:
    case PageKind::name_mismatch:
    case PageKind::not_tls:
    case PageKind::port_not_allowed:
    case PageKind::no_server_name:
      return false;
  }
  return false;
}

std::uint16_t status_of(PageKind kind) noexcept {
  switch (kind) {
    case PageKind::block:
    case PageKind::block_locked:
    case PageKind::block_default:
    case PageKind::block_line:
    case PageKind::block_room_off:
    case PageKind::block_room_only:
    case PageKind::block_search:
    case PageKind::block_unsafe_search:
    case PageKind::warn:
    case PageKind::help:
    case PageKind::address_refused:
    case PageKind::name_mismatch:
    case PageKind::not_tls:
    case PageKind::port_not_allowed:
    case PageKind::no_server_name:
      return 403;
    case PageKind::bad_request:
      return 400;
    case PageKind::uri_too_long:
      return 414;
    case PageKind::head_too_large:
      return 431;
    case PageKind::request_timeout:
      return 408;
    case PageKind::method_not_allowed:
      return 405;
    case PageKind::loop:
      return 508;
    case PageKind::bad_gateway:
    case PageKind::dns_fail:
    case PageKind::dns_down:
    case PageKind::connect_fail:
    case PageKind::cert_refused:
    case PageKind::tls_fail:
    case PageKind::h2_only:
      return 502;
    case PageKind::upstream_timeout:
      return 504;
    case PageKind::proxy_busy:
    case PageKind::not_ready:
      return 503;
  }
  return 403;
}

PageKind page_of(const HeadError& error) noexcept {
  switch (error.status) {
    case 405:
      return PageKind::method_not_allowed;
    case 414:
      return PageKind::uri_too_long;
    case 431:
      return PageKind::head_too_large;
    case 502:
      return PageKind::bad_gateway;
    default:
      return PageKind::bad_request;
  }
}

Reason refusal_of(std::uint16_t status) noexcept {
  switch (status) {
    case 405:
      return Reason::method_not_allowed;
    case 408:
      return Reason::request_timeout;
    case 414:
      return Reason::uri_too_long;
    case 417:
      return Reason::expectation_failed;
    case 421:
      return Reason::wrong_host;
    case 429:
      return Reason::too_many_requests;
    case 431:
      return Reason::head_too_large;
    case 503:
      return Reason::no_room;
    case 505:
      return Reason::http_version;
    case 508:
      return Reason::loop;
    default:
      return Reason::bad_request;
  }
}

PageKind page_of(const Verdict& verdict) noexcept {
  if (verdict.was_refused()) return PageKind::bad_request;
  if (verdict.action == Action::warn) return PageKind::warn;
  if (verdict.action == Action::help) return PageKind::help;
  switch (verdict.reason) {
    case Reason::no_snapshot:
      return PageKind::not_ready;
    case Reason::floor_hash:
    case Reason::locked_category:
      return PageKind::block_locked;
    case Reason::locked_line:
    case Reason::override_line:
    case Reason::host_line:
    case Reason::url_line:
    case Reason::pattern_line:
    case Reason::unknown_on_hosting:
      return PageKind::block_line;
    case Reason::room_off:
      return PageKind::block_room_off;
    case Reason::room_only:
      return PageKind::block_room_only;
    case Reason::tier_default:
      return PageKind::block_default;
    case Reason::port_not_allowed:
      return PageKind::port_not_allowed;
    case Reason::address_target:
    case Reason::odd_address:
      return PageKind::address_refused;
    case Reason::sni_mismatch:
    case Reason::several_names:
    case Reason::sni_is_address:
    case Reason::hidden_name:
      return PageKind::name_mismatch;
    case Reason::no_sni:
      return PageKind::no_server_name;
    case Reason::not_tls:
    case Reason::bad_hello:
      return PageKind::not_tls;
    case Reason::pattern_error:
    case Reason::help_line:
    case Reason::category:
    case Reason::path_term:
    case Reason::bad_request:
    case Reason::unfinished_request:
    case Reason::method_not_allowed:
    case Reason::request_timeout:
    case Reason::uri_too_long:
    case Reason::expectation_failed:
    case Reason::wrong_host:
    case Reason::too_many_requests:
    case Reason::head_too_large:
    case Reason::no_room:
    case Reason::http_version:
    case Reason::loop:
    case Reason::override_category:
    case Reason::lookalike:
      break;
    case Reason::unsafe_search:
      return PageKind::block_unsafe_search;
    case Reason::search_term:
      if (!verdict.flags.locked) return PageKind::block_search;
      break;
  }
  return verdict.flags.locked ? PageKind::block_locked : PageKind::block;
}

namespace {

// Where no page can be shown `warn` is what the tier says. `help` is here a site that a list names: words are
// let through before (plan_words), and are never seen in a tunnel.
bool passes_without_page(const Verdict& verdict, const Tier& tier) noexcept {
  switch (verdict.action) {
    case Action::allow:
      return true;
    case Action::warn:
      return tier.warn_without_page == WarnWithoutPage::allow_and_record;
    case Action::help:
    case Action::block:
      break;
  }
  return false;
}

// A warning nobody can see and continue is a block.
PageKind page_without_continue(const Verdict& verdict) noexcept {
  return verdict.action == Action::warn ? PageKind::block : page_of(verdict);
}

// A browser that looks for its proxy asks under whatever name led it here: wpad, wpad.school.lan.
bool asks_for_pac(const RequestHead& head) noexcept {
  return (head.method == "GET" || head.method == "HEAD") &&
         is_pac_path(head.target.substr(0, head.target.find('?')));
}

// What is refused whatever the policy says; nullopt lets the verdict speak.
std::optional<Plan> plan_form(const PlanRequest& request) {
  const RequestHead& head = request.head;
  const bool own = is_own_site(request.url);
  const auto bad = [](std::string_view what) { return Reject{PageKind::bad_request, true, what}; };
  if (!request.via_name.empty() && via_names(head, request.via_name))
    return Reject{PageKind::loop, true, "own_via"};
  switch (head.form) {
    case RequestHead::Form::authority:
      // No tunnel inside a tunnel. None to ourselves, unless it can be answered in TLS: browsers try https
      // first.
      if (request.as_of_origin) return bad("connect_in_tunnel");
      if (own && request.has_authority && request.url.scheme() == Scheme::https) return Inspect{};
      if (own) return bad("connect_to_gateway");
      return std::nullopt;
    case RequestHead::Form::absolute:
      // https:// would make us speak TLS for a client that sends in the clear; inside a tunnel nobody uses
      // this form.
      if (request.as_of_origin) return bad("absolute_in_tunnel");
      if (request.url.scheme() != Scheme::http) return bad("https_without_tunnel");
      break;
    case RequestHead::Form::origin:
      if (!request.as_of_origin && !request.to_our_address && !own)
        return asks_for_pac(head) ? std::optional<Plan>(Own{}) : bad("no_host_in_target");
      break;
    case RequestHead::Form::asterisk:
      if (!request.as_of_origin || own) return bad("no_host_in_target");
      break;
  }
  if (own || request.to_our_address) return Own{};
  return std::nullopt;
}

Plan plan_connect(const PlanRequest& request) {
  Opening opening;  // what is no https is not opened
  if (request.url.scheme() == Scheme::https)
    opening = {.has_authority = request.has_authority && request.trusts_ca,
               .judge = request.judge,
               .name = &request.url};
  switch (plan_tunnel(request.verdict, request.tier, opening)) {
    case TunnelPlan::close:
      break;
    case TunnelPlan::pass:
      return Tunnel{};
    case TunnelPlan::page:
    case TunnelPlan::inspect:
      return Inspect{};
  }
  return Block{page_without_continue(request.verdict)};
}

Plan send_on(const RequestHead& head) {
  if (head.max_forwards && *head.max_forwards == 0) return LastHop{};
  return Forward{};
}

Plan plan_request(const PlanRequest& request, const Verdict& verdict) {
  if (verdict.action == Action::allow) return send_on(request.head);
  if (wants_page(request.head)) return Block{page_of(verdict)};
  if (passes_without_page(verdict, request.tier)) return send_on(request.head);
  return Block{page_without_continue(verdict)};
}

// Words that help are let through, after their page where it is due; but they never open what a tier that
// lists what it opens would keep closed.
Plan plan_words(const PlanRequest& request) {
  const Verdict& without = request.help->without;
  const bool opens = request.tier.default_action == Action::allow;
  const Plan otherwise = plan_request(request, without);
  if (request.help_page_due && request.help->help.flags.alert && wants_page(request.head))
    return Block{PageKind::help, opens || without.action != Action::block};
  if (!opens || !std::holds_alternative<Block>(otherwise)) return otherwise;
  if (request.head.max_forwards && *request.head.max_forwards == 0) return otherwise;
  return Forward{true};
}

}  // namespace

bool rings(const HelpMatch& help, const RequestHead& head) noexcept {
  return help.help.flags.alert && (wants_page(head) || head.form == RequestHead::Form::authority);
}

Plan plan(const PlanRequest& request) {
  if (auto fixed = plan_form(request)) return *fixed;
  const Verdict& verdict = request.verdict;
  if (request.head.form == RequestHead::Form::authority) return plan_connect(request);
  if (request.in_page_tunnel) {
    if (verdict.action == Action::allow) return Again{};
    return Block{wants_page(request.head) ? page_of(verdict) : page_without_continue(verdict)};
  }
  if (helps_with_words(verdict) && request.help != nullptr) return plan_words(request);
  return plan_request(request, verdict);
}

namespace {

// How far the tier opens this connection: of its two names, the one that is opened less counts.
Https https_of(const Tier& tier, const Opening& opening) noexcept {
  if (!opening.has_authority || opening.judge == nullptr || opening.name == nullptr) return Https::names;
  const Https by_name = tier.https_at(opening.name->host().text);
  return opening.sni == nullptr ? by_name : std::min(by_name, tier.https_at(opening.sni->host().text));
}

}  // namespace

bool may_open(const Tier& tier, const Opening& opening) {
  if (https_of(tier, opening) == Https::names) return false;
  if (opening.judge->never_inspected(*opening.name)) return false;
  return opening.sni == nullptr || !opening.judge->never_inspected(*opening.sni);
}

bool may_inspect(const Tier& tier, const Opening& opening) {
  return https_of(tier, opening) == Https::inspect && may_open(tier, opening);
}

TunnelPlan plan_tunnel(const Verdict& verdict, const Tier& tier, const Opening& opening) {
  if (!may_open(tier, opening))
    return passes_without_page(verdict, tier) ? TunnelPlan::pass : TunnelPlan::close;
  const bool blocked = verdict.action == Action::block || verdict.action == Action::help;
  if (https_of(tier, opening) == Https::inspect)
    return blocked && !verdict.path_may_change_it ? TunnelPlan::page : TunnelPlan::inspect;
  // A warning has its page, whatever is done with one that cannot be shown.
  return blocked || verdict.action == Action::warn ? TunnelPlan::page : TunnelPlan::pass;
}

TunnelPlan plan_tunnel(const Judged& judged, const Tier& tier, const Opening& opening) {
  if (!judged.help || !helps_with_words(judged.verdict)) return plan_tunnel(judged.verdict, tier, opening);
  const TunnelPlan without = plan_tunnel(judged.help->without, tier, opening);
  const bool opens = tier.default_action == Action::allow;
  return without == TunnelPlan::close && opens ? TunnelPlan::pass : without;
}

bool is_own_site(const Url& url) noexcept {
  return url.host().text == own_host;
}

bool is_pac_path(std::string_view path) noexcept {
  return path == "/proxy.pac" || path == "/wpad.dat";
}

bool wants_page(const RequestHead& head) noexcept {
  if (head.method == "CONNECT" || head.upgrade_websocket) return false;
  const std::string_view destination = head.field("Sec-Fetch-Dest");
  if (!destination.empty())
    return http_scan::equals(destination, "document") || http_scan::equals(destination, "iframe") ||
           http_scan::equals(destination, "frame");
  if (!head.field("X-Requested-With").empty()) return false;
  bool html = false;
  http_scan::each_member(head.field("Accept"), [&html](std::string_view member) {
    std::string_view type = member.substr(0, member.find(';'));
    while (!type.empty() && http_scan::is_blank(type.back())) type.remove_suffix(1);
    html = html || http_scan::equals_any_case(type, "text/html") ||
           http_scan::equals_any_case(type, "application/xhtml+xml");
  });
  return html;
}

}  // namespace schoolgate
