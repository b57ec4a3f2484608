// Nobody reads from the ordinary log who needed help: a school's day is judged, planned and written as the
// proxy does it, and a classifier that sees every column, every event, their order and their gaps learns
// nothing.
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "proxy/audit/codes.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/site_names.h"
#include "proxy/audit/sqlite.h"
#include "proxy/audit/totals_reader.h"
#include "proxy/core/decision_numbers.h"
#include "proxy/core/help_watch.h"
#include "proxy/core/plan.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr char policy_text[] = R"(
category self_harm
category games
category social
category news
list games : choi.vn
list social : mxh.vn
list news : bao.vn tim.vn
engine tim.vn : q
term self_harm does help+alert : muon bien mat mai mai
term self_harm does help : truyen lao hac cuoi truyen
term games does block : cay vang nap the game
tier hoc_sinh
  self_harm = help
  games = warn
  social = block
)";

enum class Mark {
  none,
  help,
  plain,
  hidden,
  placebo
};  // what the test knows of a row, or of what follows it

struct Day {
  std::mt19937 random{20261128};
  std::unique_ptr<World> world = parse_world(policy_text);
  Judge judge = world->judge();
  HelpWatch watch;
  DecisionNumbers numbers{42};
  std::uint64_t count = 0;
  std::atomic<std::int64_t> now_ms = march_2026;
  TempDir dir;
  std::unique_ptr<AccessLog> log = [this] {
    AccessLogOptions options = log_options(dir);
    options.now_ms = [this] { return now_ms.load(); };
    auto opened = AccessLog::open(std::move(options));
    if (!opened) FAIL(opened.error().message);
    return std::move(*opened);
  }();
  std::map<std::uint64_t, Mark> of_row, after_row;  // by code
  std::uint64_t last_code = 0;
  bool as_before = false;  // help rows as they were once invented: the classifier must find those
  // Two days of the same length, request by request, of which one has nobody who needs help.
  bool comparable = false, nobody_needs_help = false;
  std::uint32_t steps = 0;
  std::size_t help_pages = 0;

  std::size_t below(std::size_t n) { return random() % n; }
  void think() {
    now_ms += 1;
    if (!comparable) now_ms += static_cast<std::int64_t>(std::exponential_distribution<>(1 / 900.0)(random));
  }

  // All of one length, whatever is searched for.
  std::string search(const std::string& words) {
    std::string text = "http://tim.vn/search?q=" + words;
    for (char& c : text) c = c == ' ' ? '+' : c;
    text += '+';
    while (text.size() < 80) text += comparable ? 'x' : static_cast<char>('a' + below(26));
    return text;
  }

  // One request as a Session serves it. True: the answer was a help page.
  bool ask(const IpAddress& client, const std::string& address, bool page, Mark mark) {
    think();
    Url url;
    REQUIRE(url.parse(address).ok());
    const std::string text =
        "GET " + address + " HTTP/1.1\r\nHost: x\r\nAccept: " + (page ? "text/html" : "*/*") +
        (below(2) == 0 ? std::string("\r\nSec-Fetch-Dest: ") + (page ? "document" : "script") : "") +
        "\r\n\r\n";
    RequestHead head;
    REQUIRE(parse_request_head(text, head).ok());
    const Judged judged = judge.judge({url, Stage::request, 0, LocalTime{}, {}});
    const std::string rule = judged.help ? "help." + std::to_string(judged.help->help.rule.line) : "";
    PlanRequest request{head, url, judged.verdict, world->policy->tiers()[0]};
    request.help = judged.help ? &*judged.help : nullptr;
    request.help_page_due = judged.help && watch.page_due(client, rule, now_ms);
    const Plan planned = plan(request);
    const auto* const blocked = std::get_if<Block>(&planned);
    const auto* const forwarded = std::get_if<Forward>(&planned);
    const bool help_page = blocked != nullptr && blocked->page == PageKind::help;
    if (help_page) watch.page_shown(client, rule, now_ms);
    help_pages += help_page ? 1 : 0;

    LogRecord record = allowed_record(numbers.number(++count), url.host().text);
    record.client = client;
    record.time_ms = now_ms;
    record.method = "GET";
    record.port = 80;
    record.seen = address.find("?q=") != std::string::npos ? Seen::search_words : Seen::url;
    set_verdict(record, judged, help_page || (forwarded != nullptr && forwarded->by_help));
    record.alert_until_ms = now_ms + HelpWatch::window_ms;
    note_alert(record, judged.help && rings(*judged.help, head), *world->policy, watch);
    record.visit = visit_of(head);
    record.ended = blocked != nullptr ? Ended::blocked : Ended::done;
    record.status = blocked != nullptr ? 403 : 200;
    record.bytes_up = text.size();
    record.bytes_down = blocked != nullptr ? 9'000 : 2'000 + below(90'000);
    record.duration_ms = static_cast<std::uint32_t>(20 + below(400));
    if (blocked != nullptr && url.has_path()) record.path = url.path();
    if (as_before && record.help) {
      record.verdict = Verdict{};
      record.verdict.action = Action::allow;
      record.verdict.layer = Layer::tier_default;
      record.verdict.reason = Reason::tier_default;
    }
    const std::uint64_t code = record.decision & ((std::uint64_t{1} << 40) - 1);
    if (record.verdict.action != Action::help) {
      last_code = code;
      if (mark != Mark::none) of_row[code] = mark;
    }
    REQUIRE(log->write(std::move(record)));
    return help_page;
  }

  // Something that leaves no row, or nothing at all for as long: is it seen by what surrounds it?
  void marked_pause(Mark mark) {
    if (last_code != 0) after_row[last_code] = mark;
  }

  void step() {
    if (comparable) random.seed(steps);
    const std::int64_t began_ms = now_ms;
    take_step();
    if (comparable) now_ms = began_ms + 10'007;           // no step is at the very end of a window
    if (below(200) == 0) now_ms += HelpWatch::window_ms;  // the next lesson
    ++steps;
  }

  void take_step() {
    const IpAddress client = IpAddress::v4(0x0a000100 + static_cast<std::uint32_t>(below(60)));
    const std::size_t kind = below(100);
    if (kind < 60) {
      static const std::vector<std::string> sites{"a.vn",   "b.vn",    "c.vn", "bao.vn",
                                                  "mxh.vn", "choi.vn", "d.vn"};
      ask(client, "http://" + sites[below(sites.size())] + "/x", below(3) == 0, Mark::none);
      if (below(40) == 0)
        log->event("client", "grant", R"({"tier":"hoc_sinh","host":"choi.vn","category":"games"})");
    } else if (kind < 70) {
      ask(client, search("cay vang nap the game"), true, Mark::none);
    } else if (kind < 85) {  // a page before the results, or a moment of thought
      const bool helps = below(2) == 0 && !nobody_needs_help;
      const std::string words = helps ? "muon bien mat mai mai" : "meo con de thuong qua di";
      const bool due = helps && watch.page_due(client, "help." + std::to_string(alert_line()), now_ms);
      if (helps && due) {
        marked_pause(Mark::hidden);
        CHECK(ask(client, search(words), true, Mark::none));
        think();  // its button: a row of help as well
        LogRecord pressed = allowed_record(numbers.number(++count), "schoolgate.internal");
        pressed.client = client;
        pressed.time_ms = now_ms;
        pressed.verdict.action = Action::help;
        REQUIRE(log->write(std::move(pressed)));
      } else if (!helps) {
        marked_pause(Mark::placebo);
        think();
        think();
      }
      if (comparable) random.seed(~steps);
      ask(client, search(words), true, helps ? Mark::help : Mark::plain);
    } else {
      const bool helps = below(2) == 0 && !nobody_needs_help;
      ask(client, search(helps ? "truyen lao hac cuoi truyen" : "truyen cuoi dan gian viet"), below(2) == 0,
          helps ? Mark::help : Mark::plain);
    }
  }

  std::uint32_t alert_line() const {
    for (const TermRule& rule : world->spec.terms) {
      if (rule.effect && rule.effect->flags.alert) return rule.where.line;
    }
    return 0;
  }
};

// One row with all that can be seen of it and around it, in words.
using Features = std::vector<std::string>;

std::string bucket(std::int64_t n) {
  const std::int64_t size = n < 0 ? -n : n;
  return (n < 0 ? "-" : "") + std::to_string(static_cast<int>(std::log2(static_cast<double>(size) + 1)));
}

void add_columns(Features& out, const LogRow& row) {
  for (const std::string& text : {row.client, row.tier, row.host, row.path, row.method, row.seen, row.layer,
                                  row.reason, row.category, row.file, row.ended, row.cause})
    out.push_back(text);
  for (const std::int64_t n :
       {static_cast<std::int64_t>(row.action), static_cast<std::int64_t>(row.flags.record),
        static_cast<std::int64_t>(row.flags.alert), static_cast<std::int64_t>(row.visit), row.line, row.port,
        row.status, row.revision})
    out.push_back(std::to_string(n));
  for (const std::int64_t n : {row.bytes_up, row.bytes_down, row.duration_ms}) out.push_back(bucket(n));
}

std::int64_t code_of(const LogRow& row) {
  return static_cast<std::int64_t>(*parse_decision_code(row.code));
}

// `i`: 0 < i < rows.size() - 1.
Features features(const std::vector<LogRow>& rows, std::size_t i, const std::vector<LogEvent>& events) {
  Features out;
  for (const std::size_t at : {i - 1, i, i + 1}) add_columns(out, rows[at]);
  for (const std::size_t b : {i, i + 1}) {
    const std::size_t a = b - 1;
    out.push_back(std::to_string(rows[b].id - rows[a].id));
    out.push_back(bucket(code_of(rows[b]) - code_of(rows[a])));
    out.push_back(std::to_string(rows[a].client == rows[b].client));
    const auto between = [&](const LogEvent& e) {
      return e.time_ms > rows[a].time_ms && e.time_ms <= rows[b].time_ms;
    };
    out.push_back(std::to_string(std::count_if(events.begin(), events.end(), between)));
  }
  return out;
}

struct Sample {
  Features features;
  bool yes;
};

// Naive Bayes over words: learns from the first half, and says how often it is right about the second, of as
// many of both kinds.
double accuracy(const std::vector<Sample>& all) {
  const std::size_t half = all.size() / 2;
  std::map<std::pair<std::size_t, std::string>, std::array<double, 2>> seen;
  std::array<double, 2> total{1, 1};
  for (std::size_t i = 0; i < half; ++i) {
    total[all[i].yes] += 1;
    for (std::size_t f = 0; f < all[i].features.size(); ++f) seen[{f, all[i].features[f]}][all[i].yes] += 1;
  }
  std::array<double, 2> right{}, asked{};
  for (std::size_t i = half; i < all.size(); ++i) {
    double score = 0;
    for (std::size_t f = 0; f < all[i].features.size(); ++f) {
      const auto at = seen.find({f, all[i].features[f]});
      if (at == seen.end()) continue;
      score +=
          std::log((at->second[1] + 1) / (total[1] + 2)) - std::log((at->second[0] + 1) / (total[0] + 2));
    }
    asked[all[i].yes] += 1;
    right[all[i].yes] += (score > 0) == all[i].yes;
  }
  return (right[0] / asked[0] + right[1] / asked[1]) / 2;
}

struct Found {
  std::vector<Sample> passed, hidden;
  std::size_t rows = 0;
};

Found run_day(bool as_before) {
  Day day;
  day.as_before = as_before;
  day.log->policy_loaded(sample_snapshot(7));
  while (day.count < 12'000) {
    for (int i = 0; i < 100; ++i) day.step();
    REQUIRE(day.log->flush(10s));
  }
  const LogReader reader(day.dir.path);
  const auto rows = reader.rows({});
  const auto events = reader.events(std::nullopt, 0);
  REQUIRE(rows);
  REQUIRE(events);
  Found found;
  found.rows = rows->size();
  for (std::size_t i = 1; i + 1 < rows->size(); ++i) {
    const auto code = static_cast<std::uint64_t>(code_of((*rows)[i]));
    if (const auto at = day.of_row.find(code); at != day.of_row.end())
      found.passed.push_back({features(*rows, i, *events), at->second == Mark::help});
    if (const auto at = day.after_row.find(code); at != day.after_row.end())
      found.hidden.push_back({features(*rows, i, *events), at->second == Mark::hidden});
  }
  return found;
}

// What is kept for years of a comparable day: the figures of each hour, and the sites first seen.
struct Kept {
  std::size_t help_pages = 0, lines = 0;
  std::string text;
};

Kept kept_for_years(bool nobody_needs_help) {
  Day day;
  day.comparable = true;
  day.nobody_needs_help = nobody_needs_help;
  day.log->policy_loaded(sample_snapshot(7));
  while (day.steps < 4'000) {
    for (int i = 0; i < 100; ++i) day.step();
    REQUIRE(day.log->flush(10s));
  }
  REQUIRE(day.log->stop());
  Kept kept;
  kept.help_pages = day.help_pages;
  const auto add = [&kept](const std::string& path, const char* sql) {
    auto db = Database::open(path, Database::Mode::read);
    REQUIRE(db);
    auto lines = db->prepare(sql);
    REQUIRE(lines);
    for (; lines->step() == SQLITE_ROW; ++kept.lines) kept.text += lines->text(0) + "\n";
  };
  add(totals_path(day.dir.path),
      "SELECT hour || '|' || tier || '|' || category || '|' || action || '|' || seen || '|' || requests || "
      "'|' || visits FROM totals ORDER BY 1");
  add(names_path(day.dir.path), "SELECT name || '|' || first_seen || '|' || many FROM sites ORDER BY 1");
  return kept;
}

}  // namespace

TEST_CASE("what is kept for years is the same, whether anybody needed help or nobody", "[audit][help]") {
  const Kept with_help = kept_for_years(false), without = kept_for_years(true);
  CHECK(with_help.help_pages > 50);
  CHECK(without.help_pages == 0);
  CHECK(with_help.lines > 50);
  CHECK(with_help.text == without.text);
}

TEST_CASE("a classifier that sees the whole ordinary log finds nobody who needed help", "[audit][help]") {
  const Found found = run_day(false);
  CHECK(found.rows >= 10'000);
  // Chance is a half; four standard deviations of so many tosses.
  for (const std::vector<Sample>* samples : {&found.passed, &found.hidden}) {
    const auto asked = static_cast<double>(samples->size()) / 2;
    INFO(samples->size() << " samples");
    CHECK(samples->size() > 500);
    CHECK(accuracy(*samples) < 0.5 + 4 * 0.5 / std::sqrt(asked));
  }
}

TEST_CASE("the same classifier finds rows that are invented", "[audit][help]") {
  CHECK(accuracy(run_day(true).passed) > 0.95);
}
