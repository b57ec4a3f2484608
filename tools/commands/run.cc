// schoolgate run, and the commands that speak with the proxy it starts: reload, status, stop.
#include <memory>
#include <ostream>

#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/commands/explain.h"
#include "tools/commands/policy_print.h"
#include "tools/commands/tier_show.h"
#include "tools/console/load.h"
#include "tools/daemon/gateway.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr char run_footer[] = R"(Signals:
  SIGTERM, SIGINT   no new connections, open transfers may end; a second one ends at once
  SIGHUP            as `schoolgate reload`

Started as root it becomes another user before it reads anything.

Every configuration that is accepted is kept; a start whose files have errors begins with the last one, and says
so. What the files lock all the same stays locked. Kept in /var/lib/schoolgate/last-good for
/etc/schoolgate/schoolgate.yaml; for another main file in DIR/last-good with --state DIR, else nowhere.

Examples:
  schoolgate run                              the installed configuration
  schoolgate run -c draft/schoolgate.yaml     another one
  schoolgate run --take-over                  in place of a running one: no connection is refused or reset)";

constexpr char reload_footer[] =
    R"(Everything is loaded off to the side and tested; it replaces the running policy whole, or not at all.
Exit code 3: it has errors, and the running policy stays in force.

Examples:
  schoolgate check && schoolgate reload
  schoolgate reload --accept-shrunk          lists are gone or lost more than 30 %, and that is meant)";

constexpr char upgrade_footer[] =
    R"(The running proxy starts the program anew, as it lies on the disk by now. That takes over its sockets: no
connection is refused or reset, open transfers end where they began. If the new one cannot start, the running one
goes on, and the exit code is 1.

Examples:
  schoolgate upgrade                         after a new version was installed; the package does it by itself)";

constexpr char status_footer[] = R"(Examples:
  schoolgate status
  schoolgate status --json | jq .server.connections)";

struct QuestionOptions {
  std::string config, state;
  bool json = false, accept_shrunk = false;
};

void ask(const QuestionOptions& options, std::string question, Console& console, int& result) {
  if (options.json) question += " json";
  if (console.out_colour) question += " colour";
  const auto answer = ask_running(options.config, options.state, question, console);
  if (!answer) {
    console.complain(answer.error().message);
    result = answer.error().main_file ? exit_config_errors : exit_failed;
    return;
  }
  console.out << answer->text;
  result = answer->exit_code;
}

}  // namespace

void add_run_command(CLI::App& app, Console& console, int& result) {
  struct Options {
    RunOptions run;
    std::string user = "schoolgate";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Run the proxy in the foreground");
  add_config_option(*command, options->run.config_file);
  add_state_option(*command, options->run.state);
  command->add_option("--user", options->user, "whom to become when started as root")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_flag("--take-over", options->run.take_over,
                    "replace the running proxy: take its sockets, let it end its transfers");
  command->footer(run_footer);
  command->callback([options, &console, &result] {
    auto confined = drop_root(options->user);
    if (confined.ok()) confined = forbid_dumps();
    if (confined.failed()) {
      console.complain(confined.error().message);
      result = exit_failed;
      return;
    }
    speak_as_school(options->run.config_file, console);  // no longer as root
    block_signals();
    options->run.explain = explain_reply;
    options->run.texts = {
        explain_for_pages,
        [](const Snapshot& snapshot, TierId tier, Catalogue catalogue) {
          return tier_text(snapshot, tier, catalogue, false);
        },
        difference_for_pages,
    };
    result = run_gateway(options->run, console);
  });
}

void add_question_commands(CLI::App& app, Console& console, int& result) {
  struct Command {
    CLI::App* app;
    std::shared_ptr<QuestionOptions> options;
  };
  const auto add = [&](const char* name, const char* what) {
    const Command command{app.add_subcommand(name, what), std::make_shared<QuestionOptions>()};
    add_config_option(*command.app, command.options->config);
    add_state_option(*command.app, command.options->state);
    return command;
  };
  const Command reload =
      add("reload", "Load policy and lists anew: taken whole, or refused whole with every error");
  reload.app->add_flag("--accept-shrunk", reload.options->accept_shrunk,
                       "lists that are gone or lost more than 30 % are meant");
  reload.app->add_flag("--json", reload.options->json, "for programs");
  reload.app->footer(reload_footer);
  const auto asks = [&](const Command& command, const std::string& question) {
    on_command(*command.app, command.options->config, console,
               [options = command.options, question, &console, &result] {
                 ask(*options, options->accept_shrunk ? question + " accept-shrunk" : question, console,
                     result);
               });
  };
  asks(reload, "reload");
  const Command upgrade = add("upgrade", "Put a newly installed program in place of the running one");
  upgrade.app->footer(upgrade_footer);
  asks(upgrade, "upgrade");
  const Command status = add("status", "What the running proxy does");
  status.app->add_flag("--json", status.options->json, "for programs");
  status.app->footer(status_footer);
  asks(status, "status");
  const Command stop = add("stop", "End the running proxy as SIGTERM does");
  asks(stop, "stop");
}

}  // namespace schoolgate::tools
