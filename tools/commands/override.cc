// schoolgate allow, block, overrides: for this lesson, asked of the running proxy over the teachers' socket.
#include <memory>
#include <ostream>

#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"

namespace schoolgate::tools {
namespace {

constexpr char allow_footer[] =
    R"(Opens a site, with all names below it, or a category, in one tier; it ends by itself, after 90 minutes at most.
delegation.yaml says who may open what; root may open all that is not locked. What opens a site lifts no rule on
words that are searched for. Exit code 1: it is not opened, and the answer says why.

Examples:
  schoolgate allow zalo.me --tier thcs --why "class 8A talks to the museum"
  schoolgate allow games --tier thcs --until 11:30 --why "last lesson before Tet"
  schoolgate allow scratch.mit.edu --tier tieu_hoc --for 1h30m --why "IT lesson")";

constexpr char block_footer[] =
    R"(Blocks a site, with all names below it, or a category, in one tier; it ends by itself, after 90 minutes at most.
Help lines stay open.

Examples:
  schoolgate block chatgpt.com --tier thpt --for 45m --why "test in literature"
  schoolgate block social --tier thcs --until 09:15 --why "they chat")";

constexpr char overrides_footer[] =
    R"(Each line: number, action, tier, end, account, site or category, reason.

Examples:
  schoolgate overrides
  schoolgate overrides revoke 17             it ends now
  schoolgate overrides --json)";

struct OverrideOptions {
  std::string config, state;
  TeacherQuestion question;
  std::string how_long, until;
};

void ask_desk(const OverrideOptions& options, Console& console, int& result) {
  TeacherQuestion question = options.question;
  if (!options.how_long.empty()) question.how = "for", question.end = options.how_long;
  if (!options.until.empty()) question.how = "until", question.end = options.until;
  question.colour = console.out_colour;
  result = ask_as_teacher(options.config, options.state, question, console);
}

void add_change(CLI::App& app, Console& console, int& result, TeacherQuestion::Verb verb, const char* name,
                const char* what, const char* footer) {
  auto options = std::make_shared<OverrideOptions>();
  options->question.verb = verb;
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("what", options->question.target, "a site, or a category")
      ->required()
      ->type_name("SITE|CATEGORY");
  command->add_option("--tier", options->question.tier, "in this tier")->required()->type_name("TIER");
  auto* const how_long =
      command->add_option("--for", options->how_long, "so long: 45m, 1h30m (default: 45m)");
  command->add_option("--until", options->until, "until the school's clocks show this, today: 11:30")
      ->excludes(how_long);
  command->add_option("--why", options->question.why, "the reason, for colleagues and the log")->required();
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(footer);
  on_command(*command, options->config, console,
             [options, &console, &result] { ask_desk(*options, console, result); });
}

}  // namespace

void add_override_commands(CLI::App& app, Console& console, int& result) {
  add_change(app, console, result, TeacherQuestion::Verb::allow, "allow",
             "Open a site or a category in a tier, for this lesson", allow_footer);
  add_change(app, console, result, TeacherQuestion::Verb::block, "block",
             "Block a site or a category in a tier, for this lesson", block_footer);
  auto options = std::make_shared<OverrideOptions>();
  CLI::App* command =
      app.add_subcommand("overrides", "What is open or blocked for this lesson, by whom and until when");
  command->add_flag("--json", options->question.json, "for programs");
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(overrides_footer);
  auto ending = std::make_shared<OverrideOptions>();
  ending->question.verb = TeacherQuestion::Verb::revoke;
  CLI::App* revoke = command->add_subcommand("revoke", "End one now: your own, or as root any");
  revoke->add_option("number", ending->question.id, "its number")->required()->check(CLI::PositiveNumber);
  add_config_option(*revoke, ending->config);
  add_state_option(*revoke, ending->state);
  on_command(*revoke, ending->config, console,
             [ending, &console, &result] { ask_desk(*ending, console, result); });
  command->require_subcommand(0, 1);
  on_command(*command, options->config, console, [command, options, &console, &result] {
    if (command->get_subcommands().empty()) ask_desk(*options, console, result);
  });
}

}  // namespace schoolgate::tools
