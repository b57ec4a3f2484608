// schoolgate cases: what alerts have opened, asked of the running proxy over the safeguarding socket.
#include <memory>
#include <ostream>

#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/daemon/reveal.h"

namespace schoolgate::tools {
namespace {

constexpr char cases_footer[] =
    R"(A case is what rang at one device about one theme in one lesson. It is of a device, never of a person. States: new,
seen, handled, passed on, false alarm; another alert makes a case that is seen or handled new again. For root and
the group schoolgate-safeguarding; who looks at a case is recorded.

Examples:
  schoolgate cases                                   those that are open
  schoolgate cases show CA-7K3Q2F9A
  schoolgate cases seen CA-7K3Q2F9A
  schoolgate cases handle CA-7K3Q2F9A --note "spoke with the class teacher"
  schoolgate cases pass-on CA-7K3Q2F9A --note "to the school's counsellor"
  schoolgate cases wrong CA-7K3Q2F9A                 a false alarm; says how it is left out)";

constexpr std::size_t longest_note = 800;  // the socket takes questions of 1,024 bytes

struct CaseOptions {
  std::string config, code, note;
  bool json = false, all = false;
};

int ask_cases(const CaseOptions& options, const std::string& question, Console& console) {
  const auto fail = [&](const Message& message, int code) {
    console.complain(message);
    return code;
  };
  if (options.note.size() > longest_note)
    return fail(say("--note is longer than {} bytes", longest_note), exit_usage);
  if (options.code.find_first_of(" \n") != std::string::npos || options.code.size() > 64)
    return fail(say("\"{}\" is not a case such as CA-7K3Q2F9A", options.code), exit_usage);
  const auto config = load_main_file(options.config, console);
  if (!config) return exit_config_errors;
  std::string text = "cases " + question;
  for (char& c : text) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  const Result<Reply> reply = ask_proxy(reveal_socket_path(config->control_socket), text);
  if (!reply)
    return fail(say("{}; and only root and members of the group {} may ask", reply.error().message,
                    safeguarding_group),
                exit_failed);
  (reply->exit_code == exit_ok ? console.out : console.err) << reply->text;
  return reply->exit_code;
}

void add_list_options(CLI::App& command, CaseOptions& options) {
  command.add_flag("--all", options.all, "also those that are handled, passed on or false alarms");
  command.add_flag("--json", options.json, "an object per line");
  add_config_option(command, options.config);
}

std::string list_question(const CaseOptions& options) {
  return std::string("list ") + (options.all ? "all" : "open") + (options.json ? " json" : "");
}

void add_step(CLI::App& cases, Console& console, int& result, const char* name, const char* state,
              const char* what) {
  auto options = std::make_shared<CaseOptions>();
  CLI::App* command = cases.add_subcommand(name, what);
  command->add_option("case", options->code, "its code")->required();
  command->add_option("--note", options->note, "a word for colleagues; it stays with the case");
  add_config_option(*command, options->config);
  on_command(*command, options->config, console, [options, state, &console, &result] {
    result = ask_cases(*options, std::string(state) + " " + options->code + " " + options->note, console);
  });
}

}  // namespace

void add_cases_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<CaseOptions>();
  CLI::App* command = app.add_subcommand("cases", "What alerts have opened, for the safeguarding lead");
  add_list_options(*command, *options);
  command->footer(cases_footer);
  command->require_subcommand(0, 1);
  auto listing = std::make_shared<CaseOptions>();
  CLI::App* list = command->add_subcommand("list", "Those that are open");
  add_list_options(*list, *listing);
  on_command(*list, listing->config, console, [listing, &console, &result] {
    result = ask_cases(*listing, list_question(*listing), console);
  });
  auto shown = std::make_shared<CaseOptions>();
  CLI::App* show = command->add_subcommand("show", "One, with its rows and what was done about it");
  show->add_option("case", shown->code, "its code")->required();
  show->add_flag("--json", shown->json, "for programs");
  add_config_option(*show, shown->config);
  on_command(*show, shown->config, console, [shown, &console, &result] {
    result = ask_cases(*shown, "show " + shown->code + (shown->json ? " json" : ""), console);
  });
  add_step(*command, console, result, "seen", "seen", "Somebody looks after it");
  add_step(*command, console, result, "handle", "handled", "It is done with");
  add_step(*command, console, result, "pass-on", "passed_on", "Others look after it now");
  add_step(*command, console, result, "wrong", "wrong", "A false alarm: say so, and how it is left out");
  on_command(*command, options->config, console, [command, options, &console, &result] {
    if (command->get_subcommands().empty()) result = ask_cases(*options, list_question(*options), console);
  });
}

}  // namespace schoolgate::tools
