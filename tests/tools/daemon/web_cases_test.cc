// Cases over the pages' socket: for those whom delegation.yaml names, and who is behind a device for two.
#include "tools/daemon/web_cases.h"

#include <catch2/catch.hpp>

#include "proxy/audit/log_store.h"
#include "proxy/audit/sqlite.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

struct CasesOverWeb {
  TempDir dir;
  std::unique_ptr<AccessLog> log = open_log(dir);
  std::shared_ptr<Snapshot> school = std::make_shared<Snapshot>(*sample_snapshot(7));
  std::vector<std::string> revealed;  // "code why actor"
  Message untold{};
  std::int64_t now_ms = 1'772'600'000'000;
  std::optional<WebCases> cases;

  explicit CasesOverWeb(CaseKeepers keepers) {
    PolicySpec spec = school->policy->spec();
    spec.case_keepers = std::move(keepers);
    school->policy = *Policy::compile(std::move(spec));
    school->zone = *TimeZone::load("Asia/Ho_Chi_Minh");
    log->policy_loaded(school);
    cases.emplace(*log, WebCases::Hooks{[this] { return school; },
                                        [this](const std::string& code, const std::string& why,
                                               const std::string& actor) {
                                          revealed.push_back(code + " " + why + " " + actor);
                                          return Reply{exit_ok, code + " is 10.1.0.5\n"};
                                        },
                                        [this] { return now_ms; }, [this] { return untold; }});
  }
  std::string ring() {
    LogRecord row = allowed_record(1, "tim.vn");
    row.alert = 1;
    row.alert_until_ms = row.time_ms + 1'000;
    row.help = row.verdict;
    row.help->action = Action::help;
    row.help->flags.alert = true;
    row.help->category = 1;
    row.help->rule = RuleRef{0, 12};
    REQUIRE(log->write(std::move(row)));
    REQUIRE(log->flush(10s));
    const auto all = CaseBook(dir.path).list(false, 10);
    REQUIRE(all);
    return all->front().code;
  }
  Reply ask(const std::string& question) {
    const auto asked = parse_web_question(question);
    REQUIRE(asked);
    return cases->reply(*asked, nullptr);
  }
  std::int64_t events(LogKind kind, const std::string& what) const {
    auto db = Database::open(log_path(dir.path, kind, {2026, 3}), Database::Mode::read);
    return db ? db->integer("SELECT count(*) FROM event WHERE what='" + what + "'") : 0;
  }
};

}  // namespace

TEST_CASE("who looks after cases reads that nobody could be told, and nobody else does",
          "[tools][web_cases]") {
  CasesOverWeb office({{"hoa"}, false});
  const std::string code = office.ring();
  CHECK_THAT(office.ask("cases\taccount=hoa\tstate=open").text, !Contains("untold"));
  office.untold = say("{}: {}", "mail", Message("refused"));
  for (const char* state : {"open", "all", "wrong"})
    CHECK_THAT(office.ask("cases\taccount=hoa\tstate=" + std::string(state)).text,
               Contains("untold\tmail: refused\n"));
  CHECK_THAT(office.ask("case\taccount=hoa\tcode=" + code).text, Contains("untold\tmail: refused\n"));
  CHECK_THAT(office.ask("cases\taccount=eve\tstate=open").text, !Contains("untold"));
}

TEST_CASE("cases are for the accounts that delegation.yaml names", "[tools][web_cases]") {
  CasesOverWeb office({{"hoa"}, false});
  const std::string code = office.ring();
  for (const char* account : {"", "eve", "root", "Hoa", "hoa "})
    for (const std::string verb : {"cases", "case", "case_step", "reveal"}) {
      const Reply reply =
          office.ask(verb + "\taccount=" + account + "\tcode=" + code + "\tstate=wrong\tact=ask\twhy=x");
      CHECK(reply.exit_code == exit_failed);
      CHECK_THAT(reply.text, !Contains(code) && Contains("does not name the account"));
    }
  CHECK(office.revealed.empty());
  CHECK(office.events(LogKind::safeguarding, "case_read") == 0);
  CHECK_THAT(office.ask("cases\taccount=hoa\tstate=open").text,
             Contains("case\t" + code + "\tnew\t2026-03-04 11:53\t"));
  CHECK(office.ask("cases\taccount=hoa\tstate=handled").text.empty());
}

TEST_CASE("one case: read on record, its steps, and what keeps a false alarm from ringing",
          "[tools][web_cases]") {
  CasesOverWeb office({{"hoa"}, false});
  const std::string code = office.ring();
  const std::string of = "\taccount=hoa\tcode=" + code;
  CHECK_THAT(office.ask("case" + of).text, Contains("row\t2026-03-04 11:53\ttim.vn\ttiers.d/thcs.yaml:12\n"));
  CHECK(office.events(LogKind::safeguarding, "case_read") == 1);
  CHECK(office.ask("case_step" + of + "\tstate=seen\tnote=spoke with her").exit_code == exit_ok);
  CHECK_THAT(office.ask("case" + of).text,
             Contains("\tseen\tweb hoa\tspoke with her\n") && !Contains("exclusion\t"));
  CHECK(office.ask("case_step" + of + "\tstate=wrong").exit_code == exit_ok);
  CHECK_THAT(office.ask("case" + of).text, Contains("exclusion\tSo that it does not ring again"));
  CHECK(office.ask("case_step" + of + "\tstate=new").exit_code == exit_usage);
  CHECK(office.ask("case_step" + of + "\tstate=gone").exit_code == exit_usage);
  CHECK(office.ask("case\taccount=hoa\tcode=CA-00000000").exit_code == exit_failed);
}

TEST_CASE("who is behind a device: one where there is one, two where there are two", "[tools][web_cases]") {
  SECTION("alone") {
    CasesOverWeb office({{"hoa"}, false});
    const std::string of = "\taccount=hoa\tcode=" + office.ring();
    CHECK(office.ask("reveal" + of + "\tact=ask\twhy= ").exit_code == exit_failed);
    CHECK_THAT(office.ask("reveal" + of + "\tact=ask\twhy=a call").text, Contains("told\tHS-"));
    REQUIRE(office.revealed.size() == 1);
    CHECK_THAT(office.revealed.front(), Contains("a call web hoa"));
    REQUIRE(office.log->flush(10s));
    CHECK(office.events(LogKind::access, "reveal") == 0);
  }
  SECTION("of several, where the school lets one alone") {
    CasesOverWeb office({{"hoa", "binh"}, true});
    CHECK_THAT(office.ask("reveal\taccount=binh\tcode=" + office.ring() + "\tact=ask\twhy=x").text,
               Contains("told\t"));
  }
  SECTION("two") {
    CasesOverWeb office({{"hoa", "binh", "thu"}, false});
    const std::string code = office.ring();
    const auto reveal = [&](const std::string& account, const std::string& act) {
      return office.ask("reveal\taccount=" + account + "\tcode=" + code + "\tact=" + act + "\twhy=a call");
    };
    CHECK(reveal("hoa", "show").exit_code == exit_failed);
    CHECK(reveal("binh", "agree").exit_code == exit_failed);  // to nothing
    CHECK_THAT(reveal("hoa", "ask").text, Contains("must agree now"));
    CHECK(reveal("hoa", "agree").exit_code == exit_failed);
    CHECK(reveal("hoa", "show").exit_code == exit_failed);
    CHECK_THAT(reveal("thu", "ask").text, Contains("hoa has asked"));
    CHECK_THAT(office.ask("case\taccount=binh\tcode=" + code).text,
               Contains("wish\thoa\t") && Contains("\ta call\t\n"));
    CHECK(reveal("binh", "agree").exit_code == exit_ok);
    CHECK(reveal("binh", "show").exit_code == exit_failed);  // it was hoa who asked
    CHECK(office.revealed.empty());
    CHECK_THAT(reveal("hoa", "show").text, Contains("told\t"));
    REQUIRE(office.revealed.size() == 1);
    CHECK_THAT(office.revealed.front(), Contains("a call (binh) web hoa"));
    CHECK(reveal("hoa", "show").exit_code == exit_failed);  // once
    CHECK(office.events(LogKind::safeguarding, "reveal_asked") == 1);
    CHECK(office.events(LogKind::safeguarding, "reveal_agreed") == 1);
    CHECK(reveal("hoa", "take").exit_code == exit_usage);
  }
  SECTION("a wish is over after a day") {
    CasesOverWeb office({{"hoa", "binh"}, false});
    const std::string code = office.ring();
    static_cast<void>(office.ask("reveal\taccount=hoa\tcode=" + code + "\tact=ask\twhy=x"));
    office.now_ms += 24 * 3600 * 1000;
    CHECK(office.ask("reveal\taccount=binh\tcode=" + code + "\tact=agree").exit_code == exit_failed);
  }
}
