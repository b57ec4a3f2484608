#include "tools/daemon/reveal.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "proxy/audit/pseudonym.h"
#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const Snapshot> snapshot_of_school() {
  auto snapshot = std::make_shared<Snapshot>(*sample_snapshot(7));
  snapshot->config.school.language = Language::en;
  snapshot->config.clients = {*Network::parse("10.0.0.0/16")};
  snapshot->config.who = {{*Network::parse("10.0.3.0/24"), "thcs", "Phòng máy 1", false}};
  return snapshot;
}

std::int64_t recorded(const TempDir& dir, const std::string& part) {
  auto db =
      Database::open(log_path(dir.path, LogKind::safeguarding, Month::of(march_2026)), Database::Mode::read);
  if (!db) return 0;
  return db->integer("SELECT count(*) FROM event WHERE what='reveal' AND instr(actor || detail, '" + part +
                     "') > 0");
}

}  // namespace

TEST_CASE("reveal: the path of its socket", "[tools][reveal]") {
  CHECK(reveal_socket_path("/run/schoolgate/control.sock") == "/run/schoolgate/control-safeguarding.sock");
  CHECK(reveal_socket_path("c") == "c-safeguarding.sock");
}

TEST_CASE("reveal: both ways, each on record in the safeguarding file alone", "[tools][reveal]") {
  TempDir dir;
  auto log = open_log(dir);
  REQUIRE(log->write(allowed_record(1, "a.vn")));  // of 10.0.3.7
  REQUIRE(log->flush(10s));
  RevealDesk desk(*log, snapshot_of_school);

  const Reply codes = desk.reply("10.0.3.7 call of 4 March", 0);
  CHECK(codes.exit_code == exit_ok);
  const auto rows = LogReader(dir.path).rows({});
  REQUIRE(rows);
  const std::string code = rows->at(0).client;
  CHECK(codes.text == "10.0.3.7 is " + code + " in the log of 2026-03\n");
  CHECK(recorded(dir, "call of 4 March") == 1);
  CHECK(recorded(dir, "10.0.3.7") == 0);  // never with its address

  const Reply address = desk.reply(code + " it rang again", 0);
  CHECK(address.text == code + " is 10.0.3.7 (Phòng máy 1) in the log of 2026-03\n");
  CHECK(recorded(dir, "it rang again") == 1);
  CHECK(recorded(dir, "uid 0") == 2);

  const Reply nobody = desk.reply("HS-00000000 guess", 0);
  CHECK(nobody.exit_code == exit_failed);
  CHECK(nobody.text.find("nobody found behind HS-00000000") == 0);
  CHECK(recorded(dir, "\"found\":false,\"why\":\"guess\"") == 1);

  const auto events = LogReader(dir.path).events(std::nullopt, 0);
  REQUIRE(events);
  for (const LogEvent& event : *events) CHECK(event.what != "reveal");
}

TEST_CASE("reveal: where several look after cases, two names", "[tools][reveal]") {
  TempDir dir;
  auto log = open_log(dir);
  CaseKeepers keepers{{"hoa", "binh"}, false};
  RevealDesk desk(*log, [&] {
    auto school = std::make_shared<Snapshot>(*snapshot_of_school());
    PolicySpec spec = school->policy->spec();
    spec.case_keepers = keepers;
    school->policy = *Policy::compile(std::move(spec));
    return std::shared_ptr<const Snapshot>(school);
  });
  const auto asks = [&](const std::string& names) { return desk.reply("10.0.3.7" + names + " a call", 0); };
  for (const char* too_few : {"", "+hoa", "+hoa+hoa", "+binh"}) {
    CHECK(asks(too_few).exit_code == exit_failed);
    CHECK_THAT(asks(too_few).text, Catch::Contains("as root name both") && Catch::Contains("hoa, binh") &&
                                       !Catch::Contains(" is HS-"));
  }
  for (const char* nobody : {"+eve", "+hoa+eve", "+hoa+", "+", "+Hoa+binh", "+root+hoa"})
    CHECK_THAT(asks(nobody).text, Catch::Contains("does not name the account"));
  CHECK(recorded(dir, "") == 0);
  CHECK(asks("+hoa+binh").exit_code == exit_ok);
  CHECK(recorded(dir, "\"with\":[\"hoa\",\"binh\"]") == 1);
  CHECK_THAT(desk.reply("HS-00000000+hoa guess", 0).text, Catch::Contains("as root name both"));
  CHECK_THAT(desk.reply("HS-00000000+hoa+binh guess", 0).text, Catch::Contains("nobody found"));
  // The pages have asked the second one already.
  CHECK_THAT(desk.reveal_as("HS-00000000", "a case", "web hoa").text, Catch::Contains("nobody found"));
  keepers.reveal_alone = true;
  CHECK(asks("").exit_code == exit_ok);
  keepers = {{"hoa"}, false};
  CHECK(asks("").exit_code == exit_ok);
  CHECK(asks("+hoa").exit_code == exit_ok);
  CHECK_THAT(asks("+binh").text, Catch::Contains("does not name the account"));  // nobody's word is nobody's
  keepers = {};
  CHECK(asks("").exit_code == exit_ok);
}

TEST_CASE("reveal: wrong askers and questions get nothing", "[tools][reveal]") {
  TempDir dir;
  auto log = open_log(dir);
  RevealDesk desk(*log, snapshot_of_school);
  const uid_t stranger = 65'534;
  CHECK_FALSE(may_reveal(stranger));
  CHECK_FALSE(may_reveal(4'000'000'000u));  // no such user
  CHECK(desk.reply("10.0.3.7 why", stranger).text.find("only root and members") == 0);
  CHECK(desk.reply("10.0.3.7", 0).exit_code == exit_usage);
  CHECK(desk.reply("10.0.3.7   ", 0).exit_code == exit_usage);
  CHECK(desk.reply("HS-7 why", 0).exit_code == exit_usage);
  CHECK(desk.reply("", 0).exit_code == exit_usage);
  CHECK(recorded(dir, "") == 0);
}

TEST_CASE("reveal: what cannot be recorded is not revealed", "[tools][reveal]") {
  TempDir dir;
  auto log = open_log(dir);
  REQUIRE(log->write(allowed_record(1, "a.vn")));
  REQUIRE(log->flush(10s));
  RevealDesk desk(*log, snapshot_of_school);
  log->stop();  // nothing is written any more
  const Reply reply = desk.reply("10.0.3.7 why", 0);
  CHECK(reply.exit_code == exit_failed);
  CHECK(reply.text.find("HS-") == std::string::npos);
}
