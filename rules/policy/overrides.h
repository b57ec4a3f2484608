// What holds for this lesson: sites and categories that somebody opened or closed in a tier, until a moment.
// Immutable, and made for one Policy; which of them have ended is for who holds them to say
// (Judge::end_overrides).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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

struct Override {
  std::uint32_t id = 0;
  Action action = Action::block;  // or allow
  TierId tier = 0;                // it alone, not those that extend it
  // Either a site, host or URL, with the names below it; or a category.
  RuleEntry rule;
  CategoryId category = no_category;
  // `allow` of a site: what of that which closes it may be lifted. The rest stays, and closes it as before.
  std::vector<CategoryId> lifts;
  bool lifts_every_category = false, lifts_lines = false, lifts_unknown = false;
  Ending end;
  Message about;  // for people: "override 17 of lan until 10:30: allow zalo.me (class 8A)"

  [[nodiscard]] bool names_site() const noexcept { return category == no_category; }
  [[nodiscard]] bool may_lift(CategoryId wanted) const noexcept;
};

class Overrides {
 public:
  // `source`: theirs in the table of source files. Errors, as they are the caller's bugs: an action that is
  // neither allow nor block, a tier or category that does not exist, a site that is no host or URL.
  [[nodiscard]] static Result<std::shared_ptr<const Overrides>> compile(std::shared_ptr<const Policy> policy,
                                                                        std::vector<Override> all,
                                                                        std::uint32_t source);

  [[nodiscard]] const Policy& policy() const noexcept { return *policy_; }
  [[nodiscard]] std::span<const Override> all() const noexcept { return all_; }
  // The sites; a tag is an index of all().
  [[nodiscard]] const std::shared_ptr<const RuleDb>& sites() const noexcept { return sites_; }
  [[nodiscard]] RuleRef where(const Override& one) const noexcept { return {source_, one.id}; }
  [[nodiscard]] const Override* find(const RuleRef& where) const noexcept;  // null: none of these

 private:
  Overrides(std::shared_ptr<const Policy> policy, std::vector<Override> all, std::uint32_t source)
      : policy_(std::move(policy)), all_(std::move(all)), source_(source) {}
  std::shared_ptr<const Policy> policy_;
  std::vector<Override> all_;
  std::uint32_t source_;
  std::vector<std::byte> bytes_;
  std::shared_ptr<const RuleDb> sites_;
};

}  // namespace schoolgate
