// The overrides that a Judge goes by, less those that have ended. Internal to the Judge.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/judge/client_filter.h"
#include "rules/judge/host_filter.h"
#include "rules/policy/overrides.h"

namespace schoolgate {

class OverrideView {
 public:
  explicit OverrideView(std::shared_ptr<const Overrides> overrides);

  // Those whose time has come end. True: there were some.
  bool end(const Moment& now) noexcept;
  [[nodiscard]] bool all_over() const noexcept;

  // Which closings hold at this minute; and, of them, those that cover the client. True: there are some.
  bool close_for(const IpAddress& client, TierId tier, LocalTime time) noexcept {
    if (closing_ended_.empty()) return false;
    if (time_ == time && !covered_.may_hold(client, tier)) [[likely]] {
      covering_.clear();
      return false;
    }
    return find_closings(client, tier, time);
  }
  [[nodiscard]] std::span<const std::uint32_t> covering() const noexcept { return covering_; }
  [[nodiscard]] const Closing& closing(std::uint32_t index) const noexcept {
    return overrides_->closings()[index];
  }
  [[nodiscard]] const MayLift& lifts_of(const Override& one, TierId tier) const noexcept {
    return overrides_->lifts_of(one, tier);
  }
  [[nodiscard]] RuleRef where(const Closing& one) const noexcept { return overrides_->where(one); }
  [[nodiscard]] const Closing* find_closing(const RuleRef& where) const noexcept {
    return overrides_->find_closing(where);
  }
  [[nodiscard]] bool is_covering(std::uint32_t index) const noexcept {
    return std::find(covering_.begin(), covering_.end(), index) != covering_.end();
  }
  // Of sites of no closing, that hold, in whatever tier: whether there are any, and whether one may hold the
  // host of these keys. False is certain.
  [[nodiscard]] bool has_sites() const noexcept { return sites_; }
  [[nodiscard]] bool may_name(const HostKeys& keys) const noexcept { return site_hosts_.may_hold(keys); }
  void ask_nothing() noexcept { matches_.clear(); }

  // Asks for the sites; hits() are of tags that still hold, in whatever tier, and of all closings'.
  void match(const Url& url, const HostKeys& keys, Stage stage);
  [[nodiscard]] const Matches& matches() const noexcept { return matches_; }
  [[nodiscard]] const Override& by_tag(Tag tag) const noexcept { return overrides_->all()[tag]; }
  // What is said of a whole category in a tier; of two the block. Null: nothing.
  [[nodiscard]] const Override* of_category(TierId tier, CategoryId category) const noexcept;
  // Whether the tag of a hit, a closing's, still opens anything.
  [[nodiscard]] bool lifts(Tag tag) const noexcept { return holds(tag); }
  // Those of a tier that only a whole URL can be asked about.
  template <class Visit>
  void each_with_path(TierId tier, Visit&& visit) const {
    for (std::size_t i = 0; i < ended_.size(); ++i) {
      const Override& one = overrides_->all()[i];
      if (one.names_site() && one.rule.kind == RuleKind::url && one.tier == tier && holds(i)) visit(one);
    }
  }

  [[nodiscard]] const Override* find(const RuleRef& where) const noexcept { return overrides_->find(where); }
  [[nodiscard]] RuleRef where(const Override& one) const noexcept { return overrides_->where(one); }

 private:
  bool find_closings(const IpAddress& client, TierId tier, LocalTime time) noexcept;
  void note_sites() noexcept;
  [[nodiscard]] bool holds(std::size_t index) const noexcept { return ended_[index] == 0; }
  std::shared_ptr<const Overrides> overrides_;
  std::vector<char> ended_;  // by index; so that ending one needs no memory
  std::vector<char> closing_ended_;
  std::vector<std::uint64_t> host_hashes_;  // by index
  bool sites_ = false;                      // some site of no closing still holds:
  HostFilter site_hosts_;
  // Of closings: those that hold at `time_`, and those that cover the client asked about last. They have
  // room for all.
  std::vector<std::uint32_t> in_force_, covering_;
  ClientFilter covered_;  // by those in force
  std::optional<LocalTime> time_;
  Matcher matcher_;
  Matches matches_;
};

}  // namespace schoolgate
