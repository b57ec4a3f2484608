// What a tunnel adds to the verdict on its name: ports, addresses, and what the ClientHello says.
#include <algorithm>
#include <string_view>

#include "rules/decide.h"
#include "rules/judge_impl.h"

namespace schoolgate {
namespace {

// Public names under which servers hide others by Encrypted ClientHello; and names below them.
constexpr std::string_view ech_public_names[] = {"cloudflare-ech.com", "tls-ech.dev", "cover.defo.ie"};

bool is_ech_public_name(std::string_view host) noexcept {
  return std::any_of(std::begin(ech_public_names), std::end(ech_public_names), [&](std::string_view name) {
    return host.ends_with(name) && (host.size() == name.size() || host[host.size() - name.size() - 1] == '.');
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

// By what becomes of the tunnel. Not strength(): where two names stand for one tunnel, the help that one of
// them earns must not open the other's block.
int tunnel_strictness(const Verdict& verdict) noexcept {
  switch (verdict.action) {
    case Action::allow:
      return 0;
    case Action::help:
      return 1;
    case Action::warn:
      return 2;
    case Action::block:
      break;
  }
  if (!firm_block(verdict)) return 3;
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
// holds one names it.)
bool named_by_line(const Candidate* winner) noexcept {
  return winner != nullptr && winner->from_line && winner->kind == RuleKind::domain;
}

}  // namespace

Verdict connect_verdict(const JudgeRequest& request, const Tier& tier, const Verdict& name,
                        const Candidate* winner) {
  const TunnelRules& rules = tier.tunnel;
  const Host& host = request.url.host();
  const bool port_allowed =
      std::find(rules.ports.begin(), rules.ports.end(), request.url.port()) != rules.ports.end();
  if (!port_allowed) return under(Choice::block, Reason::port_not_allowed, name);
  if (!host.is_address() || named_by_line(winner)) return name;
  if (!host.canonical_spelling) return under(rules.odd_address, Reason::odd_address, name);
  return under(rules.address_target, Reason::address_target, name);
}

Verdict Judge::evaluate_connect(const JudgeRequest& request) {
  JudgeRequest by_name = request;
  by_name.stage = Stage::host;
  Found found;
  Nobody nobody;
  const Verdict name = impl_->decide(by_name, found, nobody);
  if (request.tier >= impl_->views.size()) return name;
  return connect_verdict(by_name, impl_->views[request.tier].tier(), name, found.winner());
}

Verdict Judge::evaluate_hello(const JudgeRequest& request, const Verdict& authority,
                              const TunnelFacts& facts) {
  if (request.tier >= impl_->views.size()) return {};
  const TunnelRules& rules = impl_->views[request.tier].tier().tunnel;
  if (facts.first == TunnelFacts::First::bad_hello) {
    return under(Choice::block, Reason::bad_hello, authority);
  }
  if (facts.first == TunnelFacts::First::not_tls) return under(rules.not_tls, Reason::not_tls, authority);

  const Host& name = request.url.host();
  if (facts.names == 0) {
    // RFC 6066 3 forbids addresses as names: a client that goes to one sends none.
    return name.is_address() ? authority : under(rules.no_sni, Reason::no_sni, authority);
  }
  if (!facts.sni_is_address && (!facts.sni_valid || facts.sni == nullptr)) {
    return under(Choice::block, Reason::bad_hello, authority);
  }

  Verdict verdict = authority;
  const bool differs = facts.sni == nullptr || facts.sni->host().text != name.text;
  if (differs && facts.sni != nullptr) {
    const JudgeRequest by_sni{*facts.sni, Stage::host, request.tier, request.time, {}};
    verdict = stricter(verdict, evaluate(by_sni));
  }
  if (facts.sni_is_address) verdict = under(rules.sni_is_address, Reason::sni_is_address, verdict);
  if (facts.names > 1) verdict = under(rules.several_names, Reason::several_names, verdict);
  // Every browser sends the extension with random content (GREASE): alone it means nothing.
  const bool hidden = facts.ech && (differs || is_ech_public_name(name.text));
  if (hidden) verdict = under(rules.hidden_name, Reason::hidden_name, verdict);
  if (differs) verdict = under(rules.sni_mismatch, Reason::sni_mismatch, verdict);
  return verdict;
}

bool Judge::never_inspected(const Url& url) {
  return impl_->never_inspected(url);
}

bool Judge::Impl::never_inspected(const Url& url) {
  if (url.host().is_address()) return true;
  const PolicySpec& spec = policy->spec();
  const std::string_view host = url.host().text;
  const auto holds = [host](const std::string& name) {
    return host.ends_with(name) && (host.size() == name.size() || host[host.size() - name.size() - 1] == '.');
  };
  if (std::any_of(spec.never_inspect_hosts.begin(), spec.never_inspect_hosts.end(), holds)) return true;
  if (spec.never_inspect_categories.empty()) return false;
  list_matches.clear();
  list_matcher.match(url, Stage::host, list_matches);
  return std::any_of(list_matches.hits.begin(), list_matches.hits.end(), [&](const Matches::Hit& hit) {
    const auto& closed = spec.never_inspect_categories;
    const CategoryId category = meanings[hit.tag].category;
    return !hit.exception && std::find(closed.begin(), closed.end(), category) != closed.end();
  });
}

}  // namespace schoolgate
