// `schoolgate report`: figures of a month, a term or a year, for people.
#include <unistd.h>

#include <memory>
#include <ostream>

#include "config/policy/floor_reader.h"
#include "config/text/whole_file.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/report/report.h"
#include "tools/report/word.h"

namespace schoolgate::tools {
namespace {

constexpr char report_footer[] =
    R"(A report names no pupil, no device and no site, and tells no count under five. Terms: from 1 September to 15
January and from 16 January to 31 May; other days with --from and --to.

Examples:
  schoolgate report --month 2026-11 --out report.html           a page for the head of the school
  schoolgate report --term 2026-1 --for department --lang vi --format docx --out report.docx
  schoolgate report --from 2026-11-02 --to 2026-11-08 --for admin
  schoolgate report --year 2026 --format csv --out year.csv     for a spreadsheet)";

struct ReportOptions {
  std::string config, directory, month, term, year, from, to, audience = "head", format = "html", language,
                                                              out;
};

class ReportCommand {
 public:
  ReportCommand(const ReportOptions& options, Console& console) : options_(options), console_(console) {}

  int run() {
    if (options_.format == "docx" && options_.out.empty() && ::isatty(STDOUT_FILENO) == 1)
      return tell(say("A Word file is not for the screen: name one with --out."), exit_usage);
    const auto config = load_main_file(options_.config, console_);
    if (!config) return exit_config_errors;
    if (const auto zone = TimeZone::load(config->school.time_zone)) zone_ = *zone;
    const auto period = asked_for();
    if (!period) return tell(period.error(), exit_usage);
    const Language language = options_.language == "vi"   ? Language::vi
                              : options_.language == "en" ? Language::en
                                                          : config->school.language;
    const SchoolNames names = read_names(*config, language);
    FactsOf of{.directory = options_.directory.empty() ? config->log.directory : options_.directory,
               .zone = zone_,
               .names = names,
               .now_ms = wall_clock_ms()};
    of.safeguarding = options_.audience != "admin" && record(of, *period);
    const auto facts = gather(of, *period);
    if (!facts) return tell(facts.error().message, exit_failed);

    std::optional<PolicyFacts> policy;
    if (options_.audience != "head") {
      const LoadResult loaded = load_for_reading(options_.config, console_);
      if (!loaded.snapshot) {
        (void)tell(
            say("the configuration has errors, so nothing is said of rules and lists: schoolgate check"), 0);
      } else {
        auto gathered = gather_policy(of, *period, *loaded.snapshot);
        if (!gathered) return tell(gathered.error().message, exit_failed);
        policy = std::move(*gathered);
      }
    }
    const std::int64_t now_s = of.now_ms / 1000;
    const ReportOf report{.facts = *facts,
                          .names = names,
                          .school = config->school,
                          .policy = policy ? &*policy : nullptr,
                          .floor = look_at_floor(options_.config),
                          .language = language,
                          .version = SCHOOLGATE_VERSION,
                          .today = (now_s + zone_.offset(now_s)) / 86'400};
    return write(options_.audience == "head"    ? head_report(report)
                 : options_.audience == "admin" ? admin_report(report)
                                                : department_report(report));
  }

 private:
  Result<Period, Message> asked_for() const {
    const bool days = !options_.from.empty() && !options_.to.empty();
    const int asked = static_cast<int>(!options_.month.empty()) + static_cast<int>(!options_.term.empty()) +
                      static_cast<int>(!options_.year.empty()) + static_cast<int>(days);
    if (asked != 1) return say("a report is about one of: --month, --term, --year, or --from with --to");
    if (!options_.month.empty()) return Period::month(options_.month, zone_);
    if (!options_.term.empty()) return Period::term(options_.term, zone_);
    if (!options_.year.empty()) return Period::year(options_.year, zone_);
    return Period::days(options_.from, options_.to, zone_);
  }

  // How many alerts rang stands in the safeguarding file alone: who has them counted is written down first.
  bool record(const FactsOf& of, const Period& period) const {
    const std::string detail = JsonObject()
                                   .add("for", options_.audience)
                                   .add("from", audit::utc_text(period.from_ms()))
                                   .add("to", audit::utc_text(period.to_ms()))
                                   .text();
    return audit::append_event(of.directory, of.now_ms, "uid " + std::to_string(::getuid()), "report", detail)
        .ok();
  }

  int write(const Document& document) {
    const Result<std::string> made = in_form(document, options_.format);
    if (!made) return tell(made.error().message, exit_failed);
    const std::string& text = *made;
    if (options_.out.empty()) {
      console_.out << text;
      return console_.out.flush() ? exit_ok : exit_failed;
    }
    const auto written = write_whole_file(options_.out, {text}, {.mode = 0640});
    if (written.failed()) return tell(written.error().message, exit_failed);
    return exit_ok;
  }

  int tell(const Message& message, int exit_code) const {
    console_.err << console_.text(message) << '\n';
    return exit_code;
  }

  const ReportOptions& options_;
  Console& console_;
  TimeZone zone_;
};

}  // namespace

void add_report_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<ReportOptions>();
  ReportOptions& o = *options;
  CLI::App* command = app.add_subcommand("report", "Figures of a month, a term or a year, for people");
  command->add_option("--month", o.month, "of this month: 2026-11");
  command->add_option("--term", o.term,
                      "of this term: 2026-1, the first of the school year that begins in 2026");
  command->add_option("--year", o.year, "of the school year that begins in this year");
  command->add_option("--from", o.from, "from this day: 2026-11-02");
  command->add_option("--to", o.to, "to the end of this day");
  command->add_option("--for", o.audience, "for whom: head, admin or department")
      ->check(CLI::IsMember({"head", "admin", "department"}))
      ->capture_default_str();
  command->add_option("--format", o.format, "html, docx (Word), csv or json")
      ->check(CLI::IsMember({"html", "docx", "csv", "json"}))
      ->capture_default_str();
  command->add_option("--lang", o.language, "vi or en; the school's where it is not said")
      ->check(CLI::IsMember({"vi", "en"}));
  command->add_option("--out", o.out, "into this file");
  add_config_option(*command, o.config);
  command->add_option("--dir", o.directory, "the log's folder, instead of asking the configuration");
  command->footer(report_footer);
  on_command(*command, o.config, console,
             [options, &console, &result] { result = ReportCommand(*options, console).run(); });
}

}  // namespace schoolgate::tools
