// Overrides as texts: their file, what a policy makes of them, when they end.
#include "config/overrides.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::test;
using namespace std::chrono_literals;

namespace {

// Monday 2026-11-30, 09:30 in Hà Nội.
constexpr std::int64_t lesson_ms = 1'796'005'800'000;
constexpr std::int64_t minute_ms = 60'000;

Moment at(std::int64_t wall_ms, std::chrono::seconds running = 1000s) {
  return {wall_ms, std::chrono::steady_clock::time_point(running)};
}

OverrideRow row(std::uint32_t id, Action action, const std::string& target, const std::string& account = {}) {
  OverrideRow one;
  one.id = id;
  one.account = account;
  one.action = action;
  one.kind = target.find('.') != std::string::npos ? OverrideKind::site : OverrideKind::category;
  one.target = target;
  one.tier = "pupil";
  one.since_ms = lesson_ms;
  one.end = {lesson_ms + 45 * minute_ms, at(lesson_ms, 1000s + 45min).steady};
  one.why = "lớp 8A";
  return one;
}

OverrideRows some_rows() {
  return {17, {row(3, Action::allow, "zalo.me", "lan"), row(17, Action::block, "games")}};
}

}  // namespace

TEST_CASE("overrides: the file, there and back", "[config][override]") {
  const std::string text = to_text(some_rows());
  CHECK(text.starts_with(
      "schoolgate overrides 1\nlast 17\nrow 3 allow site pupil 1796005800000 1796008500000 lan "
      "zalo.me\nwhy lớp 8A\nrow 17 block category pupil 1796005800000 1796008500000 - games\n"));
  const auto rows = parse_overrides(text, at(lesson_ms + 5 * minute_ms, 50s));
  REQUIRE(rows);
  CHECK(to_text(*rows) == text);
  CHECK(rows->last_id == 17);
  REQUIRE(rows->rows.size() == 2);
  CHECK(rows->rows[0].account == "lan");
  CHECK(rows->rows[1].account.empty());
  CHECK(rows->rows[1].kind == OverrideKind::category);
  CHECK(rows->rows[0].end.steady == at(0, 50s + 40min).steady);  // what is left, from now on
  CHECK(parse_overrides(to_text(OverrideRows()), at(0)));
}

TEST_CASE("overrides: a damaged file is none", "[config][override]") {
  const std::string text = to_text(some_rows());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(parse_overrides(changed, at(lesson_ms)));
    CHECK_FALSE(parse_overrides(text.substr(0, i), at(lesson_ms)));
  }
  CHECK_FALSE(parse_overrides(text + "x", at(lesson_ms)));
  const auto refused = [](auto&& change) {
    OverrideRows rows = some_rows();
    change(rows);
    return !parse_overrides(to_text(rows), at(lesson_ms));
  };
  CHECK_FALSE(refused([](OverrideRows&) {}));
  CHECK(refused([](OverrideRows& rows) { rows.last_id = 16; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].id = 17; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].id = 0; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].end.wall_ms = lesson_ms + 91 * minute_ms; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].end.wall_ms = lesson_ms; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].why = "a\nb"; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].target = "a b"; }));
  CHECK(refused([](OverrideRows& rows) { rows.rows[0].tier = "Pupil"; }));
  CHECK(refused([](OverrideRows& rows) {
    rows.rows[0].account = "-";
    rows.rows[0].account += "x y";
  }));
  CHECK(refused([](OverrideRows& rows) { rows.rows.resize(most_overrides + 1, rows.rows[0]); }));
}

TEST_CASE("overrides: what holds at a start", "[config][override]") {
  struct Row {
    const char* name;
    std::int64_t now_ms, newest_row_ms;
    std::size_t left;
  };
  const Row rows[] = {
      {"in time", lesson_ms + minute_ms, 0, 2},
      {"with rows of before", lesson_ms + minute_ms, lesson_ms + minute_ms, 2},
      {"its end has come", lesson_ms + 45 * minute_ms, 0, 0},
      {"a clock behind the override", lesson_ms - 1, 0, 0},
      {"a clock behind the log", lesson_ms + minute_ms, lesson_ms + minute_ms + 1, 0},
      {"a clock of years ago", 0, 0, 0},
  };
  for (const Row& one : rows) DYNAMIC_SECTION(one.name) {
      auto kept = parse_overrides(to_text(some_rows()), at(one.now_ms));
      REQUIRE(kept);
      for (const OverrideRow& each : kept->rows)
        CHECK(each.end.steady <= at(0, 1000s + 90min).steady);  // whatever the clock says
      keep_what_holds(*kept, at(one.now_ms), one.newest_row_ms);
      CHECK(kept->rows.size() == one.left);
      CHECK(kept->last_id == 17);
    }
}

TEST_CASE("overrides: what a policy makes of a row", "[config][override]") {
  const Folder folder;
  write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
may_override: [games]
categories: {gambling: block+locked, games: block, learning: allow}
block: [line.test]
)");
  folder.write("delegation.yaml", R"(version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games], block: [learning], open_minutes_max: 30}
  - {account: minh, tiers: [staff], open: [games], lines: true, unknown: true}
)");
  const LoadResult loaded = folder.load();
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot);
  CHECK(has(loaded, diag::opens_nothing, Severity::warning));  // games in staff
  const Snapshot& snapshot = *loaded.snapshot;
  CHECK(snapshot.place({snapshot.override_source, 17}) == "overrides:17");
  REQUIRE(delegation_of(*snapshot.policy, "lan", *snapshot.policy->find_tier("pupil")) != nullptr);
  CHECK(delegation_of(*snapshot.policy, "lan", *snapshot.policy->find_tier("staff")) == nullptr);
  CHECK(delegation_of(*snapshot.policy, "", *snapshot.policy->find_tier("pupil")) == nullptr);

  struct Row {
    const char* name;
    OverrideRow row;
    const char* refused;  // "" = it has a meaning
  };
  const Row rows[] = {
      {"root, anything", row(1, Action::allow, "games"), ""},
      {"root, another", row(1, Action::allow, "learning"), ""},
      {"root, a lock", row(1, Action::allow, "gambling"),
       "\"gambling\" is locked in tier \"pupil\": nobody opens or changes it for a lesson"},
      {"her own", row(1, Action::allow, "games", "lan"), ""},
      {"not hers to open", row(1, Action::allow, "learning", "lan"),
       "\"learning\" is not among the categories that you may open"},
      {"hers to block", row(1, Action::block, "learning", "lan"), ""},
      {"not hers to block", row(1, Action::block, "games", "lan"),
       "\"games\" is not among the categories that you may block"},
      {"any site to block", row(1, Action::block, "any.test", "lan"), ""},
      {"another's tier", row(1, Action::allow, "any.test", "minh"),
       "delegation.yaml gives \"minh\" nothing to do in tier \"pupil\""},
      {"nobody", row(1, Action::allow, "any.test", "hoa"),
       "delegation.yaml gives \"hoa\" nothing to do in tier \"pupil\""},
      {"a category that is gone", row(1, Action::allow, "chess"), "there is no category \"chess\""},
      {"a network", row(1, Action::block, "10.0.0.0/8"), "\"10.0.0.0/8\" is no site"},
  };
  for (const Row& one : rows) DYNAMIC_SECTION(one.name) {
      const auto meaning = meaning_of(snapshot, one.row);
      CHECK((meaning ? std::string() : meaning.error().english()) == one.refused);
    }
  const auto hers = meaning_of(snapshot, row(4, Action::allow, "any.test", "lan"));
  REQUIRE(hers);
  REQUIRE(hers->opened.size() == 1);
  const Override& opened = hers->opened.front();
  CHECK(opened.lifts == std::vector<CategoryId>{*snapshot.policy->find_category("games")});
  CHECK_FALSE((opened.lifts_every_category || opened.lifts_lines || opened.lifts_unknown));
  CHECK(opened.about == "override 4 of lan until 10:15: allow any.test (lớp 8A)");
  CHECK(compile_overrides(snapshot, {}) == nullptr);
  const std::vector<OverrideRow> mixed{row(1, Action::allow, "chess"), row(2, Action::allow, "games", "lan")};
  const auto compiled = compile_overrides(snapshot, mixed);
  REQUIRE(compiled != nullptr);
  CHECK(compiled->all().size() == 1);
}

TEST_CASE("overrides: how long, and until when", "[config][override]") {
  struct Row {
    const char *how, *text;
    std::int64_t minutes;  // 0: refused
    std::uint32_t most = 90;
  };
  const Row rows[] = {{"", "", 45},
                      {"", "", 30, 30},
                      {"for", "45m", 45},
                      {"for", "45", 45},
                      {"for", "1h", 60},
                      {"for", "1h30m", 90},
                      {"for", "1h05", 65},
                      {"for", "91m", 0},
                      {"for", "31m", 0, 30},
                      {"for", "0m", 0},
                      {"for", "m", 0},
                      {"for", "-5m", 0},
                      {"for", "45 m", 45},
                      {"for", "45 phút", 45},
                      {"for", "45p", 45},
                      {"for", "45'", 45},
                      {"for", "1 giờ", 60},
                      {"for", "1 tiếng 15 phút", 75},
                      {"for", "1 giờ 30", 90},
                      {"for", "1h1h", 0},
                      {"for", "30m1h", 0},
                      {"for", "30m30", 0},
                      {"for", "1h m", 0},
                      {"for", "45 x", 0},
                      {"for", "4294967295h", 0},
                      {"for", "", 0},
                      {"until", "11h", 90},
                      {"until", "11:", 0},
                      {"until", "h", 0},
                      {"until", "24h", 0},
                      {"for", "h", 0},
                      {"until", "10:15", 45},
                      {"until", "10h15", 45},
                      {"until", "11:00", 90},
                      {"until", "11:01", 0},
                      {"until", "9:31", 1},
                      {"until", "09:30", 0},
                      {"until", "08:00", 0},
                      {"until", "24:00", 0},
                      {"until", "10:5", 0},
                      {"until", "10.15", 0},
                      {"until", "", 0},
                      {"until", "T2 10:15", 0}};
  for (const Row& one : rows) {
    INFO(one.how << " " << one.text);
    const auto end = override_end(one.how, one.text, at(lesson_ms), TimeZone(), SchoolClock(), 45, one.most);
    CHECK(bool{end} == (one.minutes != 0));
    if (!end) continue;
    CHECK(end->wall_ms == lesson_ms + one.minutes * minute_ms);
    CHECK(end->steady == at(0, 1000s + std::chrono::minutes(one.minutes)).steady);
  }
  CHECK(clock_text(lesson_ms, TimeZone()) == "09:30");
  // A minute that has begun counts.
  const auto end = override_end("until", "09:31", at(lesson_ms + 59'000), TimeZone(), SchoolClock(), 45, 90);
  REQUIRE(end);
  CHECK(end->wall_ms == lesson_ms + minute_ms);
}
