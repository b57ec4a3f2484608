// PolicyBuild: tiers, each with what it inherits, its categories and its timetable.
#include "config/policy/policy_build.h"

#include <algorithm>

#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/patterns/build/reach.h"

namespace schoolgate {
namespace {

Place place_of_key(const TierFile& file, std::string_view key) {
  const auto found =
      std::find_if(file.keys.begin(), file.keys.end(), [&](const auto& one) { return one.first == key; });
  return found == file.keys.end() ? file.id.where : found->second;
}

void lock_in(Tier& tier, TierId id, CategoryId category, const Place& where) {
  CategoryEffect& effect = tier.effects[category];
  effect = {Effect{Action::block, {}}, where.ref(), true, id};
  effect.effect.flags.locked = true;
}

bool line_needs_a_path(const RuleEntry& rule) {
  if (rule.kind != RuleKind::pattern) return rule.kind == RuleKind::url;
  const Pattern pattern{rule.text, rule.target, rule.case_sensitive};
  return can_match_an_address(pattern) && needs_a_path(pattern);
}

// Asked on some site that inspect_only opens. A pattern may hold any.
bool is_woken(const RuleEntry& rule, const Tier& tier) {
  if (rule.kind == RuleKind::pattern) return !tier.inspect_only.empty();
  return tier.inspect_only.holds(rule.text.substr(0, rule.text.find('/')));
}

}  // namespace

bool PolicyBuild::resolve(TierId id, const Place* child) {
  if (done_[id] == State::done) return true;
  if (done_[id] == State::working) {
    error(diag::extends_circle, *child, say("the tier \"{}\" extends itself", tier_names_[id]));
    return false;
  }
  done_[id] = State::working;
  const TierFile& file = files_[id];
  Tier tier;
  if (file.extends) {
    const auto parent = require_tier(file.extends->value, file.extends->where);
    if (parent && resolve(*parent, &file.extends->where)) {
      tier = draft_.spec.tiers[*parent];
      tier.parent = *parent;
      draft_.tier_keys[id] = draft_.tier_keys[*parent];
    }
    // What it would inherit is not known, and the reason is an error already.
    judged_[id] = tier.parent.has_value() && judged_[*parent];
  }
  remember_keys(id);
  identity(id, tier);
  effects(id, tier);
  for (const auto& [name, category] : tier_locks_today_)
    if (const auto locked = catalogue_.find(category.value); locked && name == tier.id)
      lock_in(tier, id, *locked, category.where);
  timetable(id, tier);
  if (judged_[id]) note_unheard(file, tier);
  draft_.spec.tiers[id] = std::move(tier);
  done_[id] = State::done;
  return true;
}

void PolicyBuild::remember_keys(TierId id) {
  TierKeys& keys = draft_.tier_keys[id];
  for (const auto& [key, where] : files_[id].keys) {
    std::erase_if(keys, [&key = key](const TierKey& one) { return one.key == key; });
    keys.push_back({key, where.ref(), id});
  }
}

void PolicyBuild::identity(TierId id, Tier& tier) {
  const TierFile& file = files_[id];
  tier.id = file.id.value;
  tier.name_vi = file.name_vi;
  tier.name_en = file.name_en;
  if (!file.ages.empty()) tier.ages = file.ages;
  if (file.voice) tier.voice = *file.voice;
  if (file.pupils) tier.pupils = *file.pupils;
  if (file.warn_without_page) tier.warn_without_page = *file.warn_without_page;
  if (file.safesearch) tier.safesearch = *file.safesearch;
  if (file.youtube) tier.youtube = *file.youtube;
  if (file.lookalikes) tier.lookalikes = *file.lookalikes;
  if (file.https) {
    tier.https = file.https->value;
    tier.https_reason = file.https_reason;
    inspect_only(id, tier);
  }
  if (file.unknown_on_hosting) {
    tier.unknown_on_hosting = file.unknown_on_hosting->value;
    tier.hosting_where = file.unknown_on_hosting->where.ref();
  }
  if (file.unknown_engines) {
    tier.unknown_engines = file.unknown_engines->value;
    tier.engines_where = file.unknown_engines->where.ref();
  }
  if (file.default_action) {
    tier.default_action = file.default_action->value;
    tier.default_where = file.default_action->where.ref();
  } else if (!tier.parent && judged_[id] && !file.says_default) {
    error(diag::missing_key, file.id.where, say("this tier needs the key \"default\""),
          say("default: allow (what nothing names is open) or default: block (only what is allowed is "
              "open)"));
  }
  for (std::size_t i = 0; i < tunnel_choices; ++i)
    if (file.tunnel[i]) tier.tunnel.*(tunnel_keys[i].second) = *file.tunnel[i];
  if (file.ports) tier.tunnel.ports = *file.ports;
  if (file.http_ports) tier.tunnel.http_ports = *file.http_ports;
  if (file.open_categories) {
    tier.open_categories = ids(*file.open_categories);
    const bool known = judged_[id] && (file.default_action || !file.says_default);
    if (known && tier.default_action != Action::block && !file.open_categories->empty())
      context_.add(Severity::warning, diag::open_without_use, file.open_categories->front().where,
                   say("open_categories does nothing in a tier whose default is allow"));
  }
  if (file.lookalikes && *file.lookalikes != Lookalikes::off && tier.default_action == Action::block &&
      judged_[id])
    context_.add(Severity::warning, diag::open_without_use, place_of_key(file, "lookalikes"),
                 say("lookalikes does nothing in a tier whose default is block"));
  if (file.may_override) tier.may_override = ids(*file.may_override);
}

void PolicyBuild::inspect_only(TierId id, Tier& tier) {
  tier.inspect_only = {};
  for (const InspectName& name : files_[id].inspect_only) {
    (name.below ? tier.inspect_only.below : tier.inspect_only.hosts).push_back(name.host);
    draft_.inspect_names.emplace_back(id, name);
  }
  for (auto* const names : {&tier.inspect_only.hosts, &tier.inspect_only.below})
    std::sort(names->begin(), names->end());
}

std::vector<CategoryId> PolicyBuild::ids(const std::vector<Placed<std::string>>& names) {
  std::vector<CategoryId> out;
  for (const auto& name : names)
    if (const auto id = catalogue_.require(name.value, name.where, context_)) out.push_back(*id);
  return out;
}

void PolicyBuild::effects(TierId id_of_tier, Tier& tier) {
  const TierFile& file = files_[id_of_tier];
  const bool inherits = !tier.effects.empty();
  if (!inherits) tier.effects.resize(catalogue_.categories.size());
  std::vector<bool> named(catalogue_.categories.size(), inherits);
  std::vector<bool> own(catalogue_.categories.size(), false);
  bool mistyped = false;  // an unknown name: the category that was meant would be called missing
  for (const auto& [name, effect] : file.categories) {
    const auto id = catalogue_.require(name.value, name.where, context_);
    if (!id) {
      mistyped = true;
      continue;
    }
    set_effect(tier.effects[*id], {effect, name.where.ref(), true, id_of_tier}, name.where,
               catalogue_.ids[*id]);
    named[*id] = own[*id] = true;
  }
  take_from_others(id_of_tier, tier, named);
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (file.other && !own[i]) {
      if (!tier.effects[i].effect.flags.locked)
        tier.effects[i] = {file.other->value, file.other->where.ref(), false, id_of_tier};
    } else if (!named[i] && !is_locked(catalogue_.ids[i])) {
      missing.push_back(catalogue_.ids[i]);
    }
  }
  if (!missing.empty() && !mistyped && judged_[id_of_tier] && !file.says_categories && locked_.whole)
    error(diag::category_not_named,
          file.categories_where.pos.line != 0 ? file.categories_where : file.id.where,
          say("this tier says nothing about: {}", join_words(missing)),
          say("name them, or add \"other: block\""));
}

void PolicyBuild::take_from_others(TierId id_of_tier, Tier& tier, std::vector<bool>& named) {
  const TierFile& file = files_[id_of_tier];
  if (file.other) return;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto other = catalogue_.unnamed_as[i];
    if (named[i] || !other || is_locked(catalogue_.ids[i])) continue;
    CategoryEffect& effect = tier.effects[i];
    if (named[*other]) {
      effect = tier.effects[*other];
      effect.named_by_tier = false;
    } else if (is_locked(catalogue_.ids[*other])) {
      effect.effect = Effect{Action::block, {}};
    } else {
      continue;  // both are missing
    }
    named[i] = true;
    if (!judged_[id_of_tier] || file.says_categories || !locked_.whole) continue;
    context_.add(Severity::warning, diag::category_not_named,
                 file.categories_where.pos.line != 0 ? file.categories_where : file.id.where,
                 say("this tier says nothing about {}, which is newer than this file: it goes by {}",
                     catalogue_.ids[i], catalogue_.ids[*other]),
                 say("to choose for yourself, add a line under categories:  {}: {}", catalogue_.ids[i],
                     to_string(effect.effect)));
  }
}

void PolicyBuild::set_effect(CategoryEffect& now, const CategoryEffect& said, const Place& at,
                             const std::string& category) {
  const Effect& wanted = said.effect;
  const bool loosens = strength(wanted) < strength(now.effect);
  const bool can_be_locked = wanted.action == Action::block || wanted.action == Action::allow;
  if (now.effect.flags.locked && wanted.action != Action::block && (loosens || !can_be_locked)) {
    contradiction(
        diag::lock_loosened, at,
        say("{} is locked ({}) and cannot be {} here", category, show(now.where), to_string(wanted)),
        say("delete this line"));
    return;
  }
  const bool keep_lock = now.effect.flags.locked;
  now = said;
  now.effect.flags.locked |= keep_lock;
}

void PolicyBuild::timetable(TierId id, Tier& tier) {
  for (const TimetableText& text : files_[id].timetable) {
    TimetableEntry entry{text.when, {}, text.effect, text.where.ref(), id};
    entry.categories = ids(text.categories);
    tier.timetable.push_back(std::move(entry));
  }
}

void PolicyBuild::note_unheard(const TierFile& file, const Tier& tier) {
  if (tier.default_action != Action::block || (!file.default_action && !tier.parent)) return;
  const auto unheard = [&](const std::string& name, const Effect& effect) {
    if (effect.action != Action::allow && effect.action != Action::warn) return false;
    const auto id = catalogue_.find(name);
    return id && !effect.flags.locked && !tier.effects[*id].effect.flags.locked &&
           std::find(tier.open_categories.begin(), tier.open_categories.end(), *id) ==
               tier.open_categories.end();
  };
  const auto note = [&](const Place& at, const std::vector<std::string>& said) {
    if (said.empty()) return;
    context_.add(Severity::note, diag::allow_unheard, at,
                 say("this never speaks, for the default is block and open_categories does not name it: {}",
                     join_words(said)),
                 say("add the category to open_categories, or write block"));
  };
  std::vector<std::string> said;
  const Place* first = nullptr;
  for (const auto& [name, effect] : file.categories) {
    if (!unheard(name.value, effect)) continue;
    said.push_back(name.value + ": " + to_string(effect));
    if (first == nullptr) first = &name.where;
  }
  if (first != nullptr) note(*first, said);
  for (const TimetableText& row : file.timetable) {
    said.clear();
    for (const auto& name : row.categories)
      if (unheard(name.value, row.effect)) said.push_back(name.value + ": " + to_string(row.effect));
    note(row.where, said);
  }
}

void PolicyBuild::lock_categories() {
  for (const auto& name : locked_.categories) {
    const auto id = catalogue_.require(name.value, name.where, context_);
    if (!id) continue;
    for (std::size_t t = 0; t < files_.size(); ++t) {
      for (const auto& [own, effect] : files_[t].categories)
        if (own.value == name.value && effect.action != Action::block)
          contradiction(diag::lock_loosened, own.where,
                        say("{} is locked for every tier ({}) and cannot be {} here", name.value,
                            context_.show(name.where), to_string(effect)),
                        say("delete this line"));
      lock_in(draft_.spec.tiers[t], static_cast<TierId>(t), *id, name.where);
    }
  }
}

void PolicyBuild::contradiction(int code, const Place& at, Message message, Message hint) {
  context_.add(context_.uses_kept() ? Severity::warning : Severity::error, code, at, std::move(message),
               std::move(hint));
}

void PolicyBuild::check_overrides(TierId id) {
  Tier& tier = draft_.spec.tiers[id];
  const auto check = [&](const std::optional<std::vector<Placed<std::string>>>& names, const std::string& key,
                         std::vector<CategoryId>& used) {
    const auto is_locked_here = [&](CategoryId category) {
      return tier.effects[category].effect.flags.locked;
    };
    if (context_.uses_kept())
      used.erase(std::remove_if(used.begin(), used.end(), is_locked_here), used.end());
    if (!names) return;
    for (const auto& name : *names) {
      const auto category = catalogue_.find(name.value);
      if (!category || !tier.effects[*category].effect.flags.locked) continue;
      contradiction(diag::override_of_locked, name.where,
                    say("{} is locked ({}) and cannot stand in {}", name.value,
                        show(tier.effects[*category].where), key));
    }
  };
  check(files_[id].may_override, "may_override", tier.may_override);
  check(files_[id].open_categories, "open_categories", tier.open_categories);
}

void PolicyBuild::note_paths(const TierFile& file, const Tier& tier) {
  if (tier.https == Https::inspect) return;
  std::vector<std::string> asleep;
  const Place* first = nullptr;
  for (const PlacedLine& line : file.lines) {
    if (line.means_nothing || !line_needs_a_path(line.line.rule) || is_woken(line.line.rule, tier)) continue;
    if (asleep.empty()) first = &line.where;
    asleep.push_back(std::to_string(line.where.pos.line));
  }
  if (first == nullptr) return;
  context_.add(
      Severity::note, diag::path_never_asked, *first,
      asleep.size() == 1
          ? say("1 line of this tier needs a path; it is asked only where a page is http, not https")
          : say("{} lines of this tier need a path (lines {}); they are asked only where a page is http, "
                "not https",
                asleep.size(), join_words(asleep)),
      tier.https == Https::names ? say("with https: names only the name of an https site is seen")
                                 : say("with https: block-page nothing that is allowed is opened: of an "
                                       "https site only the name is seen"));
}

}  // namespace schoolgate
