// What is added to the verdict on a name: ports and addresses, of tunnels and of plain http; and what the
// ClientHello of a tunnel says.
#include <algorithm>
#include <string_view>

#include "rules/judge/decide.h"
#include "rules/judge/judge_impl.h"

namespace schoolgate {
namespace {

// Public names under which servers hide others by Encrypted ClientHello; and names below them.
constexpr std::string_view ech_public_names[] = {"cloudflare-ech.com", "tls-ech.dev", "cover.defo.ie"};

bool is_ech_public_name(std::string_view host) noexcept {
  return std::any_of(std::begin(ech_public_names), std::end(ech_public_names), [&](std::string_view name) {
    return host.ends_with(name) && (host.size() == name.size() || host[host.size() - name.size() - 1] == '.');
  });
}

// https://fetch.spec.whatwg.org/#port-blocking: what browsers refuse, for other protocols live there.
constexpr std::uint16_t refused_by_browsers[] = {
    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,   53,
    69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,
    135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,  532,
    540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659,
    4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};

// A port that is named by itself is meant.
bool http_port_allowed(const TunnelRules& rules, std::uint16_t port) noexcept {
  return std::any_of(rules.http_ports.begin(), rules.http_ports.end(), [&](const TunnelRules::Ports& range) {
    if (port < range.first || range.last < port) return false;
    return range.first == range.last ||
           !std::binary_search(std::begin(refused_by_browsers), std::end(refused_by_browsers), port);
  });
}

// A block that no path can lift: the tunnel is not even opened for inspection.
bool firm_block(const Verdict& verdict) noexcept {
  return verdict.action == Action::block && !verdict.path_may_change_it;
}

// The stricter of a verdict and what the tier chose about the tunnel. A firm block keeps its reason: it says
// more.
Verdict under(Choice choice, Reason reason, Verdict verdict) noexcept {
  if (choice == Choice::allow || firm_block(verdict)) return verdict;
  verdict.flags.record = true;
  if (choice == Choice::allow_and_record) return verdict;
  Verdict blocked;
  blocked.flags = verdict.flags;
  blocked.layer = Layer::tunnel_rule;
  blocked.reason = reason;
  blocked.flags.locked = false;
  return blocked;
}

// By what becomes of the tunnel. Not strength(): a block that no path can lift closes it for good, whatever
// page the other name would get.
int tunnel_strictness(const Verdict& verdict) noexcept {
  switch (verdict.action) {
    case Action::allow:
      return 0;
    case Action::warn:
      return 1;
    case Action::help:
      return 3;  // of a list: words are not seen here
    case Action::block:
      break;
  }
  if (!firm_block(verdict)) return 2;
  return verdict.flags.locked ? 5 : 4;
}

Verdict stricter(const Verdict& authority, const Verdict& sni) noexcept {
  Verdict verdict = tunnel_strictness(sni) > tunnel_strictness(authority) ? sni : authority;
  const bool locked = verdict.flags.locked;
  verdict.flags = authority.flags;
  verdict.flags |= sni.flags;
  verdict.flags.locked = locked;
  if (verdict.action != Action::block) {
    verdict.path_may_change_it = authority.path_may_change_it || sni.path_may_change_it;
  }
  return verdict;
}

// A line that names exactly this address knows what it does. (Addresses have no parents: a host line that
// holds one names it.) One that names the network it stands in does too, but for how the address is spelled:
// only people who hide something write one oddly.
bool named_by_line(const Found& found, const Host& host) noexcept {
  const Candidate* const winner = found.winner();
  if (winner == nullptr || !winner->from_line) return false;
  return winner->kind == RuleKind::domain || (winner->kind == RuleKind::network && host.canonical_spelling);
}

}  // namespace

Verdict target_verdict(const JudgeRequest& request, const Tier& tier, const Verdict& name,
                       const Found& found) {
  const TunnelRules& rules = tier.tunnel;
  const Host& host = request.url.host();
  const std::uint16_t port = request.url.port();
  const bool tunnel = request.stage == Stage::host;
  if (!tunnel && request.url.scheme() != Scheme::http) return name;  // its tunnel was judged
  const bool port_allowed = tunnel
                                ? std::find(rules.ports.begin(), rules.ports.end(), port) != rules.ports.end()
                                : http_port_allowed(rules, port);
  if (!port_allowed) return under(Choice::block, Reason::port_not_allowed, name);
  if (!host.is_address() || named_by_line(found, host)) return name;
  if (!host.canonical_spelling) return under(rules.odd_address, Reason::odd_address, name);
  return under(rules.address_target, Reason::address_target, name);
}

Verdict Judge::Impl::judge_target(const JudgeRequest& request, bool with_target, Found& found) {
  Nobody nobody;
  const Verdict name = decide(request, found, nobody);
  if (!with_target || request.tier >= views.size()) return name;
  return target_verdict(request, views[request.tier].tier(), name, found);
}

Judged Judge::Impl::judge(const JudgeRequest& request, bool with_target) {
  Found found;
  Judged judged{judge_target(request, with_target, found), std::nullopt};
  if (!found.help.candidate || found.speaks_alone()) [[likely]]
    return judged;
  Found others;
  others.without_help = true;
  judged.help = HelpMatch{help_of(request, found), judge_target(request, with_target, others)};
  return judged;
}

Judged Judge::judge(const JudgeRequest& request) {
  return impl_->judge(request, request.stage == Stage::request);
}

Judged Judge::judge_connect(const JudgeRequest& request) {
  JudgeRequest by_name = request;
  by_name.stage = Stage::host;
  return impl_->judge(by_name, true);
}

Verdict Judge::evaluate(const JudgeRequest& request) {
  Found found;
  return impl_->judge_target(request, request.stage == Stage::request, found);
}

Verdict Judge::evaluate_connect(const JudgeRequest& request) {
  JudgeRequest by_name = request;
  by_name.stage = Stage::host;
  Found found;
  return impl_->judge_target(by_name, true, found);
}

namespace {

bool rule_names(const RuleEntry& rule, const Host& host) {
  if (rule.kind == RuleKind::network) {
    const auto network = Network::parse(rule.text);
    return network && host.is_address() && network->contains(host.address);
  }
  if (rule.kind != RuleKind::domain) return false;
  const std::string_view text = host.text;
  if (text == rule.text) return rule.itself;
  return rule.subdomains && text.size() > rule.text.size() && text.ends_with(rule.text) &&
         text[text.size() - rule.text.size() - 1] == '.';
}

// The line that opens this name says that what goes there need not be TLS. Asked of tunnels that are none,
// so that no other pays for it.
bool line_excepts(const Policy& policy, const Verdict& authority, const Host& host) {
  if (authority.action != Action::allow) return false;
  const auto& spec = policy.spec();
  const auto excepts = [&](const Line& line) {
    return line.not_tls && line.where == authority.rule && rule_names(line.rule, host);
  };
  return std::any_of(spec.tier_lines.begin(), spec.tier_lines.end(), excepts) ||
         std::any_of(spec.locked_lines.begin(), spec.locked_lines.end(), excepts);
}

// `sni`: the verdict on a name in the hello that is another than the authority's; null if there is none.
Verdict hello_verdict(const JudgeRequest& request, const TunnelRules& rules, const Verdict& authority,
                      const Verdict* sni, const TunnelFacts& facts, bool may_be_no_tls) {
  if (facts.first == TunnelFacts::First::bad_hello) {
    return under(Choice::block, Reason::bad_hello, authority);
  }
  if (facts.first == TunnelFacts::First::not_tls)
    return may_be_no_tls ? authority : under(rules.not_tls, Reason::not_tls, authority);

  const Host& name = request.url.host();
  if (facts.names == 0) {
    // RFC 6066 3 forbids addresses as names: a client that goes to one sends none.
    return name.is_address() && !facts.redirected ? authority
                                                  : under(rules.no_sni, Reason::no_sni, authority);
  }
  if (!facts.sni_is_address && (!facts.sni_valid || facts.sni == nullptr)) {
    return under(Choice::block, Reason::bad_hello, authority);
  }

  Verdict verdict = authority;
  const bool differs = facts.sni == nullptr || facts.sni->host().text != name.text;
  if (sni != nullptr) verdict = stricter(verdict, *sni);
  if (facts.sni_is_address) verdict = under(rules.sni_is_address, Reason::sni_is_address, verdict);
  if (facts.names > 1) verdict = under(rules.several_names, Reason::several_names, verdict);
  // Every browser sends the extension with random content (GREASE): alone it means nothing.
  const bool hidden = facts.ech && (differs || is_ech_public_name(name.text));
  if (hidden) verdict = under(rules.hidden_name, Reason::hidden_name, verdict);
  if (differs) verdict = under(rules.sni_mismatch, Reason::sni_mismatch, verdict);
  return verdict;
}

}  // namespace

Judged Judge::judge_hello(const JudgeRequest& request, const Judged& authority, const TunnelFacts& facts) {
  Judged judged;
  if (request.tier >= impl_->views.size()) return judged;
  const TunnelRules& rules = impl_->views[request.tier].tier().tunnel;
  Judged sni;
  const bool named = facts.first == TunnelFacts::First::tls && facts.names != 0 && facts.sni != nullptr &&
                     facts.sni->host().text != request.url.host().text;
  if (named) {
    const JudgeRequest by_sni{*facts.sni, Stage::host,    request.tier,     request.time,
                              {},         request.client, request.trusts_ca};
    sni = judge(by_sni);
  }
  const bool free = facts.first == TunnelFacts::First::not_tls &&
                    line_excepts(*impl_->policy, authority.without_help(), request.url.host());
  judged.verdict =
      hello_verdict(request, rules, authority.verdict, named ? &sni.verdict : nullptr, facts, free);
  if (!authority.help && !sni.help) return judged;
  const Verdict without = hello_verdict(request, rules, authority.without_help(),
                                        named ? &sni.without_help() : nullptr, facts, free);
  judged.help = HelpMatch{authority.help ? authority.help->help : sni.help->help, without};
  return judged;
}

Verdict Judge::evaluate_hello(const JudgeRequest& request, const Verdict& authority,
                              const TunnelFacts& facts) {
  return judge_hello(request, {authority, std::nullopt}, facts).verdict;
}

bool Judge::never_inspected(const Url& url) {
  return impl_->never_inspected(url);
}

Message Judge::never_inspected_because(const Url& url) {
  const auto closed = impl_->find_closed(url);
  if (!closed) return {};
  if (closed->category != no_category)
    return say("category {} is never inspected", policy().categories()[closed->category].id);
  if (closed->network != nullptr) return say("never_inspect names {}", closed->network->cidr());
  if (closed->name.empty()) return say("no certificate is made for an address");
  return say("never_inspect names {}", closed->name);
}

std::optional<Judge::Impl::Closed> Judge::Impl::find_closed(const Url& url) {
  const PolicySpec& spec = policy->spec();
  if (url.host().is_address()) {  // for which no certificate is made; a network only says so
    Closed closed;
    for (const Network& network : spec.never_inspect_networks)
      if (network.contains(url.host().address) &&
          (closed.network == nullptr || network.bits > closed.network->bits))
        closed.network = &network;
    return closed;
  }
  const std::string_view host = url.host().text;
  for (const std::string& name : spec.never_inspect_hosts) {
    if (host.ends_with(name) && (host.size() == name.size() || host[host.size() - name.size() - 1] == '.'))
      return Closed{name, no_category};
  }
  if (spec.never_inspect_categories.empty()) return std::nullopt;
  list_matches.clear();
  list_matcher.match(url, Stage::host, list_matches);
  for (const Matches::Hit& hit : list_matches.hits) {
    const auto& closed = spec.never_inspect_categories;
    const CategoryId category = meanings[hit.tag].category;
    if (!hit.exception && std::find(closed.begin(), closed.end(), category) != closed.end())
      return Closed{{}, category};
  }
  return std::nullopt;
}

}  // namespace schoolgate
