// The overrides that a Judge goes by, less those that have ended. Internal to the Judge.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/judge/client_filter.h"
#include "rules/judge/host_filter.h"
#include "rules/policy/overrides.h"

namespace schoolgate {

// Of what is in force, so little that it lies beside what a Judge reads anyhow: of most requests it says by
// itself that no override speaks of them.
class OverrideSummary {
 public:
  bool closings = false;  // some still hold, or may again
  bool sites = false;     // of no closing: some still hold

  void add_site(std::string_view host) noexcept;
  // Whether such a site may hold the host of these keys. False is certain. A host is asked only for its
  // parents of as many labels as the sites have: no loop whose end depends on the host.
  [[nodiscard]] bool may_name(const HostKeys& keys) const noexcept {
    if (keys.size() == 0) return false;
    std::uint64_t held = label_counts_ & any_count;
    for (std::uint64_t counts = label_counts_ & ~any_count; counts != 0; counts &= counts - 1) {
      const auto count = static_cast<std::size_t>(std::countr_zero(counts));
      held |= hosts_ & bit(keys.begin()[std::min(count, keys.size()) - 1].hash);
    }
    return held != 0;
  }

 private:
  static constexpr std::uint64_t any_count = 1;  // some site has 64 labels or more
  [[nodiscard]] static std::uint64_t bit(std::uint64_t hash) noexcept {
    return std::uint64_t{1} << (hash >> 58);
  }
  std::uint64_t label_counts_ = 0;  // bit n: some site has n labels
  std::uint64_t hosts_ = 0;         // a bit for each site, chosen by its hash
};

class OverrideView {
 public:
  explicit OverrideView(std::shared_ptr<const Overrides> overrides);

  // Those whose time has come end. True: there were some.
  bool end(const Moment& now) noexcept;
  [[nodiscard]] bool all_over() const noexcept;

  // Which closings hold at this minute; and, of them, those that cover the client. True: there are some.
  bool close_for(const IpAddress& client, TierId tier, LocalTime time) noexcept {
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
  [[nodiscard]] const OverrideSummary& summary() const noexcept { return summary_; }
  // Whether a site of no closing, that holds, may hold the host of these keys. False is certain.
  [[nodiscard]] bool may_name(const HostKeys& keys) const noexcept { return site_hosts_.may_hold(keys); }

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
  void summarize() noexcept;
  [[nodiscard]] bool holds(std::size_t index) const noexcept { return ended_[index] == 0; }
  std::shared_ptr<const Overrides> overrides_;
  std::vector<char> ended_;  // by index; so that ending one needs no memory
  std::vector<char> closing_ended_;
  std::vector<std::string> hosts_;  // by index
  OverrideSummary summary_;
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
