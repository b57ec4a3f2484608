// schoolgate pin: what was decided becomes a test of the policy.
#include <ctime>
#include <memory>
#include <ostream>

#include "config/main/local_time.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/log_reader.h"
#include "rules/policy/schedule.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char pin_footer[] =
    R"(What the policy says of a page becomes a test: a change, a reload or new lists that would decide otherwise are
refused, and the test is named. Pins stand in pins.yaml; expect.yaml names the sites that must always work.

Examples:
  schoolgate pin 7KQ2-M4XH --tier thcs --why "homework of class 8A"      the row with the code of a page
  schoolgate pin https://olm.vn/ --tier tieu_hoc --why "used each Monday"
  schoolgate pin https://olm.vn/ --tier tieu_hoc --remove)";

struct PinOptions {
  std::string config, state, what;
  PolicyQuestion question;
  bool remove = false;
};

// The page of a row, as a browser would name it.
std::string url_of(const audit::LogRow& row) {
  const bool names_alone = row.method == "CONNECT" || row.path.empty();
  const bool secure = row.method == "CONNECT" || row.port == 443;
  const std::int64_t usual = secure ? 443 : 80;
  std::string url = (secure ? "https://" : "http://") + row.host;
  if (row.port != 0 && row.port != usual) url += ":" + std::to_string(row.port);
  return url + (names_alone ? "/" : row.path);
}

// Of a row the page and the moment; false after it was said why there are none.
bool fill_from_row(const PinOptions& options, std::uint64_t code, PolicyQuestion& question,
                   Console& console) {
  const auto config = load_main_file(options.config, console);
  if (!config) return false;
  audit::LogQuery query;
  query.code = code;
  query.limit = 1;
  const auto rows = audit::LogReader(config->log.directory).rows(query);
  if (!rows) {
    console.complain(rows.error().message);
    return false;
  }
  if (rows->empty() || rows->front().refused || rows->front().host.empty()) {
    console.complain(say("no page was decided under the code {}", options.what));
    return false;
  }
  const auto zone = TimeZone::load(config->school.time_zone);
  question.url = url_of(rows->front());
  question.was = to_string(rows->front().action);
  question.at = moment_text((zone ? *zone : TimeZone()).local(rows->front().time_ms / 1000));
  return true;
}

int pin(const PinOptions& options, Console& console) {
  PolicyQuestion question = options.question;
  question.verb = options.remove ? PolicyQuestion::Verb::unpin : PolicyQuestion::Verb::pin;
  question.url = options.what;
  if (!options.remove && question.why.empty()) {
    console.complain(say("--why is needed: the reason, for colleagues and the log"));
    return exit_usage;
  }
  const auto code = audit::parse_decision_code(options.what);
  if (code && options.what.find("://") == std::string::npos) {
    if (!fill_from_row(options, *code, question, console)) return exit_failed;
    if (options.remove) question.at.clear(), question.was.clear();
  } else if (options.what.find("://") == std::string::npos) {
    if (options.what.substr(0, options.what.find_first_of("/?#")).find_first_of(".[") == std::string::npos) {
      console.complain(
          say("\"{}\" is neither the code on a page, as in 7KQ2-M4XH, nor an address, as in olm.vn",
              options.what));
      return exit_usage;
    }
    question.url = "https://" + options.what + (options.what.find('/') == std::string::npos ? "/" : "");
  }
  return ask_to_change(options.config, options.state, question, console);
}

}  // namespace

void add_pin_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<PinOptions>();
  CLI::App* command = app.add_subcommand("pin", "Make what was decided a test of the policy");
  command->add_option("what", options->what, "the code on a page, or an address")
      ->required()
      ->type_name("CODE|URL");
  command->add_option("--tier", options->question.tier, "in this tier")->required()->type_name("TIER");
  auto* const why =
      command->add_option("--why", options->question.why, "the reason, for colleagues and the log");
  command->add_flag("--remove", options->remove, "it is a test no longer")->excludes(why);
  command->add_flag("--json", options->question.json, "for programs");
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(pin_footer);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = pin(*options, console); });
}

}  // namespace schoolgate::tools
