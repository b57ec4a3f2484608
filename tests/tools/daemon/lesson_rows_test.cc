// A teacher's rows of the log: own rooms, and tiers where a room is not known; this lesson and the last.
#include "tools/daemon/lesson_rows.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t at_9_10 = 1'764'382'200'000;  // Saturday 2025-11-29 09:10 in Ho Chi Minh City

class LessonSchool {
 public:
  LessonSchool() {
    test::write_small_school(folder);
    folder.write("delegation.yaml",
                 "version: 1\nteachers:\n"
                 "  - {account: lan, tiers: [pupil], open: [games], rooms: [Lab 1]}\n"
                 "  - {account: minh, tiers: [pupil], open: [games]}\n"
                 "  - {account: binh, tiers: [staff], open: [games], rooms: [Lab 2]}\n");
    std::string main = folder.read("schoolgate.yaml");
    const std::string who = "who:\n";
    main.insert(main.find(who) + who.size(),
                "  - {network: 10.2.1.0/24, tier: pupil, label: Lab 1}\n"
                "  - {network: 10.2.2.0/24, tier: pupil, label: Lab 2}\n"
                "  - {network: 10.2.9.0/24, tier: pupil}\n");
    folder.write("schoolgate.yaml", main);
    const LoadResult loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
    auto mine = std::make_shared<Snapshot>(*loaded.snapshot);
    mine->zone = *TimeZone::load("Asia/Ho_Chi_Minh");
    PolicySpec spec = mine->policy->spec();
    spec.clock.shifts = {
        {Shift::morning,
         0x7f,
         {{1, 7 * 60, 7 * 60 + 45, ""}, {2, 8 * 60, 8 * 60 + 45, ""}, {3, 9 * 60, 9 * 60 + 45, ""}}}};
    mine->policy = *Policy::compile(std::move(spec));
    snapshot = mine;
    log = audit_test::open_log(dir, at_9_10);
    log->policy_loaded(snapshot);
  }
  // `client`: the last two bytes of 10.2.0.0/16.
  void row(const std::string& host, std::uint32_t client, const char* tier, std::int64_t minutes_ago,
           Action action = Action::block) {
    LogRecord record = audit_test::allowed_record(++decision, host);
    record.client = IpAddress::v4(0x0a020000 + client);
    record.tier = *snapshot->policy->find_tier(tier);
    record.revision = snapshot->revision;
    record.time_ms = at_9_10 - minutes_ago * minute_ms;
    record.verdict.action = action;
    record.ended = action == Action::block ? Ended::blocked : Ended::done;
    REQUIRE(log->write(std::move(record)));
  }
  // The hosts that are told, the newest first, with the labels: "a.test@Lab 1 ".
  std::string told(const std::string& account, const std::string& more = {}, std::int64_t now_ms = at_9_10) {
    REQUIRE(log->flush(10s));
    const auto asked = parse_web_question("lesson\taccount=" + account + more);
    REQUIRE(asked);
    last = lesson_rows(*log, *snapshot, *asked, now_ms, 0, nullptr);
    std::string out;
    for (const auto& fields : web_rows(last.text))
      if (fields[0] == "row") out += fields.at(5) + "@" + fields.at(11) + " ";
    return out;
  }

  const test::Folder folder;
  const audit_test::TempDir dir;
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<AccessLog> log;
  std::uint64_t decision = 0;
  Reply last{};
};

}  // namespace

TEST_CASE("lesson rows: own rooms, and tiers where the room is not known", "[tools][lesson_rows]") {
  LessonSchool school;
  school.row("in-lab-1.test", 0x105, "pupil", 5);
  school.row("in-lab-2.test", 0x205, "pupil", 4);
  school.row("in-no-room.test", 0x905, "pupil", 3);
  school.row("of-staff.test", 0x906, "staff", 2);
  school.row("guest-in-lab-1.test", 0x106, "staff", 1, Action::warn);
  school.row("allowed.test", 0x105, "pupil", 1, Action::allow);
  CHECK(school.told("lan") == "guest-in-lab-1.test@Lab 1 in-no-room.test@ in-lab-1.test@Lab 1 ");
  CHECK_THAT(school.last.text, Contains("own\troom\tLab 1\n") && Contains("own\ttier\tpupil\n"));
  CHECK_THAT(school.last.text, !Contains("HS-") && !Contains("10.2."));  // neither pseudonym nor address
  // Whom delegation.yaml names in no room sees the tier, wherever it sits.
  CHECK(school.told("minh") == "in-no-room.test@ in-lab-2.test@Lab 2 in-lab-1.test@Lab 1 ");
  CHECK(school.told("binh") == "of-staff.test@ in-lab-2.test@Lab 2 ");
  for (const char* nobody : {"", "eve", "root", "Lan"}) {
    CHECK(school.told(nobody).empty());
    CHECK(school.last.exit_code == exit_ok);
    CHECK_THAT(school.last.text, !Contains("own\t"));
  }
}

TEST_CASE("lesson rows: another's room is another's after a start, too", "[tools][lesson_rows]") {
  LessonSchool school;
  school.row("in-lab-1.test", 0x1ff, "pupil", 5);
  school.row("in-lab-2.test", 0x200, "pupil", 4);
  REQUIRE(school.log->flush(10s));
  REQUIRE(school.log->stop());
  school.log = audit_test::open_log(school.dir, at_9_10);
  school.log->policy_loaded(school.snapshot);
  REQUIRE(school.log->seen_clients().empty());
  CHECK(school.told("lan") == "in-lab-1.test@Lab 1 ");
  CHECK(school.told("binh") == "in-lab-2.test@Lab 2 ");
}

TEST_CASE("lesson rows: of this lesson and the last, whatever is asked for", "[tools][lesson_rows]") {
  LessonSchool school;
  school.row("first-lesson.test", 0x105, "pupil", 90);   // 07:40
  school.row("second-lesson.test", 0x105, "pupil", 70);  // 08:00
  school.row("third-lesson.test", 0x105, "pupil", 10);   // 09:00
  CHECK(school.told("lan") == "third-lesson.test@Lab 1 second-lesson.test@Lab 1 ");
  CHECK_THAT(school.last.text, Contains("span\t" + std::to_string(at_9_10 - 70 * minute_ms) + "\t1\n"));
  CHECK(school.told("lan", "\tsince=0\tuntil=9999999999999") ==
        "third-lesson.test@Lab 1 second-lesson.test@Lab 1 ");
  CHECK(school.told("lan", "\tsince=" + std::to_string(at_9_10 - 20 * minute_ms)) ==
        "third-lesson.test@Lab 1 ");
  // 09:50: a break. The last hundred minutes: since 08:10.
  CHECK(school.told("lan", "", at_9_10 + 40 * minute_ms) == "third-lesson.test@Lab 1 ");
  CHECK_THAT(school.last.text, Contains("span\t" + std::to_string(at_9_10 - 60 * minute_ms) + "\t0\n"));
}

TEST_CASE("lesson rows: what narrows them", "[tools][lesson_rows]") {
  LessonSchool school;
  school.row("a.test", 0x105, "pupil", 5);
  school.row("b.test", 0x105, "pupil", 4, Action::warn);
  school.row("c.test", 0x106, "staff", 3);
  CHECK(school.told("lan", "\taction=warn") == "b.test@Lab 1 ");
  CHECK(school.told("lan", "\taction=allow").empty());
  CHECK(school.told("lan", "\ttier=staff") == "c.test@Lab 1 ");
  CHECK(school.told("lan", "\thost=a.test") == "a.test@Lab 1 ");
  CHECK(school.told("lan", "\tcode=nonsense").empty());
  CHECK(school.told("lan", "\tcode=" + decision_code(1)) == "a.test@Lab 1 ");
  CHECK(school.told("lan", "\tcategory=games").empty());
  for (int i = 0; i < 250; ++i) school.row("many.test", 0x105, "pupil", 1);
  static_cast<void>(school.told("lan"));
  const auto rows = web_rows(school.last.text);
  CHECK(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row[0] == "row"; }) ==
        static_cast<std::ptrdiff_t>(most_lesson_rows));
}
