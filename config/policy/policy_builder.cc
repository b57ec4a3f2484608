#include "config/policy/policy_builder.h"

#include <algorithm>

#include "config/policy/policy_build.h"
#include "config/policy/search_reader.h"
#include "config/policy/term_reader.h"
#include "config/text/names.h"
#include "config/text/suggest.h"

namespace schoolgate {

PolicyDraft PolicyBuild::build() {
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

void PolicyBuild::error(int code, const Place& at, Message message, Message hint) {
  context_.add(Severity::error, code, at, std::move(message), std::move(hint));
}

void PolicyBuild::read_files() {
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
  const Bundles bundles = read_bundles(paths.bundles, paths.bundles_directory, context_, main_.named.bundles);
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

std::string PolicyBuild::tier_named_in(const std::string& path) const {
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

bool PolicyBuild::may_be_unread(std::string_view name) const {
  return std::any_of(unread_.begin(), unread_.end(),
                     [&](const std::string& one) { return one.empty() || one == name; });
}

void PolicyBuild::add_locks_today() {
  LocksToday today = read_locks_today(main_, context_);
  for (auto& category : today.locked.categories)
    if (catalogue_.find(category.value) && !is_locked(category.value))
      locked_.categories.push_back(std::move(category));
  for (PlacedLine& line : today.locked.lines) {
    const bool known = std::any_of(locked_.lines.begin(), locked_.lines.end(), [&](const PlacedLine& other) {
      return other.line.effect == line.line.effect && other.line.rule.kind == line.line.rule.kind &&
             other.line.rule.target == line.line.rule.target && other.line.rule.text == line.line.rule.text;
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

std::optional<TierId> PolicyBuild::tier_id(std::string_view name) const {
  const auto found = std::find(tier_names_.begin(), tier_names_.end(), name);
  if (found == tier_names_.end()) return std::nullopt;
  return static_cast<TierId>(found - tier_names_.begin());
}

const TierFile* PolicyBuild::tier_titled(std::string_view title) const {
  const std::string plain = plain_letters(title);
  const auto found = std::find_if(files_.begin(), files_.end(), [&](const TierFile& file) {
    return plain_letters(file.name_vi) == plain || plain_letters(file.name_en) == plain;
  });
  return found == files_.end() || plain.empty() ? nullptr : &*found;
}

std::optional<TierId> PolicyBuild::require_tier(std::string_view name, const Place& at) {
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

std::string PolicyBuild::show(const RuleRef& where) const {
  return context_.show(Place{where.source, {where.line, 1}, 0});
}

bool PolicyBuild::is_locked(std::string_view category) const {
  return std::any_of(locked_.categories.begin(), locked_.categories.end(),
                     [&](const auto& c) { return c.value == category; });
}

void PolicyBuild::collect_lines() {
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

void PolicyBuild::words() {
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

PolicyDraft build_policy(const MainFile& main, const CategoryCatalogue& catalogue, LoadContext& context) {
  return PolicyBuild(main, catalogue, context).build();
}

}  // namespace schoolgate
