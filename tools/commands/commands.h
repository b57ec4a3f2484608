// The subcommands of `schoolgate`. Each registers itself with its options, help and examples; the chosen one
// runs when CLI11 has parsed everything, and leaves its exit code in `result`.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <memory>
#include <string>

#include "tools/console/console.h"

namespace schoolgate::tools {

void add_run_command(CLI::App& app, Console& console, int& result);
void add_question_commands(CLI::App& app, Console& console, int& result);  // reload, upgrade, status, stop
void add_check_command(CLI::App& app, Console& console, int& result);
void add_explain_command(CLI::App& app, Console& console, int& result);
void add_override_commands(CLI::App& app, Console& console,
                           int& result);  // allow, block, room, rooms, overrides
void add_wishes_command(CLI::App& app, Console& console, int& result);
void add_log_command(CLI::App& app, Console& console, int& result);
void add_cases_command(CLI::App& app, Console& console, int& result);
void add_report_command(CLI::App& app, Console& console, int& result);
void add_lists_command(CLI::App& app, Console& console, int& result);
void add_ca_command(CLI::App& app, Console& console, int& result);
void add_gateway_command(CLI::App& app, Console& console, int& result);
void add_setup_command(CLI::App& app, Console& console, int& result);
void add_doctor_command(CLI::App& app, Console& console, int& result);
void add_web_commands(CLI::App& app, Console& console, int& result);  // web, user
void add_tier_command(CLI::App& app, Console& console, int& result);
void add_policy_command(CLI::App& app, Console& console, int& result);
void add_floor_command(CLI::App& app, Console& console, int& result);
void add_pin_command(CLI::App& app, Console& console, int& result);
void add_plan_command(CLI::App& app, Console& console, int& result);
void add_backup_command(CLI::App& app, Console& console, int& result);
void add_restore_command(CLI::App& app, Console& console, int& result);
void add_schema_command(CLI::App& app, Console& console, int& result);
// For shells alone: no help tells of it.
inline constexpr char complete_command[] = "__complete";
void add_complete_command(CLI::App& app, Console& console, int& result);
void add_help_command(CLI::App& app, Console& console, int& result);

// --config, $SCHOOLGATE_CONFIG, /etc/schoolgate/schoolgate.yaml. `config`, as `state` below, is this
// command's alone: CLI11 writes what the environment says into the options of commands that were not named,
// too.
CLI::Option* add_config_option(CLI::App& command, std::string& config);
// --state: where the accepted configurations are kept (config/kept_sets.h).
CLI::Option* add_state_option(CLI::App& command, std::string& state);

// What `command` does once it was chosen, in the language of the school whose main file `config` is by then;
// that outlives the command, as an option's own text does.
void on_command(CLI::App& command, const std::string& config, Console& console, std::function<void()> act);

// Every command with its options, in the console's language, as `--help`, the manual and the completion of
// shells tell them.
[[nodiscard]] std::unique_ptr<CLI::App> make_program(Console& console, int& result);

// The whole program, without what is the process's own (signals): parses, runs, and answers with an exit
// code.
[[nodiscard]] int run_program(int argc, const char* const* argv, Console& console);

}  // namespace schoolgate::tools
