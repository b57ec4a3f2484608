// schoolgate allow, block, room, rooms, overrides: for this lesson, asked of the running proxy over the
// teachers' socket.
#include <memory>
#include <ostream>

#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/commands/help_text.h"

namespace schoolgate::tools {
namespace {

constexpr char allow_footer[] =
    R"(Opens a site, with all names below it, or a category, in one tier; it ends by itself, after 90 minutes at most.
delegation.yaml says who may open what; root may open all that is not locked. What opens a site lifts no rule on
words that are searched for. Exit code 1: it is not opened, and the answer says why.

Examples:
  schoolgate allow zalo.me --tier thcs --why "class 8A talks to the museum"
  schoolgate allow games --tier thcs --until 11:30 --why "last lesson before Tet"
  schoolgate allow scratch.mit.edu --tier tieu_hoc --for 1h30m --why "IT lesson"
  schoolgate allow bundle:olm --tier thcs --until end-of-lesson --why "exercises")";

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

constexpr char room_footer[] =
    R"(off: nothing is open but help lines and the pages of the filter itself. only: nothing but a bundle of sites, or the
hosts of a file in only.d beside the main file. normal: as always again. What `only` opens that is closed otherwise is open
within your delegation and for no longer than it says; what it closes may last as long as the day. A room is a line of
who: with a label, and the device is in it whose narrowest network has that label.

Examples:
  schoolgate room "Phòng máy 1" off --until end-of-lesson --why "they listen"
  schoolgate room "Phòng máy 1" only olm --until 11:30 --why "test in mathematics"
  schoolgate room "Phòng máy 1" only test-8a.txt --why "a file of hosts: only.d/test-8a.txt"
  schoolgate room "Phòng máy 1" normal)";

constexpr char rooms_footer[] = R"(Each line: room, networks, what is on now. Exams are in periods.yaml.

Examples:
  schoolgate rooms
  schoolgate rooms --json)";

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

CLI::Option* add_end(CLI::App& command, OverrideOptions& options) {
  auto* const how_long = command.add_option("--for", options.how_long, "so long: 45m, 1h30m (default: 45m)");
  command
      .add_option("--until", options.until,
                  "until the school's clocks show this, today: 11:30; or end-of-lesson, next-break")
      ->excludes(how_long);
  return command.add_option("--why", options.question.why, "the reason, for colleagues and the log")
      ->required();
}

void add_room(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<OverrideOptions>();
  options->question.verb = TeacherQuestion::Verb::room;
  CLI::App* command =
      app.add_subcommand("room", "Switch a room for this lesson: off, only one thing, normal");
  command->add_option("room", options->question.room, "its name")->required();
  command->add_option("state", options->question.room_state, "off, only or normal")
      ->required()
      ->check(CLI::IsMember({"off", "only", "normal"}));
  command->add_option("what", options->question.target, "only: a bundle, or a file of hosts in only.d")
      ->type_name("BUNDLE|FILE");
  add_end(*command, *options)->required(false);
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(room_footer);
  on_command(*command, options->config, console, [options, &console, &result] {
    const bool only = options->question.room_state == "only";
    if (only != !options->question.target.empty()) {
      console.complain(only ? say("only what? Name a bundle, or a file of hosts in only.d")
                            : say("a bundle or file goes with only"));
      result = exit_usage;
      return;
    }
    if (options->question.room_state != "normal" && options->question.why.empty()) {
      console.complain(say("--why is needed: the reason, for colleagues and the log"));
      result = exit_usage;
      return;
    }
    if (options->question.room_state == "normal" && !(options->how_long.empty() && options->until.empty())) {
      console.complain(say("normal has no end: it ends what is on"));
      result = exit_usage;
      return;
    }
    ask_desk(*options, console, result);
  });
  auto listing = std::make_shared<OverrideOptions>();
  listing->question.verb = TeacherQuestion::Verb::rooms;
  CLI::App* rooms = app.add_subcommand("rooms", "The rooms, and what is on in each");
  rooms->add_flag("--json", listing->question.json, "for programs");
  add_config_option(*rooms, listing->config);
  add_state_option(*rooms, listing->state);
  rooms->footer(rooms_footer);
  on_command(*rooms, listing->config, console,
             [listing, &console, &result] { ask_desk(*listing, console, result); });
}

void add_change(CLI::App& app, Console& console, int& result, TeacherQuestion::Verb verb, const char* name,
                const char* what, const char* footer) {
  auto options = std::make_shared<OverrideOptions>();
  options->question.verb = verb;
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("what", options->question.target, "a site, a category, or bundle:NAME")
      ->required()
      ->type_name("SITE|CATEGORY|BUNDLE");
  command->add_option("--tier", options->question.tier, "in this tier")->required()->type_name("TIER");
  add_end(*command, *options);
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
  add_room(app, console, result);
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
  revoke->add_option("number", ending->question.id, "its number")->required()->check(counted_from_one());
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
