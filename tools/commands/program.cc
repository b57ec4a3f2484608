#include <algorithm>
#include <exception>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lists/suffix_list.h"
#include "config/text/suggest.h"
#include "tools/commands/commands.h"
#include "tools/commands/help_text.h"
#include "tools/console/load.h"
#include "tools/console/recognised.h"

namespace schoolgate::tools {
namespace {

constexpr char description[] =
    "Schoolgate: a web filter for schools. One program: the proxy, and the commands that look after it.";

constexpr char program_footer[] = R"(Exit codes:
  0 ok    1 failed at run time    2 wrong usage    3 configuration has errors    4 warnings under --strict

Examples:
  schoolgate run                                     the proxy, in the foreground
  schoolgate check                                   is everything right?
  schoolgate explain https://example.com/ --tier thcs    what happens, and by which line?
  schoolgate log --blocked --since 1h                what was blocked
  schoolgate report --month 2026-11 --out report.html    figures for the head of the school
  schoolgate help SG1012                             what the code of a message means
  schoolgate COMMAND --help                          more about one command)";

// The commands and options that may stand there.
std::vector<std::string> words_of(const CLI::App& command, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::Option* option : command.get_options())
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  } else {
    for (const CLI::App* sub :
         command.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
      words.push_back(sub->get_name());
  }
  return words;
}

// The first word that is no command where one is wanted, or the first unknown option, and what was meant by
// it.
Message meant_by(const CLI::App& app, std::span<const char* const> words) {
  const CLI::App* command = &app;
  bool wants_command = true;
  for (const std::string_view word : words) {
    const bool is_option = word.starts_with("--");
    if (!is_option && !wants_command) continue;
    const std::string name(word.substr(0, word.find('=')));
    const std::vector<std::string> known = words_of(*command, is_option);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      if (!is_option && known.empty()) continue;
      return did_you_mean(name, known);
    }
    if (is_option) continue;
    command = command->get_subcommand(name);
    wants_command = !words_of(*command, false).empty();
  }
  return {};
}

}  // namespace

CLI::Option* add_config_option(CLI::App& command, std::string& config) {
  config = "/etc/schoolgate/schoolgate.yaml";
  return command.add_option("-c,--config", config, "the main configuration file")
      ->envname("SCHOOLGATE_CONFIG")
      ->type_name("FILE")
      ->capture_default_str();
}

CLI::Option* add_state_option(CLI::App& command, std::string& state) {
  return command
      .add_option("--state", state, "the folder in whose last-good/ accepted configurations are kept")
      ->envname("SCHOOLGATE_STATE")
      ->type_name("DIR");
}

void on_command(CLI::App& command, const std::string& config, Console& console, std::function<void()> act) {
  command.callback([&config, &console, act = std::move(act)] {
    speak_as_school(config, console);
    act();
  });
}

std::unique_ptr<CLI::App> make_program(Console& console, int& result) {
  auto program = std::make_unique<CLI::App>(description, "schoolgate");
  CLI::App& app = *program;
  app.set_version_flag("--version", "schoolgate " SCHOOLGATE_VERSION, "print the version");
  app.require_subcommand(1);
  app.footer(program_footer);
  app.formatter(help_formatter());
  add_run_command(app, console, result);
  add_question_commands(app, console, result);
  add_check_command(app, console, result);
  add_explain_command(app, console, result);
  add_tier_command(app, console, result);
  add_override_commands(app, console, result);
  add_wishes_command(app, console, result);
  add_policy_command(app, console, result);
  add_floor_command(app, console, result);
  add_pin_command(app, console, result);
  add_plan_command(app, console, result);
  add_log_command(app, console, result);
  add_cases_command(app, console, result);
  add_report_command(app, console, result);
  add_lists_command(app, console, result);
  add_ca_command(app, console, result);
  add_gateway_command(app, console, result);
  add_setup_command(app, console, result);
  add_doctor_command(app, console, result);
  add_web_commands(app, console, result);
  add_backup_command(app, console, result);
  add_restore_command(app, console, result);
  add_schema_command(app, console, result);
  add_complete_command(app, console, result);
  add_help_command(app, console, result);
  if (console.catalogue != nullptr) speak_vietnamese(app);
  return program;
}

int run_program(int argc, const char* const* argv, Console& console) {
  use_packaged_suffixes();
  int result = exit_ok;
  const auto app = make_program(console, result);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app->exit(error, console.out, console.err) == 0) return exit_ok;
    if (const Message meant = meant_by(*app, {argv + 1, argv + argc}); !meant.empty())
      console.complain(meant);
    return exit_usage;
  } catch (const std::exception& failure) {  // no memory, no threads: what no command expects
    console.complain(say("cannot go on: {}", recognised(failure.what())));
    return exit_failed;
  }
  return result;
}

}  // namespace schoolgate::tools
