#include "config/load_snapshot.h"

#include <algorithm>
#include <utility>

#include "config/main/admin_reader.h"
#include "config/main/https_reader.h"
#include "config/main/main_reader.h"
#include "config/policy/hole_bundles.h"
#include "config/policy/pages_reader.h"
#include "config/policy/policy_builder.h"
#include "config/policy_checks.h"
#include "config/text/diag_codes.h"
#include "config/text/suggest.h"
#include "config/thinness.h"

namespace schoolgate {
namespace {

PolicyCounts count(const PolicyDraft& draft) {
  PolicyCounts counts;
  counts.tiers = static_cast<std::uint32_t>(draft.spec.tiers.size());
  counts.categories = static_cast<std::uint32_t>(draft.spec.categories.size());
  counts.lines = static_cast<std::uint32_t>(draft.lines.size());
  counts.policy_tests = static_cast<std::uint32_t>(draft.tests.size());
  counts.floor = static_cast<std::uint32_t>(draft.floor.entries);
  for (const PlacedLine& line : draft.lines)
    counts.pattern_tests += static_cast<std::uint32_t>(line.tests.size());
  return counts;
}

// The parts of a policy that are used where they are there: a reload that finds one gone must not go on
// without its locks, help lines or floor. A signed floor goes by no option at all.
void check_vanished(const PolicyFiles& running, const PolicyFiles& now, bool accept_shrunk,
                    LoadContext& context) {
  using Part = std::string PolicyFiles::*;
  const auto gone = [&](const std::string& file, int code, Message hint) {
    context.reporter(context.config_file())
        .add(Severity::error, code, {}, 0,
             say("{} is part of the policy that was accepted last, and is neither named nor found any more",
                 file),
             std::move(hint));
  };
  if (!running.signed_floor.empty() && now.signed_floor.empty())
    gone(running.signed_floor, diag::floor_gone,
         say("put it back, with its signature; without entries too a floor is built and signed"));
  if (accept_shrunk) return;
  for (const Part part : {&PolicyFiles::locked, &PolicyFiles::help, &PolicyFiles::floor, &PolicyFiles::terms,
                          &PolicyFiles::search}) {
    if ((running.*part).empty() || !(now.*part).empty()) continue;
    gone(running.*part, diag::policy_file_gone,
         say("put it back; to go on without it: schoolgate reload --accept-shrunk"));
  }
}

// Every file that could be read is read, so that one look shows every error.
std::shared_ptr<Snapshot> load(LoadContext& context, const LoadOptions& options) {
  auto main = read_main_file(context);
  if (!main) return nullptr;
  open_to_bundles(*main, context);
  if (options.running) check_vanished(*options.running, main->config.policy, options.accept_shrunk, context);
  const CategoryCatalogue catalogue =
      read_catalogue(main->config.policy.categories, context, main->named.categories);
  PolicyDraft draft = build_policy(*main, catalogue, context);
  for (const PlacedLine& line : draft.lines) run_pattern_tests(line, context);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = options.revision;
  snapshot->counts = count(draft);
  snapshot->floor = draft.floor;
  if (const auto zone = TimeZone::load(main->config.school.time_zone)) snapshot->zone = *zone;

  PageWords page_words;
  if (const std::string file = pages_file(context); !file.empty())
    page_words = read_pages_file(file, context, draft.spec.tiers);
  check_https(draft.spec, *main, context);
  check_admin(draft.spec, *main, context);
  const bool policy_is_whole = !has_errors(context.diagnostics);
  std::optional<RunningLists> running;
  if (const Snapshot* const now = options.running_lists; now != nullptr)
    running.emplace(RunningLists{*now->lists, now->list_status, now->lists_kept});
  ListLoad list_load(*main, catalogue, options, running, context);
  LoadedLists lists = list_load.load();
  if (!policy_is_whole || !lists.compiled.db) return nullptr;
  auto policy = Policy::compile(draft.spec);
  if (!policy) {
    context.reporter(context.config_file())
        .add(Severity::error, diag::compile_failed, {}, 0, policy.error().message);
    return nullptr;
  }
  snapshot->policy = std::move(*policy);
  snapshot->lists = lists.compiled.db;
  snapshot->list_meanings = std::move(lists.meanings);
  snapshot->list_status = std::move(lists.status);
  snapshot->config = std::move(main->config);
  snapshot->config.hotlines = std::move(draft.hotlines);
  snapshot->page_words = std::move(page_words);
  for (const ListStatus& status : snapshot->list_status) snapshot->config.lists.push_back(status.source);
  snapshot->sources = context.sources();
  snapshot->override_source = static_cast<std::uint32_t>(snapshot->sources.size());
  snapshot->sources.emplace_back("overrides");
  snapshot->tier_keys = std::move(draft.tier_keys);
  const std::size_t before_checks = context.diagnostics.size();
  check_reach(main->lists, *snapshot, context);
  run_policy_checks(draft, *snapshot, context);
  // A start goes on: with a file that came with a new version it would not, of a school that closes such a
  // site.
  check_must_work(draft, *snapshot, options.before, options.to_rule && options.before == nullptr, context);
  // They passed once: a list, or a lock of today, changed since, and it holds.
  if (options.kept != nullptr && !options.kept_rules)
    for (std::size_t i = before_checks; i < context.diagnostics.size(); ++i)
      if (context.diagnostics[i].severity == Severity::error)
        context.diagnostics[i].severity = Severity::warning;
  if (!has_errors(context.diagnostics)) list_load.keep(lists);
  snapshot->lists_kept = lists.kept;
  context.digest.update(std::as_bytes(std::span(lists.compiled.key)));
  snapshot->digest = to_hex(context.digest.finish());
  snapshot->thin = what_is_thin(*snapshot);
  return snapshot;
}

// Which files rule as commands left them, and where a person's own change would be lost otherwise.
void tell_of_overlay(LoadContext& context) {
  const Overlay& overlay = context.overlay();
  if (overlay.shown.empty() || overlay.files.empty()) return;
  std::vector<std::string> names;
  for (const LaidFile& laid : laid_files(context.config_file(), overlay)) {
    names.push_back(laid.name);
    if (!laid.below_changed) continue;
    const std::string below = context.path(laid.name);
    const std::string command = "schoolgate policy drop " + laid.name;
    if (laid.hides)
      context.diagnostics.push_back(
          {Severity::warning,
           diag::overlay_over_changed,
           below,
           {},
           0,
           say("this file has changed, and does not rule: {} took it out of the policy", laid.account),
           say("to let it rule: {}", command)});
    else
      context.diagnostics.push_back(
          {Severity::warning,
           diag::overlay_over_changed,
           below,
           {},
           0,
           say("this file has changed, and the change does not rule: {} lies over it, by {}",
               join_path(overlay.shown, laid.name), laid.account),
           say("to let the file rule: {}; or write the change into the other one's text and bring it back: "
               "schoolgate policy export",
               command)});
  }
  constexpr std::size_t most_named = 5;
  context.diagnostics.push_back(
      {Severity::note,
       diag::overlay_laid,
       context.config_file(),
       {},
       0,
       say("commands changed the policy, and their text rules in place of the file's: {}",
           join_words(names, most_named)),
       say("schoolgate policy export brings it back into the folder of the configuration")});
}

// A key without its colon that is an error by itself too is one mistake.
void drop_echoes(Diagnostics& diagnostics) {
  const auto is_echo = [&](const Diagnostic& echo) {
    return echo.code == diag::key_without_colon &&
           std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& other) {
             return other.severity == Severity::error && other.file == echo.file && other.pos == echo.pos;
           });
  };
  const auto echo = std::find_if(diagnostics.begin(), diagnostics.end(), is_echo);  // one of a file at most
  if (echo != diagnostics.end()) diagnostics.erase(echo);
}

// Thousands of problems have one cause; the first ones show it.
void shorten(Diagnostics& diagnostics) {
  constexpr std::size_t most = 500;
  if (diagnostics.size() <= most) return;
  // Errors stay before warnings and notes, so that a cut never makes a bad file look good.
  std::stable_partition(diagnostics.begin(), diagnostics.end(),
                        [](const Diagnostic& d) { return d.severity == Severity::error; });
  const std::size_t left_out = diagnostics.size() - most;
  diagnostics.resize(most);
  sort_by_place(diagnostics);
  diagnostics.push_back({Severity::note,
                         diag::too_many,
                         diagnostics.back().file,
                         {},
                         0,
                         say("{} more problems are not shown", left_out),
                         {}});
}

}  // namespace

LoadResult load_snapshot(const std::string& config_file, const LoadOptions& options) {
  LoadContext context(config_file, options.kept, options.laid);
  context.accepted = options.kept != nullptr ? options.kept : options.accepted;
  context.to_rule = options.to_rule;
  LoadResult result;
  if (options.to_rule)
    for (Diagnostic& one : context.diagnostics)
      if (one.code == diag::overlay_unusable) one.severity = Severity::error;
  if (options.kept == nullptr) tell_of_overlay(context);
  result.snapshot = load(context, options);
  if (has_errors(context.diagnostics)) result.snapshot = nullptr;
  drop_echoes(context.diagnostics);
  sort_by_place(context.diagnostics);
  shorten(context.diagnostics);
  result.diagnostics = std::move(context.diagnostics);
  result.texts = std::move(context.texts);
  result.read = std::move(context.read);
  return result;
}

std::optional<Config> main_file_of(const std::string& config_file, const ConfigTexts& kept) {
  Diagnostics ignored;
  return main_file_of(config_file, kept, ignored);
}

std::optional<Config> main_file_of(const std::string& config_file, const ConfigTexts& kept,
                                   Diagnostics& out) {
  LoadContext context(config_file, &kept);
  auto main = read_main_file(context);
  if (main) open_to_bundles(*main, context);
  out = context.diagnostics;
  if (!main) return std::nullopt;
  return std::move(main->config);
}

}  // namespace schoolgate
