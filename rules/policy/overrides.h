// What holds for this lesson: sites and categories that somebody opened or closed in a tier, and rooms that
// are closed but for what is named, until a moment; and the exams of the policy. Immutable, and made for one
// Policy; which of them have ended is for who holds them to say (Judge::end_overrides).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/message.h"
#include "rules/policy/policy.h"
#include "rules/result.h"
#include "rules/rule.h"
#include "rules/verdict.h"

namespace schoolgate {

// Now, on two clocks: one that people set, and one that only runs.
struct Moment {
  std::int64_t wall_ms = 0;  // UTC
  std::chrono::steady_clock::time_point steady;
};

// Whichever of the two comes first: a wall clock that is set back prolongs nothing.
struct Ending {
  std::int64_t wall_ms = 0;
  std::chrono::steady_clock::time_point steady;
  [[nodiscard]] bool is_over(const Moment& now) const noexcept {
    return now.wall_ms >= wall_ms || now.steady >= steady;
  }
};

// What of that which closes a site its opener may lift. The rest stays, and closes it as before.
struct MayLift {
  std::vector<CategoryId> lifts;
  bool lifts_every_category = false, lifts_lines = false, lifts_unknown = false;
  [[nodiscard]] bool may_lift(CategoryId wanted) const noexcept;
  [[nodiscard]] static MayLift all();
};

struct Override : MayLift {
  std::uint32_t id = 0;           // several have one: the hosts of a bundle
  Action action = Action::block;  // or allow
  TierId tier = 0;                // it alone, not those that extend it
  // Either a site, host or URL, with the names below it; or a category.
  RuleEntry rule;
  CategoryId category = no_category;
  Ending end;
  Message about;  // for people: "override 17 of lan until 10:30: allow zalo.me (class 8A)"

  // Of a room that is open for this site alone: its index in Overrides::closings(). What may be lifted, and
  // until when, is the closing's to say.
  static constexpr std::uint32_t no_closing = UINT32_MAX;
  std::uint32_t closing = no_closing;

  [[nodiscard]] bool names_site() const noexcept { return category == no_category; }
};

// Whether an exam with these times may be held now. Where the clock is in doubt: whether it may be one of the
// month that begins on the day that it is at least.
[[nodiscard]] bool is_exam_time(const SchoolTimes& when, LocalTime now) noexcept;

// A room, or a tier, in which nothing is open but what is named: a block by default, which floor, help lines
// and locks that block speak before.
struct Closing {
  RuleRef where;                             // of an exam; a room's switch has a number:
  std::uint32_t id = 0;                      // that of the override; 0: an exam
  std::vector<Network> networks, not_these;  // as of a Room
  std::vector<TierId> tiers;                 // as well: all clients of these tiers
  bool off = false;                          // nothing is open
  std::vector<RuleEntry> only;               // else these sites
  std::vector<MayLift> lifts;                // by TierId: what may be lifted for them; empty: nothing
  Ending end, lifts_end;                     // of a switch; what it lifts may end before it
  std::optional<SchoolTimes> when;           // of an exam: in force at these times (is_exam_time())
  std::string opens, until;                  // for people: "OLM", "11:30"
  Message about;  // "override 17 of lan until 10:30: room Phòng máy 1 off (test)"

  [[nodiscard]] bool covers(const IpAddress& client, TierId tier) const noexcept;
};

class Overrides {
 public:
  // `source`: theirs in the table of source files. Errors, as they are the caller's bugs: an action that is
  // neither allow nor block, a tier or category that does not exist, a site that is no host or URL, a closing
  // that is off and names sites, or that is an exam and has an end.
  [[nodiscard]] static Result<std::shared_ptr<const Overrides>> compile(std::shared_ptr<const Policy> policy,
                                                                        std::vector<Override> all,
                                                                        std::uint32_t source,
                                                                        std::vector<Closing> closings = {});

  [[nodiscard]] const Policy& policy() const noexcept { return *policy_; }
  // Those of the closings stand behind the others.
  [[nodiscard]] std::span<const Override> all() const noexcept { return all_; }
  [[nodiscard]] std::span<const Closing> closings() const noexcept { return closings_; }
  // What `one` may lift in a tier.
  [[nodiscard]] const MayLift& lifts_of(const Override& one, TierId tier) const noexcept;
  // The sites; a tag is an index of all().
  [[nodiscard]] const std::shared_ptr<const RuleDb>& sites() const noexcept { return sites_; }
  [[nodiscard]] RuleRef where(const Override& one) const noexcept {
    return one.closing == Override::no_closing ? RuleRef{source_, one.id} : where(closings_[one.closing]);
  }
  [[nodiscard]] RuleRef where(const Closing& one) const noexcept {
    return one.id == 0 ? one.where : RuleRef{source_, one.id};
  }
  // The first of that place; null: none of these.
  [[nodiscard]] const Override* find(const RuleRef& where) const noexcept;
  [[nodiscard]] const Closing* find_closing(const RuleRef& where) const noexcept;

 private:
  Overrides(std::shared_ptr<const Policy> policy, std::vector<Override> all, std::uint32_t source,
            std::vector<Closing> closings)
      : policy_(std::move(policy)), all_(std::move(all)), closings_(std::move(closings)), source_(source) {}
  std::shared_ptr<const Policy> policy_;
  std::vector<Override> all_;
  std::vector<Closing> closings_;
  std::uint32_t source_;
  std::vector<std::byte> bytes_;
  std::shared_ptr<const RuleDb> sites_;
};

}  // namespace schoolgate
