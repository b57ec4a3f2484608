// schoolgate plan: what a changed configuration would have decided of the last days.
#include <sys/stat.h>

#include <ctime>
#include <memory>
#include <ostream>

#include "config/text/text_file.h"
#include "proxy/audit/log_replay.h"
#include "tools/commands/commands.h"
#include "tools/commands/plan_replay.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char plan_footer[] =
    R"(Each decision of the log is made again by the policy as its files are now, from the name of the site alone. Devices are
counted, never named: groups of fewer than five are told together.

Examples:
  schoolgate plan                            the files as they are, of the last 7 days
  schoolgate plan draft --days 30            draft/schoolgate.yaml
  schoolgate plan --json | jq '.groups[] | select(.would_be == "block")')";

struct PlanOptions {
  std::string config, candidate;
  std::int64_t days = 7;
  std::size_t limit = 30;
  bool json = false;
};

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

int plan(const PlanOptions& options, Console& console) {
  const auto config = load_main_file(options.config, console);
  if (!config) return exit_config_errors;
  std::string main_file = options.candidate.empty() ? options.config : options.candidate;
  if (is_folder(main_file)) main_file = join_path(main_file, "schoolgate.yaml");
  const LoadResult loaded = load_for_reading(main_file, console);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console);
    return exit_config_errors;
  }
  PlanReplay replay(*loaded.snapshot);
  {
    ProgressBar bar(console);
    constexpr std::int64_t seconds_a_day = 24 * 60 * 60;
    const std::int64_t since_ms = (std::time(nullptr) - options.days * seconds_a_day) * 1000;
    const auto done = audit::replay_log(
        config->log.directory, since_ms, [&](const audit::Decision& one) { replay.take(one); },
        [&](double part) { bar.show(say("replaying the log"), part); });
    if (done.failed()) {
      bar.clear();
      console.complain(done.error().message);
      return exit_failed;
    }
  }
  const PlanResult result = replay.result();
  console.out << (options.json ? plan_json(result) : plan_text(result, options.limit, console.catalogue));
  return exit_ok;
}

}  // namespace

void add_plan_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App* command = app.add_subcommand("plan", "What the policy, as its files are now, would have decided");
  command->add_option("candidate", options->candidate, "another folder of a configuration, or its main file")
      ->type_name("DIR");
  constexpr std::int64_t most_days = 3660;
  command->add_option("--days", options->days, "of so many last days")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, most_days));
  command->add_option("--limit", options->limit, "at most so many, the largest; 0 = all")
      ->capture_default_str();
  command->add_flag("--json", options->json, "for programs");
  add_config_option(*command, options->config);
  command->footer(plan_footer);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = plan(*options, console); });
}

}  // namespace schoolgate::tools
