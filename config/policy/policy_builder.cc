#include "config/policy/policy_builder.h"

#include <algorithm>
#include <ctime>

#include "config/main/local_time.h"
#include "config/policy/delegation_reader.h"
#include "config/policy/floor_reader.h"
#include "config/policy/locks_today.h"
#include "config/policy/periods_reader.h"
#include "config/policy/search_reader.h"
#include "config/policy/term_reader.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/patterns/build/reach.h"

namespace schoolgate {
namespace {

class Builder {
 public:
  Builder(const MainFile& main, const CategoryCatalogue& catalogue, LoadContext& context)
      : main_(main), catalogue_(catalogue), context_(context) {}

  PolicyDraft build() {
    draft_.spec.categories = catalogue_.categories;
    read_files();
    if (files_.empty()) return std::move(draft_);
    draft_.spec.tiers.resize(files_.size());
    draft_.tier_keys.resize(files_.size());
    done_.assign(files_.size(), State::waiting);
    judged_.assign(files_.size(), true);
    for (std::size_t i = 0; i < files_.size(); ++i) resolve(static_cast<TierId>(i), nullptr);
    lock_categories();
    for (std::size_t i = 0; i < files_.size(); ++i) check_overrides(static_cast<TierId>(i));
    collect_lines();
    words();
    who();
    rooms();
    exams();
    delegations();
    expectations();
    never_inspect();
    note_school_days();
    return std::move(draft_);
  }

 private:
  enum class State : std::uint8_t { waiting, working, done };

  void error(int code, const Place& at, Message message, Message hint = {}) {
    context_.add(Severity::error, code, at, std::move(message), std::move(hint));
  }

  void read_files() {
    const PolicyFiles& paths = main_.config.policy;
    if (!paths.locked.empty()) locked_ = read_locked_file(paths.locked, context_, main_.named.locked);
    if (!paths.help.empty()) help_ = read_help_file(paths.help, context_, main_.named.help);
    FloorOfLoad floor = read_floor(paths, context_, main_.named.floor);
    draft_.spec.floor = std::move(floor.plain);
    draft_.spec.signed_floor = std::move(floor.sealed);
    draft_.floor = std::move(floor.standing);
    if (context_.uses_kept()) add_locks_today();
    draft_.hotlines = help_.hotlines;
    if (!paths.periods.empty()) periods_ = read_periods_file(paths.periods, context_, main_.named.periods);
    draft_.spec.clock = periods_.clock;
    const Bundles bundles =
        read_bundles(paths.bundles, paths.bundles_directory, context_, main_.named.bundles);
    draft_.spec.bundles = bundles.all;
    draft_.spec.host_files = read_host_files(paths.host_files_directory, context_);
    const auto names = context_.yaml_files_in(paths.tiers_directory);
    if (!names || names->empty()) {
      Message message = names ? say("the folder {} holds no tier file (*.yaml)", paths.tiers_directory)
                              : say("cannot read the folder of tier files, {}", paths.tiers_directory);
      if (main_.named.tiers.pos.line != 0)
        error(diag::no_tiers, main_.named.tiers, std::move(message));
      else
        context_.reporter(paths.tiers_directory)
            .add(Severity::error, diag::no_tiers, {}, 0, std::move(message));
      return;
    }
    constexpr std::size_t most = 64;
    for (const std::string& name : *names) {
      auto file = read_tier_file(name, context_, periods_, bundles);
      if (!file) {
        unread_.push_back(tier_named_in(name));
        continue;
      }
      if (const auto other = tier_id(file->id.value)) {
        error(diag::duplicate_name, file->id.where,
              say("the tier \"{}\" has a file already ({})", file->id.value,
                  context_.show(files_[*other].id.where)));
        continue;
      }
      if (files_.size() == most) {
        error(diag::too_many, file->id.where, say("more than 64 tiers"));
        break;
      }
      if (!is_id(file->id.value)) unread_.emplace_back();  // an error already; others name it as it is meant
      tier_names_.push_back(file->id.value);
      files_.push_back(std::move(*file));
    }
  }

  // The name of a tier whose file cannot be read: it counts as known. "" where the file does not show it:
  // then nothing is said about names that may be its own.
  [[nodiscard]] std::string tier_named_in(const std::string& path) const {
    const auto text = context_.read.files.find(context_.name_of(path));
    std::string name;
    if (text == context_.read.files.end()) return name;
    for_each_line(text->second, [&](std::string_view line, std::uint32_t) {
      constexpr std::string_view key = "tier:";
      if (!name.empty() || !line.starts_with(key)) return;
      line.remove_prefix(std::min(line.find_first_not_of(" \"'", key.size()), line.size()));
      name = line.substr(0, line.find_first_of(" \"'#"));
    });
    return is_id(name) ? name : std::string();
  }

  // Whether a tier that no file gave may be one whose file could not be read.
  [[nodiscard]] bool may_be_unread(std::string_view name) const {
    return std::any_of(unread_.begin(), unread_.end(),
                       [&](const std::string& one) { return one.empty() || one == name; });
  }

  // Beside what the kept files lock. A category that they do not know cannot be locked in them.
  void add_locks_today() {
    LocksToday today = read_locks_today(main_, context_);
    for (auto& category : today.locked.categories)
      if (catalogue_.find(category.value) && !is_locked(category.value))
        locked_.categories.push_back(std::move(category));
    for (PlacedLine& line : today.locked.lines) {
      const bool known =
          std::any_of(locked_.lines.begin(), locked_.lines.end(), [&](const PlacedLine& other) {
            return other.line.effect == line.line.effect && other.line.rule.kind == line.line.rule.kind &&
                   other.line.rule.target == line.line.rule.target &&
                   other.line.rule.text == line.line.rule.text;
          });
      if (!known) locked_.lines.push_back(std::move(line));
    }
    draft_.spec.floor.insert(draft_.spec.floor.end(), today.floor.begin(), today.floor.end());
    const bool is_newer = today.sealed && (draft_.floor.state != FloorStanding::State::sealed ||
                                           today.sealed->file.made >= draft_.floor.made);
    if (is_newer) {
      draft_.floor = today.sealed->standing();
      draft_.spec.signed_floor = std::move(today.sealed->file.floor);
    } else if (draft_.floor.state != FloorStanding::State::sealed && !draft_.spec.floor.empty()) {
      draft_.floor.state = FloorStanding::State::plain;
      draft_.floor.entries = draft_.spec.floor.size();
    }
    tier_locks_today_ = std::move(today.tiers);
  }

  [[nodiscard]] std::optional<TierId> tier_id(std::string_view name) const {
    const auto found = std::find(tier_names_.begin(), tier_names_.end(), name);
    if (found == tier_names_.end()) return std::nullopt;
    return static_cast<TierId>(found - tier_names_.begin());
  }

  // The tier that people call so.
  [[nodiscard]] const TierFile* tier_titled(std::string_view title) const {
    const std::string plain = plain_letters(title);
    const auto found = std::find_if(files_.begin(), files_.end(), [&](const TierFile& file) {
      return plain_letters(file.name_vi) == plain || plain_letters(file.name_en) == plain;
    });
    return found == files_.end() || plain.empty() ? nullptr : &*found;
  }

  std::optional<TierId> require_tier(std::string_view name, const Place& at) {
    const auto found = tier_id(name);
    if (found || tier_names_.empty() || may_be_unread(name)) return found;
    std::vector<std::string> known = tier_names_;
    known.insert(known.end(), unread_.begin(), unread_.end());
    const TierFile* const titled = tier_titled(name);
    error(diag::unknown_tier, at, say("unknown tier \"{}\"", name),
          titled != nullptr ? say("did you mean \"{}\"?", titled->id.value)
                            : did_you_mean(name, known, say("there are: {}", join_words(known))));
    return found;
  }

  // Parent first. `child` is the place that extends this tier, null at the top.
  bool resolve(TierId id, const Place* child) {
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
        lock(tier, id, *locked, category.where);
    timetable(id, tier);
    if (judged_[id]) note_unheard(file, tier);
    draft_.spec.tiers[id] = std::move(tier);
    done_[id] = State::done;
    return true;
  }

  void remember_keys(TierId id) {
    TierKeys& keys = draft_.tier_keys[id];
    for (const auto& [key, where] : files_[id].keys) {
      std::erase_if(keys, [&key = key](const TierKey& one) { return one.key == key; });
      keys.push_back({key, where.ref(), id});
    }
  }

  void identity(TierId id, Tier& tier) {
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

  [[nodiscard]] static Place place_of_key(const TierFile& file, std::string_view key) {
    const auto found =
        std::find_if(file.keys.begin(), file.keys.end(), [&](const auto& one) { return one.first == key; });
    return found == file.keys.end() ? file.id.where : found->second;
  }

  void inspect_only(TierId id, Tier& tier) {
    tier.inspect_only = {};
    for (const InspectName& name : files_[id].inspect_only) {
      (name.below ? tier.inspect_only.below : tier.inspect_only.hosts).push_back(name.host);
      draft_.inspect_names.emplace_back(id, name);
    }
    for (auto* const names : {&tier.inspect_only.hosts, &tier.inspect_only.below})
      std::sort(names->begin(), names->end());
  }

  std::vector<CategoryId> ids(const std::vector<Placed<std::string>>& names) {
    std::vector<CategoryId> out;
    for (const auto& name : names)
      if (const auto id = catalogue_.require(name.value, name.where, context_)) out.push_back(*id);
    return out;
  }

  void effects(TierId id_of_tier, Tier& tier) {
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

  // A category that came with a newer version, which this tier's file was written before: as the catalogue
  // says.
  void take_from_others(TierId id_of_tier, Tier& tier, std::vector<bool>& named) {
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

  // A child tier may change what its parent says, but not what the parent locked.
  void set_effect(CategoryEffect& now, const CategoryEffect& said, const Place& at,
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

  [[nodiscard]] std::string show(const RuleRef& where) const {
    return context_.show(Place{where.source, {where.line, 1}, 0});
  }

  [[nodiscard]] bool is_locked(std::string_view category) const {
    return std::any_of(locked_.categories.begin(), locked_.categories.end(),
                       [&](const auto& c) { return c.value == category; });
  }

  void timetable(TierId id, Tier& tier) {
    for (const TimetableText& text : files_[id].timetable) {
      TimetableEntry entry{text.when, {}, text.effect, text.where.ref(), id};
      entry.categories = ids(text.categories);
      tier.timetable.push_back(std::move(entry));
    }
  }

  void note_school_days() {
    const auto goes_by_them = [](const TierFile& file) {
      return file.lines_by_school || std::any_of(file.timetable.begin(), file.timetable.end(),
                                                 [](const TimetableText& row) { return row.by_school; });
    };
    if (std::none_of(files_.begin(), files_.end(), goes_by_them)) return;
    const auto zone = TimeZone::load(main_.config.school.time_zone);
    note_holidays(periods_, (zone ? *zone : TimeZone()).local(std::time(nullptr)).day, context_);
  }

  // Where the default is block, an allow or warn of a category that is not open never speaks.
  void note_unheard(const TierFile& file, const Tier& tier) {
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

  // locked.yaml: block+locked in every tier, whatever the tier says.
  void lock_categories() {
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
        lock(draft_.spec.tiers[t], static_cast<TierId>(t), *id, name.where);
      }
    }
  }

  static void lock(Tier& tier, TierId id, CategoryId category, const Place& where) {
    CategoryEffect& effect = tier.effects[category];
    effect = {Effect{Action::block, {}}, where.ref(), true, id};
    effect.effect.flags.locked = true;
  }

  // In kept files only a lock that was added since can be the reason: it holds, and they are used.
  void contradiction(int code, const Place& at, Message message, Message hint = {}) {
    context_.add(context_.uses_kept() ? Severity::warning : Severity::error, code, at, std::move(message),
                 std::move(hint));
  }

  void check_overrides(TierId id) {
    Tier& tier = draft_.spec.tiers[id];
    const auto check = [&](const std::optional<std::vector<Placed<std::string>>>& names,
                           const std::string& key, std::vector<CategoryId>& used) {
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

  void collect_lines() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const auto id = static_cast<TierId>(i);
      if (judged_[i]) note_paths(files_[i], draft_.spec.tiers[i]);
      for (PlacedLine& line : files_[i].lines) {
        line.line.tier = id;
        draft_.spec.tier_lines.push_back(line.line);
        draft_.tier_lines.emplace_back(id, line);
        draft_.lines.push_back(std::move(line));
      }
      for (PolicyTest& test : files_[i].tests) draft_.tests.emplace_back(id, std::move(test));
    }
    for (PlacedLine& line : locked_.lines) {
      draft_.spec.locked_lines.push_back(line.line);
      draft_.lines.push_back(std::move(line));
    }
    for (const PlacedLine& line : help_.lines) draft_.spec.help_lines.push_back(line.line);
  }

  void words() {
    const PolicyFiles& paths = main_.config.policy;
    if (!paths.terms.empty()) {
      TermsFile terms = read_terms_file(paths.terms, catalogue_, context_, main_.named.terms);
      draft_.spec.terms = std::move(terms.rules);
      draft_.spec.term_variants = std::move(terms.variants);
      draft_.spec.path_terms_not_on = std::move(terms.path_not_on);
      draft_.spec.path_unless = std::move(terms.path_unless);
    }
    if (!paths.search.empty())
      draft_.spec.engines = read_search_file(
          paths.search, context_, [this](std::string_view name) { return tier_id(name); }, main_.named.search,
          [this](std::string_view name) { return may_be_unread(name); });
  }

  static bool line_needs_a_path(const RuleEntry& rule) {
    if (rule.kind != RuleKind::pattern) return rule.kind == RuleKind::url;
    const Pattern pattern{rule.text, rule.target, rule.case_sensitive};
    return can_match_an_address(pattern) && needs_a_path(pattern);
  }

  // Asked on some site that inspect_only opens. A pattern may hold any.
  static bool is_woken(const RuleEntry& rule, const Tier& tier) {
    if (rule.kind == RuleKind::pattern) return !tier.inspect_only.empty();
    return tier.inspect_only.holds(rule.text.substr(0, rule.text.find('/')));
  }

  // Where https is not inspected a path of an https page is never seen; the author should know.
  void note_paths(const TierFile& file, const Tier& tier) {
    if (tier.https == Https::inspect) return;
    std::vector<std::string> asleep;
    const Place* first = nullptr;
    for (const PlacedLine& line : file.lines) {
      if (line.means_nothing || !line_needs_a_path(line.line.rule) || is_woken(line.line.rule, tier))
        continue;
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

  void who() {
    const Config& config = main_.config;
    for (std::size_t i = 0; i < config.who.size(); ++i)
      if (const auto tier = require_tier(config.who[i].tier, main_.who_places[i]))
        draft_.spec.networks.push_back({config.who[i].network, *tier, main_.who_places[i].ref(),
                                        config.who[i].trusts_ca.value_or(false)});
    draft_.spec.trust_is_said =
        std::any_of(config.who.begin(), config.who.end(),
                    [](const ClientNetwork& line) { return line.trusts_ca.has_value(); });
    for (std::size_t i = 0; i < config.listen.size(); ++i)
      if (config.listen[i].tier) require_tier(*config.listen[i].tier, main_.listen_places[i]);
    for (std::size_t i = 0; i < config.gateway.open.size(); ++i)
      if (const auto& tier = config.gateway.open[i].tier) require_tier(*tier, main_.hole_places[i]);
    if (config.unknown_tier.empty()) return;
    const auto unknown = require_tier(config.unknown_tier, main_.unknown_tier_place);
    if (!unknown) return;
    draft_.spec.unknown_tier = *unknown;
    draft_.spec.unknown_where = main_.unknown_tier_place.ref();
    if (!draft_.spec.tiers[*unknown].pupils)
      error(diag::staff_as_unknown, main_.unknown_tier_place,
            say("unknown devices cannot be in \"{}\": it is a tier of adults", config.unknown_tier),
            say("take a tier of pupils"));
  }

  // A room is what the labels of `who` call one.
  void rooms() {
    const auto& who = main_.config.who;
    std::vector<Room>& rooms = draft_.spec.rooms;
    for (const ClientNetwork& line : who) {
      if (line.label.empty()) continue;
      const auto same = [&](const Room& room) { return room.name == line.label; };
      auto room = std::find_if(rooms.begin(), rooms.end(), same);
      if (room == rooms.end()) {
        if (rooms.size() == most_rooms) return;
        room = rooms.insert(rooms.end(), Room{line.label, {}, {}});
      }
      room->networks.push_back(line.network);
    }
    for (Room& room : rooms)
      for (const ClientNetwork& line : who) {
        const bool inside = std::any_of(room.networks.begin(), room.networks.end(), [&](const Network& one) {
          return one.bits < line.network.bits && one.contains(line.network.base);
        });
        if (inside && line.label != room.name) room.not_these.push_back(line.network);
      }
  }

  std::optional<RoomId> require_room(const Placed<std::string>& name) {
    const auto& rooms = draft_.spec.rooms;
    std::vector<std::string> known;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      if (rooms[i].name == name.value) return static_cast<RoomId>(i);
      known.push_back(rooms[i].name);
    }
    error(diag::unknown_room, name.where, say("unknown room \"{}\"", name.value),
          did_you_mean(name.value, known,
                       known.empty() ? say("a room is a line of who: with a label: \"Phòng máy 1\"")
                                     : say("there are: {}", join_words(known))));
    return std::nullopt;
  }

  void exams() {
    for (const PeriodsFile::ExamText& text : periods_.exams) {
      Exam exam{text.name, text.when, text.ends, {}, {}, {}, text.where.ref()};
      for (const auto& room : text.rooms)
        if (const auto id = require_room(room)) exam.rooms.push_back(*id);
      for (const auto& tier : text.tiers)
        if (const auto id = require_tier(tier.value, tier.where)) exam.tiers.push_back(*id);
      for (const auto& only : text.only)
        if (knows_hosts(only)) exam.only.push_back(only.value);
      draft_.spec.exams.push_back(std::move(exam));
    }
  }

  bool knows_hosts(const Placed<std::string>& name) {
    std::vector<std::string> known;
    for (const std::vector<Bundle>* all : {&draft_.spec.bundles, &draft_.spec.host_files})
      for (const Bundle& one : *all) {
        if (one.id == name.value) return true;
        known.push_back(one.id);
      }
    error(diag::unknown_bundle, name.where, say("there is no bundle and no file of hosts \"{}\"", name.value),
          did_you_mean(name.value, known, say("a file of hosts lies in only.d, as in only.d/test.txt")));
    return false;
  }

  void delegations() {
    const std::string& path = main_.config.policy.delegation;
    if (path.empty()) return;
    DelegationFile file = read_delegation_file(path, context_);
    draft_.spec.case_keepers = std::move(file.case_keepers);
    for (const DelegationText& text : file.teachers) {
      Delegation one;
      one.account = text.account.value;
      one.where = text.account.where.ref();
      for (const auto& tier : text.tiers)
        if (const auto id = require_tier(tier.value, tier.where)) one.tiers.push_back(*id);
      one.open = ids(text.open);
      one.block = ids(text.block);
      for (const auto& room : text.rooms)
        if (const auto id = require_room(room)) one.rooms.push_back(*id);
      one.lines = text.lines;
      one.unknown = text.unknown;
      one.edit = text.edit;
      one.minutes_max = text.minutes_max;
      for (const auto& name : text.open) note_never_opened(name, one.tiers);
      draft_.spec.delegations.push_back(std::move(one));
    }
  }

  // A host without tiers must work wherever what no list names may be opened.
  void expectations() {
    const std::string expected = expect_file(context_), pinned = pins_file(context_);
    if (!expected.empty())
      for (MustWork& entry : read_expect_file(expected, context_)) {
        std::vector<TierId> tiers;
        if (entry.tiers)
          for (const auto& tier : *entry.tiers)
            if (const auto id = require_tier(tier.value, tier.where)) tiers.push_back(*id);
        for (TierId id = 0; !entry.tiers && id < draft_.spec.tiers.size(); ++id)
          if (draft_.spec.tiers[id].default_action == Action::allow) tiers.push_back(id);
        draft_.must_work.emplace_back(std::move(tiers), std::move(entry));
      }
    if (pinned.empty()) return;
    for (Pin& pin : read_pins_file(pinned, context_))
      if (const auto id = require_tier(pin.tier.value, pin.tier.where))
        draft_.tests.emplace_back(*id, std::move(pin.test));
  }

  // A tier says itself which of its categories may be opened at all.
  void note_never_opened(const Placed<std::string>& name, const std::vector<TierId>& tiers) {
    const auto category = catalogue_.find(name.value);
    if (!category) return;
    for (const TierId tier : tiers) {
      const std::vector<CategoryId>& may = draft_.spec.tiers[tier].may_override;
      if (std::find(may.begin(), may.end(), *category) != may.end()) continue;
      context_.add(
          Severity::warning, diag::opens_nothing, name.where,
          say("in tier \"{}\" nobody can open \"{}\" for a lesson: its may_override does not name it",
              tier_names_[tier], name.value),
          say("add it to may_override there, or take it out here"));
      return;
    }
  }

  void never_inspect() {
    draft_.spec.never_inspect_hosts = main_.never_inspect.hosts;
    draft_.spec.never_inspect_networks = main_.never_inspect.networks;
    auto& categories = draft_.spec.never_inspect_categories;
    for (const auto& [name, where] : main_.never_inspect.categories)
      if (const auto id = catalogue_.require(name, where, context_)) categories.push_back(*id);
    if (main_.never_inspect.named) return;
    for (const char* const name : NeverInspect::standard)
      if (const auto id = catalogue_.find(name)) categories.push_back(*id);
  }

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

}  // namespace

PolicyDraft build_policy(const MainFile& main, const CategoryCatalogue& catalogue, LoadContext& context) {
  return Builder(main, catalogue, context).build();
}

}  // namespace schoolgate
