// Rooms, bundles and exams as texts: what a switch is kept as, what a policy makes of it, when it ends.
#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "config/overrides.h"
#include "config/text/diag_codes.h"
#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t exam_ms = 1'796'005'800'000;  // Monday 2026-11-30, 09:30 in Hà Nội
constexpr std::int64_t a_minute = 60'000;

Moment exam_moment(std::int64_t minutes = 0) {
  return {exam_ms + minutes * a_minute,
          std::chrono::steady_clock::time_point(100h + std::chrono::minutes(minutes))};
}

OverrideRow switched(Action action, const std::string& what, std::int64_t minutes,
                     const std::string& account = {}) {
  OverrideRow row;
  row.id = 5;
  row.account = account;
  row.kind = OverrideKind::room;
  row.action = action;
  row.room = "Phòng máy 1";
  row.tier = "-";
  row.target = what;
  row.since_ms = exam_ms;
  row.end = {exam_moment(minutes).wall_ms, exam_moment(minutes).steady};
  row.why = "kiểm tra";
  return row;
}

class SchoolWithRooms {
 public:
  explicit SchoolWithRooms(const std::string& exams = {}) {
    write_small_school(folder);
    std::string main = folder.read("schoolgate.yaml");
    const std::string who = "who:\n";
    main.insert(main.find(who) + who.size(), R"(  - {network: 10.2.0.0/24, tier: pupil, label: "Phòng máy 1"}
  - {network: 10.2.0.200/32, tier: staff}
  - {network: [10.3.0.0/24, 10.4.0.0/24], tier: pupil, label: "Phòng máy 2"}
)");
    folder.write("schoolgate.yaml", main);
    folder.write("bundles.yaml", R"(version: 1
bundles:
  play: {name: "Play", hosts: [games.test, play.test], shared: [cdn.shared.test], source: s, date: 2027-01-31, checked: true}
)");
    folder.write("only.d/de-thi.txt", "# the test\nolm.test   # the site\n\nimages.olm.test\n");
    folder.write("delegation.yaml", R"(version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games], rooms: ["Phòng máy 1"], open_minutes_max: 30}
)");
    folder.write("periods.yaml", R"(version: 1
lessons:
  morning: {periods: {1: "07:00-07:45", 2: "07:50-08:35", 3: "09:00-09:45", 4: "09:50-10:35"}}
)" + exams);
  }
  void load() {
    const LoadResult loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
    snapshot = loaded.snapshot;
  }
  std::string told() { return folder.text_of(folder.load()); }

  Folder folder;
  std::shared_ptr<const Snapshot> snapshot;
};

}  // namespace

TEST_CASE("rooms: the file of overrides, there and back", "[config][override][room]") {
  OverrideRow bundle = switched(Action::allow, "olm", 45, "lan");
  bundle.id = 6;
  bundle.kind = OverrideKind::bundle;
  bundle.room.clear();
  bundle.tier = "pupil";
  OverrideRow only = switched(Action::allow, "olm", 300, "lan");
  only.id = 7;
  const OverrideRows rows{7, {switched(Action::block, "-", 600), bundle, only}};
  const std::string text = to_text(rows);
  CHECK_THAT(text,
             Catch::Contains("row 5 off room - 1796005800000 1796041800000 - -\nroom Phòng máy 1\nwhy ") &&
                 Catch::Contains("row 6 allow bundle pupil ") &&
                 Catch::Contains("row 7 only room - 1796005800000 1796023800000 lan olm\nroom "));
  const auto read = parse_overrides(text, exam_moment());
  REQUIRE(read);
  CHECK(to_text(*read) == text);
  CHECK(read->rows[0].end.steady == exam_moment(600).steady);
  const auto refused = [&](auto&& change) {
    OverrideRows changed = rows;
    change(changed.rows);
    return !parse_overrides(to_text(changed), exam_moment());
  };
  CHECK_FALSE(refused([](auto&) {}));
  CHECK(refused([](auto& all) { all[0].end.wall_ms += 1'000 * a_minute; }));  // longer than a day
  CHECK(refused([](auto& all) { all[0].room.clear(); }));
  CHECK(refused([](auto& all) { all[0].room = "a\nb"; }));
  CHECK(refused([](auto& all) { all[0].target = "olm"; }));
  CHECK(refused([](auto& all) { all[0].tier = "pupil"; }));
  CHECK(refused([](auto& all) { all[1].end.wall_ms += 50 * a_minute; }));  // a bundle is no room
  CHECK(refused([](auto& all) { all[1].tier = "-"; }));
}

TEST_CASE("rooms: what a policy makes of a switch", "[config][override][room]") {
  SchoolWithRooms school;
  school.load();
  const Snapshot& snapshot = *school.snapshot;
  const Policy& policy = *snapshot.policy;
  REQUIRE(policy.spec().rooms.size() == 2);
  const Room& room = policy.spec().rooms[0];
  CHECK(room.name == "Phòng máy 1");
  CHECK(room.holds(*IpAddress::parse("10.2.0.7")));
  CHECK_FALSE(room.holds(*IpAddress::parse("10.2.0.200")));  // the teacher's desk
  CHECK_FALSE(room.holds(*IpAddress::parse("10.3.0.7")));
  CHECK(policy.spec().rooms[1].networks.size() == 2);
  CHECK(room_called(policy, "phong may 2") == RoomId{1});
  CHECK_FALSE(room_called(policy, "Phòng máy"));
  struct Row {
    const char* name;
    OverrideRow row;
    const char* refused;  // "" = it has a meaning
  };
  OverrideRow other = switched(Action::block, "-", 10, "lan");
  other.room = "Phòng máy 2";
  OverrideRow gone = switched(Action::block, "-", 10);
  gone.room = "Phòng 9";
  const Row rows[] = {
      {"off", switched(Action::block, "-", 10), ""},
      {"hers", switched(Action::block, "-", 10, "lan"), ""},
      {"not hers", other, "delegation.yaml does not let \"lan\" switch the room \"Phòng máy 2\""},
      {"nobody's", switched(Action::block, "-", 10, "hoa"),
       "delegation.yaml does not let \"hoa\" switch the room \"Phòng máy 1\""},
      {"gone", gone, "there is no room \"Phòng 9\""},
      {"a bundle", switched(Action::allow, "play", 10), ""},
      {"a file", switched(Action::allow, "de-thi.txt", 10), ""},
      {"neither", switched(Action::allow, "zalo.me", 10),
       "there is no bundle and no file of hosts \"zalo.me\""},
      {"nearly", switched(Action::allow, "plai", 10),
       "there is no bundle and no file of hosts \"plai\"; did you mean play?"},
  };
  for (const Row& one : rows) DYNAMIC_SECTION(one.name) {
      const auto meaning = meaning_of(snapshot, one.row);
      CHECK((meaning ? std::string() : meaning.error().english()) == one.refused);
    }
  const auto off = meaning_of(snapshot, switched(Action::block, "-", 600, "lan"));
  REQUIRE((off && off->closing));
  CHECK(off->closing->off);
  CHECK(off->closing->about.english() == "override 5 of lan until 19:30: room Phòng máy 1 off (kiểm tra)");
  // What it opens of what is closed ends after her 30 minutes, though the room stays closed.
  const auto only = meaning_of(snapshot, switched(Action::allow, "play", 600, "lan"));
  REQUIRE((only && only->closing));
  CHECK(only->closing->only.size() == 3);
  CHECK_FALSE(only->closing->only.back().subdomains);  // what is shared is this name alone
  CHECK(only->closing->end.wall_ms == exam_moment(600).wall_ms);
  CHECK(only->closing->lifts_end.wall_ms == exam_moment(30).wall_ms);
  CHECK(only->closing->lifts_end.steady == exam_moment(30).steady);
  const auto file = meaning_of(snapshot, switched(Action::allow, "de-thi.txt", 600));
  REQUIRE((file && file->closing));
  CHECK(file->closing->only.size() == 2);
  CHECK(file->closing->lifts_end.wall_ms == exam_moment(90).wall_ms);
}

TEST_CASE("rooms: a bundle for a lesson", "[config][override][room]") {
  SchoolWithRooms school;
  school.load();
  OverrideRow row = switched(Action::allow, "play", 45, "lan");
  row.kind = OverrideKind::bundle;
  row.room.clear();
  row.tier = "pupil";
  const auto opened = meaning_of(*school.snapshot, row);
  REQUIRE(opened);
  CHECK(opened->opened.size() == 3);
  CHECK(opened->opened[0].about.english() == "override 5 of lan until 10:15: allow bundle:play (kiểm tra)");
  row.action = Action::block;
  CHECK(meaning_of(*school.snapshot, row)->opened.size() == 2);  // what is shared stays
  row.target = "olm";
  CHECK(meaning_of(*school.snapshot, row).error().english() == "there is no bundle \"olm\"");
}

TEST_CASE("rooms: an exam closes by itself", "[config][override][room]") {
  SchoolWithRooms school(R"(exams:
  - {name: "Thi thử", date: 2026-11-30, times: "09:30-10:00", room: "Phòng máy 1", only: de-thi.txt}
  - {name: "Cả khối", date: 2026-12-01, times: "07:30-09:00", tier: pupil, only: [play, de-thi.txt]}
)");
  school.load();
  const Snapshot& snapshot = *school.snapshot;
  const auto overrides = compile_overrides(snapshot, {});
  REQUIRE(overrides != nullptr);
  REQUIRE(overrides->closings().size() == 2);
  const auto judge = snapshot.make_judge();
  judge->use(overrides);
  const auto ask = [&](const char* client, const char* url, const char* at) {
    Url parsed;
    REQUIRE(parsed.parse(url).ok());
    const IpAddress address = *IpAddress::parse(client);
    const JudgeRequest request{
        parsed, Stage::request, snapshot.policy->tier_of(address), *parse_local_time(at), {}, &address};
    const Verdict verdict = judge->evaluate(request);
    CHECK(judge->explain(request).verdict == verdict);
    return std::string(to_string(verdict.action)) + " " + std::string(to_string(verdict.reason)) + " " +
           snapshot.place(verdict.rule);
  };
  const std::string closed = "block room_only periods.yaml:5";
  CHECK(ask("10.2.0.7", "http://other.test/", "2026-11-30 09:29") != closed);
  CHECK(ask("10.2.0.7", "http://other.test/", "2026-11-30 09:30") == closed);
  CHECK(ask("10.2.0.7", "http://other.test/", "2026-11-30 09:59") == closed);
  CHECK(ask("10.2.0.7", "http://other.test/", "2026-11-30 10:00") != closed);
  CHECK(ask("10.2.0.7", "http://other.test/", "2026-12-07 09:30") != closed);
  CHECK(ask("10.2.0.7", "http://other.test/", "T2 09:30") != closed);  // no day is known
  CHECK(ask("10.2.0.7", "http://olm.test/", "2026-11-30 09:30").starts_with("allow"));
  CHECK(ask("10.2.0.200", "http://other.test/", "2026-11-30 09:30") != closed);
  CHECK(ask("10.3.0.7", "http://other.test/", "2026-11-30 09:30") != closed);
  CHECK(ask("10.3.0.7", "http://other.test/", "2026-12-01 08:00") == "block room_only periods.yaml:6");
  CHECK(
      ask("10.3.0.7", "http://games.test/", "2026-12-01 08:00").starts_with("allow"));  // a blocked category
  CHECK(ask("10.3.0.7", "http://games.test/", "2026-12-01 09:00").starts_with("warn category"));
  CHECK(snapshot.policy->minutes_to_next_edge(*parse_local_time("2026-11-30 09:00")) == 30);
  CHECK(snapshot.policy->minutes_to_next_edge(*parse_local_time("2026-11-30 09:30")) == 30);
  CHECK(judge->end_overrides({INT64_MAX - 1, std::chrono::steady_clock::time_point(1h)}) == false);
}

TEST_CASE("rooms: exams, files of hosts and delegations that are refused", "[config][override][room]") {
  struct Row {
    const char *name, *exams, *told;
  };
  const Row rows[] = {
      {"no such room",
       "  - {name: A, date: 2026-11-30, times: \"09:30-10:00\", room: \"Phòng máy 3\", only: play}\n",
       "periods.yaml:5:61: error SG1218: unknown room \"Phòng máy 3\""},
      {"no such bundle", "  - {name: A, date: 2026-11-30, times: \"09:30-10:00\", tier: pupil, only: plai}\n",
       "periods.yaml:5:74: error SG1322: there is no bundle and no file of hosts \"plai\""},
      {"no such tier", "  - {name: A, date: 2026-11-30, times: \"09:30-10:00\", tier: pupils, only: play}\n",
       "error SG1203: unknown tier \"pupils\""},
      {"nobody's", "  - {name: A, date: 2026-11-30, times: \"09:30-10:00\", only: play}\n",
       "periods.yaml:5:5: error SG1102: an exam has the key room or tier, or both"},
      {"backwards", "  - {name: A, date: 2026-11-30, times: \"10:00-09:30\", tier: pupil, only: play}\n",
       "\"10:00-09:30\" is not the time of an exam"},
      {"no day", "  - {name: A, date: 2026-11-31, times: \"09:30-10:00\", tier: pupil, only: play}\n",
       "\"2026-11-31\" is not a day"},
      {"nothing open", "  - {name: A, date: 2026-11-30, times: \"09:30-10:00\", tier: pupil}\n", "only"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      SchoolWithRooms school("exams:\n" + std::string(row.exams));
      CHECK_THAT(school.told(), Catch::Contains(row.told));
      CHECK(school.folder.load().snapshot == nullptr);
    }
  SchoolWithRooms school;
  school.folder.write("only.d/de-thi.txt", "olm.test\nsecret of somebody\n");
  CHECK_THAT(school.told(),
             Catch::Contains("only.d/de-thi.txt: error SG1321: line 2 is not the name of a host") &&
                 !Catch::Contains("secret"));
  school.folder.write("only.d/de-thi.txt", "com.vn\n");
  CHECK_THAT(school.told(), Catch::Contains("the host of line 1 belongs to many sites"));
  school.folder.write("only.d/de-thi.txt", "# nothing\n");
  CHECK_THAT(school.told(), Catch::Contains("the file names no host"));
  SchoolWithRooms given;
  given.folder.write("delegation.yaml",
                     "version: 1\nteachers:\n  - {account: lan, tiers: [pupil], rooms: [P1]}\n");
  CHECK_THAT(given.told(), Catch::Contains("delegation.yaml:3:44: error SG1218: unknown room \"P1\""));
}

TEST_CASE("overrides: until the lesson ends, or the next break", "[config][override][room]") {
  SchoolWithRooms school;
  school.load();
  const SchoolClock& clock = school.snapshot->policy->spec().clock;
  struct Row {
    const char* text;
    std::int64_t now;  // minutes after 09:30
    std::int64_t left;
    const char* refused = "";
  };
  const Row rows[] = {
      {"end-of-lesson", 0, 15},  // the third ends at 09:45
      {"hết tiết", 0, 15},
      {"het-tiet", 20, 45},
      {"end-of-lesson", 17, 0, "there is no lesson now: write a time, as in 11:30"},
      {"next-break", 0, 65},  // the way to the fourth is none; its end is the last one's
      {"ra chơi", 64, 1},
      {"next-break", 66, 0, "there is no break any more today: write a time, as in 11:30"},
  };
  for (const Row& row : rows) {
    INFO(row.text << " at " << row.now);
    const Moment now = exam_moment(row.now);
    const auto end = override_end("until", row.text, now, TimeZone(), clock, 45, 90);
    CHECK((end ? std::string() : end.error().english()) == row.refused);
    if (end) CHECK(end->wall_ms == now.wall_ms + row.left * a_minute);
    if (end) CHECK(end->steady == now.steady + std::chrono::minutes(row.left));
  }
  CHECK(override_end("until", "end-of-lesson", exam_moment(), TimeZone(), SchoolClock(), 45, 90)
            .error()
            .english() == "periods.yaml names no lessons: write a time, as in 11:30");
  CHECK_FALSE(
      override_end("until", "next-break", exam_moment(), TimeZone(), clock, 45, 30));  // longer than hers
  CHECK(minutes_to_midnight(exam_ms, TimeZone()) == 870);
}

namespace {

// Nothing in `lifts` that the account may not lift in the tier.
void check_lifts(const Policy& policy, const std::string& account, TierId tier, const MayLift& lifts) {
  if (account.empty()) return;
  const Delegation* const mine = delegation_of(policy, account, tier);
  CHECK_FALSE(lifts.lifts_every_category);
  CHECK((!lifts.lifts_lines || (mine != nullptr && mine->lines)));
  CHECK((!lifts.lifts_unknown || (mine != nullptr && mine->unknown)));
  const auto holds = [](const std::vector<CategoryId>& all, CategoryId one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  for (const CategoryId id : lifts.lifts)
    CHECK((mine != nullptr && holds(mine->open, id) && holds(policy.tiers()[tier].may_override, id)));
}

}  // namespace

TEST_CASE("rooms: whatever somebody asks for, nobody exceeds what is his", "[config][override][room]") {
  SchoolWithRooms school;
  school.folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
may_override: [games]
categories: {gambling: block+locked, games: block, learning: allow}
)");
  school.folder.write("delegation.yaml", R"(version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games, learning], rooms: ["Phòng máy 1"], open_minutes_max: 30}
  - {account: hoa, tiers: [staff], open: [games], lines: true, unknown: true, rooms: ["Phòng máy 2", "Phòng máy 1"]}
  - {account: minh, tiers: [pupil, staff], block: [games]}
)");
  school.load();
  const Policy& policy = *school.snapshot->policy;
  std::mt19937 random(20261129);
  const auto of = [&](std::initializer_list<const char*> all) {
    return std::string(all.begin()[random() % all.size()]);
  };
  std::size_t rooms = 0, sites = 0, refused = 0;
  for (int round = 0; round < 4000; ++round) {
    OverrideRow row = switched(random() % 2 == 0 ? Action::allow : Action::block, "-", 1 + random() % 90,
                               of({"", "lan", "hoa", "minh", "nobody"}));
    row.kind = static_cast<OverrideKind>(random() % 4);
    if (row.kind == OverrideKind::room) {
      row.room = of({"Phòng máy 1", "Phòng máy 2", "Phòng máy 3"});
      if (row.action == Action::allow) row.target = of({"play", "de-thi.txt", "none"});
      row.end = {exam_moment(1 + random() % 900).wall_ms, row.end.steady};
    } else {
      row.room.clear();
      row.tier = of({"pupil", "staff", "none"});
      row.target = of({"games", "gambling", "learning", "play", "zalo.me", "none"});
    }
    INFO(to_text(OverrideRows{5, {row}}));
    const auto meaning = meaning_of(*school.snapshot, row);
    refused += !meaning;
    if (!meaning) continue;
    for (const Override& one : meaning->opened) {
      ++sites;
      CHECK((row.account.empty() || delegation_of(policy, row.account, one.tier) != nullptr));
      CHECK(one.end.wall_ms == row.end.wall_ms);
      CHECK(one.closing == Override::no_closing);
      check_lifts(policy, row.account, one.tier, one);
      if (!one.names_site()) CHECK_FALSE(policy.tiers()[one.tier].effects[one.category].effect.flags.locked);
    }
    if (!meaning->closing) continue;
    ++rooms;
    const Closing& closing = *meaning->closing;
    CHECK(meaning->opened.empty());
    CHECK(may_switch(policy, row.account, *policy.find_room(row.room)));
    CHECK(closing.end.wall_ms == row.end.wall_ms);
    CHECK(closing.off == (row.action == Action::block));
    CHECK((closing.off || closing.lifts.size() == policy.tiers().size()));
    const std::int64_t most = row.account == "lan" ? 30 : 90;
    if (!closing.off) CHECK(closing.lifts_end.wall_ms <= exam_ms + most * a_minute);
    for (std::size_t tier = 0; tier < closing.lifts.size(); ++tier)
      check_lifts(policy, row.account, static_cast<TierId>(tier), closing.lifts[tier]);
  }
  CHECK(rooms > 200);
  CHECK(sites > 200);
  CHECK(refused > 200);
}
