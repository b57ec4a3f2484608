// schoolgate wishes: what was reported as blocked wrongly, asked of the running proxy over the teachers'
// socket.
#include <memory>
#include <ostream>

#include "config/wish_question.h"
#include "proxy/core/wishes.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/daemon/teacher_desk.h"

namespace schoolgate::tools {
namespace {

constexpr char wishes_footer[] =
    R"(Who meets a blocked page can report that it is blocked wrongly; the same site in the same tier is one report,
whoever sends it, and no report says who did. What is locked, and words that were searched for, take no report. For
root, and for accounts to which delegation.yaml gives the tier. --line opens the site for good, by a line of the tier's
file, and takes "lines: true" in delegation.yaml; without it the site opens as `schoolgate allow` would open it. Each
line: code, time, tier, devices, category, site, state.

Examples:
  schoolgate wishes
  schoolgate wishes show BN-7K3Q2F9A
  schoolgate wishes grant BN-7K3Q2F9A --for 45m --why "class 8A needs the map"
  schoolgate wishes grant BN-7K3Q2F9A --line --why "the museum's own page"
  schoolgate wishes deny BN-7K3Q2F9A --why "the shop is not needed for the lesson")";

struct WishOptions {
  std::string config, state, how_long, until;
  WishQuestion question;
};

void ask_wishes(const WishOptions& options, Console& console, int& result) {
  WishQuestion question = options.question;
  result = exit_usage;
  if (question.verb != WishQuestion::Verb::list) {
    question.code = typed_code(options.question.code);
    if (!question.code.starts_with("BN-")) {
      console.complain(say("\"{}\" is not a report such as BN-7K3Q2F9A", options.question.code));
      return;
    }
  }
  if (!options.how_long.empty()) question.how = "for", question.end = options.how_long;
  if (!options.until.empty()) question.how = "until", question.end = options.until;
  const auto text = to_text(question);
  if (!text) {
    console.complain(say("a name or reason is too long, or holds characters that cannot be seen"));
    return;
  }
  const auto answer = ask_running(options.config, options.state, *text, console, &teacher_socket_path);
  if (!answer) {
    console.complain(answer.error().message);
    result = answer.error().main_file ? exit_config_errors : exit_failed;
    return;
  }
  (answer->exit_code == exit_ok ? console.out : console.err) << answer->text;
  result = answer->exit_code;
}

std::shared_ptr<WishOptions> add_wish_verb(CLI::App& wishes, Console& console, int& result,
                                           WishQuestion::Verb verb, const char* name, const char* what) {
  auto options = std::make_shared<WishOptions>();
  options->question.verb = verb;
  CLI::App* command = wishes.add_subcommand(name, what);
  if (verb == WishQuestion::Verb::list) {
    command->add_flag("--all", options->question.all, "also those that were answered");
    command->add_flag("--json", options->question.json, "for programs");
  } else {
    command->add_option("report", options->question.code, "its code")->required()->type_name("CODE");
  }
  if (verb == WishQuestion::Verb::show) command->add_flag("--json", options->question.json, "for programs");
  if (verb == WishQuestion::Verb::grant) {
    command->add_option("--tier", options->question.tier, "in this tier: the report's")->type_name("TIER");
    auto* const how_long =
        command->add_option("--for", options->how_long, "so long: 45m, 1h30m (default: 45m)");
    auto* const until = command
                            ->add_option("--until", options->until,
                                         "until the school's clocks show this, today: 11:30; or "
                                         "end-of-lesson, next-break")
                            ->excludes(how_long);
    command->add_flag("--line", options->question.line, "for good, by a line of the tier's file")
        ->excludes(how_long)
        ->excludes(until);
    command->add_option("--why", options->question.why, "the reason, for colleagues and the log")->required();
  }
  if (verb == WishQuestion::Verb::deny)
    command->add_option("--why", options->question.why, "the reason, which who asks is told")->required();
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  on_command(*command, options->config, console,
             [options, &console, &result] { ask_wishes(*options, console, result); });
  return options;
}

}  // namespace

void add_wishes_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<WishOptions>();
  CLI::App* command = app.add_subcommand("wishes", "What was reported as blocked wrongly, and the answers");
  command->add_flag("--all", options->question.all, "also those that were answered");
  command->add_flag("--json", options->question.json, "for programs");
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(wishes_footer);
  command->require_subcommand(0, 1);
  add_wish_verb(*command, console, result, WishQuestion::Verb::list, "list", "Those that wait for an answer");
  add_wish_verb(*command, console, result, WishQuestion::Verb::show, "show",
                "One, with its reasons and its answer");
  add_wish_verb(*command, console, result, WishQuestion::Verb::grant, "grant", "Open the site");
  add_wish_verb(*command, console, result, WishQuestion::Verb::deny, "deny", "Leave it closed, and say why");
  on_command(*command, options->config, console, [command, options, &console, &result] {
    if (command->get_subcommands().empty()) ask_wishes(*options, console, result);
  });
}

}  // namespace schoolgate::tools
