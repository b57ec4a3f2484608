#include "tools/commands/log_top.h"

#include <iterator>
#include <memory>
#include <ostream>

#include "proxy/io/net/wall_clock.h"
#include "tools/commands/log_filter.h"
#include "tools/commands/log_print.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char top_footer[] =
    R"(Without --since: of the last seven days. Names come from the network: control characters show as \xNN.

Examples:
  schoolgate log top hosts --blocked                 what was blocked most
  schoolgate log top rules --tier thcs --since 1w    which lines decided most
  schoolgate log top categories --since 2026-03-01 --until 2026-03-31)";

constexpr const char* subjects[] = {"hosts", "rules", "categories"};

struct TopOptions : LogFilter {
  std::string what;
  std::size_t limit = 20;
  bool json = false, csv = false;
};

int run_top(const TopOptions& options, Console& console) {
  const LogFormat format = options.json ? LogFormat::json : options.csv ? LogFormat::csv : LogFormat::text;
  const auto tell = [&](const Message& message, int exit_code) {
    console.err << console.text(message) << '\n';
    return exit_code;
  };
  const auto log = FilteredLog::open(options, console);
  if (!log) return exit_config_errors;
  const std::int64_t now = wall_clock_ms();
  auto query = log->query(now);
  if (!query) return tell(query.error(), exit_usage);
  if (!query->since_ms && !query->until_ms) query->since_ms = now - 7 * audit::day_ms;
  query->limit = options.limit;
  auto what = audit::Top::hosts;
  for (std::size_t i = 0; i < std::size(subjects); ++i) {
    if (options.what == subjects[i]) what = static_cast<audit::Top>(i);
  }
  const auto lines = audit::LogReader(log->directory()).top(*query, what);
  if (!lines) return tell(lines.error().message, exit_failed);
  if (lines->empty()) {
    const FilteredLog::Unknown unknown = log->look_for_names(*query);
    for (const Message& words : unknown.words) (void)tell(words, exit_ok);
    if (unknown.wrong) return exit_usage;
  }
  console.out << top_header(what, format, console.catalogue);
  for (const audit::TopLine& line : *lines) console.out << top_line(what, line, format, console.catalogue);
  return console.out.flush() ? exit_ok : exit_failed;
}

}  // namespace

void add_top_command(CLI::App& log, Console& console, int& result) {
  auto options = std::make_shared<TopOptions>();
  TopOptions& o = *options;
  CLI::App* command = log.add_subcommand("top", "Which hosts, rules or categories had the most requests");
  command->add_option("what", o.what, "hosts, rules or categories")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(subjects), std::end(subjects))));
  add_filter_options(*command, o);
  command->add_option("-n,--limit", o.limit, "at most so many, the largest; 0 = all")->capture_default_str();
  CLI::Option* json = command->add_flag("--json", o.json, "an object per line");
  command->add_flag("--csv", o.csv, "for spreadsheets")->excludes(json);
  add_config_option(*command, o.config);
  command->add_option("--dir", o.directory, "the log's folder, instead of asking the configuration");
  command->footer(top_footer);
  command->callback([options, &console, &result] {
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = run_top(*options, console);
  });
}

}  // namespace schoolgate::tools
