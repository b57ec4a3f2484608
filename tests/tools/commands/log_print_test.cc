#include "tools/commands/log_print.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>

#include "tests/tools/valid_json.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;

namespace {

constexpr LogFormat every_format[] = {LogFormat::text, LogFormat::json, LogFormat::csv};

// An allowed request, as most are. 2026-03-04T04:53:20.123Z.
LogRow plain_row() {
  LogRow row;
  row.time_ms = 1'772'600'000'123;
  row.code = "0EEQ-MM95";
  row.client = "HS-7K3Q2F9A";
  row.tier = "thcs";
  row.action = Action::allow;
  row.host = "ok.vn";
  row.method = "GET";
  row.port = 443;
  row.status = 200;
  row.seen = "url";
  row.layer = row.reason = "tier_default";
  row.ended = "done";
  return row;
}

LogRow blocked_row() {
  LogRow row = plain_row();
  row.action = Action::block;
  row.status = 403;
  row.category = row.reason = "gambling";
  row.file = "lists/bets.txt";
  row.line = 12;
  row.ended = "blocked";
  return row;
}

std::string text_of(const LogRow& row, bool colour = false) {
  return log_line(row, LogFormat::text, TimeZone(), nullptr, colour);
}

}  // namespace

TEST_CASE("log print: what a line says, and what it leaves out", "[tools][log]") {
  const std::string begin = "2026-03-04 11:53:20  HS-7K3Q2F9A  ";
  struct Row {
    const char* name;
    void (*change)(LogRow&);
    const char* want;  // after client and two blanks
  };
  const Row rows[] = {
      {"allowed: no rule, no code", [](LogRow&) {}, "thcs      allow GET ok.vn  200"},
      {"before the first policy there is no tier", [](LogRow& r) { r.tier = ""; },
       "-         allow GET ok.vn  200"},
      {"a long tier keeps its blank", [](LogRow& r) { r.tier = "0123456789"; },
       "0123456789 allow GET ok.vn  200"},
      {"another port", [](LogRow& r) { r.port = 8443; }, "thcs      allow GET ok.vn:8443  200"},
      {"port 80", [](LogRow& r) { r.port = 80; }, "thcs      allow GET ok.vn  200"},
      {"nothing was sent", [](LogRow& r) { r.status = 0; }, "thcs      allow GET ok.vn"},
      {"allowed and recorded: why, though no code", [](LogRow& r) { r.flags.record = true; },
       "thcs      allow GET ok.vn  200  tier_default+record"},
      {"blocked: why, by which line, its code", [](LogRow& r) { r = blocked_row(); },
       "thcs      block GET ok.vn  403  gambling  lists/bets.txt:12  0EEQ-MM95"},
      {"every flag",
       [](LogRow& r) {
         r = blocked_row();
         r.flags = Flags{true, true, true};
       },
       "thcs      block GET ok.vn  403  gambling+record+alert+locked  lists/bets.txt:12  0EEQ-MM95"},
      {"a rule without a line",
       [](LogRow& r) {
         r = blocked_row();
         r.line = 0;
       },
       "thcs      block GET ok.vn  403  gambling  lists/bets.txt  0EEQ-MM95"},
      {"a tunnel that runs", [](LogRow& r) { r.ended = "open"; }, "thcs      allow GET ok.vn  200  open"},
      {"what failed upstream",
       [](LogRow& r) {
         r.status = 502;
         r.ended = "upstream-failed";
         r.cause = "dns: no answer";
       },
       "thcs      allow GET ok.vn  502  upstream-failed (dns: no answer)"},
      {"refused unjudged is no block",
       [](LogRow& r) {
         r = blocked_row();
         r.category = r.file = "";
         r.refused = true;
         r.status = 400;
         r.reason = "bad_request";
         r.ended = "refused";
       },
       "thcs      refused GET ok.vn  400  bad_request  0EEQ-MM95"},
      {"many in one", [](LogRow& r) { r.count = 1'234; }, "thcs      allow GET ok.vn  200  stands for 1,234"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      LogRow made = plain_row();
      row.change(made);
      CHECK(text_of(made) == begin + row.want + "\n");
    }
}

TEST_CASE("log print: words of the school's language, none of the log's", "[tools][log]") {
  LogRow row = blocked_row();
  row.count = 1'234;
  const Catalogue vi = catalogue_of(Language::vi);
  const std::string english = text_of(row),
                    vietnamese = log_line(row, LogFormat::text, TimeZone(), vi, false);
  const std::size_t at = english.find("stands for");
  REQUIRE(at != std::string::npos);
  CHECK(vietnamese == std::string(english).replace(at, 16, "thay cho 1.234"));
  for (const LogFormat format : {LogFormat::json, LogFormat::csv})
    CHECK(log_line(row, format, TimeZone(), vi, false) == log_line(row, format, TimeZone(), nullptr, false));
}

TEST_CASE("log print: colours say what was decided, and change no letter", "[tools][log]") {
  const std::string coloured = text_of(blocked_row(), true);
  CHECK_THAT(coloured, Catch::Contains("\x1b[31mblock\x1b[0m") &&
                           Catch::StartsWith("\x1b[2m2026-03-04 11:53:20\x1b[0m"));
  CHECK_THAT(text_of(plain_row(), true), Catch::Contains("\x1b[32mallow\x1b[0m"));
  // Programs get none, though the output is a terminal.
  for (const LogFormat format : {LogFormat::json, LogFormat::csv})
    CHECK(log_line(blocked_row(), format, TimeZone(), nullptr, true) ==
          log_line(blocked_row(), format, TimeZone(), nullptr, false));
}

TEST_CASE("log print: whatever the network put into a row, it stays one harmless line", "[tools][log]") {
  const std::string evil = "\"=cmd\x1b[2J\r\n\xe2\x80\xae\xff,\\";
  std::string LogRow::*const fields[] = {
      &LogRow::client, &LogRow::tier,  &LogRow::host,   &LogRow::path,     &LogRow::method,
      &LogRow::seen,   &LogRow::layer, &LogRow::reason, &LogRow::category, &LogRow::file,
      &LogRow::digest, &LogRow::cause, &LogRow::ended,
  };
  for (std::size_t i = 0; i < std::size(fields); ++i) {
    CAPTURE(i);
    LogRow row = blocked_row();
    row.*fields[i] = evil;
    for (const LogFormat format : every_format) {
      const std::string line = log_line(row, format, TimeZone(), nullptr, false);
      const std::string_view end = format == LogFormat::csv ? "\r\n" : "\n";
      REQUIRE(line.ends_with(end));
      const std::string inside = line.substr(0, line.size() - end.size());
      CHECK(inside.find_first_of(std::string("\x1b\r\n")) == std::string::npos);
      CHECK(inside.find("\xe2\x80\xae") == std::string::npos);
      CHECK(inside.find('\xff') == std::string::npos);
      if (format == LogFormat::json) CHECK(is_json(inside));
    }
  }
}

TEST_CASE("log print: a path is no formula in a spreadsheet", "[tools][log]") {
  LogRow row = blocked_row();
  row.path = "=HYPERLINK(1)";
  CHECK_THAT(log_line(row, LogFormat::csv, TimeZone(), nullptr, false),
             Catch::Contains(",\"'=HYPERLINK(1)\","));
}

TEST_CASE("log print: a CSV row has as many cells as its header, in the same order", "[tools][log]") {
  LogRow row = blocked_row();
  row.path = "/x";
  row.count = 3;
  row.bytes_up = 300;
  row.digest = "abc";
  row.flags.locked = true;
  const std::string line = log_line(row, LogFormat::csv, TimeZone(), nullptr, false);
  const std::string header = log_header(LogFormat::csv, false);
  CHECK(std::count(line.begin(), line.end(), ',') == std::count(header.begin(), header.end(), ','));
  const auto cell = [&](const std::string& name) {
    const auto column =
        std::count(header.begin(), header.begin() + static_cast<long>(header.find(name)), ',');
    std::size_t at = 0;
    for (long i = 0; i < column; ++i) at = line.find(',', at) + 1;
    return line.substr(at, line.find_first_of(",\r", at) - at);
  };
  CHECK(cell("time") == "2026-03-04T04:53:20.123Z");
  CHECK(cell("local_time") == "2026-03-04T11:53:20+07:00");
  CHECK(cell("code") == "0EEQ-MM95");
  CHECK(cell("flags") == "locked");
  CHECK(cell("path") == "/x");
  CHECK(cell("rule") == "lists/bets.txt:12");
  CHECK(cell("digest") == "abc");
  CHECK(cell("bytes_up") == "300");
  CHECK(cell("count") == "3");
}

TEST_CASE("log print: only CSV has a header", "[tools][log]") {
  for (const bool events : {false, true}) {
    CHECK(log_header(LogFormat::text, events).empty());
    CHECK(log_header(LogFormat::json, events).empty());
    CHECK_THAT(log_header(LogFormat::csv, events),
               Catch::StartsWith("time,local_time,") && Catch::EndsWith("\r\n"));
  }
}

TEST_CASE("log print: in JSON what is not there is null, and there are no cells of blanks", "[tools][log]") {
  const std::string line = log_line(plain_row(), LogFormat::json, TimeZone(), nullptr, false);
  CHECK_THAT(line, Catch::Contains("\"path\":null") && Catch::Contains("\"category\":null") &&
                       Catch::Contains("\"rule\":null") && Catch::Contains("\"cause\":null"));
  CHECK(is_json(line));
}

TEST_CASE("log print: events, whose detail is JSON already", "[tools][log]") {
  LogEvent event{1'772'600'000'123, "uid 0", "reload", R"({"revision":8})"};
  CHECK(log_line(event, LogFormat::text, TimeZone(), false) ==
        "2026-03-04 11:53:20  uid 0  reload  {\"revision\":8}\n");
  CHECK(log_line(event, LogFormat::csv, TimeZone(), false) ==
        "2026-03-04T04:53:20.123Z,2026-03-04T11:53:20+07:00,\"uid 0\",reload,\"{\"\"revision\"\":8}\"\r\n");
  const std::string json = log_line(event, LogFormat::json, TimeZone(), false);
  CHECK_THAT(json, Catch::EndsWith("\"what\":\"reload\",\"detail\":{\"revision\":8}}\n"));
  // What could move the cursor is no raw JSON any more, but a text.
  event.detail = "{\"why\":\"\xe2\x80\xae\"}";
  event.actor = event.what = "\x1b[2J";
  for (const LogFormat format : every_format) {
    const std::string line = log_line(event, format, TimeZone(), false);
    CHECK(line.find('\x1b') == std::string::npos);
    CHECK(line.find("\xe2\x80\xae") == std::string::npos);
    if (format == LogFormat::json) CHECK(is_json(line));
  }
}

TEST_CASE("log print: since a local time of a zone with summer time", "[tools][log]") {
  const auto zone = TimeZone::load("Europe/Berlin");
  if (!zone) return;                                                      // a machine without time zones
  CHECK(parse_since("2026-01-15 12:00", 0, *zone) == 1'768'474'800'000);  // 11:00 UTC
  CHECK(parse_since("2026-07-15 12:00", 0, *zone) == 1'784'109'600'000);  // 10:00 UTC
}

TEST_CASE("log print: since when, in words or as a local date", "[tools][log]") {
  const TimeZone zone;                         // +07
  const std::int64_t now = 1'772'600'000'123;  // 2026-03-04T04:53:20.123Z
  struct Case {
    const char* text;
    std::optional<std::int64_t> want;
  };
  const Case cases[] = {
      {"90s", now - 90'000},
      {"15m", now - 900'000},
      {"2h", now - 7'200'000},
      {"7d", now - 604'800'000},
      {"1w", now - 604'800'000},
      {"today", 1'772'557'200'000},
      {"yesterday", 1'772'470'800'000},
      {"tomorrow", std::nullopt},
      {"2026-03-04", 1'772'557'200'000},  // midnight at +07
      {"2026-03-04 07:30", 1'772'584'200'000},
      {"2026-03-04T07:30", 1'772'584'200'000},
      {"", std::nullopt},
      {"h", std::nullopt},
      {"-1h", std::nullopt},
      {"1.5h", std::nullopt},
      {"1y", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"1000000d", now - 86'400'000'000'000},
      {"1000001d", std::nullopt},
      {"0s", now},
      {"15 m", std::nullopt},
      {"m15", std::nullopt},
      {"2026-13-01", std::nullopt},
      {"2026-00-01", std::nullopt},
      {"2026-03-00", std::nullopt},
      {"2024-02-29", 1'709'139'600'000},
      {"2026-02-29", std::nullopt},  // no such day; it was taken for 1 March
      {"2026-02-31", std::nullopt},
      {"2026-04-31 07:30", std::nullopt},
      {"2026-03-04 24:00", std::nullopt},
      {"2026-03-04 07:60", std::nullopt},
      {"2026-03-04 07:3", std::nullopt},
      {"2026-03-04_07:30", std::nullopt},
      {"2026-03-04 07.30", std::nullopt},
      {"2026/03/04", std::nullopt},
      {"yesterday", std::nullopt},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION('"' << c.text << '"') {
      CHECK(parse_since(c.text, now, zone) == c.want);
    }
  }
}

TEST_CASE("log print: until when; of a day alone its end", "[tools][log]") {
  const TimeZone zone;                         // +07
  const std::int64_t now = 1'772'600'000'123;  // 2026-03-04T11:53:20+07:00
  CHECK(parse_until("2h", now, zone) == now - 7'200'000);
  CHECK(parse_until("2026-03-04", now, zone) == 1'772'643'600'000);
  CHECK(parse_until("today", now, zone) == 1'772'643'600'000);
  CHECK(parse_until("yesterday", now, zone) == 1'772'557'200'000);
  CHECK(parse_until("2026-03-04 07:30", now, zone) == 1'772'584'200'000);
  CHECK(parse_until("2026-12-31", now, zone) == 1'798'736'400'000);
  CHECK_FALSE(parse_until("dinner", now, zone));
  if (const auto berlin = TimeZone::load("Europe/Berlin"))  // a day of 23 hours
    CHECK(*parse_until("2026-03-29", now, *berlin) - *parse_since("2026-03-29", now, *berlin) ==
          23 * 3'600'000);
}
