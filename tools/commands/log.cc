// `schoolgate log`: reads the access log.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "config/policy/tier_reader.h"
#include "proxy/audit/codes.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "rules/url/host.h"
#include "tools/commands/commands.h"
#include "tools/commands/log_print.h"
#include "tools/commands/tier_show.h"
#include "tools/console/load.h"
#include "tools/daemon/control.h"
#include "tools/daemon/reveal.h"

namespace schoolgate::tools {
namespace {

using audit::LogKind;
using audit::LogQuery;
using audit::LogReader;

constexpr char log_footer[] =
    R"(Times are local (the school's zone). Names and paths come from the network: control characters show as \xNN.

Examples:
  schoolgate log                                     the newest 50 rows
  schoolgate log --follow --blocked                  what is blocked, as it happens
  schoolgate log --since 1h --host tiktok.com        this name and those below it
  schoolgate log --code 7KQ2-M4XH                    the code a pupil read from a page
  schoolgate log --since 2026-03-01 --csv > march.csv
  schoolgate log --events                            starts, stops, reloads
  schoolgate log retention                           what is old enough to be deleted, and by which date
  schoolgate log --reveal HS-7K3Q2F9A --why "call of 4 March"    whose address that is; an address gives its pseudonyms.
                                                     For root and the group schoolgate-safeguarding; recorded first
  schoolgate log --safeguarding --why "call of 4 March"    rows of `help`; that you read them is recorded)";

struct LogOptions {
  std::string config, directory, tier, host, client, since, code, why, reveal;
  std::size_t limit = 50;
  bool follow = false, blocked = false, events = false, safeguarding = false, json = false, csv = false;
  bool pinned = false, limit_given = false;
};

class LogCommand {
 public:
  LogCommand(const LogOptions& options, Console& console) : options_(options), console_(console) {
    format_ = options.json ? LogFormat::json : options.csv ? LogFormat::csv : LogFormat::text;
  }

  int run() {
    if (!options_.reveal.empty()) return reveal();
    if (const int bad = find_log(); bad != exit_ok) return bad;
    if (const int bad = make_query(); bad != exit_ok) return bad;
    if (options_.safeguarding) {
      const std::string detail = JsonObject().add("why", options_.why).text();
      const auto recorded = audit::append_event(
          directory_, wall_clock_ms(), "uid " + std::to_string(::getuid()), "safeguarding_read", detail);
      if (recorded.failed()) return fail(recorded.error());
    }
    console_.out << log_header(format_, options_.events);
    if (options_.events) return print_events();
    const LogReader reader(directory_);
    auto cursor =
        reader.end(query_.kind);  // before the rows: a row may be shown by one of the two, never by neither
    if (!cursor) return fail(cursor.error());
    const auto rows = reader.rows(query_);
    if (!rows) return fail(rows.error());
    if (rows->empty())
      if (const int bad = look_for_names(reader); bad != exit_ok) return bad;
    for (const audit::LogRow& row : *rows) {
      // What came after `cursor` is follow()'s.
      const bool later = std::pair(row.month, row.id) > std::pair(cursor->month, cursor->id);
      if (!options_.follow || !later) print(row);
    }
    return options_.follow ? follow(reader, *cursor) : finish();
  }

 private:
  int find_log() {
    directory_ = options_.directory;
    if (!directory_.empty()) return exit_ok;
    const auto config = load_main_file(options_.config, console_);
    if (!config) return exit_config_errors;
    directory_ = config->log.directory;
    if (const auto zone = TimeZone::load(config->school.time_zone)) zone_ = *zone;
    tiers_directory_ = config->policy.tiers_directory;
    return exit_ok;
  }

  int make_query() {
    query_.kind = options_.safeguarding ? LogKind::safeguarding : LogKind::access;
    query_.not_allowed = options_.blocked;
    query_.certificate_refused = options_.pinned;
    if (!options_.tier.empty()) query_.tier = options_.tier;
    if (!options_.host.empty()) query_.host = host_asked_for(options_.host);
    if (!options_.client.empty()) {
      if (IpAddress::parse(options_.client))
        return wrong(
            say("the log holds no addresses; schoolgate log --reveal {} --why REASON gives the "
                "pseudonyms of this one",
                options_.client));
      query_.client = options_.client;
      for (char& c : *query_.client) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      if (!query_.client->starts_with("HS-"))
        return wrong(say("\"{}\" is not a pseudonym such as HS-7K3Q2F9A", options_.client));
    }
    if (!options_.code.empty()) {
      query_.code = audit::parse_decision_code(options_.code);
      if (!query_.code) return wrong(say("\"{}\" is not a code such as 7KQ2-M4XH", options_.code));
    }
    if (!options_.since.empty()) {
      query_.since_ms = parse_since(options_.since, wall_clock_ms(), zone_);
      if (!query_.since_ms)
        return wrong(say("\"{}\" is not a time such as 15m, 2h, 7d or 2026-03-04", options_.since));
    }
    // With a beginning, everything from there on is asked for.
    query_.limit = query_.since_ms && !options_.limit_given ? 0 : options_.limit;
    return exit_ok;
  }

  // What people paste: of an address the name of the site, in the form of the log.
  static std::string host_asked_for(std::string_view text) {
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
      text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find_first_of("/?#"));
    if (text.starts_with("*.")) text.remove_prefix(2);
    Host host;
    return parse_host(text, host).ok() ? host.text : std::string(text);
  }

  // Where nothing is found: whether there is such a tier, such a client.
  int look_for_names(const LogReader& reader) {
    const auto in_log = [&](LogQuery query) {
      query.kind = query_.kind;
      query.limit = 1;
      const auto rows = reader.rows(query);
      return !rows || !rows->empty();
    };
    LogQuery of_client, of_tier;
    of_client.client = query_.client;
    of_tier.tier = query_.tier;
    if (query_.client && !in_log(of_client))
      tell(say("no row of this log is of a client {}", *query_.client));
    if (!query_.tier || in_log(of_tier)) return exit_ok;
    const std::vector<std::string> known = tiers_of_school();
    if (std::find(known.begin(), known.end(), *query_.tier) != known.end()) return exit_ok;
    if (known.empty()) {
      tell(say("no row of this log is of a tier \"{}\"", *query_.tier));
      return exit_ok;
    }
    return wrong(no_such_tier(*query_.tier, known));
  }

  // Of the files as they are now; empty where the log alone is known, or a file cannot be read.
  [[nodiscard]] std::vector<std::string> tiers_of_school() const {
    std::vector<std::string> names;
    if (tiers_directory_.empty()) return names;
    LoadContext context(options_.config);
    const auto files = context.yaml_files_in(tiers_directory_);
    if (!files) return names;
    for (const std::string& file : *files) {
      const auto tier = read_tier_file(file, context);
      if (!tier) return {};
      names.push_back(tier->id.value);
    }
    return names;
  }

  int print_events() {
    const auto events = LogReader(directory_).events(query_.since_ms, query_.limit, query_.kind);
    if (!events) return fail(events.error());
    for (const audit::LogEvent& event : *events) {
      console_.out << log_line(event, format_, zone_, console_.out_colour);
    }
    return finish();
  }

  void print(const audit::LogRow& row) {
    console_.out << log_line(row, format_, zone_, console_.catalogue, console_.out_colour);
  }

  // Until the reader of our output leaves, or a signal ends us.
  int follow(const LogReader& reader, audit::LogCursor cursor) {
    LogQuery query = query_;
    query.limit = 10'000;  // of one look
    while (console_.out.flush()) {
      const auto rows = reader.next(query, cursor);
      if (!rows) return fail(rows.error());
      for (const audit::LogRow& row : *rows) print(row);
      if (rows->size() < query.limit) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    return exit_ok;
  }

  int reveal() {
    constexpr std::size_t longest = 800;  // of the reason; the socket takes questions of 1,024 bytes
    if (options_.reveal.find_first_of(" \n") != std::string::npos || options_.reveal.size() > 64)
      return wrong(say("\"{}\" is neither a pseudonym such as HS-7K3Q2F9A nor an address", options_.reveal));
    std::string why = options_.why;
    for (char& c : why) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    if (why.find_first_not_of(' ') == std::string::npos || why.size() > longest)
      return wrong(say("--why is empty or longer than {} bytes", longest));
    const auto config = load_main_file(options_.config, console_);
    if (!config) return exit_config_errors;
    const Result<Reply> reply =
        ask_proxy(reveal_socket_path(config->control_socket), options_.reveal + " " + why);
    if (!reply)
      return fail(Error{say("{}; and only root and members of the group {} may ask", reply.error().message,
                            safeguarding_group)});
    (reply->exit_code == exit_ok ? console_.out : console_.err) << reply->text;
    return reply->exit_code;
  }

  int finish() { return console_.out.flush() ? exit_ok : exit_failed; }
  int fail(const Error& error) {
    tell(error.message);
    return exit_failed;
  }
  int wrong(const Message& message) {
    tell(message);
    return exit_usage;
  }
  void tell(const Message& message) { console_.err << console_.text(message) << '\n'; }

  const LogOptions& options_;
  Console& console_;
  LogFormat format_ = LogFormat::text;
  std::string directory_, tiers_directory_;
  TimeZone zone_;
  LogQuery query_;
};

// `schoolgate log retention`: asked of the running proxy, whose clock it is that deletes.
void add_retention_command(CLI::App& log, Console& console, int& result) {
  struct Options {
    std::string config, date;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = log.add_subcommand("retention", "What is old enough to be deleted; confirm the date");
  command->add_option("--confirm", options->date,
                      "today's date, YYYY-MM-DD: the clock is right, delete by it");
  add_config_option(*command, options->config);
  on_command(*command, options->config, console, [options, &console, &result] {
    const auto config = load_main_file(options->config, console);
    if (!config) {
      result = exit_config_errors;
      return;
    }
    const std::string question = options->date.empty() ? "retention" : "retention confirm " + options->date;
    const Result<Reply> reply = ask_proxy(config->control_socket, question);
    if (!reply) {
      console.complain(reply.error().message);
      result = exit_failed;
      return;
    }
    (reply->exit_code == exit_ok ? console.out : console.err) << reply->text;
    result = reply->exit_code;
  });
}

}  // namespace

void add_log_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<LogOptions>();
  LogOptions& o = *options;
  CLI::App* command = app.add_subcommand("log", "Read the access log");
  command->add_flag("-f,--follow", o.follow, "go on as rows are written");
  command->add_flag("--blocked", o.blocked, "only what a rule did not plainly allow (blocked and warned)");
  command->add_flag(
      "--pinned", o.pinned,
      "only sites whose app or device refused the school's certificate: candidates for never_inspect");
  command->add_option("--tier", o.tier, "only this tier");
  command->add_option("--host", o.host, "only this host and those below it");
  command->add_option("--client", o.client, "only this client, by its pseudonym (HS-7K3Q2F9A)");
  command->add_option("--since", o.since, "from 15m, 2h, 7d ago, or from \"2026-03-04 07:30\"");
  command->add_option("--code", o.code, "the row with the code that a page shows");
  CLI::Option* limit = command->add_option("-n,--limit", o.limit, "at most so many, the newest; 0 = all");
  limit->capture_default_str();
  CLI::Option* events =
      command->add_flag("--events", o.events, "starts, stops, reloads and the like instead of requests");
  CLI::Option* why =
      command->add_option("--why", o.why, "with --safeguarding and --reveal: the reason, which is recorded");
  command
      ->add_option("--reveal", o.reveal,
                   "whose address is behind a pseudonym (HS-7K3Q2F9A), or the pseudonyms of an address; asks "
                   "the running proxy")
      ->needs(why)
      ->excludes(events);
  command
      ->add_flag(
          "--safeguarding", o.safeguarding,
          "rows of `help` (with --events: who asked what is behind a pseudonym), for the safeguarding lead")
      ->needs(why);
  CLI::Option* json = command->add_flag("--json", o.json, "an object per line");
  command->add_flag("--csv", o.csv, "for spreadsheets")->excludes(json);
  add_config_option(*command, o.config);
  command->add_option("--dir", o.directory, "the log's folder, instead of asking the configuration");
  command->footer(log_footer);
  add_retention_command(*command, console, result);
  command->callback([options, limit, command, &console, &result] {
    if (!command->get_subcommands().empty()) return;
    options->limit_given = limit->count() != 0;
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = LogCommand(*options, console).run();
  });
}

}  // namespace schoolgate::tools
