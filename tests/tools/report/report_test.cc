// Reports of a generated school (tests/support/school_month.h), word for word, in both languages; and that
// nobody can be found in them. After a wanted change: SCHOOLGATE_UPDATE_GOLDEN=1
// build/release/tests/tools_test
// "[report][golden]", then read the difference and look at the pages.
#include "tools/report/report.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/tools/program_runner.h"
#include "tests/tools/report/sample_report.h"
#include "tests/tools/valid_json.h"
#include "tools/report/word.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::testing;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using Catch::Contains;

namespace {

using Deed = Counts::Deed;

const std::string expected = SCHOOLGATE_SOURCE_DIR "/tests/tools/report/expected/";

// Everything a report of these figures says, in every form.
std::string all_of_it(const Facts& facts, const SchoolNames& names, const School& school,
                      const PolicyFacts* policy) {
  std::string all;
  for (const Language language : {Language::vi, Language::en}) {
    for (const char* audience : {"head", "admin", "department"}) {
      const Document document = document_of(audience, {.facts = facts,
                                                       .names = names,
                                                       .school = school,
                                                       .policy = policy,
                                                       .language = language,
                                                       .version = "0.1.0",
                                                       .today = 20'000});
      all += to_html(document) + to_csv(document) + to_json(document);
      for (const WordPart& part : word_parts(document)) all += part.text;
    }
  }
  return all;
}

}  // namespace

TEST_CASE("report: of a generated school, word for word", "[tools][report][golden]") {
  struct Row {
    const char* file;
    const char* audience;
    Language language;
    std::string (*form)(const Document&);
  };
  const Row rows[] = {
      {"head.vi.html", "head", Language::vi, to_html},
      {"head.en.html", "head", Language::en, to_html},
      {"department.vi.html", "department", Language::vi, to_html},
      {"department.en.html", "department", Language::en, to_html},
      {"admin.vi.html", "admin", Language::vi, to_html},
      {"admin.en.html", "admin", Language::en, to_html},
      {"department.vi.csv", "department", Language::vi, to_csv},
      {"head.en.json", "head", Language::en, to_json},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.file) {
      const std::string got = row.form(sample(row.audience, row.language));
      if (std::getenv("SCHOOLGATE_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected + row.file, std::ios::binary) << got;
      std::ifstream in(expected + row.file, std::ios::binary);
      const std::string want{std::istreambuf_iterator<char>(in), {}};
      CHECK(got == want);
    }
  }
}

TEST_CASE("report: names no pupil, device or site", "[tools][report]") {
  for (const char* audience : {"head", "admin", "department"}) {
    const Document document = sample(audience, Language::vi);
    for (const std::string& text : {to_html(document), to_csv(document), to_json(document)}) {
      CHECK_THAT(text, !Contains("HS-"));
      CHECK_THAT(text, !Contains(".example"));
      CHECK_THAT(text, !Contains("10.0."));
      CHECK_THAT(text, !Contains("Tự làm hại"));  // nor who was helped
      CHECK_THAT(text, !Contains("self_harm"));
    }
  }
}

TEST_CASE("report: what differs in counts under five alone is the same report", "[tools][report]") {
  const SchoolNames names = sample_names();
  const School school = sample_school();
  std::mt19937 random(7);
  const Deed things[] = {Deed::allowed, Deed::warned, Deed::blocked, Deed::continued};
  for (int round = 0; round < 40; ++round) {
    Counts one, other;
    std::uint64_t small = 0;
    for (const Deed done : things) {
      for (const auto& [tier, tier_name] : names.tiers) {
        for (const auto& [category, category_name] : names.categories) {
          const std::string cell = done == Deed::allowed ? "" : category;
          if (random() % 3 == 0) continue;
          const bool is_small = random() % 2 == 0;
          const std::uint64_t n = is_small ? 1 + random() % 4 : 5 + random() % 3'000;
          if (done == Deed::allowed && one.told(done, tier, cell)) continue;
          if (done == Deed::allowed && one.sum(done, tier, cell).hidden != 0) continue;
          one.add(done, tier, cell, n);
          other.add(done, tier, cell, is_small ? 1 + random() % 4 : n);
          small += is_small;
        }
      }
    }
    CAPTURE(round);
    CHECK(small > 5);
    CHECK(all_of_it(facts_of_counts(one), names, school, nullptr) ==
          all_of_it(facts_of_counts(other), names, school, nullptr));
  }
}

TEST_CASE("report: so it is out of the log, with the hours and all", "[tools][report]") {
  const SchoolNames names = sample_names();
  const School school = sample_school();
  const TimeZone zone;
  // Blocks in a cell under five come at other hours and in another number.
  const auto report = [&](int few, std::int64_t hour) {
    TempDir dir;
    const auto log = open_log(dir);
    log->policy_loaded(sample_snapshot(7));
    std::uint64_t number = 0;
    const auto write = [&](LogRecord row, std::int64_t time_ms, int times) {
      for (int i = 0; i < times; ++i) {
        row.decision = ++number;
        row.time_ms = time_ms;
        REQUIRE(log->write(LogRecord(row)));
      }
    };
    for (int day = 0; day < 5; ++day) write(allowed_record(1, "ok.vn"), march_2026 + day * day_ms, 60 + day);
    write(blocked_record(1, "bad.vn", "/"), march_2026 + hour * hour_ms, few);
    LogRecord child = blocked_record(1, "bad.vn", "/");
    child.tier = 0;
    write(child, march_2026, 9);
    REQUIRE(log->stop());
    const FactsOf of{.directory = dir.path, .zone = zone, .names = names, .now_ms = march_2026 + 90 * day_ms};
    auto facts = gather(of, *Period::month("2026-03", zone));
    REQUIRE(facts);
    REQUIRE(facts->heat.has_value());
    REQUIRE(facts->seal.has_value());
    facts->seal.reset();  // the digest is of a signature, from which without the key nothing is reckoned back
    return all_of_it(*facts, names, school, nullptr);
  };
  const std::string one = report(1, 3);
  CHECK(one == report(4, 3));
  CHECK(one == report(3, 14));
  CHECK(one != report(5, 3));
}

TEST_CASE("report: no figure from one to four is told", "[tools][report]") {
  for (const char* audience : {"head", "department"}) {
    const Document document = sample(audience, Language::en);
    for (const Block& block : document.blocks) {
      const auto* chart = std::get_if<Chart>(&block);
      const Table* table = chart != nullptr ? &chart->table : std::get_if<Table>(&block);
      if (table == nullptr) continue;
      for (const auto& row : table->rows) {
        for (const Cell& cell : row) {
          if (!cell.count) continue;
          CHECK((cell.count->sum == 0 || cell.count->sum >= fewest_told));
          if (cell.count->sum == 0 && cell.count->hidden == 1) CHECK(cell.text == "fewer than five");
        }
      }
    }
  }
}

TEST_CASE("report: hostile names stay text", "[tools][report]") {
  const std::string evil = "=cmd|'/c calc'!A1\"><script>alert(1)</script>\xe2\x80\xae&\x1b[2J\xff";
  for (const char* audience : {"head", "admin", "department"}) {
    const Document document = hostile_document(audience, evil);
    const std::string html = to_html(document), csv = to_csv(document), json = to_json(document);
    CHECK_THAT(html,
               !Contains("<script") && !Contains("\xe2\x80\xae") && !Contains("\x1b") && !Contains("\xff"));
    CHECK_THAT(html, Contains("&lt;script&gt;"));
    CHECK_THAT(csv, !Contains("\r\n=") && !Contains(",=") && !Contains("\x1b"));
    CHECK(is_json(json));
    CHECK_THAT(json, !Contains("\x1b") && !Contains("\xff"));
  }
}

TEST_CASE("report: counts as people read them", "[tools][report]") {
  struct Row {
    Folded count;
    const char *vi, *en;
  };
  const Row rows[] = {
      {{0, 0}, "0", "0"},
      {{5, 0}, "5", "5"},
      {{1'234'567, 0}, "1.234.567", "1,234,567"},
      {{1'000, 2}, "1.000+", "1,000+"},
      {{0, 1}, "dưới 5", "fewer than five"},
      {{0, 3}, "dưới 13", "fewer than 13"},
  };
  for (const Row& row : rows) {
    CHECK(count_text(row.count, Language::vi) == row.vi);
    CHECK(count_text(row.count, Language::en) == row.en);
  }
  CHECK(share_text(1, 3, Language::vi) == "33,3%");
  CHECK(share_text(999, 1'000, Language::en) == "99.9%");
  CHECK(share_text(1, 0, Language::en).empty());
}

TEST_CASE("report: a log with nothing in it, and none", "[tools][report]") {
  const SchoolNames names = sample_names();
  const TimeZone zone;
  TempDir dir;
  FactsOf of{.directory = dir.path, .zone = zone, .names = names, .now_ms = march_2026};
  CHECK_FALSE(gather(of, *Period::month("2026-03", zone)));  // there is no such folder
  std::filesystem::create_directories(dir.path);
  const auto facts = gather(of, *Period::month("2026-03", zone));
  REQUIRE(facts);
  const Document document =
      head_report({.facts = *facts, .names = names, .school = sample_school(), .language = Language::en});
  CHECK_THAT(to_html(document), Contains("In March 2026 the filter handled no visits."));
}

TEST_CASE("report: a floor that does not rule as it should is said first", "[tools][report][floor]") {
  const SchoolNames names = sample_names();
  const School school = sample_school();
  const TimeZone zone;
  const auto gathered =
      gather({.directory = generated(), .zone = zone, .names = names, .now_ms = Month{2026, 12}.begin_ms()},
             *Period::month("2026-11", zone));
  REQUIRE(gathered);
  const Facts& facts = *gathered;
  const auto alarm = [&](std::optional<FloorStanding> floor) {
    return head_report({.facts = facts,
                        .names = names,
                        .school = school,
                        .floor = std::move(floor),
                        .language = Language::en})
        .alarm;
  };
  CHECK(alarm(signed_floor()).empty());
  CHECK_THAT(alarm(FloorStanding{}), Contains("No list of illegal content is installed"));
  FloorStanding plain = signed_floor();
  plain.state = FloorStanding::State::plain;
  CHECK_THAT(alarm(plain), Contains("signed by nobody"));
  CHECK_THAT(alarm(std::nullopt), Contains("refused"));
}

TEST_CASE("report: when the proxy ran", "[tools][report]") {
  const Facts facts = [] {
    static const TimeZone zone;
    static const SchoolNames names = sample_names();
    const FactsOf of{
        .directory = generated(), .zone = zone, .names = names, .now_ms = Month{2026, 12}.begin_ms()};
    auto gathered = gather(of, *Period::month("2026-11", zone));
    REQUIRE(gathered);
    return std::move(*gathered);
  }();
  REQUIRE(facts.running);
  CHECK(facts.running->stops == 1);
  CHECK(facts.running->down_ms == 10 * hour_ms);
  CHECK(facts.running->up_ms == (30 * 24 - 10) * hour_ms);
  CHECK(facts.faults.starts == 2);
  CHECK(facts.faults.unclean_stops == 0);
}

TEST_CASE("report: periods and what they are set beside", "[tools][report]") {
  const TimeZone zone;
  struct Row {
    Result<Period, Message> period;
    const char *en, *vi, *before, *first, *last;
  };
  const Row rows[] = {
      {Period::month("2026-11", zone), "November 2026", "tháng 11/2026", "October 2026", "1 November 2026",
       "30 November 2026"},
      {Period::month("2026-01", zone), "January 2026", "tháng 1/2026", "December 2025", "1 January 2026",
       "31 January 2026"},
      {Period::month("2028-02", zone), "February 2028", "tháng 2/2028", "January 2028", "1 February 2028",
       "29 February 2028"},
      {Period::term("2026-1", zone), "term 1 of 2026-2027", "học kỳ 1 năm học 2026-2027",
       "term 2 of 2025-2026", "1 September 2026", "15 January 2027"},
      {Period::term("2026-2", zone), "term 2 of 2026-2027", "học kỳ 2 năm học 2026-2027",
       "term 1 of 2026-2027", "16 January 2027", "31 May 2027"},
      {Period::year("2026", zone), "school year 2026-2027", "năm học 2026-2027", "school year 2025-2026",
       "1 September 2026", "31 August 2027"},
      {Period::days("2026-11-02", "2026-11-08", zone), "the days from 2 November 2026 to 8 November 2026",
       "thời gian từ 2/11/2026 đến 8/11/2026", "the days from 26 October 2026 to 1 November 2026",
       "2 November 2026", "8 November 2026"},
      {Period::days("2026-11-02", "2026-11-02", zone), "2 November 2026", "ngày 2/11/2026", "1 November 2026",
       "2 November 2026", "2 November 2026"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.en);
    REQUIRE(row.period);
    const Period& period = *row.period;
    CHECK(period.name(Language::en) == row.en);
    CHECK(period.name(Language::vi) == row.vi);
    CHECK(period.before(zone).name(Language::en) == row.before);
    CHECK(period.before(zone).to_ms() <= period.from_ms());
    CHECK(date_text(period.first_day(), Language::en) == row.first);
    CHECK(date_text(period.last_day(), Language::en) == row.last);
    CHECK(zone.iso8601(period.from_ms() / 1000).ends_with("T00:00:00+07:00"));
    CHECK(zone.iso8601(period.to_ms() / 1000).ends_with("T00:00:00+07:00"));
  }
  for (const char* text :
       {"", "2026", "2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "abcd-ef", "2026--1", "99999-1"})
    CHECK_FALSE(Period::month(text, zone));
  for (const char* text : {"", "2026", "2026-0", "2026-3", "2026-01", "2026/1", "-026-1"})
    CHECK_FALSE(Period::term(text, zone));
  for (const char* text : {"", "26", "20266", "-026", "2o26"}) CHECK_FALSE(Period::year(text, zone));
  CHECK_FALSE(Period::days("2026-11-08", "2026-11-02", zone));
  CHECK_FALSE(Period::days("2026-11-31", "2026-12-02", zone));
  CHECK_FALSE(Period::days("", "2026-12-02", zone));
}

TEST_CASE("report: a day begins at midnight in a zone with summer time", "[tools][report]") {
  const auto zone = TimeZone::load("Europe/Berlin");
  if (!zone) return;  // a machine without time zones
  const auto march = Period::month("2026-03", *zone);
  REQUIRE(march);
  CHECK(zone->iso8601(march->from_ms() / 1000) == "2026-03-01T00:00:00+01:00");
  CHECK(zone->iso8601(march->to_ms() / 1000) == "2026-04-01T00:00:00+02:00");
}
