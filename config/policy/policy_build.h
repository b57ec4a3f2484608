// The builder of a policy: what its parts share. policy_builder.cc reads the files and gives the order;
// tiers_of_policy.cc resolves tiers, school_of_policy.cc what holds for the school.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/main/main_file.h"
#include "config/policy/category_reader.h"
#include "config/policy/floor_reader.h"
#include "config/policy/locks_today.h"
#include "config/policy/periods_reader.h"
#include "config/policy/policy_draft.h"
#include "config/text/load_context.h"

namespace schoolgate {

class PolicyBuild {
 public:
  PolicyBuild(const MainFile& main, const CategoryCatalogue& catalogue, LoadContext& context)
      : main_(main), catalogue_(catalogue), context_(context) {}

  PolicyDraft build();

 private:
  enum class State : std::uint8_t { waiting, working, done };

  // policy_builder.cc
  void error(int code, const Place& at, Message message, Message hint = {});
  void read_files();
  // The name of a tier whose file cannot be read: it counts as known. "" where the file does not show it:
  // then nothing is said about names that may be its own.
  [[nodiscard]] std::string tier_named_in(const std::string& path) const;
  // Whether a tier that no file gave may be one whose file could not be read.
  [[nodiscard]] bool may_be_unread(std::string_view name) const;
  // Beside what the kept files lock. A category that they do not know cannot be locked in them.
  void add_locks_today();
  [[nodiscard]] std::optional<TierId> tier_id(std::string_view name) const;
  // The tier that people call so.
  [[nodiscard]] const TierFile* tier_titled(std::string_view title) const;
  std::optional<TierId> require_tier(std::string_view name, const Place& at);
  [[nodiscard]] std::string show(const RuleRef& where) const;
  [[nodiscard]] bool is_locked(std::string_view category) const;
  void collect_lines();
  void words();

  // tiers_of_policy.cc
  // Parent first. `child` is the place that extends this tier, null at the top.
  bool resolve(TierId id, const Place* child);
  void remember_keys(TierId id);
  void identity(TierId id, Tier& tier);
  void inspect_only(TierId id, Tier& tier);
  std::vector<CategoryId> ids(const std::vector<Placed<std::string>>& names);
  void effects(TierId id_of_tier, Tier& tier);
  // A category that came with a newer version, which this tier's file was written before: as the catalogue
  // says.
  void take_from_others(TierId id_of_tier, Tier& tier, std::vector<bool>& named);
  // A child tier may change what its parent says, but not what the parent locked.
  void set_effect(CategoryEffect& now, const CategoryEffect& said, const Place& at,
                  const std::string& category);
  void timetable(TierId id, Tier& tier);
  // Where the default is block, an allow or warn of a category that is not open never speaks.
  void note_unheard(const TierFile& file, const Tier& tier);
  // locked.yaml: block+locked in every tier, whatever the tier says.
  void lock_categories();
  // In kept files only a lock that was added since can be the reason: it holds, and they are used.
  void contradiction(int code, const Place& at, Message message, Message hint = {});
  void check_overrides(TierId id);
  // Where https is not inspected a path of an https page is never seen; the author should know.
  void note_paths(const TierFile& file, const Tier& tier);

  // school_of_policy.cc
  void note_school_days();
  void who();
  // A room is what the labels of `who` call one.
  void rooms();
  std::optional<RoomId> require_room(const Placed<std::string>& name);
  void exams();
  bool knows_hosts(const Placed<std::string>& name);
  void delegations();
  // A host without tiers must work wherever what no list names may be opened.
  void expectations();
  // A tier says itself which of its categories may be opened at all.
  void note_never_opened(const Placed<std::string>& name, const std::vector<TierId>& tiers);
  void never_inspect();

  const MainFile& main_;
  const CategoryCatalogue& catalogue_;
  LoadContext& context_;
  std::vector<TierFile> files_;
  std::vector<std::string> tier_names_;
  std::vector<State> done_;
  std::vector<bool> judged_;         // beside files_; false: its parent is not known
  std::vector<std::string> unread_;  // tiers whose files cannot be read
  PeriodsFile periods_;
  LockedFile locked_;
  std::vector<LocksToday::TierLock> tier_locks_today_;
  HelpFile help_;
  PolicyDraft draft_;
};

}  // namespace schoolgate
