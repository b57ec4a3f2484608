#include "rules/judge/tier_view.h"

#include <algorithm>

#include "rules/db/url_index.h"

namespace schoolgate {

Effect own_or_capped(const std::optional<Effect>& own, const Effect& category) noexcept {
  if (!own) return category;
  Effect effect = *own;
  if (effect.action == Action::help) return effect;
  if (strength(effect) > strength(category)) {
    effect.action = category.action;
    effect.flags.locked = category.flags.locked;
  }
  effect.flags.locked = effect.flags.locked && category.flags.locked;  // only a locked category gives locks
  return effect;
}

bool may_hold(const RuleEntry& rule, const Host& host) {
  if (rule.kind == RuleKind::pattern) return true;
  const UrlRuleText text = UrlRuleText::split(rule.text);
  if (host.is_address()) return host.text == text.host;
  UrlItem item;
  item.flags = (rule.subdomains ? UrlItem::subdomains : 0U) | (text.www ? UrlItem::www : 0U);
  const bool related =
      host.text.ends_with(text.host) &&
      (host.text.size() == text.host.size() || host.text[host.text.size() - text.host.size() - 1] == '.');
  return related && holds(item, host_relation(host.text, text.host));
}

TierView::TierView(const Policy& policy, TierId tier, std::span<const ListMeaning> meanings)
    : tier_(&policy.tiers()[tier]), id_(tier) {
  lines_.resize(policy.line_count());
  for (Tag tag = 0; tag < lines_.size(); ++tag) {
    const Line& line = policy.line(tag);
    LineOpinion& opinion = lines_[tag];
    opinion.layer = policy.layer_of(tag);
    opinion.effect = line.effect;
    opinion.where = line.where;
    opinion.lifts_words = line.lifts_words;
    opinion.depth = opinion.layer == Layer::explicit_line ? policy.depth(tier, line.tier) : std::uint8_t{0};
    opinion.speaks = opinion.depth != Policy::not_in_chain;
    if (opinion.speaks && line.when) timed_lines_.push_back(tag);
    const bool whole_url = line.rule.kind == RuleKind::url ||
                           (line.rule.kind == RuleKind::pattern && line.rule.target != PatternTarget::host);
    if (opinion.speaks && whole_url) all_path_lines_.push_back(tag);
  }
  path_lines_ = all_path_lines_;
  lists_.resize(meanings.size());
  refresh(policy, meanings, LocalTime{});
}

ListOpinion TierView::opinion(const Policy& policy, const ListMeaning& meaning, LocalTime time) const {
  const auto& open = tier_->open_categories;
  const Category& category = policy.categories()[meaning.category];
  const CategoryEffect given = policy.effect(id_, meaning.category, time);
  ListOpinion opinion;
  opinion.effect = own_or_capped(meaning.own, given.effect);
  opinion.category = meaning.category;
  opinion.source = meaning.source;
  opinion.locked = opinion.effect.flags.locked;
  const bool opens = opinion.effect.action == Action::allow || opinion.effect.action == Action::warn;
  opinion.speaks = opinion.locked || tier_->default_action == Action::allow || !opens ||
                   std::find(open.begin(), open.end(), meaning.category) != open.end();
  opinion.protecting = category.protecting;
  opinion.stands = category.protecting || category.beats_protecting || opinion.effect.action == Action::help;
  opinion.action_where = given.where;
  return opinion;
}

void TierView::refresh_lines(const Policy& policy) {
  for (const Tag tag : timed_lines_) {
    const Line& line = policy.line(tag);
    const std::optional<Action> action = line.action_at(time_);
    LineOpinion& opinion = lines_[tag];
    opinion.speaks = opinion.timed = action.has_value();
    opinion.silent = action ? LineOpinion::Silent::no : LineOpinion::Silent::other_times;
    opinion.effect = line.effect;
    if (action) opinion.effect.action = *action;
  }
  for (const Tag tag : timed_lines_) {
    const std::span<const Tag> exceptions = policy.line_exceptions(tag);
    if (time_.in_doubt || !lines_[tag].timed) continue;
    if (std::none_of(exceptions.begin(), exceptions.end(), [&](Tag other) { return lines_[other].timed; }))
      continue;
    lines_[tag].speaks = false;
    lines_[tag].silent = LineOpinion::Silent::excepted;
  }
  path_lines_.clear();
  for (const Tag tag : all_path_lines_)
    if (lines_[tag].speaks) path_lines_.push_back(tag);
}

void TierView::refresh(const Policy& policy, std::span<const ListMeaning> meanings, LocalTime time) {
  time_ = time;
  if (!timed_lines_.empty()) refresh_lines(policy);
  for (Tag tag = 0; tag < lists_.size(); ++tag) lists_[tag] = opinion(policy, meanings[tag], time);
  lists_within_.clear();
  if (overrides_ == nullptr) return;
  lists_within_ = lists_;
  for (Tag tag = 0; tag < lists_.size(); ++tag) {
    lists_[tag] = overridden(policy, meanings[tag], lists_[tag]);
    if (lists_[tag].effect.action == Action::block) lists_within_[tag] = lists_[tag];
  }
}

void TierView::use(const Policy& policy, std::span<const ListMeaning> meanings,
                   const OverrideView* overrides) {
  overrides_ = overrides;
  refresh(policy, meanings, time_);
}

// As if a row of the timetable said so, with less power: what is locked stays, and what helps; a category
// that was closed protects nothing while it is open for a time, for that would open other categories with it.
ListOpinion TierView::overridden(const Policy& policy, const ListMeaning& meaning,
                                 ListOpinion opinion) const {
  const Override* const over = overrides_->of_category(id_, meaning.category);
  if (over == nullptr || opinion.locked || opinion.effect.action == Action::help) return opinion;
  const Effect given = policy.effect(id_, meaning.category, time_).effect;
  if (given.flags.locked || given.action == Action::help) return opinion;
  const Effect now = own_or_capped(meaning.own, {over->action, given.flags});
  const bool opens = over->action == Action::allow;
  const bool changes = opens ? !opinion.speaks || strength(now) < strength(opinion.effect)
                             : strength(now) > strength(opinion.effect);
  if (!changes) return opinion;
  const bool was_open = opinion.speaks && opinion.effect.action != Action::block;
  opinion.effect = now;
  // A list may say less than block: closing a category must not make it heard where the tier blocks by
  // default.
  opinion.speaks = opinion.speaks || opens || now.action == Action::block;
  opinion.protecting = opinion.protecting && (was_open || !opens);
  opinion.action_where = overrides_->where(*over);
  opinion.by_override = over;
  return opinion;
}

}  // namespace schoolgate
