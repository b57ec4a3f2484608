// Cases from the alert to its end, as the writer opens them and people look after them.
#include "proxy/audit/case_book.h"

#include <catch2/catch.hpp>
#include <set>

#include "proxy/audit/log_store.h"
#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t minute = 60'000;

struct Ringing {
  std::int64_t after_ms = 0;
  std::uint32_t client = 1;
  CategoryId theme = 1;
  std::int64_t lasts_ms = 30 * minute;
};

LogRecord alert(std::uint64_t decision, const Ringing& what) {
  LogRecord row = allowed_record(decision, "tim.vn");
  row.time_ms += what.after_ms;
  row.client = IpAddress::v4(0x0a000000 + what.client);
  row.tier = 1;
  row.alert = decision;
  row.alert_until_ms = row.time_ms + what.lasts_ms;
  row.help = row.verdict;
  row.help->action = Action::help;
  row.help->flags.alert = true;
  row.help->category = what.theme;
  row.help->rule = RuleRef{0, 12};
  return row;
}

std::shared_ptr<const Snapshot> school_with_rooms() {
  auto snapshot = std::make_shared<Snapshot>(*sample_snapshot(7));
  snapshot->config.who.push_back({*Network::parse("10.0.0.0/24"), "thcs", "Phòng máy 1", false});
  snapshot->config.who.push_back({*Network::parse("10.0.0.9/32"), "thcs", "Thư viện", true});
  snapshot->config.who.push_back({*Network::parse("10.0.0.8/32"), "thcs", "Phòng máy 2", false, true});
  return snapshot;
}

struct Desk {
  TempDir dir;
  std::unique_ptr<AccessLog> log = open_log(dir);
  CaseBook book{dir.path};
  std::shared_ptr<const Snapshot> school = school_with_rooms();
  std::uint64_t decision = 0;

  Desk() { log->policy_loaded(school); }
  void ring(const Ringing& what) {
    REQUIRE(log->write(alert(++decision, what)));
    REQUIRE(log->flush(10s));
  }
  std::vector<Case> cases(bool open = false) const {
    auto all = book.list(open, 100);
    if (!all) FAIL(all.error().message);
    return *all;
  }
  std::size_t due(const char* way = "mail") const {
    const auto all = book.due(way);
    REQUIRE(all);
    return all->size();
  }
  void set(const std::string& code, CaseState state) const {
    const auto set = book.step(code, {march_2026, state, "uid 7 (dean)", "spoke with her"});
    REQUIRE(set);
    CHECK(*set);
  }
};

}  // namespace

TEST_CASE("cases: one for each device, theme and lesson", "[audit][case]") {
  Desk desk;
  desk.ring({});
  desk.ring({.after_ms = minute});
  desk.ring({.after_ms = 2 * minute, .theme = 0});
  desk.ring({.after_ms = 2 * minute, .client = 2});
  desk.ring({.after_ms = 29 * minute});
  CHECK(desk.cases().size() == 3);
  desk.ring({.after_ms = 30 * minute});  // the lesson is over
  const auto all = desk.cases();
  REQUIRE(all.size() == 4);
  const Case& first = all.back();
  CHECK((first.hits == 3 && first.theme == "self_harm" && first.tier == "thcs" &&
         first.place == "Phòng máy 1"));
  CHECK((first.state == CaseState::opened && !first.shared && first.client.starts_with("HS-")));
  CHECK((first.opened_ms == march_2026 && first.last_ms == march_2026 + 29 * minute));
  std::set<std::string> codes;
  for (const Case& one : all) {
    codes.insert(one.code);
    CHECK((one.code.size() == 11 && one.code.starts_with("CA-")));
  }
  CHECK(codes.size() == 4);
}

TEST_CASE("cases: one that lasts is found again after a start", "[audit][case]") {
  Desk desk;
  desk.ring({});
  desk.log.reset();
  desk.log = open_log(desk.dir);
  desk.log->policy_loaded(desk.school);
  desk.ring({.after_ms = 5 * minute});
  REQUIRE(desk.cases().size() == 1);
  CHECK(desk.cases()[0].hits == 2);
}

TEST_CASE("cases: behind an address of many the case says so", "[audit][case]") {
  Desk desk;
  desk.ring({.client = 9, .lasts_ms = 10 * minute});
  desk.ring({.after_ms = 10 * minute, .client = 9, .lasts_ms = 10 * minute});
  const auto all = desk.cases();
  REQUIRE(all.size() == 2);
  CHECK((all[0].shared && all[0].place == "Thư viện"));
}

TEST_CASE("cases: where pupils change seats the case says so, too", "[audit][case]") {
  Desk desk;
  desk.ring({.client = 8});
  const auto all = desk.cases();
  REQUIRE(all.size() == 1);
  CHECK((all[0].shared && all[0].place == "Phòng máy 2"));
}

TEST_CASE("cases: an alert on one that was seen or handled makes it new again, and it is told again",
          "[audit][case]") {
  for (const CaseState state :
       {CaseState::seen, CaseState::handled, CaseState::passed_on, CaseState::wrong}) {
    DYNAMIC_SECTION(to_string(state)) {
      Desk desk;
      desk.ring({});
      const std::string code = desk.cases()[0].code;
      const auto due = desk.book.due("mail");
      REQUIRE(due);
      REQUIRE(due->size() == 1);
      CHECK(((*due)[0].code == code && (*due)[0].theme == "self_harm"));
      REQUIRE(desk.book.note_message((*due)[0], "mail", march_2026, "connection refused").ok());
      CHECK(desk.due() == 1);  // kept
      REQUIRE(desk.book.note_message((*due)[0], "mail", march_2026, "").ok());
      CHECK(desk.due() == 0);
      CHECK(desk.due("hook") == 1);  // each way for itself
      desk.set(code, state);
      CHECK(desk.due("hook") == 0);  // somebody knows
      const bool again = state == CaseState::seen || state == CaseState::handled;
      desk.ring({.after_ms = 3 * minute});
      REQUIRE(desk.cases().size() == 1);
      CHECK(desk.cases()[0].hits == 2);
      CHECK((desk.cases()[0].state == CaseState::opened) == again);
      CHECK(desk.due() == (again ? 1 : 0));
      CHECK(desk.cases(true).size() == (again ? 1 : 0));
      const auto detail = desk.book.find(code);
      REQUIRE(detail);
      REQUIRE(*detail);
      CHECK((*detail)->steps.size() == (again ? 3 : 2));
      CHECK(((*detail)->steps[1].actor == "uid 7 (dean)" && (*detail)->steps[1].note == "spoke with her"));
      CHECK(((*detail)->messages.size() == 2 && (*detail)->messages[0].failed == "connection refused"));
      REQUIRE((*detail)->rows.size() == 2);
      CHECK(((*detail)->rows[0].host == "tim.vn" && (*detail)->rows[0].line == 12));
    }
  }
}

TEST_CASE("cases: codes in any case of letters, and such as are none", "[audit][case]") {
  Desk desk;
  desk.ring({});
  std::string code = desk.cases()[0].code;
  for (char& c : code) c = static_cast<char>(std::tolower(c));
  CHECK(desk.book.find(code)->has_value());
  for (const char* none : {"", "CA-", "CA-00000000", "' OR 1=1 --"}) {
    CHECK_FALSE(desk.book.find(none)->has_value());
    CHECK_FALSE(*desk.book.step(none, {march_2026, CaseState::seen, "x", ""}));
  }
}

TEST_CASE("cases: nothing of them is in the ordinary file", "[audit][case][help]") {
  Desk desk;
  desk.ring({});
  desk.set(desk.cases()[0].code, CaseState::passed_on);
  auto db = Database::open(log_path(desk.dir.path, LogKind::access, {2026, 3}), Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%case%'") == 0);
  CHECK(db->integer("SELECT count(*) FROM event WHERE what LIKE '%case%' OR detail LIKE '%CA-%'") == 0);
  CHECK(db->integer("SELECT count(*) FROM access") == 1);  // as it would be without the alert
}

TEST_CASE("cases: a file that an older program began has none, and learns them", "[audit][case]") {
  Desk desk;
  desk.ring({});
  desk.log.reset();
  const std::string path = log_path(desk.dir.path, LogKind::safeguarding, {2026, 3});
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(
        db->exec(
            "DROP TABLE case_message; DROP TABLE case_step; DROP TABLE case_hit; DROP TABLE alert_case") ==
        SQLITE_OK);
  }
  CHECK(desk.cases().empty());
  CHECK(desk.due() == 0);
  desk.log = open_log(desk.dir);
  desk.log->policy_loaded(desk.school);
  desk.ring({.after_ms = minute});
  CHECK(desk.cases().size() == 1);
}

TEST_CASE("cases: they go with the rows of their time, and nothing of them stays", "[audit][case]") {
  Desk desk;
  desk.ring({});
  desk.ring({.after_ms = 5 * 24 * 60 * minute});
  const auto due = desk.book.due("mail");
  REQUIRE(due);
  for (const DueMessage& one : *due) REQUIRE(desk.book.note_message(one, "mail", march_2026, "").ok());
  desk.log.reset();
  auto store = LogStore::open(desk.dir.path, desk.dir.path + "/keys", 90);
  REQUIRE(store);
  const auto never = [](Month) { return false; };
  while (store->retain(march_2026 + 24 * 60 * minute, march_2026 + day_ms, never).more) {
  }
  REQUIRE(desk.cases().size() == 1);
  CHECK(desk.cases()[0].opened_ms == march_2026 + 5 * 24 * 60 * minute);
  auto db = Database::open(log_path(desk.dir.path, LogKind::safeguarding, {2026, 3}), Database::Mode::read);
  REQUIRE(db);
  for (const char* table : {"alert_case", "case_hit", "case_step", "case_message"})
    CHECK(db->integer(std::string("SELECT count(*) FROM ") + table) == 1);
}
