// Gateway: what it loads, at the start and at a reload, and what rules after that.
#include "tools/daemon/gateway_object.h"

#include <signal.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <thread>
#include <vector>

#include "config/text/diag_codes.h"
#include "proxy/audit/log_reader.h"
#include "proxy/core/json_text.h"
#include "tools/console/last_week.h"
#include "tools/console/load.h"
#include "tools/console/recognised.h"
#include "tools/daemon/folders.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/paced.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

void note_waiting(LoadResult& loaded, const std::vector<Message>& keys) {
  for (const Message& key : keys)
    loaded.diagnostics.push_back({Severity::note,
                                  diag::waits_for_start,
                                  loaded.snapshot->config.file,
                                  {},
                                  0,
                                  say("{} has changed: that waits for the next start of the proxy", key),
                                  say("systemctl restart schoolgate, or schoolgate run --take-over")});
}

// The school's authority, where there is one. Where a tier needs it and it cannot be used, `loaded` becomes a
// refusal.
std::shared_ptr<const TlsMaterial> load_tls(LoadResult& loaded) {
  if (!loaded.snapshot) return nullptr;
  const Config& config = loaded.snapshot->config;
  Result<std::shared_ptr<const TlsMaterial>> material = TlsMaterial::load(config);
  if (material) return *material;
  if (!config.https.needed) return nullptr;
  const Message& why = material.error().message;
  const std::string begin = why.english();
  const bool a_file_of_the_config = begin.starts_with("upstream.") || begin.starts_with("https.");
  refuse(loaded, diag::ca_unusable, config.file, why,
         a_file_of_the_config
             ? Message()
             : say("schoolgate ca create makes one; its key belongs to the user who runs the proxy"));
  return nullptr;
}

}  // namespace

int Gateway::load_first() {
  ProgressBar bar(console_);
  LoadOptions options;
  options.last_good_lists = true;
  options.hosts_of_last_week = hosts_of_last_week;
  options.to_rule = true;
  options.progress = [&](const Message& what, double done) { bar.show(what, done); };
  const auto newest = kept_.find().set;
  if (newest) {
    options.accepted = &newest->texts;
    if (const auto main_file = main_file_of(config_file_, newest->texts)) options.running = main_file->policy;
  }
  LoadResult loaded = load_snapshot(config_file_, options);
  tls_ = load_tls(loaded);
  bar.clear();
  write(console_.err, render(loaded.diagnostics, loaded.texts, language(), console_.err_colour));
  LastGoodFacts facts;
  if (!loaded.snapshot) {
    // What else a start would stumble over, said at once.
    const auto as_written = main_file_of(config_file_, loaded.read);
    loaded = begin_with_last_good(options, to_message(count(loaded.diagnostics)), facts);
    if (!loaded.snapshot && as_written)
      if (const auto folders = missing_folders(*as_written); folders.failed())
        write(console_.err, "schoolgate: " + folders.error().message.in(language()) + "\n");
    if (!loaded.snapshot) return exit_config_errors;
  }
  started_with_ = loaded.snapshot->config;
  const MutexLock lock(standing_mutex_);
  standing_.snapshot = loaded.snapshot;
  standing_.texts = std::make_shared<const ConfigTexts>(std::move(loaded.read));
  standing_.last_good = std::move(facts);
  return exit_ok;
}

// The newest accepted configuration that can still be loaded; without a snapshot when there is none.
LoadResult Gateway::begin_with_last_good(LoadOptions options, const Message& errors, LastGoodFacts& facts) {
  options.running.reset();
  std::size_t told = 0;
  for (std::size_t skip = 0;; ++skip) {
    const KeptSets::Found found = kept_.find(skip);
    for (; told < found.problems.size(); ++told) complain(found.problems[told]);
    if (!found.set) break;
    options.kept = &found.set->texts;
    LoadResult loaded = load_snapshot(config_file_, options);
    tls_ = load_tls(loaded);
    const Message name =
        say("the configuration accepted {} (set {} in {})", time_text(found.set->accepted_at),
            found.set->digest.substr(0, 12), kept_.folder());
    if (!loaded.diagnostics.empty()) {
      complain(say("of {}:", name));
      write(console_.err, render(loaded.diagnostics, loaded.texts, language(), console_.err_colour));
    }
    if (!loaded.snapshot) {
      complain(say("it cannot be used either"));
      continue;
    }
    facts.in_use = true;
    facts.set = found.set->digest;
    facts.number = found.set->number;
    facts.errors = errors;
    facts.accepted_at = found.set->accepted_at;
    facts.folder = kept_.folder();
    complain(say("{}: the files are NOT used as they are", errors));
    complain(say("STARTED WITH THE LAST GOOD CONFIGURATION: {}", name));
    complain(say("what the files lock today is locked; mend the errors above, then: schoolgate reload"));
    return loaded;
  }
  complain(say("{}; not started", errors));
  complain(kept_.folder().empty()
               ? say("no configuration accepted earlier is kept: {}", keeps_none(config_file_))
               : say("no configuration accepted earlier is kept in {} that could be used in its place",
                     kept_.folder()));
  return {};
}

// What was accepted is what a start with a broken file begins with.
void Gateway::keep(const std::string& who, const std::string& why, const Snapshot& accepted,
                   const ConfigTexts& texts) noexcept try {
  LastGoodFacts facts;
  JsonObject detail;
  bool kept = false;
  const KeptSets::Named named = [this]() -> std::optional<std::set<std::string>> {
    auto policies = audit::LogReader(log_->settings().directory).policies();
    if (!policies) return std::nullopt;
    return std::move(*policies);
  };
  // A clock that went wrong deletes nothing, as of the log.
  const std::int64_t wall = std::time(nullptr), believed = log_->retention().believed_ms / 1000;
  if (kept_.folder().empty()) {
    facts.problem = keeps_none(config_file_);
  } else if (const auto set =
                 kept_.keep(texts, {wall, who, why, accepted.digest}, named, std::min(wall, believed))) {
    kept = true;
    facts.set = set->digest;
    facts.number = set->number;
    facts.folder = kept_.folder();
    detail.add("set", set->digest).add("number", set->number).add("folder", kept_.folder());
    if (!set->removed.empty()) tell_removed(set->removed);
  } else {
    facts.problem = set.error().message;
    complain(say("this configuration is not kept for a later start: {}", facts.problem));
  }
  if (!kept) detail.add("why", facts.problem.english());
  log_->event(who, kept ? "last_good_kept" : "last_good_not_kept", detail.text());
  const MutexLock lock(standing_mutex_);
  standing_.last_good = std::move(facts);
} catch (
    const std::exception&) {  // out of memory: the former sets stay, and nothing else depends on this one
}

void Gateway::tell_removed(const std::vector<std::uint64_t>& numbers) {
  JsonObject detail;
  detail.add("sets", numbers.size()).add("oldest", *std::min_element(numbers.begin(), numbers.end()));
  detail.add("newest", *std::max_element(numbers.begin(), numbers.end()));
  log_->event("schoolgate", "history_removed", detail.text());
}

void Gateway::reload_in_background() {
  reload_wanted_ = true;
  if (reloader_busy_.exchange(true)) return;  // it looks again before it ends
  if (reloader_.joinable()) reloader_.join();
  try {
    start_reloader();
  } catch (const std::exception& failure) {  // no thread to be had
    reloader_busy_ = false;
    complain_plainly(failure);
  }
}

void Gateway::start_reloader() {
  reloader_ = std::thread([this] {
    do {
      while (reload_wanted_.exchange(false)) {
        try {
          const LoadResult loaded = reload("signal 1", false);
          write(console_.err, reply_reload(loaded, false, false).text);
        } catch (const std::exception& failure) {
          complain_plainly(failure);
        }
      }
      reloader_busy_ = false;
    } while (reload_wanted_ && !reloader_busy_.exchange(true));
  });
}

LoadResult Gateway::reload(const std::string& who, bool accept_shrunk) {
  const MutexLock one_at_a_time(reload_mutex_);
  drop_repeats();
  LoadOptions options;
  options.accept_shrunk = accept_shrunk;
  return load_and_rule(options, who, "reload", {});
}

// What the files lock today is locked, too, as at a start with these texts.
LoadResult Gateway::reload_lists(const std::string& who) {
  const MutexLock one_at_a_time(reload_mutex_);
  const Standing now = standing();
  LoadOptions options;
  options.kept = now.texts.get();
  options.kept_rules = !now.last_good.in_use;
  LoadResult loaded = load_and_rule(options, who, "lists", {});
  if (!now.last_good.in_use || !loaded.snapshot) return loaded;
  // The files are not used now either.
  const MutexLock lock(standing_mutex_);
  LastGoodFacts& facts = standing_.last_good;
  facts.in_use = true;
  facts.errors = now.last_good.errors;
  facts.accepted_at = now.last_good.accepted_at;
  return loaded;
}

LoadResult Gateway::load_and_rule(LoadOptions options, const std::string& who, const std::string& why,
                                  const std::function<void(LoadResult&)>& before_it_rules) {
  options.revision = ++revision_;
  options.to_rule = true;
  options.hosts_of_last_week = hosts_of_last_week;
  const std::shared_ptr<const Snapshot> running = snapshot();  // only a reload changes it
  options.running = running->config.policy;
  options.running_lists = running.get();
  const std::shared_ptr<const ConfigTexts> accepted = standing().texts;
  options.accepted = accepted.get();
  options.before = running.get();
  LoadResult loaded;
  try {
    std::shared_ptr<const TlsMaterial> tls;
    paced([&] {
      loaded = load_snapshot(config_file_, options);
      tls = load_tls(loaded);
    });
    if (loaded.snapshot && before_it_rules) before_it_rules(loaded);
    if (loaded.snapshot) server_->reload(loaded.snapshot, tls);
  } catch (const std::exception& failure) {  // out of memory, at worst: what runs goes on
    refuse(loaded, diag::not_loaded, config_file_, recognised(failure.what()));
  }
  const DiagnosticCounts counts = count(loaded.diagnostics);
  std::vector<Message> waiting;
  JsonObject detail;
  detail.add("revision", options.revision).add("errors", counts.errors).add("warnings", counts.warnings);
  if (loaded.snapshot) detail.add("digest", loaded.snapshot->digest);
  if (why != "reload") detail.add("change", why);
  log_->event(who, loaded.snapshot ? "reload" : "reload_refused", detail.text());
  if (loaded.snapshot) {
    keep(who, why, *loaded.snapshot, loaded.read);
    tell_reveal_rule(running.get(), *loaded.snapshot);
    waiting = waits_for_start(started_with_, loaded.snapshot->config);
    if (!waiting.empty()) note_waiting(loaded, waiting);
  }
  const MutexLock lock(standing_mutex_);
  const Message found = to_message(counts);
  const bool any = !found.empty();
  standing_.last_reload = loaded.snapshot ? (any ? say("taken, {}", found) : say("taken"))
                                          : (any ? say("REFUSED, {}", found) : say("REFUSED"));
  if (!loaded.snapshot) return loaded;
  standing_.snapshot = loaded.snapshot;
  standing_.texts = std::make_shared<const ConfigTexts>(loaded.read);
  standing_.waiting = std::move(waiting);
  return loaded;
}

}  // namespace schoolgate::tools
