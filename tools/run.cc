// schoolgate run, and the commands that speak with the proxy it starts: reload, status, stop.
#include <memory>
#include <ostream>

#include "tools/commands.h"
#include "tools/control.h"
#include "tools/gateway.h"
#include "tools/load.h"
#include "tools/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr char run_footer[] = R"(Signals:
  SIGTERM, SIGINT   no new connections, open transfers may end; a second one ends at once
  SIGHUP            as `schoolgate reload`

Started as root it becomes another user before it reads anything.

Examples:
  schoolgate run                              the installed configuration
  schoolgate run -c draft/schoolgate.yaml     another one)";

void add_question(CLI::App& app, Console& console, int& result, const std::string& question,
                  const std::string& description) {
  auto config = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(question, description);
  add_config_option(*command, *config);
  command->callback([config, question, &console, &result] {
    const auto main_file = load_main_file(*config, console);
    if (!main_file) {
      result = exit_config_errors;
      return;
    }
    const Result<Answer> answer = ask_proxy(main_file->control_socket, question);
    if (!answer) {
      console.err << "schoolgate: " << answer.error().message << '\n';
      result = exit_failed;
      return;
    }
    (answer->exit_code == exit_ok ? console.out : console.err) << answer->text;
    result = answer->exit_code;
  });
}

}  // namespace

void add_run_command(CLI::App& app, Console& console, int& result) {
  struct Options {
    std::string config, user = "schoolgate";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Run the proxy in the foreground");
  add_config_option(*command, options->config);
  command->add_option("--user", options->user, "whom to become when started as root")
      ->type_name("NAME")
      ->capture_default_str();
  command->footer(run_footer);
  command->callback([options, &console, &result] {
    if (const auto error = drop_root(options->user)) {
      console.err << "schoolgate: " << error->message << '\n';
      result = exit_failed;
      return;
    }
    block_signals();
    result = run_gateway(options->config, console);
  });
}

void add_question_commands(CLI::App& app, Console& console, int& result) {
  add_question(app, console, result, "reload",
               "Load policy and lists anew: taken whole, or refused whole with every error");
  add_question(app, console, result, "status", "What the running proxy does, as JSON");
  add_question(app, console, result, "stop", "End the running proxy as SIGTERM does");
}

}  // namespace schoolgate::tools
