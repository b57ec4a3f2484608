// Gateway: what commands, and later pages, change of the policy. Tried as a reload is; then it is written
// below the state folder, laid over the files (config/text/overlay.h), and rules, in this order.
#include <algorithm>
#include <ctime>

#include "config/policy/allow_line.h"
#include "config/policy/expect_reader.h"
#include "config/policy/tier_reader.h"
#include "config/policy_question.h"
#include "config/text/diag_codes.h"
#include "config/text/load_context.h"
#include "config/text/names.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/load.h"
#include "tools/daemon/gateway_object.h"
#include "tools/daemon/system_users.h"

namespace schoolgate::tools {
namespace {

LoadResult refusal(const std::string& config_file, Message why, Message hint = {}) {
  LoadResult none;
  refuse(none, diag::not_loaded, config_file, std::move(why), std::move(hint));
  return none;
}

// The signed floor is as it is today, whatever else goes back.
std::map<std::string, std::string> without_floor(std::map<std::string, std::string> files) {
  std::erase_if(files, [](const auto& file) { return is_of_signed_floor(file.first); });
  return files;
}

}  // namespace

// What is tried passed every test; whether this asker may have it, and whether it can be kept.
void Gateway::check_change(LoadResult& loaded, const Overlay& laid, const ChangeWanted& wanted) {
  const Standing now = standing();
  if (loaded.snapshot->config.state_directory != now.snapshot->config.state_directory) {
    refuse(loaded, diag::not_loaded, config_file_,
           say("state_directory would be another: what commands changed lies in it"));
    return;
  }
  if (wanted.exactly != nullptr && without_floor(loaded.read.files) != without_floor(wanted.exactly->files)) {
    refuse(loaded, diag::not_loaded, config_file_, say("what would rule is not what was accepted then"));
    return;
  }
  if (!wanted.is_admin)
    if (const auto why = loosened({*now.snapshot, *now.texts}, {*loaded.snapshot, loaded.read})) {
      refuse(loaded, diag::not_loaded, config_file_, say("only the admin may do that: {}", *why),
             say("as root: sudo"));
      return;
    }
  if (wanted.refused_for)
    if (const Message why = wanted.refused_for(*loaded.snapshot); !why.empty()) {
      refuse(loaded, diag::not_loaded, config_file_, why);
      return;
    }
  if (const auto written = write_overlay(config_file_, laid); written.failed())
    refuse(loaded, diag::not_loaded, config_file_, say("it cannot be kept: {}", written.error().message));
}

LoadResult Gateway::change_policy(const PolicyChange& change, const ChangeWanted& wanted) {
  FoundOverlay found = find_overlay(config_file_);
  if (wanted.exactly != nullptr)
    std::erase_if(found.overlay.files, [&](const auto& laid) { return change.files.count(laid.first) == 0; });
  else if (!found.problem.empty())
    return refusal(config_file_, found.problem);
  const auto laid = with_change(config_file_, found.overlay, change, {wanted.who, std::time(nullptr)});
  if (!laid) return refusal(config_file_, laid.error().message);
  LoadOptions options;
  options.laid = &*laid;
  options.accept_shrunk = wanted.accept_shrunk && wanted.is_admin;
  LoadResult loaded = load_and_rule(options, wanted.who, wanted.why,
                                    [&](LoadResult& tried) { check_change(tried, *laid, wanted); });
  JsonObject detail;
  detail.add("change", wanted.why).add("admin", wanted.is_admin).add("files_laid_over", laid->files.size());
  log_->event(wanted.who, loaded.snapshot ? "policy_changed" : "policy_change_refused", detail.text());
  return loaded;
}

// What was brought back into the folder of the configuration needs no text over it.
void Gateway::drop_repeats() {
  const FoundOverlay found = find_overlay(config_file_);
  if (!found.problem.empty() || found.overlay.files.empty()) return;
  const Overlay left = without_repeats(config_file_, found.overlay);
  if (left.files.size() == found.overlay.files.size()) return;
  if (const auto written = write_overlay(config_file_, left); written.failed())
    complain(written.error().message);
}

LoadResult Gateway::roll_back(std::uint64_t number, ChangeWanted wanted) {
  const KeptSets::History history = kept_.history();
  const auto entry = std::find_if(history.entries.begin(), history.entries.end(),
                                  [&](const KeptSets::Entry& one) { return one.number == number; });
  if (entry == history.entries.end())
    return refusal(config_file_, say("there is no accepted policy {}", number),
                   say("schoolgate policy history"));
  const auto texts = kept_.texts_of(*entry);
  if (!texts) return refusal(config_file_, texts.error().message);
  const auto change = change_to(config_file_, *texts, *standing().texts);
  if (!change) return refusal(config_file_, change.error().message);
  wanted.why = "rollback " + std::to_string(number) + (wanted.why.empty() ? "" : ": " + wanted.why);
  wanted.exactly = &*texts;
  return change_policy(*change, wanted);
}

// What is decided becomes a test, or is none any more. `done`: for people, if it is taken.
LoadResult Gateway::pin(const PolicyQuestion& question, ChangeWanted wanted, std::string& done) {
  const Standing now = standing();
  const auto tier = now.snapshot->policy->find_tier(question.tier);
  if (!tier) return refusal(config_file_, no_such_tier(*now.snapshot->policy, question.tier));
  LoadContext context(config_file_, now.texts.get());
  std::vector<Pin> pins;
  if (const std::string file = pins_file(context); !file.empty()) pins = read_pins_file(file, context);
  const std::size_t before = pins.size();
  std::erase_if(
      pins, [&](const Pin& one) { return one.test.url == question.url && one.tier.value == question.tier; });
  if (question.verb == PolicyQuestion::Verb::unpin) {
    if (pins.size() == before)
      return refusal(config_file_, say("{} is not pinned in tier \"{}\"", question.url, question.tier));
    wanted.why = "unpin";
    done = say("no longer pinned: {} in tier \"{}\"", question.url, question.tier).in(language());
  } else {
    Url url;
    if (const auto parsed = url.parse(question.url); parsed.failed())
      return refusal(config_file_, say("\"{}\" is not a URL: {}", question.url, message_of(parsed.error())));
    const auto at = question.at.empty() ? std::optional(now.snapshot->zone.local(std::time(nullptr)))
                                        : parse_local_time(question.at);
    if (!at) return refusal(config_file_, say("\"{}\" is no moment", question.at));
    const Verdict verdict = now.snapshot->make_judge()->evaluate({url, Stage::request, *tier, *at, {}});
    if (!question.was.empty() && question.was != to_string(verdict.action))
      return refusal(
          config_file_,
          say("the row says {}, and of {}, as far as the log knows the address, the policy says {} now",
              question.was, question.url, to_string(verdict.action)),
          say("pin the whole address: schoolgate pin URL"));
    pins.push_back({{question.url, verdict.action, *at, {}}, {question.tier, {}}, question.why, wanted.who});
    wanted.why = "pin";
    done = say("pinned: {} in tier \"{}\" is {} from now on", question.url, question.tier,
               to_string(verdict.action))
               .in(language());
  }
  return change_policy({{{"pins.yaml", pins_text(pins)}}, {}}, wanted);
}

// Empty: it rules.
Message Gateway::add_allow_line(const WishesDesk::LineWanted& line) {
  const MutexLock one_at_a_time(reload_mutex_);
  const Standing now = standing();
  LoadContext context(config_file_, now.texts.get());
  const auto files = context.yaml_files_in(now.snapshot->config.policy.tiers_directory);
  if (!files) return say("the tiers' files cannot be read");
  for (const std::string& file : *files) {
    const auto tier = read_tier_file(file, context);
    if (!tier || tier->id.value != line.tier) continue;
    const auto text = context.text(file, YamlLimits::bytes);
    if (!text) return say("the tier's file cannot be read");
    const auto changed = with_allow_line(*text, line.host, line.why);
    if (!changed) return changed.error();
    ChangeWanted wanted{line.who.actor, line.who.account.empty(), "allow " + line.host + ": " + line.why};
    wanted.refused_for = [&](const Snapshot& loaded) {
      return why_line_is_idle(loaded, line.tier, line.host, wall_clock_ms());
    };
    const LoadResult loaded = change_policy({{{context.name_of(file), *changed}}, {}}, wanted);
    if (loaded.snapshot) return {};
    for (const Diagnostic& problem : loaded.diagnostics)
      if (problem.severity == Severity::error) return problem.message;
    return say("the policy with this line was refused");
  }
  return say("there is no tier \"{}\"", line.tier);
}

// An auditor sees when one alone may look who is behind a device although there are others.
void Gateway::tell_reveal_rule(const Snapshot* before, const Snapshot& now) {
  const auto alone = [](const Snapshot& one) {
    const CaseKeepers& keepers = one.policy->spec().case_keepers;
    return keepers.reveal_alone && keepers.accounts.size() > 1;
  };
  const bool was = before != nullptr && alone(*before);
  if (alone(now) != was) log_->event("schoolgate", was ? "reveal_alone_off" : "reveal_alone_on", "{}");
}

Reply Gateway::reply_policy(const std::string& text, uid_t asker) {
  const auto question = parse_policy_question(text);
  if (!question) return no_such_question();
  ChangeWanted wanted{actor_text(asker), asker == 0, question->why, question->accept_shrunk};
  LoadResult loaded;
  std::string done;
  {
    const MutexLock one_at_a_time(reload_mutex_);
    if (question->verb == PolicyQuestion::Verb::rollback) {
      loaded = roll_back(question->number, wanted);
    } else if (question->verb == PolicyQuestion::Verb::drop) {
      wanted.why = "drop " + question->name + (wanted.why.empty() ? "" : ": " + wanted.why);
      loaded = change_policy({{}, {question->name}}, wanted);
    } else {
      loaded = pin(*question, wanted, done);
    }
  }
  Reply reply = reply_reload(loaded, question->json, question->colour);
  if (loaded.snapshot && !done.empty() && !question->json) reply.text += printable(done) + "\n";
  return reply;
}

}  // namespace schoolgate::tools
