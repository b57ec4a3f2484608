#include "rules/policy/overrides.h"

#include <algorithm>
#include <utility>

#include "rules/db/rule_db_builder.h"

namespace schoolgate {
namespace {

bool makes_sense(const Override& one, const Policy& policy) {
  if (one.action != Action::allow && one.action != Action::block) return false;
  if (one.tier >= policy.tiers().size()) return false;
  if (!one.names_site()) return one.category < policy.categories().size();
  const bool site = one.rule.kind == RuleKind::domain || one.rule.kind == RuleKind::url;
  return site && !one.rule.exception && !one.rule.text.empty();
}

}  // namespace

bool Override::may_lift(CategoryId wanted) const noexcept {
  if (wanted == no_category) return false;
  return lifts_every_category || std::find(lifts.begin(), lifts.end(), wanted) != lifts.end();
}

Result<std::shared_ptr<const Overrides>> Overrides::compile(std::shared_ptr<const Policy> policy,
                                                            std::vector<Override> all, std::uint32_t source) {
  const std::shared_ptr<Overrides> made(new Overrides(std::move(policy), std::move(all), source));
  RuleDbBuilder builder;
  for (const Override& one : made->all_) {
    if (!makes_sense(one, *made->policy_)) return Error{say("override {} fits no policy", one.id)};
    SourceInfo info;
    info.name = "override " + std::to_string(one.id);
    const Tag tag = builder.add_source(std::move(info));
    if (one.names_site()) builder.add(tag, one.rule);
  }
  Result<std::vector<std::byte>> bytes = builder.build();
  if (!bytes) return bytes.error();
  made->bytes_ = *std::move(bytes);
  Result<std::shared_ptr<const RuleDb>> db = RuleDb::open(made->bytes_);
  if (!db) return db.error();
  made->sites_ = *std::move(db);
  return std::shared_ptr<const Overrides>(made);
}

const Override* Overrides::find(const RuleRef& where) const noexcept {
  if (where.source != source_) return nullptr;
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const Override& one) { return one.id == where.line; });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace schoolgate
