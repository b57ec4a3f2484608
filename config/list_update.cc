#include "config/list_update.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "config/lists/list_status.h"
#include "config/load_snapshot.h"
#include "config/main/main_reader.h"
#include "config/text/diag_codes.h"
#include "config/text/load_context.h"

namespace schoolgate {
namespace {

bool lets_through(Action action) noexcept {
  return action == Action::allow || action == Action::warn;
}

std::optional<MainFile> main_file(const std::string& config_file, const ConfigTexts* kept) {
  LoadContext context(config_file, kept);
  auto main = read_main_file(context);
  if (main) std::erase_if(main->lists, [](const ListEntry& entry) { return !entry.update; });
  return main;
}

LoadOptions trial_options(const ConfigTexts* kept) {
  LoadOptions options;
  options.write_cache = false;  // nothing that is tried is the measure of anything
  options.unfetched_may_lack = true;
  options.kept = kept;
  return options;
}

struct Closed {
  std::string host, tier;
  std::vector<std::string> paths;  // of the lists that name it, and of the one that decided
};

// What a pupil's browser asks on a Monday at ten.
Verdict ask(Judge& judge, const Url& url, TierId tier) {
  return judge.evaluate({url, Stage::request, tier, LocalTime{10 * 60}, {}});
}

// The first tier in which `now` closes what `before` let through.
std::optional<Closed> closed_by(const std::string& host, Judge& before, const Snapshot& then, Judge& now,
                                const Snapshot& is) {
  Url url;
  if (url.parse("https://" + host + "/").failed()) return std::nullopt;
  for (const Tier& tier : is.policy->tiers()) {
    const auto id = is.policy->find_tier(tier.id), was = then.policy->find_tier(tier.id);
    if (!id || !was || !lets_through(ask(before, url, *was).action)) continue;
    const Verdict verdict = ask(now, url, *id);
    if (lets_through(verdict.action)) continue;
    Closed closed{host, tier.id, {}};
    for (const RuleHit& hit : is.lists->search(host))
      if (!hit.exception) closed.paths.push_back(is.list_status[hit.tag].source.path);
    for (const ListStatus& status : is.list_status)  // a pattern is found by no look-up of hosts
      if (status.source.source == verdict.rule.source) closed.paths.push_back(status.source.path);
    return closed;
  }
  return std::nullopt;
}

// Why a list waits whose names teach to judge these hosts otherwise.
Message teaches_otherwise(const std::vector<std::string>& hosts) {
  std::string some;
  for (std::size_t i = 0; i < ListChange::most_examples && i < hosts.size(); ++i)
    some += (i == 0 ? "" : ", ") + hosts[i];
  return say("by what its names teach, {} of last week's hosts look otherwise than before ({}, ...)",
             hosts.size(), some);
}

bool names(const Closed& closed, const TriedList& list) {
  return std::find(closed.paths.begin(), closed.paths.end(), list.entry->path) != closed.paths.end();
}

}  // namespace

Result<ListUpdates> ListUpdates::open(const std::string& config_file, std::optional<ConfigTexts> last_good,
                                      Diagnostics& out, SourceTexts& texts) {
  ListUpdates updates;
  updates.config_file_ = config_file;
  LoadOptions options = trial_options(nullptr);
  options.last_good_lists = true;  // a list that is broken now is what an update mends
  options.to_rule = true;          // as a start: what is closed already refuses nothing
  LoadResult loaded = load_snapshot(config_file, options);
  updates.files_are_in_force_ = loaded.snapshot && (!last_good || *last_good == loaded.read);
  if (!loaded.snapshot) {
    out = std::move(loaded.diagnostics);
    texts = std::move(loaded.texts);
    if (!last_good) return Error{say("the configuration has errors")};
    updates.texts_ = std::move(last_good);
    options.kept = &*updates.texts_;
    loaded = load_snapshot(config_file, options);
    if (!loaded.snapshot)
      return Error{say("neither the configuration nor the one accepted last can be loaded")};
  }
  updates.before_ = std::move(loaded.snapshot);
  auto main = main_file(config_file, updates.texts_ ? &*updates.texts_ : nullptr);
  if (!main) return Error{say("the main file cannot be read")};
  updates.main_ = std::move(*main);
  return updates;
}

const ListEntry* ListUpdates::find(const std::string& name) const noexcept {
  const auto found = std::find_if(main_.lists.begin(), main_.lists.end(),
                                  [&](const ListEntry& entry) { return entry.name == name; });
  return found == main_.lists.end() ? nullptr : &*found;
}

ListRole ListUpdates::role_of(const ListEntry& entry) const {
  ListRole role;
  role.suffixes = entry.suffixes;
  const auto category = before_->policy->find_category(*entry.category);
  if (!category) return role;
  role.protects = before_->policy->categories()[*category].protecting ||
                  (entry.own && entry.own->action == Action::allow);
  const auto& tiers = before_->policy->tiers();
  role.locked = std::any_of(tiers.begin(), tiers.end(),
                            [&](const Tier& tier) { return tier.effects[*category].effect.flags.locked; });
  role.reaches = entry.reaches_category;
  return role;
}

void ListUpdates::compare(TriedList& list) const {
  const auto now = read_file(list.file, largest_list_file);
  if (!now) {
    list.change.no_list = say("cannot be read: {}", now.error().message);
    return;
  }
  const auto old = read_file(list.entry->path, largest_list_file);
  struct stat info {};
  if (!old && ::lstat(list.entry->path.c_str(), &info) == 0) {
    list.change.no_list =
        say("nothing to compare it with: what rules cannot be read: {}", old.error().message);
    return;
  }
  const ListRole role = role_of(*list.entry);
  list.change = compare_lists(old ? std::optional<std::string_view>(*old) : std::nullopt, *now,
                              list.entry->format, role);
  if (!list.change.no_list && !list.accepted) list.waits = why_wait(list.change, list.entry->format, role);
}

ListUpdates::Loaded ListUpdates::load(const std::vector<const TriedList*>& with, bool whatever_shrank) const {
  LoadOptions options = trial_options(texts_ ? &*texts_ : nullptr);
  options.accept_shrunk = whatever_shrank;
  std::map<std::string, std::string> staged;
  for (const TriedList* list : with) {
    staged.emplace(list->entry->path, list->file);
    // What shrank was looked at by itself, and is here only where a person accepted it. What is lacking
    // elsewhere is not this update's: the reload says so.
    options.accept_shrunk = options.accept_shrunk || list->accepted;
  }
  options.staged = &staged;
  options.before = before_.get();
  LoadResult loaded = load_snapshot(config_file_, options);
  return {std::move(loaded.snapshot), std::move(loaded.diagnostics), std::move(loaded.texts)};
}

std::shared_ptr<const Snapshot> ListUpdates::try_with_policy(std::vector<TriedList>& lists) const {
  std::vector<const TriedList*> good;
  for (const TriedList& list : lists)
    if (list.may_rule()) good.push_back(&list);
  if (good.empty()) return nullptr;
  if (Loaded all = load(good); all.snapshot) return all.snapshot;
  good.clear();
  std::shared_ptr<const Snapshot> last;
  for (TriedList& list : lists) {
    if (!list.may_rule()) continue;
    good.push_back(&list);
    Loaded loaded = load(good);
    if (loaded.snapshot) {
      last = std::move(loaded.snapshot);
      continue;
    }
    good.pop_back();
    for (Diagnostic& one : loaded.diagnostics)
      if (one.severity == Severity::error) list.errors.push_back(std::move(one));
    // A person may look at it, and change expect.yaml if it is meant: a reload would refuse it until then.
    const bool closes_alone = std::all_of(list.errors.begin(), list.errors.end(), [](const Diagnostic& d) {
      return d.code == diag::must_work_closed;
    });
    if (closes_alone && !list.accepted) {
      for (Diagnostic& one : list.errors)
        list.waits.push_back(say("{}:{}: {}", base_name(one.file), one.pos.line, one.message));
      list.errors.clear();
    }
    list.texts = std::move(loaded.texts);
  }
  return last;
}

bool ListUpdates::keep_open(std::vector<TriedList>& lists, const Snapshot& now,
                            const std::vector<std::string>& must_work) const {
  const auto judge_before = before_->make_judge(), judge_now = now.make_judge();
  bool changed = false;
  for (const std::string& host : must_work) {
    const auto closed = closed_by(host, *judge_before, *before_, *judge_now, now);
    if (!closed) continue;
    // A host may be closed by what a list no longer opens: then no list names it, and all of them wait.
    const bool named = std::any_of(lists.begin(), lists.end(), [&](const TriedList& list) {
      return list.may_rule() && names(*closed, list);
    });
    for (TriedList& list : lists) {
      if (list.accepted || !list.may_rule() || (named && !names(*closed, list))) continue;
      changed = true;
      list.waits.push_back(say("it closes {}, which must work, in tier {}", closed->host, closed->tier));
    }
  }
  return changed;
}

// By its name it teaches what sites of its category are called, or what ordinary ones are.
bool ListUpdates::teaches(const TriedList& list) const {
  const auto category = before_->policy->find_category(*list.entry->category);
  return category && before_->policy->categories()[*category].names != Category::Names::nothing;
}

bool ListUpdates::keep_lookalikes(std::vector<TriedList>& lists, const Snapshot& now,
                                  const std::vector<std::string>& hosts) const {
  const auto otherwise = [&](const Snapshot& with) {
    return judged_otherwise(before_->lists->lookalikes(), with.lists->lookalikes(), hosts);
  };
  const auto all = otherwise(now);
  if (all.size() <= most_judged_otherwise) return false;
  bool changed = false, accepted = false;
  std::vector<TriedList*> teaching;
  for (TriedList& list : lists) {
    if (!list.may_rule() || !teaches(list)) continue;
    accepted = accepted || list.accepted;
    if (!list.accepted) teaching.push_back(&list);
  }
  for (TriedList* const list : teaching) {
    const Loaded alone = load({list});
    const auto by_it = alone.snapshot ? otherwise(*alone.snapshot) : all;
    if (by_it.size() <= most_judged_otherwise) continue;
    list->waits.push_back(teaches_otherwise(by_it));
    changed = true;
  }
  if (changed || accepted) return changed;  // what a person accepted is no fault of the others
  for (TriedList* const list : teaching) list->waits.push_back(teaches_otherwise(all));
  return !teaching.empty();
}

// With all that may rule and all that waits for a person, who decides by this.
void ListUpdates::find_closed(std::vector<TriedList>& lists, const std::vector<VisitedHost>& visited) const {
  std::vector<const TriedList*> asked;
  for (const TriedList& list : lists)
    if (!list.change.no_list && list.errors.empty()) asked.push_back(&list);
  if (asked.empty() || visited.empty()) return;
  const Loaded loaded = load(asked, true);
  if (!loaded.snapshot) return;
  const auto judge_before = before_->make_judge(), judge_now = loaded.snapshot->make_judge();
  for (const VisitedHost& one : visited) {
    const auto closed = closed_by(one.host, *judge_before, *before_, *judge_now, *loaded.snapshot);
    if (!closed) continue;
    for (TriedList& list : lists)
      if (names(*closed, list)) list.closes.push_back({one, closed->tier});
  }
}

void ListUpdates::judge(std::vector<TriedList>& lists, const std::vector<std::string>& must_work,
                        const std::vector<VisitedHost>& visited,
                        const std::function<std::vector<std::string>()>& hosts_of_last_week) const {
  for (TriedList& list : lists) compare(list);
  std::optional<std::vector<std::string>> hosts;
  for (;;) {
    const auto now = try_with_policy(lists);
    if (!now) break;
    if (keep_open(lists, *now, must_work)) continue;
    const LookalikeModels &then = before_->lists->lookalikes(), &learned = now->lists->lookalikes();
    if (!hosts_of_last_week || then.empty() || then.key() == learned.key()) break;
    if (!hosts) hosts = hosts_of_last_week();
    if (!keep_lookalikes(lists, *now, *hosts)) break;
  }
  find_closed(lists, visited);
}

}  // namespace schoolgate
