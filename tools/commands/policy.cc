// schoolgate policy: which policies were accepted, what changed between them, and the way back.
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>

#include "config/kept_sets.h"
#include "config/load_snapshot.h"
#include "config/policy_question.h"
#include "config/text/text_file.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/commands/help_text.h"
#include "tools/commands/policy_export.h"
#include "tools/commands/policy_print.h"
#include "tools/commands/proxys_user.h"
#include "tools/console/load.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr char policy_footer[] =
    R"(Every accepted policy is kept for 730 days, or as long as all of them fit into 256 MiB. What commands change is laid
over the files of the configuration, which are never written; check and status say so.

Examples:
  schoolgate policy history                    who changed what, and when
  schoolgate policy diff 12 15                 what changed from 12 to 15
  schoolgate policy rollback 12 --why "too strict since Monday"
  schoolgate policy drop tiers.d/thcs.yaml     the file of the configuration rules again
  schoolgate policy export                     what commands changed is written into the files)";

struct PolicyOptions {
  std::string config, state;
  std::size_t limit = 20;
  std::uint64_t from = 0, to = 0;
  bool json = false;
  PolicyQuestion question;
  std::string folder;
};

// As the proxy's user, whose files these are, if root asks.
int as_proxys_user(const PolicyOptions& options, Console& console, const std::function<int(Console&)>& work) {
  const auto user = ::geteuid() == 0 ? proxys_user(options.config, options.state, "") : std::nullopt;
  if (!user || *user == 0) return work(console);
  return tell(do_as(*user,
                    [&]() -> Done {
                      std::ostringstream out, err;
                      Console quiet{out, err, false, false, console.out_colour, false, console.catalogue};
                      const int code = work(quiet);
                      return {code, out.str(), err.str()};
                    }),
              console);
}

TimeZone zone_of(const std::string& config_file) {
  std::ostringstream unsaid;
  Console quiet{unsaid, unsaid};
  const auto config = load_main_file(config_file, quiet);
  if (!config) return TimeZone();
  const auto zone = TimeZone::load(config->school.time_zone);
  return zone ? *zone : TimeZone();
}

// Nullopt after it was said why there is none.
std::optional<std::vector<KeptSets::Entry>> kept_policies(const KeptSets& sets, const PolicyOptions& options,
                                                          Console& console) {
  if (sets.folder().empty()) {
    console.complain(say("{} is not the installed main file; --state DIR says where its policies are kept",
                         options.config));
    return std::nullopt;
  }
  KeptSets::History history = sets.history();
  for (const Message& problem : history.problems) console.complain(problem);
  if (history.entries.empty() && ::access(sets.folder().c_str(), R_OK | X_OK) != 0 && errno == EACCES) {
    console.complain(say("accepted policies may be read by root and by the proxy's user alone"));
    return std::nullopt;
  }
  return std::move(history.entries);
}

KeptSets sets_of(const PolicyOptions& options) {
  return KeptSets(kept_sets_folder(options.config, options.state), options.config);
}

int show_history(const PolicyOptions& options, const TimeZone& zone, Console& console) {
  const auto entries = kept_policies(sets_of(options), options, console);
  if (!entries) return exit_failed;
  console.out << (options.json ? history_json(*entries, options.limit, zone)
                               : history_text(*entries, options.limit, zone, console.catalogue));
  return exit_ok;
}

const KeptSets::Entry* entry_of(const std::vector<KeptSets::Entry>& entries, std::uint64_t number) {
  for (const KeptSets::Entry& entry : entries)
    if (entry.number == number) return &entry;
  return nullptr;
}

int show_diff(const PolicyOptions& options, Console& console) {
  const KeptSets sets = sets_of(options);
  const auto entries = kept_policies(sets, options, console);
  if (!entries) return exit_failed;
  // Without numbers what the newest changed; with one, from that to the newest.
  const std::uint64_t newest = entries->empty() ? 0 : entries->front().number;
  const std::uint64_t former = entries->size() > 1 ? (*entries)[1].number : newest;
  const std::uint64_t from = options.from == 0 ? former : options.from;
  const std::uint64_t to = options.to == 0 ? newest : options.to;
  std::vector<ConfigTexts> both;
  for (const std::uint64_t number : {from, to}) {
    const KeptSets::Entry* const entry = entry_of(*entries, number);
    if (entry == nullptr) {
      console.complain(say("there is no accepted policy {}", number));
      return exit_usage;
    }
    auto texts = sets.texts_of(*entry);
    if (!texts) {
      console.complain(texts.error().message);
      return exit_failed;
    }
    both.push_back(std::move(*texts));
  }
  PolicyDiff diff{both[0], both[1], floors_of(options.config, both[0])};
  for (std::string& name : floors_of(options.config, both[1])) diff.floors.push_back(std::move(name));
  console.out << (options.json ? diff_json(diff, from, to)
                               : diff_text(diff, console.catalogue, console.out_colour));
  return exit_ok;
}

CLI::App* add_part(CLI::App& policy, const std::shared_ptr<PolicyOptions>& options, Console& console,
                   const char* name, const char* what, std::function<void()> act) {
  CLI::App* const command = policy.add_subcommand(name, what);
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  on_command(*command, options->config, console, std::move(act));
  return command;
}

void add_looking(CLI::App& policy, Console& console, int& result) {
  auto history = std::make_shared<PolicyOptions>();
  CLI::App* command = add_part(policy, history, console, "history",
                               "Accepted policies: who, when, what changed", [history, &console, &result] {
                                 const TimeZone zone = zone_of(history->config);
                                 result = as_proxys_user(*history, console, [&](Console& to) {
                                   return show_history(*history, zone, to);
                                 });
                               });
  command->add_option("--limit", history->limit, "the newest ones; 0 = all")->capture_default_str();
  command->add_flag("--json", history->json, "for programs");
  auto diff = std::make_shared<PolicyOptions>();
  command =
      add_part(policy, diff, console, "diff", "What changed between two of them", [diff, &console, &result] {
        result = as_proxys_user(*diff, console, [&](Console& to) { return show_diff(*diff, to); });
      });
  command->add_option("from", diff->from, "its number; not said: the one before the newest")
      ->check(counted_from_one());
  command->add_option("to", diff->to, "its number; not said: the newest")->check(counted_from_one());
  command->add_flag("--json", diff->json, "for programs");
}

void add_changing(CLI::App& policy, Console& console, int& result) {
  auto back = std::make_shared<PolicyOptions>();
  const auto ask = [&console, &result](const std::shared_ptr<PolicyOptions>& options) {
    return [options, &console, &result] {
      result = ask_to_change(options->config, options->state, options->question, console);
    };
  };
  CLI::App* command = add_part(policy, back, console, "rollback",
                               "Let an accepted policy rule again, whatever the files say", ask(back));
  back->question.verb = PolicyQuestion::Verb::rollback;
  command->add_option("number", back->question.number, "its number")->required()->check(counted_from_one());
  command->add_option("--why", back->question.why, "the reason, for colleagues and the log");
  command->add_flag("--accept-shrunk", back->question.accept_shrunk,
                    "as root: also where files of the policy, or much of a list, would be gone");
  command->add_flag("--json", back->question.json, "for programs");
  auto drop = std::make_shared<PolicyOptions>();
  drop->question.verb = PolicyQuestion::Verb::drop;
  command = add_part(policy, drop, console, "drop",
                     "Take away what commands laid over a file, so that the file rules again", ask(drop));
  command->add_option("file", drop->question.name, "as check names it: tiers.d/thcs.yaml")
      ->required()
      ->type_name("FILE");
  command->add_option("--why", drop->question.why, "the reason, for colleagues and the log");
  command->add_flag("--json", drop->question.json, "for programs");
  auto out = std::make_shared<PolicyOptions>();
  command = add_part(policy, out, console, "export",
                     "Write what commands changed into the folder of the configuration",
                     [out, &console, &result] { result = export_policy(out->config, out->folder, console); });
  command->add_option("folder", out->folder, "into another folder")->type_name("DIR");
}

}  // namespace

void add_policy_command(CLI::App& app, Console& console, int& result) {
  CLI::App* const policy = app.add_subcommand("policy", "Accepted policies: their history, and the way back");
  policy->require_subcommand(1);
  policy->footer(policy_footer);
  add_looking(*policy, console, result);
  add_changing(*policy, console, result);
}

}  // namespace schoolgate::tools
