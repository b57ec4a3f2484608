#include "tools/daemon/cases_desk.h"

#include <catch2/catch.hpp>

#include "proxy/audit/log_store.h"
#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/tools/valid_json.h"
#include "tools/console/console.h"
#include "tools/daemon/reveal.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace std::chrono_literals;
using Catch::Contains;
using schoolgate::tools_test::is_json;

namespace {

struct Office {
  TempDir dir;
  std::unique_ptr<AccessLog> log = open_log(dir);
  std::shared_ptr<Snapshot> school = std::make_shared<Snapshot>(*sample_snapshot(7));
  CasesDesk desk{*log, [this] { return school; }};

  Office() {
    school->zone = *TimeZone::load("Asia/Ho_Chi_Minh");
    school->config.school.language = Language::en;
    school->config.who.push_back({*Network::parse("10.0.3.0/24"), "thcs", "Lab 1\x1b[2J", true});
    log->policy_loaded(school);
  }
  std::string ring(RuleRef rule, const std::string& host) {
    LogRecord row = allowed_record(1, host);
    row.alert = 1;
    row.alert_until_ms = row.time_ms + 1'000;
    row.help = row.verdict;
    row.help->action = Action::help;
    row.help->flags.alert = true;
    row.help->category = 1;
    row.help->rule = rule;
    REQUIRE(log->write(std::move(row)));
    REQUIRE(log->flush(10s));
    const auto all = CaseBook(dir.path).list(false, 10);
    REQUIRE(all);
    return all->front().code;
  }
  std::int64_t events(const std::string& part) const {
    auto db = Database::open(log_path(dir.path, LogKind::safeguarding, {2026, 3}), Database::Mode::read);
    REQUIRE(db);
    return db->integer("SELECT count(*) FROM event WHERE what='case_read' AND instr(actor || detail, '" +
                       part + "')>0");
  }
};

}  // namespace

TEST_CASE("cases: from the list to the end", "[tools][case]") {
  Office office;
  CHECK(office.desk.reply("list open", "uid 0 (root)").text == "No case is open.\n");
  const std::string code = office.ring(RuleRef{0, 12}, "tim.vn");
  const Reply list = office.desk.reply("list open", "uid 0 (root)");
  CHECK(list.exit_code == exit_ok);
  CHECK_THAT(list.text, Contains(code + "  new  2026-03-04 11:53  self_harm  tieu_hoc  HS-"));
  CHECK_THAT(list.text, Contains("(Lab 1\\x1b[2J)") || Contains("(Lab 1\\x1B[2J)"));
  CHECK(office.events("") == 0);

  const Reply show = office.desk.reply("show " + code, "uid 7 (dean)");
  CHECK_THAT(show.text, Contains("Of a device, not of a person") && Contains("Many people use this address"));
  CHECK_THAT(show.text, Contains("tim.vn  tiers.d/thcs.yaml:12") && Contains("schoolgate log --reveal HS-"));
  CHECK(office.events("dean") == 1);

  CHECK_THAT(office.desk.reply("seen " + code, "uid 7 (dean)").text, Contains(code + "  seen"));
  CHECK_THAT(office.desk.reply("handled " + code + " spoke with  her", "uid 7 (dean)").text,
             Contains("handled"));
  CHECK(office.desk.reply("list open", "x").text == "No case is open.\n");
  CHECK_THAT(office.desk.reply("list all", "x").text, Contains(code));
  CHECK_THAT(office.desk.reply("show " + code, "x").text, Contains("handled  uid 7 (dean)  spoke with  her"));
  for (const char* json : {"list all json", "show CODE json"}) {
    std::string question = json;
    if (const auto at = question.find("CODE"); at != std::string::npos) question.replace(at, 4, code);
    CHECK(is_json(office.desk.reply(question, "x").text));
  }
}

TEST_CASE("cases: a false alarm says how it is left out", "[tools][case]") {
  Office office;
  const std::string words = office.ring(RuleRef{0, 12}, "tim.vn");
  CHECK_THAT(office.desk.reply("wrong " + words, "x").text,
             Contains("false alarm") && Contains("under unless: at tiers.d/thcs.yaml:12"));
  Office other;
  const std::string site = other.ring(RuleRef{1, 4}, "tho.vn");
  CHECK_THAT(other.desk.reply("wrong " + site, "x").text,
             Contains("lists/gambling.txt:4 names tho.vn; if that is wrong"));
}

TEST_CASE("cases: wrong askers and questions get nothing", "[tools][case]") {
  Office office;
  const std::string code = office.ring(RuleRef{0, 12}, "tim.vn");
  RevealDesk door(*office.log, [&] { return office.school; });
  CHECK_THAT(door.reply("cases list open", 65'534).text, Contains("only root and members of the group"));
  CHECK_THAT(door.reply("cases list open", 0).text, Contains(code));
  for (const char* question : {"", "show", "show CA-00000000", "forget CA-00000000", "seen"})
    CHECK(office.desk.reply(question, "x").exit_code != exit_ok);
  office.log->stop();  // what cannot be recorded is not shown
  const Reply silent = office.desk.reply("show " + code, "x");
  CHECK(silent.exit_code == exit_failed);
  CHECK_THAT(silent.text, !Contains("tim.vn"));
}
