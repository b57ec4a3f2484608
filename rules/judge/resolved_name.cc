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
  return name.reason == Reason::override_category || !policy.categories()[name.category].protecting;
}

// What opens a name for a time opens nothing behind it that its author may not open.
bool may_lift(const MayLift* over, const Verdict& behind) noexcept {
  if (over == nullptr) return false;
  if (behind.layer == Layer::explicit_line) return over->lifts_lines;
  return behind.layer == Layer::category && behind.action != Action::help && over->may_lift(behind.category);
}

}  // namespace

std::optional<Verdict> Judge::Impl::block_of_alias(const JudgeRequest& request, bool& rules_spoke) {
  Found found;
  Nobody nobody;
  const Verdict verdict = decide(request, found, nobody);
  rules_spoke |= !line_matches.hits.empty() || !list_matches.hits.empty() || found.floor.candidate;
  rules_spoke |= found.override_spoke;
  // A fault is as strict here as for the name itself. Rules with paths speak of pages of that other name,
  // which are not asked for: none of them lifts this.
  const bool speaks = found.winner() != nullptr || verdict.layer == Layer::fault;
  const bool closes = verdict.action == Action::block || verdict.action == Action::help;
  if (!speaks || !closes) return std::nullopt;
  return verdict;
}

// A line on an address, or the floor, means the machine. A line that opens an address ends what other lines
// say of it; one that opens a network speaks where the network is asked for by number alone.
const Candidate* Judge::Impl::closing_line(const JudgeRequest& request, const HostKeys& keys, Found& found,
                                           bool& rules_spoke) {
  const TierView& view = views[request.tier];
  Nobody nobody;
  ask_floor(request, found, nobody);
  line_matches.clear();
  if (view.any_line()) line_matcher.match(request.url, keys, request.stage, line_matches);
  rules_spoke |= !line_matches.hits.empty() || found.floor.candidate;
  std::erase_if(line_matches.hits, [&](const Matches::Hit& hit) {
    return hit.kind == RuleKind::network && view.line(hit.tag).effect.action != Action::block;
  });
  offer_lines(request, view, found, nobody);
  for (const Best* best : {&found.floor, &found.locked_line, &found.line}) {
    if (!best->candidate) continue;
    const Candidate& candidate = *best->candidate;
    const bool names_it = candidate.layer == Layer::sealed_floor || candidate.kind == RuleKind::domain ||
                          candidate.kind == RuleKind::network;
    if (!names_it) continue;
    return candidate.effect.action == Action::block ? &candidate : nullptr;
  }
  return nullptr;
}

// Of lists only networks are asked: who lists a network means all that stands there. An address in a list
// says that something bad was reached by it; the same address may serve a thousand names.
const Candidate* Judge::Impl::closing_list(const JudgeRequest& request, const HostKeys& keys, Found& found,
                                           bool& rules_spoke) {
  if (!lists_hold_networks) return nullptr;
  Nobody nobody;
  list_matches.clear();
  list_matcher.match(request.url, keys, request.stage, list_matches);
  std::erase_if(list_matches.hits, [](const Matches::Hit& hit) { return hit.kind != RuleKind::network; });
  rules_spoke |= !list_matches.hits.empty();
  offer_lists(request, views[request.tier], found, nobody);
  const Best& of_categories = found.protects != 0 ? found.standing_category : found.category;
  const Best& best = found.locked_category.candidate ? found.locked_category : of_categories;
  if (!best.candidate) return nullptr;
  const Action action = best.candidate->effect.action;
  return action == Action::block || action == Action::help ? &*best.candidate : nullptr;
}

std::optional<Verdict> Judge::Impl::block_of_address(const JudgeRequest& request, bool& rules_spoke) {
  Found found;
  const HostKeys keys(request.url.host());
  const Candidate* const line = closing_line(request, keys, found, rules_spoke);
  const Candidate* const list = closing_list(request, keys, found, rules_spoke);
  const Candidate* const first =
      line == nullptr || (list != nullptr && list->layer < line->layer) ? list : line;
  if (first == nullptr) return std::nullopt;
  Verdict verdict;
  verdict.action = first->effect.action;
  verdict.layer = first->layer;
  verdict.reason = first->reason;
  verdict.category = first->category;
  verdict.rule = first->rule;
  verdict.flags = first->effect.flags;
  verdict.flags.alert = verdict.flags.alert && views[request.tier].tier().pupils;
  verdict.flags.locked = first->layer == Layer::sealed_floor || first->layer == Layer::locked;
  return verdict;
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
  // Without the client: what closes a room but for a site means the name, whatever stands behind it.
  const JudgeRequest behind{url, Stage::host, request.tier, request.time, {}, nullptr, request.trusts_ca};
  const OverrideView* const overrides = impl_->overrides.get();
  const Override* const opener = overrides == nullptr ? nullptr : overrides->find(verdict.rule);
  const MayLift* const for_now = opener == nullptr || opener->action != Action::allow
                                     ? nullptr
                                     : &overrides->lifts_of(*opener, request.tier);
  const auto take = [&](const std::optional<Verdict>& block) {
    if (!block) return;
    const bool later = result.verdict.reason == Reason::override_line && block->layer > Layer::timed_override;
    const bool counts =
        later ? !may_lift(for_now, *block) : overrules(*block, result.verdict, *impl_->policy);
    if (!counts) return;
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
