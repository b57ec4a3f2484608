#include "rules/policy/policy.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "rules/db/rule_db_builder.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_tiers = 255;  // a chain's depth fits a byte, 255 means "not in the chain"
constexpr std::size_t max_categories = no_category;

// `locked` goes with block and allow: help needs no lock and a warning cannot be one.
bool can_be_locked(const Effect& effect) {
  return !effect.flags.locked || effect.action == Action::block || effect.action == Action::allow;
}

Result<void> check_categories(const PolicySpec& spec) {
  if (spec.categories.size() >= max_categories) return Error{say("too many categories")};
  std::set<std::string_view> ids;
  for (const Category& category : spec.categories) {
    if (!ids.insert(category.id).second)
      return Error{say("there are two categories called \"{}\"", category.id)};
  }
  return {};
}

Result<void> check_chain(const PolicySpec& spec, const Tier& tier) {
  std::size_t steps = 0;
  for (const Tier* at = &tier; at->parent; at = &spec.tiers[*at->parent]) {
    if (*at->parent >= spec.tiers.size()) return Error{say("an unknown tier is extended by \"{}\"", at->id)};
    if (++steps >= spec.tiers.size()) return Error{say("`extends` runs in a circle at tier \"{}\"", tier.id)};
  }
  return {};
}

Result<void> check_tier(const PolicySpec& spec, const Tier& tier) {
  const auto known = [&](CategoryId id) { return id < spec.categories.size(); };
  if (tier.default_action != Action::allow && tier.default_action != Action::block) {
    return Error{say("the default must be allow or block in tier \"{}\"", tier.id)};
  }
  if (tier.effects.size() != spec.categories.size()) {
    return Error{say("not every category has an action in tier \"{}\"", tier.id)};
  }
  for (const CategoryEffect& effect : tier.effects) {
    if (!can_be_locked(effect.effect))
      return Error{say("`locked` goes with block or allow only, in tier \"{}\"", tier.id)};
    if (effect.tier >= spec.tiers.size())
      return Error{say("an action of an unknown tier is in tier \"{}\"", tier.id)};
  }
  for (const TimetableEntry& entry : tier.timetable) {
    if (!can_be_locked(entry.effect))
      return Error{say("`locked` goes with block or allow only, in tier \"{}\"", tier.id)};
    if (!std::all_of(entry.categories.begin(), entry.categories.end(), known)) {
      return Error{say("a timetable names an unknown category in tier \"{}\"", tier.id)};
    }
    if (entry.tier >= spec.tiers.size())
      return Error{say("a row of an unknown tier's timetable is in tier \"{}\"", tier.id)};
  }
  for (const std::vector<CategoryId>* list : {&tier.open_categories, &tier.may_override}) {
    if (!std::all_of(list->begin(), list->end(), known)) {
      return Error{say("an unknown category is named in tier \"{}\"", tier.id)};
    }
  }
  return check_chain(spec, tier);
}

Result<void> check_tiers(const PolicySpec& spec) {
  if (spec.tiers.empty()) return Error{say("there is no tier")};
  if (spec.tiers.size() > max_tiers) return Error{say("there are more than 255 tiers")};
  std::set<std::string_view> ids;
  for (const Tier& tier : spec.tiers) {
    if (!ids.insert(tier.id).second) return Error{say("there are two tiers called \"{}\"", tier.id)};
    if (const auto checked = check_tier(spec, tier); checked.failed()) return checked.error();
  }
  if (spec.unknown_tier >= spec.tiers.size()) return Error{say("the tier of unknown clients does not exist")};
  if (!spec.tiers[spec.unknown_tier].pupils) {
    return Error{
        say("unknown clients must be in a pupils' tier, not \"{}\"", spec.tiers[spec.unknown_tier].id)};
  }
  for (const TierNetwork& network : spec.networks) {
    if (network.tier >= spec.tiers.size()) return Error{say("a network is in a tier that does not exist")};
  }
  return {};
}

Result<void> check_lines(const PolicySpec& spec) {
  for (const std::vector<Line>* lines : {&spec.help_lines, &spec.locked_lines, &spec.tier_lines}) {
    for (const Line& line : *lines) {
      // Each line has a tag of its own, so an exception would lift nothing but itself.
      if (line.rule.exception)
        return Error{say("a line of the policy cannot be an exception: \"{}\"", line.rule.text)};
    }
  }
  for (const Line& line : spec.help_lines) {
    if (line.effect.action != Action::allow)
      return Error{say("a help line always allows: \"{}\"", line.rule.text)};
    if (line.rule.kind == RuleKind::network)
      return Error{say("a help line names a site: \"{}\"", line.rule.text)};
  }
  for (const Line& line : spec.tier_lines) {
    if (line.tier >= spec.tiers.size())
      return Error{say("a line of an unknown tier: \"{}\"", line.rule.text)};
    if (line.effect.flags.locked) return Error{say("a tier's line cannot be locked: \"{}\"", line.rule.text)};
  }
  return {};
}

bool are_rooms(const PolicySpec& spec, const std::vector<RoomId>& rooms) {
  return std::all_of(rooms.begin(), rooms.end(), [&](RoomId id) { return id < spec.rooms.size(); });
}

Result<void> check_exams(const PolicySpec& spec) {
  if (spec.rooms.size() > most_rooms) return Error{say("there are more than {} rooms", most_rooms)};
  const auto named = [&](const std::string& id) {
    const auto is = [&](const Bundle& one) { return one.id == id; };
    return std::any_of(spec.bundles.begin(), spec.bundles.end(), is) ||
           std::any_of(spec.host_files.begin(), spec.host_files.end(), is);
  };
  for (const Exam& exam : spec.exams) {
    const bool tiers_known =
        std::all_of(exam.tiers.begin(), exam.tiers.end(), [&](TierId id) { return id < spec.tiers.size(); });
    if (!tiers_known || !are_rooms(spec, exam.rooms) || exam.only.empty() ||
        !std::all_of(exam.only.begin(), exam.only.end(), named))
      return Error{say("the exam \"{}\" names what there is not", exam.name)};
  }
  return {};
}

Result<void> check_delegations(const PolicySpec& spec) {
  for (const Delegation& one : spec.delegations) {
    const bool tiers_known =
        std::all_of(one.tiers.begin(), one.tiers.end(), [&](TierId id) { return id < spec.tiers.size(); });
    const auto known = [&](CategoryId id) { return id < spec.categories.size(); };
    if (!tiers_known || !std::all_of(one.open.begin(), one.open.end(), known) ||
        !std::all_of(one.block.begin(), one.block.end(), known))
      return Error{say("an unknown tier or category is delegated to \"{}\"", one.account)};
    if (one.minutes_max == 0 || one.minutes_max > Delegation::most_minutes)
      return Error{say("minutes out of bounds are delegated to \"{}\"", one.account)};
    if (!are_rooms(spec, one.rooms)) return Error{say("an unknown room is delegated to \"{}\"", one.account)};
  }
  return {};
}

Result<void> check_terms(const PolicySpec& spec) {
  for (const TermRule& rule : spec.terms) {
    if (rule.category >= spec.categories.size())
      return Error{say("a term of an unknown category: \"{}\"", rule.id)};
  }
  for (const SearchEngine& engine : spec.engines) {
    for (const SearchEngine::Otherwise& one : engine.otherwise)
      if (one.tier >= spec.tiers.size())
        return Error{say("a search engine names an unknown tier: \"{}\"", engine.id)};
  }
  return {};
}

// Of rows that hold at one time the one that is greatest counts.
int strict(const Effect& effect) noexcept {
  return 2 * strength(effect) + (effect.flags.record ? 1 : 0);
}

}  // namespace

std::optional<Action> Line::action_at(LocalTime time) const noexcept {
  if (!when) return effect.action;
  if (!time.in_doubt) return when->contains(time) ? std::optional(effect.action) : std::nullopt;
  return effect.action == Action::allow ? std::nullopt : std::optional(Action::block);
}

Policy::Policy(PolicySpec spec)
    : spec_(std::move(spec)),
      floor_(spec_.floor, spec_.signed_floor ? &*spec_.signed_floor : nullptr),
      engines_(spec_.engines) {
  const auto longer = [](const TierNetwork& a, const TierNetwork& b) {
    return a.network.bits > b.network.bits;
  };
  by_prefix_ = spec_.networks;
  std::stable_sort(by_prefix_.begin(), by_prefix_.end(), longer);
}

// Worked out once: dates make it too dear to ask each minute.
void Policy::find_exceptions() {
  for (const Tier& tier : spec_.tiers) {
    auto& of_tier = exceptions_.emplace_back(tier.timetable.size());
    for (std::size_t row = 0; row < tier.timetable.size(); ++row)
      for (std::size_t other = 0; other < tier.timetable.size(); ++other)
        if (tier.timetable[other].is_exception_of(tier.timetable[row]))
          of_tier[row].push_back(static_cast<std::uint32_t>(other));
  }
}

void Policy::find_line_exceptions() {
  const auto first = static_cast<Tag>(spec_.help_lines.size() + spec_.locked_lines.size());
  std::map<Line::Site, std::vector<Tag>> by_site;
  for (Tag tag = first; tag < line_count(); ++tag)
    if (line(tag).when) by_site[line(tag).site()].push_back(tag);
  for (const auto& [site, tags] : by_site)
    for (const Tag tag : tags)
      for (const Tag other : tags) {
        const SchoolTimes &times = *line(tag).when, &others = *line(other).when;
        if (others.lies_within(times) && !times.lies_within(others)) line_exceptions_[tag].push_back(other);
      }
}

Result<std::shared_ptr<const Policy>> Policy::compile(PolicySpec spec) {
  for (const auto check :
       {check_categories, check_tiers, check_lines, check_terms, check_delegations, check_exams}) {
    if (const auto checked = check(spec); checked.failed()) return checked.error();
  }
  const std::shared_ptr<Policy> policy(new Policy(std::move(spec)));
  policy->find_exceptions();
  policy->find_line_exceptions();
  RuleDbBuilder builder;
  for (Tag tag = 0; tag < policy->line_count(); ++tag) {
    SourceInfo info;
    info.name = "line " + std::to_string(tag);
    builder.add(builder.add_source(std::move(info)), policy->line(tag).rule);
  }
  Result<std::vector<std::byte>> bytes = builder.build();
  if (!bytes) return bytes.error();
  policy->lines_bytes_ = *std::move(bytes);
  Result<std::shared_ptr<const RuleDb>> db = RuleDb::open(policy->lines_bytes_);
  if (!db) return db.error();
  policy->lines_db_ = *std::move(db);
  auto terms =
      TermRules::compile(policy->spec_.terms, policy->spec_.term_variants, policy->spec_.path_unless);
  if (!terms) return terms.error();
  policy->terms_ = *std::move(terms);
  return std::shared_ptr<const Policy>(policy);
}

std::optional<CategoryId> Policy::find_category(std::string_view id) const noexcept {
  for (std::size_t i = 0; i < spec_.categories.size(); ++i) {
    if (spec_.categories[i].id == id) return static_cast<CategoryId>(i);
  }
  return std::nullopt;
}

std::optional<TierId> Policy::find_tier(std::string_view id) const noexcept {
  for (std::size_t i = 0; i < spec_.tiers.size(); ++i) {
    if (spec_.tiers[i].id == id) return static_cast<TierId>(i);
  }
  return std::nullopt;
}

TierId Policy::tier_of(const IpAddress& client) const noexcept {
  for (const TierNetwork& entry : by_prefix_) {
    if (entry.network.contains(client)) return entry.tier;
  }
  return spec_.unknown_tier;
}

bool Policy::trusts_ca(const IpAddress& client) const noexcept {
  if (!spec_.trust_is_said) return true;
  for (const TierNetwork& entry : by_prefix_) {
    if (entry.network.contains(client)) return entry.trusts_ca;
  }
  return false;
}

bool Policy::some_trust_ca(TierId tier) const noexcept {
  return !spec_.trust_is_said ||
         std::any_of(by_prefix_.begin(), by_prefix_.end(),
                     [tier](const TierNetwork& entry) { return entry.tier == tier && entry.trusts_ca; });
}

const TimetableEntry* Policy::row_of(TierId tier, CategoryId category, LocalTime time) const noexcept {
  const Tier& in = spec_.tiers[tier];
  std::uint8_t nearest = depth(tier, in.effects[category].tier);  // farther rows are overruled by the tier
  const auto applies = [&](const TimetableEntry& row) {
    const auto& named = row.categories;
    return std::find(named.begin(), named.end(), category) != named.end() && row.when.contains(time);
  };
  for (const TimetableEntry& row : in.timetable)
    if (applies(row)) nearest = std::min(nearest, depth(tier, row.tier));
  const auto counts = [&](const TimetableEntry& row) {
    return applies(row) && depth(tier, row.tier) == nearest;
  };
  const TimetableEntry* best = nullptr;
  for (std::size_t i = 0; i < in.timetable.size(); ++i) {
    const TimetableEntry& row = in.timetable[i];
    if (!counts(row)) continue;
    const auto& exceptions = exceptions_[tier][i];
    const bool has_exception = std::any_of(exceptions.begin(), exceptions.end(),
                                           [&](std::uint32_t other) { return counts(in.timetable[other]); });
    if (has_exception) continue;
    if (best == nullptr || strict(row.effect) > strict(best->effect)) best = &row;
  }
  return best;
}

CategoryEffect Policy::strictest(TierId tier, CategoryId category) const noexcept {
  CategoryEffect best = spec_.tiers[tier].effects[category];
  const std::uint8_t farthest = depth(tier, best.tier);  // farther rows are overruled by the tier
  for (const TimetableEntry& row : spec_.tiers[tier].timetable) {
    const auto& named = row.categories;
    if (std::find(named.begin(), named.end(), category) == named.end()) continue;
    if (depth(tier, row.tier) > farthest || strict(row.effect) <= strict(best.effect)) continue;
    best = {row.effect, row.where, true, row.tier};
  }
  return best;
}

CategoryEffect Policy::effect(TierId tier, CategoryId category, LocalTime time) const noexcept {
  const CategoryEffect& base = spec_.tiers[tier].effects[category];
  if (base.effect.flags.locked || spec_.tiers[tier].timetable.empty()) return base;  // no row lifts a lock
  if (time.in_doubt) return strictest(tier, category);
  if (const TimetableEntry* const row = row_of(tier, category, time))
    return {row->effect, row->where, true, row->tier};
  return base;
}

std::uint32_t Policy::minutes_to_next_edge(LocalTime now) const {
  std::uint32_t minutes = SchoolTimes::never;
  for (const Tier& tier : spec_.tiers) {
    for (const TimetableEntry& entry : tier.timetable) {
      minutes = std::min(minutes, entry.when.minutes_to_next_edge(now));
    }
  }
  for (const Line& line : spec_.tier_lines)
    if (line.when) minutes = std::min(minutes, line.when->minutes_to_next_edge(now));
  for (const Exam& exam : spec_.exams) minutes = std::min(minutes, exam.when.minutes_to_next_edge(now));
  return minutes;
}

std::optional<RoomId> Policy::find_room(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < spec_.rooms.size(); ++i) {
    if (spec_.rooms[i].name == name) return static_cast<RoomId>(i);
  }
  return std::nullopt;
}

const Bundle* Policy::find_hosts(std::string_view id) const noexcept {
  for (const std::vector<Bundle>* all : {&spec_.bundles, &spec_.host_files}) {
    const auto found = std::find_if(all->begin(), all->end(), [id](const Bundle& b) { return b.id == id; });
    if (found != all->end()) return &*found;
  }
  return nullptr;
}

bool Room::holds(const IpAddress& client) const noexcept {
  const auto in = [&client](const Network& network) { return network.contains(client); };
  return std::any_of(networks.begin(), networks.end(), in) &&
         std::none_of(not_these.begin(), not_these.end(), in);
}

std::size_t Policy::line_count() const noexcept {
  return spec_.help_lines.size() + spec_.locked_lines.size() + spec_.tier_lines.size();
}

Layer Policy::layer_of(Tag tag) const noexcept {
  if (tag < spec_.help_lines.size()) return Layer::guaranteed_help;
  return tag < spec_.help_lines.size() + spec_.locked_lines.size() ? Layer::locked : Layer::explicit_line;
}

const Line& Policy::line(Tag tag) const noexcept {
  std::size_t at = tag;
  if (at < spec_.help_lines.size()) return spec_.help_lines[at];
  at -= spec_.help_lines.size();
  if (at < spec_.locked_lines.size()) return spec_.locked_lines[at];
  return spec_.tier_lines[at - spec_.locked_lines.size()];
}

std::span<const Tag> Policy::line_exceptions(Tag tag) const noexcept {
  const auto found = line_exceptions_.find(tag);
  return found == line_exceptions_.end() ? std::span<const Tag>() : found->second;
}

std::uint8_t Policy::depth(TierId tier, TierId ancestor) const noexcept {
  std::uint8_t steps = 0;
  for (const Tier* at = &spec_.tiers[tier]; at != &spec_.tiers[ancestor]; at = &spec_.tiers[*at->parent]) {
    if (!at->parent) return not_in_chain;
    ++steps;
  }
  return steps;
}

}  // namespace schoolgate
