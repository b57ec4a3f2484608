// What one tier says about every rule, worked out before a request asks. Internal to the Judge.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rules/judge/judge.h"
#include "rules/judge/override_view.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// What the tier says to a match of one list.
struct ListOpinion {
  Effect effect;  // the category's action at this time, or the list's own, capped
  CategoryId category = no_category;
  std::uint32_t source = 0xffffffff;
  bool locked = false;  // speaks in the locked layer
  // False: an `allow` or `warn` in a tier that blocks by default and does not open the category.
  bool speaks = true;
  bool protecting = false;
  bool stands = false;   // a protecting category does not push it aside, however specific its entry is
  RuleRef action_where;  // where the tier or its timetable gives the action
  const Override* by_override = nullptr;  // that changed the action
};

// What the tier says to a match of one line of the policy.
struct LineOpinion {
  bool speaks = false;  // false: a line of a tier outside the chain, or one that is silent now
  enum class Silent : std::uint8_t { no, other_times, excepted };  // a line of the chain
  Silent silent = Silent::no;
  Layer layer = Layer::explicit_line;
  std::uint8_t depth = 0;  // steps of `extends` up to the tier that wrote it
  bool timed = false;      // it has times of its own, and now is one of them
  Effect effect;
  RuleRef where;
  bool lifts_words = false;  // Line::lifts_words
};

class TierView {
 public:
  TierView(const Policy& policy, TierId tier, std::span<const ListMeaning> meanings);

  // What the tier says to a match of one rule at a time; list(tag) is this, remembered.
  [[nodiscard]] ListOpinion opinion(const Policy& policy, const ListMeaning& meaning, LocalTime time) const;

  // From now on these speak of categories too; null: none. Works the lists' opinions out anew.
  void use(const Policy& policy, std::span<const ListMeaning> meanings, const OverrideView* overrides);

  // Works the lists' opinions out anew when `time` is another minute than last time.
  void at(const Policy& policy, std::span<const ListMeaning> meanings, LocalTime time) {
    if (time != time_) refresh(policy, meanings, time);
  }

  [[nodiscard]] const Tier& tier() const noexcept { return *tier_; }
  [[nodiscard]] const ListOpinion& list(Tag tag) const noexcept { return lists_[tag]; }
  // Of a page inside a wrapper: no override opens one.
  [[nodiscard]] const ListOpinion& list_within(Tag tag) const noexcept {
    return lists_within_.empty() ? lists_[tag] : lists_within_[tag];
  }
  [[nodiscard]] bool any_line() const noexcept { return !lines_.empty(); }  // of this tier or another
  [[nodiscard]] const LineOpinion& line(Tag tag) const noexcept { return lines_[tag]; }
  // The lines of this tier that only a whole URL can be asked about; see may_hold().
  [[nodiscard]] std::span<const Tag> path_lines() const noexcept { return path_lines_; }

 private:
  void refresh(const Policy& policy, std::span<const ListMeaning> meanings, LocalTime time);
  void refresh_lines(const Policy& policy);
  [[nodiscard]] ListOpinion overridden(const Policy& policy, const ListMeaning& meaning,
                                       ListOpinion opinion) const;

  const Tier* tier_;
  TierId id_;
  LocalTime time_;
  const OverrideView* overrides_ = nullptr;
  std::vector<ListOpinion> lists_;
  std::vector<ListOpinion> lists_within_;  // empty without overrides: as lists_
  std::vector<LineOpinion> lines_;
  std::vector<Tag> path_lines_;
  std::vector<Tag> timed_lines_;     // of this tier, with times of their own
  std::vector<Tag> all_path_lines_;  // path_lines_ and those of other times
};

// A rule's own action in place of its category's: never stricter than the category's, except `help`.
[[nodiscard]] Effect own_or_capped(const std::optional<Effect>& own, const Effect& category) noexcept;

// Whether a line with a path or a pattern may hold some URL of this host.
[[nodiscard]] bool may_hold(const RuleEntry& rule, const Host& host);

}  // namespace schoolgate
