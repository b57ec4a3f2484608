// decide(): the walk through the layers, written once for evaluate() and explain(). Internal to the Judge.
#pragma once

#include <algorithm>

#include "rules/db/matcher.h"
#include "rules/judge/judge_impl.h"
#include "rules/judge/weight.h"

namespace schoolgate {

// What a match says, once it is known how it came about.
struct Speech {
  Effect effect;
  bool speaks = true;  // false: it adds its flags, but does not choose the action
  bool weak = false;   // loses to every ungranted warning
};

// A `warn` that this client chose to continue counts as allow+record, and loses to every other `warn`. Lines
// have no category: their grant is for no_category.
// A match of a page inside a wrapper (translate.goog and its like) is a reason to block, never one to allow:
// the wrapper may show another page as well. The `help` of its words loses to every block.
[[nodiscard]] inline Speech speech(const JudgeRequest& request, const TierView& view, CategoryId category,
                                   const Effect& effect, bool inner) noexcept {
  const auto is_granted = [&] {
    return std::find(request.granted.begin(), request.granted.end(), category) != request.granted.end();
  };
  switch (effect.action) {
    case Action::allow:
      return {effect, !inner, false};
    case Action::warn:
      if (request.granted.empty() || !is_granted()) return {effect, true, false};
      return {Effect{Action::allow, {.record = true}}, true, true};
    case Action::help:
      return {effect, !inner || view.tier().default_action == Action::allow, inner};
    case Action::block:
      break;
  }
  return {effect, true, false};
}

// 2 .. 15, greater is stricter: strength() with room for weak speech between allow and warn.
[[nodiscard]] inline std::uint8_t strictness(const Effect& said, bool weak) noexcept {
  const int warn = 3 * strength(Effect{Action::warn, {}});
  return static_cast<std::uint8_t>(weak ? warn - 1 : 3 * strength(said));
}

[[nodiscard]] inline Specificity specificity(const Matches::Hit& hit) noexcept {
  using Kind = Specificity::Kind;
  constexpr Kind kinds[] = {/* domain */ Kind::host, /* url */ Kind::url, /* pattern */ Kind::pattern,
                            /* network */ Kind::network};
  const std::uint16_t labels = hit.kind == RuleKind::pattern ? std::uint16_t{0} : hit.specificity;
  return {kinds[static_cast<std::size_t>(hit.kind)], labels};
}

[[nodiscard]] inline std::uint32_t prefix_length(const Matches::Hit& hit) noexcept {
  return hit.kind == RuleKind::url ? hit.text_length : 0;
}

// Of a hosting platform's name, for a site below it: less than a pattern's.
inline constexpr Specificity of_platform{Specificity::Kind::none, 1};

[[nodiscard]] inline std::uint64_t line_weight(const Matches::Hit& hit, const LineOpinion& opinion,
                                               std::uint8_t strict, bool platform) noexcept {
  const std::uint8_t nearness = LineWeight::nearness_of(opinion.depth, opinion.timed);
  return LineWeight{platform ? of_platform : specificity(hit), prefix_length(hit), nearness, strict}.pack();
}

[[nodiscard]] inline std::uint64_t list_rank(const Matches::Hit& hit, bool platform) noexcept {
  return ListRank{platform ? of_platform : specificity(hit), prefix_length(hit)}.pack();
}

// Only beside a pattern does it matter what a platform's name weighs: all others are more specific anyhow.
[[nodiscard]] inline bool any_pattern(const Matches& matches) noexcept {
  return std::any_of(matches.hits.begin(), matches.hits.end(),
                     [](const Matches::Hit& hit) { return hit.kind == RuleKind::pattern; });
}

// What the page inside a wrapper says counts by strictness alone, whatever says it.
inline void offer_within(Found& found, Candidate candidate) noexcept {
  if (candidate.from_line) candidate.weight = ListWeight{candidate.strict, {Specificity::Kind::line}}.pack();
  found.within.offer(candidate);
}

[[nodiscard]] inline Reason line_reason(Layer layer, RuleKind kind) noexcept {
  if (layer == Layer::guaranteed_help) return Reason::help_line;
  if (layer == Layer::locked) return Reason::locked_line;
  if (kind == RuleKind::url) return Reason::url_line;
  return kind == RuleKind::pattern ? Reason::pattern_line : Reason::host_line;
}

// Notes a match that helps; true if it is to be passed over. An alert is named before a match that only
// helps.
[[nodiscard]] inline bool passes_over(Found& found, const Effect& effect, Candidate candidate) noexcept {
  if (effect.action != Action::help) return false;
  if (effect.flags.alert) candidate.weight |= alert_first;
  candidate.effect = effect;
  found.help.offer(candidate);
  return found.without_help;
}

template <class Watcher>
Verdict Judge::Impl::decide(const JudgeRequest& request, Found& found, Watcher& watcher) {
  if (request.tier >= views.size()) return {};  // no such tier: the default-made Verdict blocks
  TierView& view = views[request.tier];
  view.at(*policy, meanings, request.time);

  const HostKeys keys(request.url.host());
  list_matcher.prefetch(keys);  // the lists are large; they arrive while floor and lines are asked
  const SearchEngine* const engine = policy->engines().find(keys);  // meanwhile
  found.closed_by_default = view.tier().default_action == Action::block;
  if (in_force.closings && request.client != nullptr) [[unlikely]]
    found.in_closed_room = overrides->close_for(*request.client, request.tier, request.time);
  found.may_wrap = unwrapper.may_wrap(keys);
  if (!found.judged_within && found.may_wrap) [[unlikely]]
    look_within(request, found);
  ask_floor(request, found, watcher);
  if (Watcher::wants_all || !found.floor.candidate) ask_lines(request, keys, view, found, watcher);
  const bool settled = found.floor.candidate || found.help_line.candidate;
  if (Watcher::wants_all || !settled) ask_lists(request, keys, view, found, watcher);
  if (!settled && !lookalike_categories.empty()) ask_lookalikes(request, view, found, watcher);
  if ((Watcher::wants_all || !settled) && view.tier().unknown_on_hosting && !found.judged_within) [[unlikely]]
    ask_hosting(request, view, found, watcher);
  if ((Watcher::wants_all || !settled) && overrides_may_speak(found, keys)) [[unlikely]]
    ask_overrides(request, keys, view, found, watcher);
  if (Watcher::wants_all || !settled) ask_terms(request, keys, view, found, watcher);
  if (engine != nullptr) [[unlikely]]
    ask_engine(request, view, *engine, found, watcher);
  return conclude(request, view.tier(), found);
}

template <class Watcher>
void Judge::Impl::ask_floor(const JudgeRequest& request, Found& found, Watcher& watcher) {
  if (policy->floor().empty()) return;
  std::optional<RuleRef> hit = floor_hit(request.url, request.stage, found);
  if (!hit && found.may_wrap) [[unlikely]] {
    const Unwrapper::Inner within = unwrapper.unwrap(request.url, request.stage);
    found.floor_has_paths |= within.in_path;
    found.pattern_error |= within.too_many;
    for (const Url& inner : within.urls) {
      if (!hit) hit = floor_hit(inner, request.stage, found);
    }
  }
  if (!hit) return;
  Candidate candidate;
  candidate.weight = 1;
  candidate.effect = {Action::block, {.locked = true}};
  candidate.layer = Layer::sealed_floor;
  candidate.reason = Reason::floor_hash;
  candidate.rule = *hit;
  watcher.saw(candidate);
  found.floor.offer(candidate);
}

template <class Watcher>
void Judge::Impl::ask_lines(const JudgeRequest& request, const HostKeys& keys, const TierView& view,
                            Found& found, Watcher& watcher) {
  line_matches.clear();
  if (!view.any_line()) return;
  line_matcher.match(request.url, keys, request.stage, line_matches);
  found.pattern_error |= line_matches.pattern_error;
  if (line_matches.path_rules)
    found.path_rules |= found.may_wrap ? !view.path_lines().empty() : some_line_needs_path(request, view);
  offer_lines(request, view, found, watcher);
}

template <class Watcher>
void Judge::Impl::offer_lines(const JudgeRequest& request, const TierView& view, Found& found,
                              Watcher& watcher) {
  const bool beside_pattern = any_pattern(line_matches);
  for (const Matches::Hit& hit : line_matches.hits) {
    const LineOpinion& opinion = view.line(hit.tag);
    if (!opinion.speaks && (!Watcher::wants_all || opinion.silent == LineOpinion::Silent::no)) continue;
    found.named |= !hit.inner && opinion.speaks;
    const Speech says = speech(request, view, no_category, opinion.effect, hit.inner);
    Candidate candidate;
    candidate.strict = strictness(opinion.effect, says.weak);
    candidate.weight =
        line_weight(hit, opinion, candidate.strict, beside_pattern && names_platform(request, hit, found));
    candidate.effect = says.effect;
    candidate.layer = opinion.layer;
    candidate.reason = line_reason(opinion.layer, hit.kind);
    candidate.kind = hit.kind;
    candidate.inner = hit.inner;
    candidate.from_line = true;
    candidate.lifts_words = opinion.lifts_words;
    candidate.tag = hit.tag;
    candidate.rule = opinion.where;
    if (!opinion.speaks) {
      watcher.saw_muted(candidate);
      continue;
    }
    if (passes_over(found, opinion.effect, candidate)) continue;
    found.flags |= opinion.effect.flags;
    if (!says.speaks) {
      watcher.saw_muted(candidate);
      continue;
    }
    watcher.saw(candidate);
    if (hit.inner) {
      offer_within(found, candidate);
      continue;
    }
    Best& best = opinion.layer == Layer::guaranteed_help ? found.help_line
                 : opinion.layer == Layer::locked        ? found.locked_line
                                                         : found.line;
    best.offer(candidate);
  }
}

template <class Watcher>
void Judge::Impl::ask_lists(const JudgeRequest& request, const HostKeys& keys, const TierView& view,
                            Found& found, Watcher& watcher) {
  list_matches.clear();
  list_matcher.match(request.url, keys, request.stage, list_matches);
  found.pattern_error |= list_matches.pattern_error;
  found.path_rules |= list_matches.path_rules;
  offer_lists(request, view, found, watcher);
}

// What an entry says, but for its rank.
[[nodiscard]] inline Candidate of_list(const Matches::Hit& hit, const ListOpinion& opinion,
                                       const Speech& says) {
  Candidate candidate;
  candidate.strict = strictness(opinion.effect, says.weak);
  candidate.weight = ListWeight{candidate.strict, specificity(hit)}.pack();
  candidate.effect = says.effect;
  candidate.layer = opinion.locked ? Layer::locked : Layer::category;
  candidate.reason = opinion.locked ? Reason::locked_category : Reason::category;
  if (opinion.by_override != nullptr) candidate.reason = Reason::override_category;
  candidate.category = opinion.category;
  candidate.kind = hit.kind;
  candidate.inner = hit.inner;
  candidate.tag = hit.tag;
  candidate.rule = {opinion.source, hit.line};
  return candidate;
}

template <class Watcher>
void Judge::Impl::offer_lists(const JudgeRequest& request, const TierView& view, Found& found,
                              Watcher& watcher) {
  const auto opinion_on = [&](const Matches::Hit& hit) -> const ListOpinion& {
    return hit.inner || found.judged_within ? view.list_within(hit.tag) : view.list(hit.tag);
  };
  const bool beside_pattern = any_pattern(list_matches);
  const auto rank = [&](const Matches::Hit& hit) {
    return list_rank(hit, beside_pattern && names_platform(request, hit, found));
  };
  for (const Matches::Hit& hit : list_matches.hits) {
    const ListOpinion& opinion = opinion_on(hit);
    const bool passed_over = found.without_help && opinion.effect.action == Action::help;
    if (opinion.protecting && opinion.speaks && !passed_over && !hit.inner && !hit.exception)
      found.protects = std::max(found.protects, rank(hit));
  }
  for (const Matches::Hit& hit : list_matches.hits) {
    if (hit.exception) continue;  // what it lifts is not among the hits
    const ListOpinion& opinion = opinion_on(hit);
    const bool closes = opinion.effect.action == Action::help;  // a site that a list names is not opened
    const Speech says = speech(request, view, opinion.category, opinion.effect, hit.inner && !closes);
    Candidate candidate = of_list(hit, opinion, says);
    candidate.rank = rank(hit);
    if (passes_over(found, opinion.effect, candidate)) continue;
    found.flags |= opinion.effect.flags;
    if (!opinion.speaks || !says.speaks) {
      watcher.saw_muted(candidate);
      continue;
    }
    watcher.saw(candidate);
    if (hit.inner) {
      offer_within(found, candidate);
      continue;
    }
    if (opinion.locked) {
      found.locked_category.offer(candidate);
      continue;
    }
    found.category.offer(candidate);
    if (opinion.stands || candidate.rank > found.protects) found.standing_category.offer(candidate);
  }
}

// What the tier says to a look-alike, by what its model may say at all.
[[nodiscard]] inline Effect lookalike_effect(Lookalikes choice, const LookalikeModel& model) noexcept {
  if (choice == Lookalikes::warn && model.may_act()) return {Action::warn, {}};
  if (choice == Lookalikes::block && model.may_act()) return {Action::block, {}};
  return {Action::allow, {.record = true}};
}

// A line or an entry on the host, an exception too, is a person's word on it; so is a tier that opens only
// what is named.
template <class Watcher>
void Judge::Impl::ask_lookalikes(const JudgeRequest& request, const TierView& view, Found& found,
                                 Watcher& watcher) {
  const Lookalikes choice = view.tier().lookalikes;
  const bool named = found.line.candidate || found.locked_line.candidate || !list_matches.hits.empty();
  if (choice == Lookalikes::off || named || found.closed_by_default || found.judged_within) return;
  if (request.url.host().is_address()) return;
  const std::string_view name = lookalike_name(request.url.host().text);
  if (name.empty()) return;
  const NamePieces pieces(name);
  const auto models = lists->lookalikes().all();
  for (std::size_t i = 0; i < models.size(); ++i) {
    const CategoryId category = lookalike_categories[i];
    if (category == no_category || !models[i].holds(name, pieces)) continue;
    const Override* const over =
        overrides == nullptr ? nullptr : overrides->of_category(request.tier, category);
    if (over != nullptr && over->action == Action::allow) continue;
    const Effect said = lookalike_effect(choice, models[i]);
    const ListOpinion opinion = view.opinion(*policy, {category, 0xffffffff, said}, request.time);
    const Action of_category = policy->effect(request.tier, category, request.time).effect.action;
    if (of_category == Action::allow || of_category == Action::help) continue;
    const Speech says = speech(request, view, category, opinion.effect, false);
    Candidate candidate;
    candidate.strict = strictness(opinion.effect, says.weak);
    candidate.weight = ListWeight{candidate.strict, {}}.pack();
    candidate.effect = says.effect;
    candidate.effect.flags.locked = false;
    candidate.layer = Layer::category;
    candidate.reason = Reason::lookalike;
    candidate.category = category;
    candidate.from_lookalike = true;
    candidate.tag = static_cast<Tag>(i);
    found.flags |= candidate.effect.flags;
    watcher.saw(candidate);
    found.category.offer(candidate);
  }
}

template <class Watcher>
void Judge::Impl::ask_hosting(const JudgeRequest& request, const TierView& view, Found& found,
                              Watcher& watcher) {
  if (request.url.host().is_address() || found.named) return;
  for (const Matches::Hit& hit : list_matches.hits) {
    if (hit.kind == RuleKind::pattern || hit.inner || hit.exception) continue;  // a pattern names no site
    if (!names_platform(request, hit, found)) return;
  }
  if (!found.platform) found.platform = platform_labels(request.url.host().text);
  if (*found.platform == 0) return;
  const Effect effect{*view.tier().unknown_on_hosting, {}};
  const Speech says = speech(request, view, no_category, effect, false);
  Candidate candidate;
  candidate.effect = says.effect;
  candidate.strict = strictness(effect, says.weak);
  candidate.layer = Layer::tier_default;
  candidate.reason = Reason::unknown_on_hosting;
  candidate.rule = view.tier().hosting_where;
  watcher.saw(candidate);
  found.hosting.offer(candidate);
}

// Of most hosts no override says anything, in whatever tier.
inline bool Judge::Impl::overrides_may_speak(const Found& found, const HostKeys& keys) const noexcept {
  if (found.in_closed_room) return true;
  if (found.judged_within) return false;
  return found.override_within || (in_force.may_name(keys) && overrides->may_name(keys));
}

template <class Watcher>
void Judge::Impl::ask_overrides(const JudgeRequest& request, const HostKeys& keys, const TierView& view,
                                Found& found, Watcher& watcher) {
  overrides->match(request.url, keys, request.stage);
  found.override_spoke = !overrides->matches().hits.empty();
  found.pattern_error |= overrides->matches().pattern_error;
  if (request.stage == Stage::host)
    overrides->each_with_path(request.tier, [&](const Override& one) {
      found.path_rules |= found.may_wrap || may_hold(one.rule, request.url.host());
    });
  for (const Matches::Hit& hit : overrides->matches().hits) {
    const Override& over = overrides->by_tag(hit.tag);
    if (found.judged_within) continue;  // of a page inside a wrapper
    if (over.closing != Override::no_closing) {
      if (!found.in_closed_room || !overrides->is_covering(over.closing) || !overrides->lifts(hit.tag))
        continue;
    } else if (over.tier != request.tier) {
      continue;
    }
    const bool opens = over.action == Action::allow;
    Candidate candidate;
    candidate.effect = {over.action, {}};
    candidate.strict = strictness(candidate.effect, false);
    candidate.weight = LineWeight{specificity(hit), prefix_length(hit), 255, candidate.strict}.pack();
    candidate.layer = Layer::timed_override;
    candidate.reason = Reason::override_line;
    candidate.kind = hit.kind;
    candidate.inner = hit.inner;
    candidate.from_override = true;
    candidate.tag = hit.tag;
    candidate.rule = overrides->where(over);
    if (opens && (hit.inner || !lifts_all(overrides->lifts_of(over, request.tier), view, found))) {
      watcher.saw_muted(candidate);
      continue;
    }
    watcher.saw(candidate);
    if (hit.inner) {
      candidate.weight = ListWeight{candidate.strict, {Specificity::Kind::line}}.pack();
      found.within.offer(candidate);
    } else {
      (opens ? found.opened_for_now : found.closed_for_now).offer(candidate);
    }
  }
  if (found.in_closed_room) ask_closings(found, watcher);
}

template <class Watcher>
void Judge::Impl::ask_closings(Found& found, Watcher& watcher) {
  const auto names_site = [&](std::uint32_t index) {
    const auto& hits = overrides->matches().hits;
    return std::any_of(hits.begin(), hits.end(), [&](const Matches::Hit& hit) {
      return !hit.inner && overrides->by_tag(hit.tag).closing == index;
    });
  };
  for (const std::uint32_t index : overrides->covering()) {
    const Closing& closing = overrides->closing(index);
    // A page within a wrapper must be named too.
    if (!closing.off && names_site(index) && !found.closed_within) continue;
    Candidate candidate;
    candidate.weight = closing.off ? 2 : 1;  // which of several is named
    candidate.effect = {Action::block, {}};
    candidate.strict = strictness(candidate.effect, false);
    candidate.layer = Layer::timed_override;
    candidate.reason = closing.off ? Reason::room_off : Reason::room_only;
    candidate.kind = RuleKind::network;
    candidate.from_closing = true;
    candidate.tag = index;
    candidate.rule = overrides->where(closing);
    watcher.saw(candidate);
    found.room.offer(candidate);
  }
}

template <class Watcher>
void Judge::Impl::ask_engine(const JudgeRequest& request, const TierView& view, const SearchEngine& engine,
                             Found& found, Watcher& watcher) {
  const Tier& tier = view.tier();
  if ((engine.video ? tier.youtube : tier.safesearch) == SafeLevel::off) return;
  const bool by_tier = engine.small && tier.unknown_engines;
  const Effect of_tier{by_tier ? *tier.unknown_engines : Action::block, {}};
  const Effect* const effect = by_tier ? &of_tier : engine.otherwise_in(request.tier);
  if (effect == nullptr) return;
  // Its own parameter or header makes it safe where whole requests are seen.
  const bool seen_whole = request.url.scheme() == Scheme::http ||
                          (request.trusts_ca && tier.https_at(request.url.host().text) == Https::inspect &&
                           !never_inspected(request.url));
  if (seen_whole && (!engine.parameter.empty() || !engine.header.empty())) return;
  const Speech says = speech(request, view, no_category, *effect, false);
  Candidate candidate;
  candidate.strict = strictness(*effect, says.weak);
  // Named before a term that says the same.
  candidate.weight = ListWeight{candidate.strict, {.labels = 1}}.pack();
  candidate.effect = says.effect;
  candidate.layer = Layer::category;
  candidate.reason = Reason::unsafe_search;
  candidate.engine = &engine;
  candidate.rule = by_tier ? tier.engines_where : engine.where;
  candidate.only_where_open = tier.default_action == Action::block && effect->action != Action::block;
  found.flags |= effect->flags;
  watcher.saw(candidate);
  note_unlifted(candidate, request.tier, found);
  (candidate.only_where_open ? found.where_open : found.category).offer(candidate);
}

template <class Watcher>
void Judge::Impl::ask_terms(const JudgeRequest& request, const HostKeys& keys, const TierView& view,
                            Found& found, Watcher& watcher) {
  if (term_matcher.rules().empty()) return;
  const bool path_counts = term_matcher.rules().any_in_path() && path_words_count();
  term_hits.clear();
  find_terms(request.url, keys, request.stage, path_counts, found);
  offer_terms(request, view, false, found, watcher);
  if (!found.may_wrap) [[likely]]
    return;
  for (const Url& inner : unwrapper.unwrap(request.url, request.stage).urls) {
    term_hits.clear();
    find_terms(inner, HostKeys(inner.host()), request.stage, path_counts, found);
    offer_terms(request, view, true, found, watcher);
  }
}

template <class Watcher>
void Judge::Impl::offer_terms(const JudgeRequest& request, const TierView& view, bool inner, Found& found,
                              Watcher& watcher) {
  for (const TermHit& hit : term_hits) {
    const TermRule& rule = term_matcher.rules().rules()[hit.rule];
    const ListOpinion opinion = term_opinion(view, rule, hit.effect, request.time);
    const Speech says = speech(request, view, opinion.category, opinion.effect, inner);
    Candidate candidate;
    candidate.strict = strictness(opinion.effect, says.weak);
    candidate.weight = ListWeight{candidate.strict, {}}.pack();
    candidate.effect = says.effect;
    candidate.layer = opinion.locked ? Layer::locked : Layer::category;
    candidate.reason = hit.in_path ? Reason::path_term : Reason::search_term;
    candidate.category = opinion.category;
    candidate.inner = inner;
    candidate.from_term = true;
    candidate.tag = hit.rule;
    candidate.rule = rule.where;
    candidate.only_where_open = !opinion.speaks;
    if (passes_over(found, opinion.effect, candidate)) continue;
    found.flags |= opinion.effect.flags;
    if (!says.speaks) {
      watcher.saw_muted(candidate);
      continue;
    }
    watcher.saw(candidate);
    if (inner) {
      offer_within(found, candidate);
      continue;
    }
    note_unlifted(candidate, request.tier, found);
    if (!hit.in_path) found.words.offer(candidate);
    if (!hit.in_path && opinion.locked) found.locked_words.offer(candidate);
    if (candidate.only_where_open) {
      found.where_open.offer(candidate);
      continue;
    }
    if (opinion.locked) {
      found.locked_category.offer(candidate);
      continue;
    }
    found.category.offer(candidate);
    if (opinion.stands) found.standing_category.offer(candidate);
  }
}

}  // namespace schoolgate
