// `schoolgate log`: reads the access log.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "proxy/audit/codes.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/commands/commands.h"
#include "tools/commands/log_export.h"
#include "tools/commands/log_filter.h"
#include "tools/commands/log_new.h"
#include "tools/commands/log_print.h"
#include "tools/commands/log_seal.h"
#include "tools/commands/log_top.h"
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

`log review` puts a site into the school's own list of that category (lists/own, lists.d/own.yaml) with who said it and
when, and takes it out of every other of them. What is ok is only marked.

An export is of the ordinary log: what `schoolgate log` shows, never more, so a row of help is the row that anybody sees.
Without clients, and then to the minute, unless --with-clients and --why say otherwise. Each export is an event `log_taken`
in the log, with who, what and why; where that cannot be written, nothing is exported. A row has what of these it knows.

Names:
  @timestamp           when it was asked for, UTC
  event.action         allow, warn, block or refused
  event.type           access, and allowed or denied
  event.reason         why; schoolgate.layer says in which step of a decision
  event.id             the code on the page
  event.duration       in nanoseconds
  client.address       the pseudonym of the device's address; with --with-clients alone
  client.bytes         how much the device sent; server.bytes: how much it got
  http.request.method  how it was asked for; http.response.status_code: what the answer was
  url.domain           the site; url.port, and url.path of what was blocked or warned
  rule.name            the line that decided, FILE:LINE
  rule.category        the category; rule.ruleset: the tier; rule.version: the fingerprint of the policy
  error.message        what failed, or why it was refused
  schoolgate.flags     record, alert, locked
  schoolgate.seen      how much the filter saw; schoolgate.ended: how it ended
  schoolgate.visit     a page that somebody opened; schoolgate.count: how many requests the row stands for
  ecs.version          in JSON lines, as event.dataset, event.kind and event.category: the same in each row

Examples:
  schoolgate log                                     the newest 50 rows
  schoolgate log --follow --blocked                  what is blocked, as it happens
  schoolgate log --since 1h --host tiktok.com        this name and those below it
  schoolgate log --code 7KQ2-M4XH                    the code a pupil read from a page
  schoolgate log --since 2026-03-01 --until 2026-03-31 --csv > march.csv
  schoolgate log --since yesterday --until yesterday --category games --action block
  schoolgate log top hosts --blocked --since 1w      what was blocked most
  schoolgate log --events                            starts, stops, reloads
  schoolgate log --new 7d                            sites that five clients or more have asked for since
  schoolgate log review x.github.io --category games
  schoolgate log retention                           what is old enough to be deleted, and by which date
  schoolgate log verify                              is the log what it was when it was sealed?
  schoolgate log --reveal HS-7K3Q2F9A --why "call of 4 March"    whose address that is; an address gives its pseudonyms.
                                                     For root and the group schoolgate-safeguarding; recorded first
  schoolgate log --reveal HS-7K3Q2F9A --with hoa --why "call of 4 March"    where delegation.yaml names several under
                                                     safeguarding:, the other one who knows of it; root names two. Names
                                                     are taken at their word: root can read the keys
  schoolgate log --safeguarding --why "call of 4 March"    rows of `help`; that you read them is recorded
  schoolgate log export --since 2026-11-01 --until 2026-11-30 --out november.jsonl
  schoolgate log export --format csv --since 7d --blocked --out blocked.csv
  schoolgate log export --since 1d --category games | jq -r '."url.domain"'
  schoolgate log export --since 1d --with-clients --why "complaint of 4 March" --out rows.jsonl)";

struct LogOptions : LogFilter {
  std::string code, why, reveal, new_since;
  std::vector<std::string> with;
  std::size_t limit = 50;
  bool follow = false, events = false, json = false, csv = false;
  bool pinned = false, limit_given = false;
};

class LogCommand {
 public:
  LogCommand(const LogOptions& options, Console& console) : options_(options), console_(console) {
    format_ = options.json ? LogFormat::json : options.csv ? LogFormat::csv : LogFormat::text;
  }

  int run() {
    if (!options_.reveal.empty()) return reveal();
    if (!options_.new_since.empty()) return new_sites();
    log_ = FilteredLog::open(options_, console_);
    if (!log_) return exit_config_errors;
    if (const int bad = make_query(); bad != exit_ok) return bad;
    const std::string& directory = log_->directory();
    if (options_.safeguarding) {
      const std::string detail = JsonObject().add("why", options_.why).text();
      const auto recorded = audit::append_event(
          directory, wall_clock_ms(), "uid " + std::to_string(::getuid()), "safeguarding_read", detail);
      if (recorded.failed()) return fail(recorded.error());
    }
    console_.out << log_header(format_, options_.events);
    if (options_.events) return print_events();
    const LogReader reader(directory);
    auto cursor =
        reader.end(query_.kind);  // before the rows: a row may be shown by one of the two, never by neither
    if (!cursor) return fail(cursor.error());
    const auto rows = reader.rows(query_);
    if (!rows) return fail(rows.error());
    if (rows->empty()) {
      const FilteredLog::Unknown unknown = log_->look_for_names(query_);
      for (const Message& words : unknown.words) tell(words);
      if (unknown.wrong) return exit_usage;
    }
    for (const audit::LogRow& row : *rows) {
      // What came after `cursor` is follow()'s.
      const bool later = std::pair(row.month, row.id) > std::pair(cursor->month, cursor->id);
      if (!options_.follow || !later) print(row);
    }
    return options_.follow ? follow(reader, *cursor) : finish();
  }

 private:
  int make_query() {
    auto asked = log_->query(wall_clock_ms());
    if (!asked) return wrong(asked.error());
    query_ = std::move(*asked);
    query_.certificate_refused = options_.pinned;
    if (!options_.code.empty()) {
      query_.code = audit::parse_decision_code(options_.code);
      if (!query_.code) return wrong(say("\"{}\" is not a code such as 7KQ2-M4XH", options_.code));
    }
    // With a beginning, everything from there on is asked for.
    query_.limit = query_.since_ms && !options_.limit_given ? 0 : options_.limit;
    return exit_ok;
  }

  int print_events() {
    const auto events =
        LogReader(log_->directory()).events(query_.since_ms, query_.limit, query_.kind, query_.until_ms);
    if (!events) return fail(events.error());
    for (const audit::LogEvent& event : *events) {
      console_.out << log_line(event, format_, log_->zone(), console_.out_colour);
    }
    return finish();
  }

  void print(const audit::LogRow& row) {
    console_.out << log_line(row, format_, log_->zone(), console_.catalogue, console_.out_colour);
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
    std::string asked = options_.reveal;
    constexpr std::size_t longest_name = 32, most_names = 4;
    for (const std::string& name : options_.with) {
      if (name.empty() || name.size() > longest_name || name.find_first_of(" \t\n+") != std::string::npos)
        return wrong(
            say("--with takes an account that delegation.yaml names under safeguarding:, not \"{}\"", name));
      asked += "+" + name;
    }
    if (options_.with.size() > most_names) return wrong(say("--with takes at most {} names", most_names));
    std::string why = options_.why;
    for (char& c : why) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    if (why.find_first_not_of(' ') == std::string::npos || why.size() > longest)
      return wrong(say("--why is empty or longer than {} bytes", longest));
    const auto config = load_main_file(options_.config, console_);
    if (!config) return exit_config_errors;
    const Result<Reply> reply = ask_proxy(reveal_socket_path(config->control_socket), asked + " " + why);
    if (!reply)
      return fail(Error{say("{}; and only root and members of the group {} may ask", reply.error().message,
                            safeguarding_group)});
    (reply->exit_code == exit_ok ? console_.out : console_.err) << reply->text;
    return reply->exit_code;
  }

  int new_sites() {
    NewSites asked{.config = options_.config,
                   .directory = options_.directory,
                   .json = options_.json,
                   .all = options_.safeguarding,
                   .why = options_.why,
                   .control_socket = {}};
    for (char& c : asked.why) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    TimeZone zone;
    if (asked.directory.empty() || asked.all) {
      const auto config = load_main_file(options_.config, console_);
      if (!config) return exit_config_errors;
      if (asked.directory.empty()) asked.directory = config->log.directory;
      asked.control_socket = config->control_socket;
      if (const auto loaded = TimeZone::load(config->school.time_zone)) zone = *loaded;
    }
    const auto since = parse_since(options_.new_since, wall_clock_ms(), zone);
    if (!since)
      return wrong(say("\"{}\" is not a time such as 15m, 2h, 7d or 2026-03-04", options_.new_since));
    asked.since_ms = *since;
    return print_new_sites(asked, console_);
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
  std::optional<FilteredLog> log_;
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
  add_filter_options(*command, o);
  command->add_flag(
      "--pinned", o.pinned,
      "only sites whose app or device refused the school's certificate: candidates for never_inspect");
  command->add_option("--code", o.code, "the row with the code that a page shows");
  CLI::Option* limit = command->add_option("-n,--limit", o.limit, "at most so many, the newest; 0 = all");
  limit->capture_default_str();
  CLI::Option* events =
      command->add_flag("--events", o.events, "starts, stops, reloads and the like instead of requests");
  CLI::Option* why =
      command->add_option("--why", o.why, "with --safeguarding and --reveal: the reason, which is recorded");
  CLI::Option* reveal =
      command
          ->add_option(
              "--reveal", o.reveal,
              "whose address is behind a pseudonym (HS-7K3Q2F9A), or the pseudonyms of an address; asks "
              "the running proxy")
          ->needs(why)
          ->excludes(events);
  command
      ->add_option(
          "--with", o.with,
          "with --reveal: another account of safeguarding: that knows of it, where there are several; "
          "recorded")
      ->needs(reveal)
      ->allow_extra_args(false);
  command
      ->add_flag(
          "--safeguarding", o.safeguarding,
          "rows of `help` (with --events: who asked what is behind a pseudonym), for the safeguarding lead")
      ->needs(why);
  CLI::Option* json = command->add_flag("--json", o.json, "an object per line");
  command->add_flag("--csv", o.csv, "for spreadsheets")->excludes(json);
  command
      ->add_option("--new", o.new_since,
                   "sites first asked for since then (7d, 2026-03-04), of five clients or more; with "
                   "--safeguarding and --why of fewer too")
      ->excludes(events);
  add_config_option(*command, o.config);
  command->add_option("--dir", o.directory, "the log's folder, instead of asking the configuration");
  command->footer(log_footer);
  add_top_command(*command, console, result);
  add_export_command(*command, console, result);
  add_retention_command(*command, console, result);
  add_review_command(*command, console, result);
  add_verify_command(*command, console, result);
  add_seal_command(*command, console, result);
  command->callback([options, limit, command, &console, &result] {
    if (!command->get_subcommands().empty()) return;
    options->limit_given = limit->count() != 0;
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = LogCommand(*options, console).run();
  });
}

}  // namespace schoolgate::tools
