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

bool makes_sense(const Closing& one, const Policy& policy) {
  const auto& tiers = policy.tiers();
  const bool tiers_known =
      std::all_of(one.tiers.begin(), one.tiers.end(), [&](TierId id) { return id < tiers.size(); });
  const bool sites = std::all_of(one.only.begin(), one.only.end(), [](const RuleEntry& rule) {
    return rule.kind == RuleKind::domain && !rule.exception && !rule.text.empty();
  });
  const bool lifts_fit = one.lifts.empty() || one.lifts.size() == tiers.size();
  return tiers_known && sites && lifts_fit && one.off == one.only.empty() &&
         (one.id == 0) == one.when.has_value();
}

// The sites of a closing, as overrides that open them.
void add_sites(std::vector<Override>& all, const std::vector<Closing>& closings) {
  for (std::size_t i = 0; i < closings.size(); ++i)
    for (const RuleEntry& rule : closings[i].only) {
      Override& one = all.emplace_back();
      one.id = closings[i].id;
      one.action = Action::allow;
      one.rule = rule;
      one.closing = static_cast<std::uint32_t>(i);
      one.end = closings[i].lifts_end;
      one.about = closings[i].about;
    }
}

}  // namespace

bool is_exam_time(const SchoolTimes& when, LocalTime now) noexcept {
  constexpr std::int32_t a_month = 31;
  if (now.day == LocalTime::no_day) return false;
  return now.in_doubt ? when.falls_on(now.day, now.day + a_month) : when.contains(now);
}

bool Closing::covers(const IpAddress& client, TierId tier) const noexcept {
  if (std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) return true;
  const auto in = [&client](const Network& network) { return network.contains(client); };
  return std::any_of(networks.begin(), networks.end(), in) &&
         std::none_of(not_these.begin(), not_these.end(), in);
}

MayLift MayLift::all() {
  MayLift lifts;
  lifts.lifts_every_category = lifts.lifts_lines = lifts.lifts_unknown = true;
  return lifts;
}

bool MayLift::may_lift(CategoryId wanted) const noexcept {
  if (wanted == no_category) return false;
  return lifts_every_category || std::find(lifts.begin(), lifts.end(), wanted) != lifts.end();
}

Result<std::shared_ptr<const Overrides>> Overrides::compile(std::shared_ptr<const Policy> policy,
                                                            std::vector<Override> all, std::uint32_t source,
                                                            std::vector<Closing> closings) {
  for (const Closing& one : closings)
    if (!makes_sense(one, *policy)) return Error{say("override {} fits no policy", one.id)};
  add_sites(all, closings);
  const std::shared_ptr<Overrides> made(
      new Overrides(std::move(policy), std::move(all), source, std::move(closings)));
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
  if (where.empty()) return nullptr;
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const Override& one) { return this->where(one) == where; });
  return found == all_.end() ? nullptr : &*found;
}

const Closing* Overrides::find_closing(const RuleRef& where) const noexcept {
  const auto found = std::find_if(closings_.begin(), closings_.end(),
                                  [&](const Closing& one) { return this->where(one) == where; });
  return found == closings_.end() ? nullptr : &*found;
}

const MayLift& Overrides::lifts_of(const Override& one, TierId tier) const noexcept {
  static const MayLift nothing;
  if (one.closing == Override::no_closing) return one;
  const std::vector<MayLift>& by_tier = closings_[one.closing].lifts;
  return tier < by_tier.size() ? by_tier[tier] : nothing;
}

}  // namespace schoolgate
