// The staff's pages without sockets: who gets which page, what a form needs, what is never shown.
#include "proxy/web/site.h"

#include <catch2/catch.hpp>

#include "proxy/web/totp.h"
#include "rules/bytes/sha256.h"
#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

namespace {

// Written by hand, apart from the table in roles.cc: V view, C change, T take, - nothing.
struct RightRow {
  const char* get;   // "" = none of the page
  const char* post;  // a form that changes, or takes
  const char* form;
  const char* teacher;
  const char* admin;
  const char* safeguarding;
  const char* head;
  const char* auditor;
};
constexpr RightRow rights[] = {
    {"/now", "", "", "V", "V", "V", "V", "V"},
    {"/now/part", "", "", "V", "V", "V", "V", "V"},
    {"/log", "/log/take", "form=csv", "V", "VT", "-", "V", "VT"},
    {"/explain", "", "", "V", "V", "V", "V", "V"},
    {"/policy", "/policy/edit", "act=check&tier=thcs&version=v1&text=a&why=x", "VC", "VC", "-", "V", "V"},
    {"/policy/edit?tier=thcs", "", "", "V", "V", "-", "-", "-"},
    {"/overrides", "/overrides", "action=allow&target=zalo.me&tier=thcs&minutes=10&why=lesson", "VC", "V",
     "-", "V", "V"},
    {"/overrides", "/overrides/revoke", "id=1", "VC", "V", "-", "V", "V"},
    {"/wishes", "/wishes", "code=BN-7K3Q2F9A&act=deny&why=a+shop", "VC", "VC", "-", "V", "V"},
    {"/reports", "/reports/take", "kind=month&period=2026-11&format=csv", "-", "VT", "-", "VT", "VT"},
    {"/reports/show?kind=month&period=2026-11", "", "", "-", "V", "-", "V", "V"},
    {"/lists", "", "", "-", "V", "-", "-", "V"},
    {"/users", "/users", "act=link&account=head", "-", "VC", "-", "-", "V"},
    {"/health", "", "", "-", "V", "-", "-", "V"},
    {"/rooms", "/rooms", "room=Lab&state=off&end=end-of-lesson&why=x", "VC", "V", "-", "V", "V"},
    {"/cases", "/cases/step", "code=CA-7K3Q2F9A&state=seen&note=x", "-", "-", "VC", "-", "-"},
    {"/cases/one?code=CA-7K3Q2F9A", "/cases/reveal", "code=CA-7K3Q2F9A&act=ask&why=x&totp=1", "-", "-", "VT",
     "-", "-"},
    {"/account", "/account", "act=totp_new", "VC", "VC", "VC", "VC", "VC"},
};

}  // namespace

TEST_CASE("every role gets just its pages and forms", "[web][roles]") {
  Staff school;
  std::map<std::string, std::string> cookies, tokens;
  for (const char* role : {"teacher", "admin", "safeguarding", "head", "auditor"}) {
    cookies[role] = school.sign_in(role);
    tokens[role] = school.token(cookies[role]);
    REQUIRE(tokens[role].size() == 64);
  }
  for (const RightRow& row : rights) {
    const std::pair<const char*, const char*> cells[] = {{"teacher", row.teacher},
                                                         {"admin", row.admin},
                                                         {"safeguarding", row.safeguarding},
                                                         {"head", row.head},
                                                         {"auditor", row.auditor}};
    for (const auto& [role, cell] : cells) {
      const std::string may_do(cell);
      INFO(role << " " << row.get << " " << row.post);
      CHECK(school.get(row.get, cookies[role]).status == (may_do.find('V') != std::string::npos ? 200 : 403));
      if (*row.post == '\0') continue;
      const bool acts = may_do.find_first_of("CT") != std::string::npos;
      const int status =
          school.post(row.post, std::string(row.form) + "&csrf=" + tokens[role], cookies[role]).status;
      CHECK((status == 200 || status == 303) == acts);
      if (!acts) CHECK(status == 403);
    }
  }
}

TEST_CASE("nobody gets anything without a session", "[web][roles]") {
  Staff school;
  for (const RightRow& row : rights) {
    INFO(row.get);
    const Response answer = school.get(row.get);
    CHECK(answer.status == 303);
    CHECK(Staff::header(answer, "Location") == "/sign-in");
    if (*row.post != '\0') CHECK(school.post(row.post, row.form).status == 403);
  }
  CHECK(school.get("/nothing", school.sign_in("admin")).status == 404);
  CHECK(school.get("/log/take", school.sign_in("admin")).status == 405);
}

TEST_CASE("a form of another site changes nothing", "[web][csrf]") {
  Staff school;
  const std::string cookie = school.sign_in("teacher"), token = school.token(cookie);
  const std::string form = "action=allow&target=zalo.me&tier=thcs&minutes=10&why=x&csrf=";
  struct Row {
    const char* name;
    std::string token, origin, site;
    int status;
  };
  const Row rows[] = {
      {"as it should be", token, "", "same-origin", 303},
      {"an old browser", token, "http://127.0.0.1:8443", "", 303},
      {"without a token", "", "", "same-origin", 403},
      {"with another's token", school.token(school.sign_in("head")), "", "same-origin", 403},
      {"another site", token, "", "cross-site", 403},
      {"a neighbour", token, "", "same-site", 403},
      {"another origin", token, "http://evil.test", "", 403},
      {"neither origin nor site", token, "", "", 403},
      {"a false origin beside a right site", token, "http://evil.test", "same-origin", 403},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Request request = school.plain("POST", "/overrides", cookie);
      request.form = *parse_form(form + row.token);
      request.origin = row.origin;
      request.fetch_site = row.site;
      const std::size_t before = school.proxy.changes.size();
      CHECK(school.site.answer(request).status == row.status);
      CHECK(school.proxy.changes.size() == before + (row.status == 303 ? 1 : 0));
    }
}

TEST_CASE("a name that was led here is answered nothing", "[web][host]") {
  Staff school;
  for (const char* host : {"evil.test", "127.0.0.1", "127.0.0.1:80", "", "127.0.0.1:8443.evil.test"}) {
    Request request = school.plain("GET", "/sign-in", "");
    request.host = host;
    CHECK(school.site.answer(request).status == 421);
  }
}

TEST_CASE("every answer keeps a page to itself", "[web][headers]") {
  Staff school;
  const std::string admin = school.sign_in("admin");
  for (const char* path : {"/sign-in", "/now", "/log", "/style.css", "/script.js", "/healthz", "/nothing"}) {
    INFO(path);
    const Response answer = school.get(path, admin);
    const std::string policy = Staff::header(answer, "Content-Security-Policy");
    CHECK_THAT(policy, Contains("default-src 'none'") && Contains("frame-ancestors 'none'"));
    CHECK_THAT(policy, !Contains("unsafe"));
    CHECK(Staff::header(answer, "X-Content-Type-Options") == "nosniff");
    CHECK(Staff::header(answer, "Cache-Control") == "no-store");
    CHECK_THAT(answer.body, !Contains("<script>") && !Contains("style=\"") && !Contains(" onclick"));
  }
}

TEST_CASE("a report is told which floor is in force, and that nobody says", "[web][reports]") {
  Staff school;
  const std::string cookie = school.sign_in("head"), token = school.token(cookie);
  const std::string shown = "/reports/show?kind=month&period=2026-11";
  const std::string form = "kind=month&period=2026-11&format=csv&csrf=" + token;
  CHECK(school.get(shown, cookie).body == "report html 2026-11 for head plain");
  CHECK(school.post("/reports/take", form, cookie).body == "report csv 2026-11 for head plain");
  school.proxy.answers = false;
  CHECK(school.get(shown, cookie).body == "report html 2026-11 for head ");
}

TEST_CASE("the cookie is of these pages alone", "[web][session]") {
  Staff school;
  const Response answer = school.post("/sign-in", "account=admin&password=correct+horse+admin");
  CHECK(answer.status == 303);
  const std::string set = Staff::header(answer, "Set-Cookie");
  CHECK(set.starts_with("__Host-sg="));
  for (const char* part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
    CHECK_THAT(set, Contains(part));
}

TEST_CASE("a session ends", "[web][session]") {
  Staff school;
  const std::string cookie = school.sign_in("admin"), token = school.token(cookie);
  REQUIRE(school.get("/now", cookie).status == 200);
  SECTION("when nobody does anything for half an hour") {
    school.steady_ms += 31 * 60 * 1000;
    CHECK(school.get("/now", cookie).status == 303);
  }
  SECTION("after ten hours, whatever is done") {
    for (int i = 0; i < 10 * 60 / 20; ++i) {
      school.steady_ms += 20 * 60 * 1000;
      static_cast<void>(school.get("/now", cookie));
    }
    school.steady_ms += 60 * 1000;
    CHECK(school.get("/now", cookie).status == 303);
  }
  SECTION("by signing out, with a form alone") {
    CHECK(school.get("/sign-out", cookie).status == 405);
    CHECK(school.get("/now", cookie).status == 200);
    CHECK(school.post("/sign-out", "csrf=" + token, cookie).status == 303);
    CHECK(school.get("/now", cookie).status == 303);
  }
  SECTION("when the account is locked") {
    school.book.accounts["admin"].locked = true;
    CHECK(school.get("/now", cookie).status == 303);
  }
  SECTION("when the account gets another role") {
    ++school.book.accounts["admin"].generation;
    CHECK(school.get("/now", cookie).status == 303);
  }
  SECTION("everywhere at once") {
    const std::string other = school.sign_in("admin");
    CHECK(school.post("/account", "act=sign_out_all&csrf=" + token, cookie).status == 303);
    CHECK(school.get("/now", other).status == 303);
  }
}

TEST_CASE("guessing passwords takes longer and longer", "[web][flood]") {
  Staff school;
  const auto attempt = [&](const std::string& account, const std::string& password) {
    return school.post("/sign-in", "account=" + account + "&password=" + password).status;
  };
  for (int i = 0; i < 5; ++i) CHECK(attempt("admin", "wrong") == 403);
  CHECK(attempt("admin", "wrong") == 429);
  CHECK(attempt("admin", "correct+horse+admin") == 429);  // the right one too
  CHECK(school.proxy.events.size() == 1);
  CHECK_THAT(school.proxy.events.back(), Contains("admin sign_in_failed"));
  CHECK(attempt("head", "correct+horse+head") == 303);  // nobody else waits
  school.steady_ms += 1001;
  CHECK(attempt("admin", "wrong") == 403);
  school.steady_ms += 1001;
  CHECK(attempt("admin", "correct+horse+admin") == 429);
  school.steady_ms += 1000;
  CHECK(attempt("admin", "correct+horse+admin") == 303);
  CHECK(attempt("nobody", "wrong") == 403);  // who does not exist is told the same
}

TEST_CASE("a locked account, one without password, a wrong code: all the same answer", "[web][session]") {
  Staff school;
  school.book.accounts["head"].locked = true;
  school.book.accounts["auditor"].password.clear();
  const std::string secret = to_base32("12345678901234567890");
  school.book.accounts["teacher"].totp = secret;
  const auto attempt = [&](const std::string& form) { return school.post("/sign-in", form).status; };
  CHECK(attempt("account=head&password=correct+horse+head") == 403);
  CHECK(attempt("account=auditor&password=") == 403);
  CHECK(attempt("account=teacher&password=correct+horse+teacher") == 403);
  CHECK(attempt("account=teacher&password=correct+horse+teacher&code=000000") == 403);
  const std::string code =
      totp_code("12345678901234567890", static_cast<std::uint64_t>(school.wall_ms / 30'000));
  const std::string right = "account=teacher&password=correct+horse+teacher&code=" + code;
  CHECK(attempt(right) == 303);
  CHECK(attempt(right) == 403);  // none is taken twice
}

TEST_CASE("the one-time link gives a password once", "[web][link]") {
  Staff school;
  Account& account = school.book.accounts["teacher"];
  account.password.clear();
  account.link = to_hex(sha256("c0de"));
  account.link_until = school.wall_ms / 1000 + 60;
  CHECK(school.get("/first?code=c0de").status == 200);
  CHECK(school.get("/first?code=other").status == 403);
  CHECK(school.get("/first").status == 403);
  CHECK(school.post("/first", "code=c0de&password=short&again=short").status == 200);
  CHECK(school.post("/first", "code=c0de&password=a+long+password&again=another+one+x").status == 200);
  CHECK(school.book.accounts["teacher"].password.empty());
  SECTION("and never after its day") {
    school.wall_ms += 61'000;
    CHECK(school.post("/first", "code=c0de&password=a+long+password&again=a+long+password").status == 403);
  }
  SECTION("within it") {
    CHECK(school.post("/first", "code=c0de&password=a+long+password&again=a+long+password").status == 303);
    CHECK(school.book.accounts["teacher"].password == "hash:a long password");
    CHECK(school.post("/first", "code=c0de&password=b+long+password&again=b+long+password").status == 403);
  }
}

TEST_CASE("the log shows each role what it may see", "[web][log]") {
  Staff school;
  SECTION("a teacher: what the proxy says is of own rooms and lessons, whatever is asked for") {
    const std::string cookie = school.sign_in("teacher");
    const std::string body = school.get("/log?range=7d&action=allow&tier=thpt", cookie).body;
    REQUIRE(school.proxy.lessons_asked.size() == 1);
    CHECK(school.proxy.lessons_asked.back().closed_only);
    CHECK(school.proxy.lessons_asked.back().action.empty());
    CHECK(school.proxy.lessons_asked.back().tiers == std::vector<std::string>{"thpt"});
    CHECK_THAT(body, Contains(">Room or label</th>") && Contains("><bdi>Lab 1</bdi></td>"));
    CHECK_THAT(body, Contains("in your rooms: Lab 1; where the room of a device is not known, in your tiers: "
                              "THCS.") &&
                         Contains("In this lesson and the last one, since 13:30."));
    CHECK_THAT(body, !Contains("HS-SECRET") && !Contains("CSV") && !Contains("Pseudonym"));
    // All of both lessons, unless she asks for less: not the last hour of them.
    static_cast<void>(school.get("/log", cookie));
    CHECK(school.proxy.lessons_asked.back().since_ms == 0);
    static_cast<void>(school.get("/log?range=1h", cookie));
    CHECK(school.proxy.lessons_asked.back().since_ms == school.wall_ms - 60 * 60 * 1000);
    static_cast<void>(school.get("/log?range=own&from=2025-11-29T08:05&to=2025-11-29T09:00", cookie));
    CHECK(school.proxy.lessons_asked.back().since_ms == 1'764'378'300'000);
    CHECK_THAT(school.get("/log", cookie).body,
               Contains("<option value=\"lesson\" selected>") && !Contains("value=\"7d\""));
    CHECK_THAT(school.get("/log", school.sign_in("admin")).body,
               Contains("value=\"7d\"") && !Contains("value=\"lesson\""));
    school.log.asked.clear();
    school.proxy.lesson.by_lessons = false;
    school.proxy.lesson.tiers.clear();
    CHECK_THAT(school.get("/log", cookie).body,
               Contains("in your rooms: Lab 1.") && Contains("no lesson now: in the last 100 minutes"));
    school.proxy.lesson.rooms.clear();
    CHECK_THAT(school.get("/log", cookie).body,
               Contains("neither a room nor a tier") && !Contains("games.test"));
    school.proxy.lesson.why_not = {false, "too many rows"};
    CHECK_THAT(school.get("/log", cookie).body, Contains("too many rows") && !Contains("games.test"));
    CHECK(school.log.asked.empty());  // the pages' own eyes see no room
  }
  SECTION("a head: totals alone, small ones folded") {
    const std::string body = school.get("/log", school.sign_in("head")).body;
    CHECK(school.log.asked.empty());
    CHECK_THAT(body, Contains("1,000") && Contains("under 5") && !Contains(">4<"));
  }
  SECTION("an auditor: rows without clients, and never with them") {
    const std::string cookie = school.sign_in("auditor"), token = school.token(cookie);
    CHECK_THAT(school.get("/log", cookie).body, Contains("games.test") && !Contains("HS-SECRET"));
    CHECK(school.post("/log/clients", "why=curious&csrf=" + token, cookie).status == 403);
    CHECK_THAT(school.get("/log", cookie).body, !Contains("HS-SECRET"));
  }
  SECTION("admin and auditor take rows, the newest 100,000 at most, each time an event") {
    for (const char* role : {"admin", "auditor"}) {
      const std::string cookie = school.sign_in(role), token = school.token(cookie);
      for (const std::string form : {"csv", "jsonl"}) {
        const Response taken =
            school.post("/log/take", "range=1d&host=a.vn&form=" + form + "&csrf=" + token, cookie);
        CHECK(taken.body == "as " + form + "\n");
        CHECK_THAT(Staff::header(taken, "Content-Disposition"), Contains("schoolgate-log." + form));
        CHECK(school.log.asked.back().limit == 100'000);
        CHECK(school.log.asked.back().host == "a.vn");
        CHECK_THAT(school.proxy.events.back(), Contains("log_taken") && Contains("\"format\":\"" + form) &&
                                                   Contains("\"host\":\"a.vn\",\"clients\":false"));
      }
      const std::size_t before = school.proxy.events.size();
      for (const char* form : {"", "xml", "CSV"})
        CHECK(school.post("/log/take", "form=" + std::string(form) + "&csrf=" + token, cookie).status == 400);
      CHECK(school.proxy.events.size() == before);
    }
  }
  SECTION("an admin: pseudonyms for a reason, for a quarter of an hour, recorded") {
    const std::string cookie = school.sign_in("admin"), token = school.token(cookie);
    CHECK_THAT(school.get("/log", cookie).body, !Contains("HS-SECRET"));
    CHECK(school.post("/log/clients", "why=x&csrf=" + token, cookie).status == 400);
    CHECK(school.post("/log/clients", "why=a+complaint&range=1d&csrf=" + token, cookie).status == 303);
    CHECK_THAT(school.proxy.events.back(), Contains("log_clients_shown") && Contains("a complaint"));
    CHECK_THAT(school.get("/log", cookie).body, Contains("HS-SECRET"));
    school.steady_ms += 15 * 60 * 1000 + 1;
    CHECK_THAT(school.get("/log", cookie).body, !Contains("HS-SECRET"));
  }
  SECTION("what cannot be recorded does not happen") {
    const std::string cookie = school.sign_in("admin"), token = school.token(cookie);
    school.proxy.answers = false;
    CHECK(school.post("/log/take", "form=csv&csrf=" + token, cookie).status == 503);
    CHECK(school.post("/log/clients", "why=a+complaint&csrf=" + token, cookie).status == 503);
    CHECK(school.log.asked.empty());
  }
}

TEST_CASE("a time range of the address is by the school's clocks", "[web][log]") {
  Staff school;
  static_cast<void>(
      school.get("/log?range=own&from=2025-11-29T08:05&to=2025-11-29T09:00", school.sign_in("admin")));
  REQUIRE(school.log.asked.size() == 1);
  CHECK(school.log.asked.back().since_ms == 1'764'378'300'000);  // 01:05 UTC
  CHECK(school.log.asked.back().until_ms == 1'764'381'660'000);  // with the minute that is named
}

TEST_CASE("an admin's pages make no safeguarding account or auditor", "[web][users]") {
  Staff school;
  const std::string cookie = school.sign_in("admin"), token = school.token(cookie);
  const auto change = [&](const std::string& form) {
    return school.post_and_follow("/users", form + "&csrf=" + token, cookie);
  };
  CHECK(change("act=add&account=eve&role=auditor").status == 403);
  CHECK(change("act=add&account=eve&role=safeguarding").status == 403);
  CHECK(change("act=link&account=safeguarding").status == 403);
  CHECK(change("act=lock&account=auditor").status == 403);
  CHECK(change("act=lock&account=admin").status == 403);  // oneself
  CHECK(school.book.accounts.size() == 5);
  const Response made = change("act=add&account=lan&role=teacher");
  CHECK_THAT(made.body, Contains("/first?code="));
  CHECK(school.book.accounts["lan"].role == Role::teacher);
  CHECK_THAT(school.proxy.events.back(), Contains("admin account_changed") && Contains("lan"));
  CHECK(change("act=add&account=Lan&role=teacher").status == 200);
  CHECK(school.book.accounts.size() == 6);
}

TEST_CASE("what the sealed floor lacks is red, beside the thin spots", "[web][now]") {
  Staff school;
  for (const char* path : {"/now", "/health"}) {
    CHECK_THAT(school.get(path, school.sign_in("admin")).body,
               !Contains("The sealed floor") && !Contains("class=\"faults\""));
    school.proxy.floor_lacks = "no entries";
    CHECK_THAT(
        school.get(path, school.sign_in("admin")).body,
        Contains(
            "<section class=\"faults\"><h2>The sealed floor</h2><ul><li>no entries</li></ul></section>"));
    school.proxy.floor_lacks.clear();
  }
}

TEST_CASE("a form's answer leads to a page, which says once what became of it", "[web][forms]") {
  Staff school;
  struct Row {
    const char* role;
    const char* post;
    const char* form;
    const char* to;
    const char* says;
  };
  const Row rows[] = {
      {"teacher", "/overrides", "action=allow&target=zalo.me&tier=thcs&minutes=10&why=x", "/overrides",
       "done"},
      {"teacher", "/overrides/revoke", "id=1", "/overrides", "ended"},
      {"teacher", "/rooms", "room=Lab+2&state=off&end=end-of-lesson&why=x", "/rooms", "is switched"},
      {"teacher", "/wishes", "code=BN-7K3Q2F9A&act=deny&why=a+shop", "/wishes", "answered"},
      {"teacher", "/policy/edit", "act=save&tier=thcs&version=v1&text=a&why=x", "/policy/edit?tier=thcs",
       "Saved."},
      {"safeguarding", "/cases/step", "code=CA-7K3Q2F9A&state=seen&note=x", "/cases/one?code=CA-7K3Q2F9A",
       "kept"},
      {"safeguarding", "/cases/reveal", "code=CA-7K3Q2F9A&act=ask&why=x&totp=1",
       "/cases/one?code=CA-7K3Q2F9A", "set it up under My account"},
      {"admin", "/users", "act=add&account=lan&role=teacher", "/users", "/first?code="},
      {"admin", "/users", "act=add&account=Lan&role=teacher", "/users", "A name has small letters"},
      {"head", "/account", "act=password&old=wrong&password=a+long+password&again=a+long+password",
       "/account", "The old password is wrong."},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.post << " " << row.says) {
      const std::string cookie = school.sign_in(row.role);
      const Response answer =
          school.post(row.post, std::string(row.form) + "&csrf=" + school.token(cookie), cookie);
      REQUIRE(answer.status == 303);
      CHECK(Staff::header(answer, "Location") == row.to);
      CHECK(answer.body.empty());
      // On no other page, not on one that renews itself, and not for whoever only looks.
      const char* const other = std::string_view(row.to) == "/account" ? "/explain" : "/account";
      CHECK_THAT(school.get(other, cookie).body, !Contains("class=\"told"));
      Request head = school.plain("HEAD", row.to, cookie);
      static_cast<void>(school.site.answer(head));
      const std::string first = school.get(row.to, cookie).body;
      CHECK_THAT(first, Contains("class=\"told") && Contains(row.says));
      CHECK_THAT(school.get(row.to, cookie).body, !Contains("class=\"told"));
    }
}

TEST_CASE("each report is for those whom it is about", "[web][reports]") {
  Staff school;
  struct Row {
    const char* role;
    const char* audience;  // "" = not said
    const char* made;      // "" = refused
  };
  const Row rows[] = {
      {"admin", "", "admin"},
      {"admin", "admin", "admin"},
      {"admin", "head", ""},
      {"admin", "department", ""},
      {"head", "", "head"},
      {"head", "admin", ""},
      {"head", "department", "department"},
      {"auditor", "admin", ""},
      {"auditor", "head", "head"},
      {"head", "nobody", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.role << " " << row.audience) {
      const std::string cookie = school.sign_in(row.role),
                        ask = "kind=month&period=2026-11&for=" + std::string(row.audience);
      const Response shown = school.get("/reports/show?" + ask, cookie);
      const Response taken =
          school.post("/reports/take", ask + "&format=csv&csrf=" + school.token(cookie), cookie);
      const bool refused = *row.made == '\0';
      CHECK(shown.status == (refused ? 400 : 200));
      CHECK(taken.status == (refused ? 400 : 200));
      const std::string made = "for " + std::string(row.made) + " ";
      if (!refused) CHECK_THAT(taken.body, Contains(made));
      if (!refused)
        CHECK_THAT(school.proxy.events.back(), Contains("\"for\":\"" + std::string(row.made) + "\""));
    }
  CHECK_THAT(school.get("/reports", school.sign_in("admin")).body,
             Contains("value=\"admin\"") && !Contains("value=\"head\"") && !Contains("value=\"department\""));
  CHECK_THAT(school.get("/reports", school.sign_in("head")).body, !Contains("value=\"admin\""));
}

TEST_CASE("that messages do not go out is the administrator's to know, and the lead's", "[web][now]") {
  Staff school;
  school.proxy.unsent = {"Messages do not go out: mail: refused"};
  school.proxy.untold = "mail: no such user";
  for (const char* role : {"admin", "teacher", "head", "auditor", "safeguarding"}) {
    const std::string cookie = school.sign_in(role);
    const bool admin = std::string_view(role) == "admin";
    for (const char* path : {"/now", "/now/part", "/health"}) {
      INFO(role << " " << path);
      const std::string body = school.get(path, cookie).body;
      CHECK((body.find("Messages do not go out") != std::string::npos) == admin);
      CHECK_THAT(body, !Contains("no such user"));
      if (admin)
        CHECK_THAT(body, Contains("<section class=\"faults\"><h2>Faults</h2><ul><li>Messages do not go out: "
                                  "mail: refused</li>") &&
                             !Contains("no faults are known"));
    }
  }
  // Whoever looks after the machine is not told, nor are those who need not sign in.
  CHECK(school.get("/readyz").status == 200);
  for (const char* path : {"/readyz", "/healthz", "/metrics"})
    CHECK_THAT(school.get(path).body, !Contains("Messages") && !Contains("refused"));
  const std::string lead = school.sign_in("safeguarding");
  const std::string red =
      "<p class=\"told bad\" role=\"alert\">You are not told of new cases: mail: no such user";
  for (const char* path : {"/cases", "/cases?state=all", "/cases/one?code=CA-7K3Q2F9A"})
    CHECK_THAT(school.get(path, lead).body, Contains(red));
  school.proxy.untold.clear();
  CHECK_THAT(school.get("/cases", lead).body, !Contains("You are not told"));
}

TEST_CASE("now: how long answers take, how old the lists are, thin spots in red", "[web][now]") {
  Staff school;
  const std::string cookie = school.sign_in("teacher");
  const auto shown = [&](const char* label) {
    const std::string body = school.get("/now", cookie).body,
                      mark = std::string("<dt>") + label + "</dt><dd>";
    const std::size_t at = body.find(mark);
    return at == std::string::npos
               ? ""
               : body.substr(at + mark.size(), body.find('<', at + mark.size()) - at - mark.size());
  };
  struct Row {
    std::uint64_t us;
    const char* text;
  };
  for (const Row& row :
       {Row{0, "-"}, Row{1, "&lt; 1 ms"}, Row{999, "&lt; 1 ms"}, Row{1'000, "1 ms"}, Row{12'499, "12 ms"},
        Row{12'500, "13 ms"}, Row{1'250'000, "1.2 s"}, Row{9'999'999, "9.9 s"}, Row{10'000'000, "10 s"}}) {
    school.proxy.median_us = row.us;
    school.proxy.slowest_us = 61'000'000;
    CHECK(shown("until half of the answers begin") == row.text);
    CHECK(shown("until 99 of 100 answers begin") == "61 s");
  }
  school.proxy.median_us = 9'999'999;
  CHECK_THAT(school.get("/now?lang=vi", cookie).body, Contains("<dd>9,9 s</dd>"));
  // The list of the fakes is late.
  CHECK_THAT(school.get("/now/part", cookie).body,
             Contains("How old the lists are") &&
                 Contains("<dt><code>games</code></dt><dd class=\"bad-text\">2 days ago</dd>"));
  school.proxy.thin = {"no list of VPNs"};
  CHECK_THAT(school.get("/now", cookie).body,
             Contains("<section class=\"faults\"><h2>Thin spots</h2><ul><li>no list of VPNs</li></ul>"));
}

TEST_CASE("hostile values are text on every page", "[web][hostile]") {
  Staff school;
  const std::string evil =
      "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\xE2\x80\xAE{{&x}}=cmd|'/c'!A1";
  school.proxy.hostile = school.log.hostile = evil;
  school.proxy.faults = school.proxy.unsent = {evil};
  school.proxy.untold = evil;
  school.proxy.rooms_now = {{{evil, "only", evil, evil, evil, true, 1}}, {{evil, evil}}, evil};
  school.proxy.file = {{true, ""}, evil, evil, evil, {evil}, false, true};
  school.proxy.case_now = {{true, ""},
                           {evil, evil, evil, evil, evil, evil, evil, evil, true, 3},
                           {{evil, evil, evil}},
                           {{evil, evil, evil, evil}},
                           {{evil, evil, evil}},
                           {evil},
                           true,
                           evil,
                           evil,
                           evil,
                           ""};
  school.proxy.lines = {{1, "allow" + evil, evil, evil, evil, "teacher", evil, evil}};
  const std::string query =
      "?url=" + encode_value(evil) + "&tier=" + encode_value(evil) + "&host=" + encode_value(evil) +
      "&category=" + encode_value(evil) + "&target=" + encode_value(evil) + "&period=" + encode_value(evil) +
      "&rule=" + encode_value(evil) + "&code=" + encode_value(evil) + "&from=" + encode_value(evil);
  for (const char* role : {"teacher", "admin", "head", "auditor", "safeguarding"}) {
    const std::string cookie = school.sign_in(role);
    if (std::string_view(role) == "safeguarding")
      school.book.accounts[role].totp = to_base32("12345678901234567890");
    for (const char* path :
         {"/now", "/now/part", "/log", "/explain", "/policy", "/overrides", "/reports", "/lists", "/users",
          "/health", "/account", "/sign-in", "/first", "/policy/edit", "/rooms", "/cases", "/cases/one"}) {
      INFO(role << " " << path);
      const std::string body = school.get(path + query, cookie).body;
      CHECK_THAT(body, !Contains("<script>") && !Contains("<img") && !Contains("\xE2\x80\xAE"));
      CHECK_THAT(body, !Contains("\"'>"));
    }
  }
}

TEST_CASE("both languages, by choice, and the school's first", "[web][language]") {
  Staff school;
  CHECK_THAT(school.get("/sign-in").body, Contains("lang=\"en\"") && Contains("Sign in"));
  const Response vi = school.get("/sign-in?lang=vi");
  CHECK_THAT(vi.body, Contains("<html lang=\"vi\"") && Contains("Đăng nhập"));
  CHECK_THAT(Staff::header(vi, "Set-Cookie"), Contains("__Host-lang=vi"));
  CHECK_THAT(school.get("/sign-in", "__Host-lang=vi").body, Contains("<html lang=\"vi\""));
}

TEST_CASE("pages say so when the proxy does not answer", "[web][fault]") {
  Staff school;
  const std::string cookie = school.sign_in("admin");
  school.proxy.answers = false;
  CHECK_THAT(school.get("/now", cookie).body, Contains("The proxy does not answer"));
  CHECK(school.get("/healthz").status == 503);
  CHECK(school.get("/readyz").status == 503);
  school.proxy.answers = true;
  CHECK(school.get("/healthz").status == 200);
  CHECK(school.get("/readyz").status == 200);
  school.proxy.faults = {"The log is full."};
  CHECK(school.get("/readyz").status == 503);
  CHECK_THAT(school.get("/readyz").body, Contains("The log is full."));
  CHECK_THAT(school.get("/metrics").body,
             Contains("schoolgate_requests_total 1234567\n") && Contains("schoolgate_ready 0\n"));
}
