// What a name resolved to, judged: an open name must not be the door to a blocked one, nor to a blocked
// address.
#include "rules/judge/decide.h"
#include "rules/judge/judge_impl.h"

namespace schoolgate {
namespace {

// Whether a block of what stands behind the name overrules the verdict on the name: an earlier layer does;
// of equal layers the name's own rule is the closer one, except that categories go by strictness.
bool overrules(const Verdict& behind, const Verdict& name, const Policy& policy) noexcept {
  if (behind.layer != name.layer) return behind.layer < name.layer;
  if (behind.layer != Layer::category || name.category == no_category) return false;
  return !policy.categories()[name.category].protecting;
}

}  // namespace

std::optional<Verdict> Judge::Impl::block_of_alias(const JudgeRequest& request, bool& rules_spoke) {
  Found found;
  Nobody nobody;
  const Verdict verdict = decide(request, found, nobody);
  rules_spoke |= !line_matches.hits.empty() || !list_matches.hits.empty() || found.floor.candidate;
  // A fault is as strict here as for the name itself. Rules with paths speak of pages of that other name,
  // which are not asked for: none of them lifts this.
  const bool speaks = found.winner() != nullptr || verdict.layer == Layer::fault;
  const bool closes = verdict.action == Action::block || verdict.action == Action::help;
  if (!speaks || !closes) return std::nullopt;
  return verdict;
}

// Lists are not asked: an address in a list says that something bad was reached by it; the same address may
// serve a thousand names. Lines and the floor mean the machine.
std::optional<Verdict> Judge::Impl::block_of_address(const JudgeRequest& request, bool& rules_spoke) {
  Found found;
  Nobody nobody;
  const HostKeys keys(request.url.host());
  ask_floor(request, found, nobody);
  ask_lines(request, keys, views[request.tier], found, nobody);
  rules_spoke |= !line_matches.hits.empty() || found.floor.candidate;
  for (const Best* best : {&found.floor, &found.locked_line, &found.line}) {
    if (!best->candidate) continue;
    const Candidate& candidate = *best->candidate;
    const bool names_it = candidate.layer == Layer::sealed_floor || candidate.kind == RuleKind::domain;
    if (!names_it) continue;
    if (candidate.effect.action != Action::block) return std::nullopt;
    Verdict verdict;
    verdict.layer = candidate.layer;
    verdict.reason = candidate.reason;
    verdict.rule = candidate.rule;
    verdict.flags = candidate.effect.flags;
    verdict.flags.locked = candidate.layer != Layer::explicit_line;
    return verdict;
  }
  return std::nullopt;
}

Judge::ResolvedVerdict Judge::evaluate_resolved(const JudgeRequest& request, const Verdict& verdict,
                                                std::span<const std::string> aliases,
                                                std::span<const IpAddress> addresses) {
  if (request.tier >= impl_->views.size()) return {Verdict{}, true, true};
  ResolvedVerdict result;
  result.verdict = verdict;
  impl_->views[request.tier].at(*impl_->policy, impl_->meanings, request.time);
  Url url;
  const std::string port = ":" + std::to_string(request.url.port());
  const JudgeRequest behind{url, Stage::host, request.tier, request.time, {}};
  const auto take = [&](const std::optional<Verdict>& block) {
    if (!block || !overrules(*block, result.verdict, *impl_->policy)) return;
    const Flags asked = result.verdict.flags;
    const bool locked = block->flags.locked;
    result.blocked = true;
    result.verdict = *block;
    result.verdict.flags |= asked;
    result.verdict.flags.locked = locked;
  };
  for (const std::string& alias : aliases) {
    if (url.parse_authority(alias + port).ok()) take(impl_->block_of_alias(behind, result.rules_spoke));
  }
  const auto take_address = [&](const IpAddress& address) {
    const std::string text = address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
    if (url.parse_authority(text + port).ok()) take(impl_->block_of_address(behind, result.rules_spoke));
  };
  for (const IpAddress& address : addresses) {
    take_address(address);
    const std::optional<IpAddress> inside = embedded_v4(address);
    if (inside && *inside != address) take_address(*inside);
  }
  return result;
}

Judge::ResolvedVerdict Judge::judge_resolved(const JudgeRequest& request, Judged& judged,
                                             std::span<const std::string> aliases,
                                             std::span<const IpAddress> addresses) {
  const Verdict without = judged.without_help();
  const ResolvedVerdict resolved = evaluate_resolved(request, judged.verdict, aliases, addresses);
  judged.verdict = resolved.verdict;
  if (resolved.blocked && resolved.verdict.action == Action::help) {
    judged.help = HelpMatch{resolved.verdict, without};
  } else if (judged.help) {
    judged.help->without = evaluate_resolved(request, without, aliases, addresses).verdict;
  }
  return resolved;
}

}  // namespace schoolgate
