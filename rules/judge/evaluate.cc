// How a verdict is made (rules/judge/README.md): the layers in their order, each a step of decide().
#include <algorithm>
#include <functional>
#include <stdexcept>

#include "rules/judge/decide.h"
#include "rules/judge/judge_impl.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
void Best::offer(const Candidate& other) noexcept {
  const auto is_better = [&](const Candidate& so_far) {
    if (other.weight != so_far.weight) return other.weight > so_far.weight;
    return other.tag != so_far.tag ? other.tag < so_far.tag : other.rule.line < so_far.rule.line;
  };
  if (!candidate || is_better(*candidate)) candidate = other;
}

const Candidate* Found::of_layers() const noexcept {
  for (const Best* best : {&floor, &help_line, &locked_line, &locked_category}) {
    if (!best->candidate) continue;
    // A closed room opens no more for a lock that allows: it cures a wrong entry of a list.
    const bool opens =
        best->candidate->layer == Layer::locked && best->candidate->effect.action != Action::block;
    return opens && room.candidate ? &*room.candidate : &*best->candidate;
  }
  if (room.candidate) [[unlikely]]
    return &*room.candidate;
  const Candidate* const tier = of_tier();
  if (!closed_for_now.candidate && !opened_for_now.candidate) [[likely]]
    return tier;
  return of_overrides(tier);
}

const Candidate* Found::of_tier() const noexcept {
  const Best& of_categories = protects != 0 ? standing_category : category;
  if (line.candidate) return &*line.candidate;
  const Candidate* const by_category = of_categories.candidate ? &*of_categories.candidate : nullptr;
  if (!hosting.candidate) [[likely]]
    return by_category;
  return by_category == nullptr || hosting.candidate->strict > by_category->strict ? &*hosting.candidate
                                                                                   : by_category;
}

// Of two overrides the more specific, then the stricter. One that opens what is open anyhow says nothing: the
// rule that opens it may lift more.
const Candidate* Found::of_overrides(const Candidate* tier) const noexcept {
  const auto& closes = closed_for_now.candidate;
  const auto& opens = opened_for_now.candidate;
  if (closes && (!opens || closes->weight > opens->weight)) return &*closes;
  const bool is_open = tier != nullptr ? tier->effect.action == Action::allow : !closed_by_default;
  return is_open ? tier : &*opens;
}

const Candidate* Found::besides(const Candidate& candidate) const noexcept {
  const auto get = [](const Best& best) { return best.candidate ? &*best.candidate : nullptr; };
  if (candidate.from_override) return get(unlifted);
  if (candidate.layer == Layer::category || candidate.reason == Reason::unknown_on_hosting)
    return protects == 0 ? get(where_open) : nullptr;
  if (!candidate.from_line || candidate.layer == Layer::guaranteed_help) return nullptr;
  // A line with a path names the very pages.
  return get(candidate.lifts_words || candidate.kind == RuleKind::url ? locked_words : words);
}

// What opens a site for a lesson makes nothing stricter: where the tier only warns of the site, and leaves
// aside what is said of its words, the warning stays.
const Candidate* Found::besides_opening(const Candidate& not_lifted) const noexcept {
  const Candidate* const tier = of_tier();
  if (tier == nullptr || tier->effect.action != Action::warn) return &not_lifted;
  const Candidate* const other = besides(*tier);
  return other != nullptr && other->strict > tier->strict ? other : tier;
}

const Candidate* Found::winner() const noexcept {
  const auto passes = [](const Candidate& c) {
    return c.effect.action == Action::allow || c.effect.action == Action::warn;
  };
  const Candidate* best = of_layers();
  if (best != nullptr && passes(*best)) {
    const Candidate* const other = besides(*best);
    if (other != nullptr && other->strict > best->strict)
      best = best->from_override ? besides_opening(*other) : other;
  }
  if (best != nullptr && best->layer <= Layer::guaranteed_help) return best;
  if (closed_within && (best == nullptr || best->effect.action != Action::block)) best = nullptr;
  if (!within.candidate) return best;
  // A page inside a wrapper makes the verdict stricter at most.
  const Candidate& inside = *within.candidate;
  const bool blocks = inside.effect.action == Action::block;
  const bool closes = blocks || (inside.effect.action == Action::help && !inside.from_term);
  if (best == nullptr) return blocks || !closed_by_default ? &inside : nullptr;
  if (best->effect.action == Action::block) return blocks && inside.strict > best->strict ? &inside : best;
  return closes || inside.strict > best->strict ? &inside : best;
}

namespace {

bool is_locked_somewhere(const Policy& policy, CategoryId category) {
  const auto& tiers = policy.tiers();
  return std::any_of(tiers.begin(), tiers.end(), [&](const Tier& tier) {
    return category < tier.effects.size() && tier.effects[category].effect.flags.locked;
  });
}

// What ListMeaning::reaches_category says, of categories that no tier locks.
Reach reach_of(const Policy& policy, const std::vector<ListMeaning>& meanings) {
  Reach reach;
  for (const ListMeaning& meaning : meanings) {
    reach.group.push_back(meaning.category);
    reach.reaching.push_back(meaning.reaches_category && !is_locked_somewhere(policy, meaning.category));
  }
  return reach;
}

}  // namespace

std::uint16_t platform_labels(std::string_view host) {
  const std::string_view platform = hosting_platform(host);
  if (platform.empty()) return 0;
  return static_cast<std::uint16_t>(std::count(platform.begin(), platform.end(), '.') + 1);
}

Judge::Impl::Impl(std::shared_ptr<const Policy> policy_in, std::shared_ptr<const RuleDb> lists_in,
                  std::vector<ListMeaning> meanings_in)
    : policy(std::move(policy_in)),
      lists(std::move(lists_in)),
      meanings(std::move(meanings_in)),
      line_matcher(policy->lines_db()),
      list_matcher(lists, reach_of(*policy, meanings)),
      lists_hold_networks(lists->counts().networks != 0),
      term_matcher(policy->terms()) {
  if (meanings.size() != lists->sources().size()) throw std::invalid_argument("a list without a meaning");
  for (const ListMeaning& meaning : meanings) {
    if (meaning.category >= policy->categories().size()) throw std::invalid_argument("a list of no category");
  }
  for (const LookalikeModel& model : lists->lookalikes().all())
    lookalike_categories.push_back(policy->find_category(model.category).value_or(no_category));
  for (std::size_t tier = 0; tier < policy->tiers().size(); ++tier) {
    views.emplace_back(*policy, static_cast<TierId>(tier), meanings);
  }
  if (!policy->floor().empty()) floor_memory.resize(floor_memory_slots);
}

Floor::HostMatch Judge::Impl::floor_of(const Host& host) {
  const std::string_view text = host.text;
  if (text.size() > Remembered::max_host) return policy->floor().ask_host(host);
  Remembered& slot = floor_memory[std::hash<std::string_view>{}(text) % floor_memory_slots];
  if (std::string_view(slot.host.data(), slot.length) != text) {
    slot.match = policy->floor().ask_host(host);
    slot.length = static_cast<std::uint8_t>(text.size());
    text.copy(slot.host.data(), text.size());
  }
  return slot.match;
}

void Judge::Impl::look_within(const JudgeRequest& request, Found& found) {
  const Unwrapper::Inner inner = unwrapper.unwrap(request.url, request.stage);
  found.page_in_path = inner.in_path;
  found.page_within = inner.too_many || !inner.urls.empty();
  found.override_within =
      in_force.sites && ((inner.in_path && request.stage == Stage::host) || inner.too_many ||
                         std::any_of(inner.urls.begin(), inner.urls.end(), [&](const Url& page) {
                           return in_force.may_name(HostKeys(page.host()));
                         }));
  if (!found.closed_by_default && !found.in_closed_room) return;
  const std::vector<Url> pages(inner.urls.begin(), inner.urls.end());  // unwrap() is called again below
  for (const Url& page : pages) {
    Found alone;
    alone.judged_within = true;
    alone.without_help = true;  // which opens nothing in such a tier
    Nobody nobody;
    const JudgeRequest asked{page,           request.stage,    request.tier, request.time, request.granted,
                             request.client, request.trusts_ca};
    found.closed_within |= decide(asked, alone, nobody).action == Action::block;
  }
}

bool Judge::Impl::lifts_all(const MayLift& over, const TierView& view, const Found& found) const {
  if (found.line.candidate && found.line.candidate->effect.action != Action::allow && !over.lifts_lines)
    return false;
  if (const auto& seen = found.category.candidate;
      seen && seen->from_lookalike && seen->effect.action != Action::allow && !over.may_lift(seen->category))
    return false;
  bool held = false;
  for (const Matches::Hit& hit : list_matches.hits) {
    if (hit.exception || hit.inner) continue;
    held = true;
    const ListOpinion& opinion = view.list(hit.tag);
    if (opinion.effect.action == Action::help) return false;
    const bool closes = !opinion.speaks || opinion.effect.action != Action::allow;
    if (closes && !over.may_lift(opinion.category)) return false;
  }
  const bool closed_as_unknown =
      found.hosting.candidate && found.hosting.candidate->effect.action != Action::allow;
  return (held && !closed_as_unknown) || (!found.closed_by_default && !closed_as_unknown) ||
         over.lifts_unknown;
}

// Words of a path are of their category, as the lists' entries are; what is searched for nobody lifts.
void Judge::Impl::note_unlifted(const Candidate& candidate, TierId tier, Found& found) const {
  if (!found.opened_for_now.candidate) [[likely]]
    return;
  const MayLift& over = overrides->lifts_of(overrides->by_tag(found.opened_for_now.candidate->tag), tier);
  const bool lifted = candidate.reason == Reason::path_term && candidate.effect.action != Action::help &&
                      !candidate.effect.flags.locked && over.may_lift(candidate.category);
  if (!lifted) found.unlifted.offer(candidate);
}

bool Judge::Impl::names_platform(const JudgeRequest& request, const Matches::Hit& hit, Found& found) {
  const Host& host = request.url.host();
  if (hit.kind != RuleKind::domain || hit.inner || host.is_address()) return false;
  if (!found.platform) found.platform = platform_labels(host.text);
  return hit.specificity != 0 && hit.specificity <= *found.platform;
}

bool Judge::Impl::some_line_needs_path(const JudgeRequest& request, const TierView& view) const {
  const std::span<const Tag> lines = view.path_lines();
  const auto has_spoken = [&](Tag tag) {  // a pattern that holds every address of the host
    return std::any_of(line_matches.hits.begin(), line_matches.hits.end(),
                       [tag](const Matches::Hit& hit) { return hit.tag == tag; });
  };
  return std::any_of(lines.begin(), lines.end(), [&](Tag tag) {
    return may_hold(policy->line(tag).rule, request.url.host()) && !has_spoken(tag);
  });
}

std::optional<RuleRef> Judge::Impl::floor_hit(const Url& url, Stage stage, Found& found) {
  const Floor::HostMatch match = floor_of(url.host());
  found.floor_has_paths |= match.has_paths;
  if (match.hit) return match.where;
  if (match.has_paths && stage == Stage::request) return policy->floor().ask_path(url);
  return std::nullopt;
}

bool Judge::Impl::path_words_count() const noexcept {
  const std::vector<CategoryId>& spared = policy->spec().path_terms_not_on;
  return std::none_of(list_matches.hits.begin(), list_matches.hits.end(), [&](const Matches::Hit& hit) {
    const CategoryId category = meanings[hit.tag].category;
    return !hit.exception && !hit.inner && std::find(spared.begin(), spared.end(), category) != spared.end();
  });
}

ListOpinion Judge::Impl::term_opinion(const TierView& view, const TermRule& rule,
                                      const std::optional<Effect>& own, LocalTime time) const {
  ListOpinion opinion = view.opinion(*policy, {rule.category, rule.where.source, own}, time);
  const bool opens = opinion.effect.action == Action::allow || opinion.effect.action == Action::warn;
  opinion.speaks = !opens || view.tier().default_action == Action::allow;
  return opinion;
}

void Judge::Impl::find_terms(const Url& url, const HostKeys& keys, Stage stage, bool path_counts,
                             Found& found) {
  const SearchEngine* const engine = policy->engines().find(keys);
  const bool searches = engine != nullptr && engine->sees_words();
  if (stage == Stage::host) {
    found.search_words |= searches;
    found.path_words |= path_counts;
    return;
  }
  if (searches) {
    each_search(*engine, url, [&](std::string_view value) { term_matcher.match_search(value, term_hits); });
  }
  if (path_counts) term_matcher.match_path(url.path(), term_hits);
}

namespace {

Verdict verdict_of(const Candidate* winner, const Tier& tier) noexcept {
  Verdict verdict;
  if (winner != nullptr) {
    verdict.action = winner->effect.action;
    verdict.layer = winner->layer;
    verdict.reason = winner->reason;
    verdict.category = winner->category;
    verdict.rule = winner->rule;
  } else {
    verdict.action = tier.default_action;
    verdict.layer = Layer::tier_default;
    verdict.reason = Reason::tier_default;
    verdict.rule = tier.default_where;
  }
  return verdict;
}

// Whether rules that could not be asked cannot have loosened or overturned this. A pattern is the least
// specific of lines, so a locked line on a host or URL stands; a block is as strict as a fault would be.
bool settled_without_patterns(const Verdict& verdict, const Candidate* winner, const Found& found) noexcept {
  const bool exact_lock = verdict.layer == Layer::locked && winner->from_line &&
                          winner->kind != RuleKind::pattern && !found.page_within;
  return verdict.action == Action::block || exact_lock;
}

// The floor and the help lines speak alone: no other rule adds a flag, so nothing tells on a child who asks a
// hotline.
bool speaks_alone(Layer layer) noexcept {
  return layer == Layer::sealed_floor || layer == Layer::guaranteed_help;
}

// Locked names are always decided at the host stage; only a sealed path can still turn them into a block.
bool path_may_change(const Verdict& verdict, const Found& found) noexcept {
  if (verdict.layer == Layer::fault) return false;
  const bool firm = speaks_alone(verdict.layer) || verdict.layer == Layer::locked;
  const bool passes = verdict.action == Action::allow || verdict.action == Action::warn;
  const bool by_rule = !firm && (found.path_rules || found.search_words || (found.path_words && passes));
  const bool by_floor = found.floor_has_paths && verdict.action != Action::block;
  // A lock that lets through opens neither what is searched for there nor a page inside a wrapper.
  const bool by_lock = verdict.layer == Layer::locked && passes &&
                       (found.page_in_path || (found.search_words && verdict.reason == Reason::locked_line));
  return by_rule || by_floor || by_lock;
}

}  // namespace

Verdict Judge::Impl::conclude(const JudgeRequest& request, const Tier& tier, const Found& found) {
  const Candidate* const winner = found.winner();
  Verdict verdict = verdict_of(winner, tier);
  if (!speaks_alone(verdict.layer)) {
    Flags flags = found.flags;
    if (winner != nullptr) flags |= winner->effect.flags;
    flags.alert = flags.alert && tier.pupils;
    flags.record = flags.record || found.pattern_error;
    if (found.pattern_error && tier.pupils && !settled_without_patterns(verdict, winner, found)) {
      verdict = Verdict{};
      verdict.reason = Reason::pattern_error;
    }
    verdict.flags = flags;
  }
  verdict.flags.locked = verdict.layer == Layer::sealed_floor || verdict.layer == Layer::locked;
  verdict.path_may_change_it = request.stage == Stage::host && path_may_change(verdict, found);
  return verdict;
}

Judge::Judge(std::shared_ptr<const Policy> policy, std::shared_ptr<const RuleDb> lists,
             std::vector<ListMeaning> meanings) {
  if (!policy || !lists) throw std::invalid_argument("a Judge needs a policy and lists");
  impl_ = std::make_unique<Impl>(std::move(policy), std::move(lists), std::move(meanings));
}

Judge::~Judge() = default;

Verdict Judge::Impl::help_of(const JudgeRequest& request, const Found& found) const {
  Verdict help;
  help.action = Action::help;
  help.flags.alert = found.help.candidate->effect.flags.alert && views[request.tier].tier().pupils;
  help.layer = found.help.candidate->layer;
  help.reason = found.help.candidate->reason;
  help.category = found.help.candidate->category;
  help.rule = found.help.candidate->rule;
  return help;
}

void Judge::use(std::shared_ptr<const Overrides> overrides) {
  if (overrides && &overrides->policy() != impl_->policy.get())
    throw std::invalid_argument("overrides of another policy");
  const bool some = overrides && !(overrides->all().empty() && overrides->closings().empty());
  auto view = some ? std::make_unique<OverrideView>(std::move(overrides)) : nullptr;
  // The old one stays until no tier looks at it.
  for (TierView& tier : impl_->views) tier.use(*impl_->policy, impl_->meanings, view.get());
  impl_->overrides = std::move(view);
  impl_->in_force = impl_->overrides == nullptr ? OverrideSummary{} : impl_->overrides->summary();
}

bool Judge::end_overrides(const Moment& now) {
  if (impl_->overrides == nullptr || !impl_->overrides->end(now)) return false;
  const OverrideView* const rest = impl_->overrides->all_over() ? nullptr : impl_->overrides.get();
  for (TierView& tier : impl_->views) tier.use(*impl_->policy, impl_->meanings, rest);
  impl_->in_force = rest == nullptr ? OverrideSummary{} : rest->summary();
  if (rest == nullptr) impl_->overrides.reset();
  return true;
}

const Closing* Judge::closing(const RuleRef& rule) const noexcept {
  return impl_->overrides == nullptr ? nullptr : impl_->overrides->find_closing(rule);
}

const Policy& Judge::policy() const noexcept {
  return *impl_->policy;
}

}  // namespace schoolgate
