// What the staff change on the pages: a tier's file, rooms, cases. What of it is theirs, the proxy judges.
#include <catch2/catch.hpp>

#include "proxy/core/pages/qr_code.h"
#include "proxy/web/site.h"
#include "proxy/web/totp.h"
#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

namespace {

constexpr char phone_secret[] = "12345678901234567890";

// Signed in, with the token of its forms.
struct Person {
  Person(Staff& school, const std::string& role)
      : staff(school), cookie(school.sign_in(role)), token(school.token(cookie)) {}
  [[nodiscard]] Response get(const std::string& path) const { return staff.get(path, cookie); }
  [[nodiscard]] Response post(const std::string& path, const std::string& form) const {
    return staff.post_and_follow(path, form + "&csrf=" + token, cookie);
  }
  Staff& staff;
  std::string cookie, token;
};

std::string code_now(const Staff& school) {
  return totp_code(phone_secret, static_cast<std::uint64_t>(school.wall_ms / 30'000));
}

}  // namespace

TEST_CASE("the editor shows the file, and what was sent is never lost", "[web][editor]") {
  Staff school;
  const Person teacher(school, "teacher");
  school.proxy.file.text = "tier: thcs\n</textarea><b>\n";
  const std::string page = teacher.get("/policy/edit?tier=thcs").body;
  CHECK_THAT(page, Contains("name=\"version\" value=\"v1\"") && Contains("&lt;/textarea&gt;&lt;b&gt;"));
  CHECK_THAT(page, Contains("the actions of these categories: Games &amp; play"));
  const std::string form = "tier=thcs&version=v1&why=lesson&text=mine%0D%0Aline&act=";
  SECTION("checked: nothing is saved, and the notes stand beside it") {
    school.proxy.edit_said = {
        false,
        "Not taken.",
        {{"error", "SG1204", "tiers.d/thcs.yaml", "unknown <x>", "a hint", "x: <y>", true, 3, 1}}};
    const std::string body = teacher.post("/policy/edit", form + "check").body;
    CHECK_FALSE(school.proxy.edits.back().save);
    CHECK(school.proxy.edits.back().account == "teacher");
    CHECK(school.proxy.edits.back().text == "mine\nline");
    CHECK_THAT(body, Contains("SG1204") && Contains("data-line=\"3\"") && Contains("unknown &lt;x&gt;") &&
                         Contains("a hint") && Contains("mine\nline</textarea>"));
  }
  SECTION("saved: the new version is in the form") {
    school.proxy.file = *school.proxy.edit_said.now;
    const std::string body = teacher.post("/policy/edit", form + "save").body;
    CHECK(school.proxy.edits.back().save);
    CHECK_THAT(body, Contains("value=\"v2\"") && Contains("saved\n</textarea>") && Contains("told good"));
  }
  SECTION("somebody else was faster: both texts, the difference, and a deliberate second try") {
    school.proxy.edit_said = {false,
                              "somebody changed it",
                              {},
                              TierFileNow{{}, "tiers.d/thcs.yaml", "v9", "theirs\n"},
                              "-theirs\n+mine\n"};
    const std::string body = teacher.post("/policy/edit", form + "save").body;
    CHECK_THAT(body, Contains("theirs") && Contains("-theirs\n+mine\n") &&
                         Contains("mine\nline</textarea>") && Contains("value=\"v9\"") &&
                         Contains("somebody changed it"));
  }
  SECTION("without a reason nothing is asked") {
    const std::string body =
        teacher.post("/policy/edit", "tier=thcs&version=v1&why=+&text=mine&act=save").body;
    CHECK(school.proxy.edits.empty());
    CHECK_THAT(body, Contains("Say why") && Contains("mine</textarea>"));
  }
  SECTION("the proxy does not answer") {
    school.proxy.answers = false;
    CHECK_THAT(teacher.post("/policy/edit", form + "save").body,
               Contains("nothing was changed") && Contains("mine\nline</textarea>"));
  }
  SECTION("forms that are not whole") {
    for (const char* bad : {"version=v1&text=a&act=save", "tier=thcs&text=a&act=save",
                            "tier=thcs&version=v1&text=a", "tier=thcs&version=v1&text=a&act=delete"})
      CHECK(teacher.post("/policy/edit", bad).status == 400);
    CHECK(school.proxy.edits.empty());
  }
  SECTION("an account that may not") {
    school.proxy.file = {{false, "delegation.yaml does not let you"}};
    const std::string refused = teacher.get("/policy/edit?tier=thcs").body;
    CHECK_THAT(refused, Contains("delegation.yaml does not let you") && !Contains("<textarea"));
  }
}

TEST_CASE("a text may be large, other forms not", "[web][form]") {
  CHECK(most_form_bytes_of("/policy/edit") == most_text_form_bytes);
  CHECK(most_form_bytes_of("/sign-in") == most_form_bytes);
  CHECK(most_form_bytes_of("/policy/edit/") == most_form_bytes);
  const std::string large = "text=" + std::string(most_form_bytes, 'x');
  CHECK(parse_form(large, most_text_form_bytes));
  CHECK_FALSE(parse_form(large));
}

TEST_CASE("rooms: labels and counts, and a switch until the lesson ends", "[web][rooms]") {
  Staff school;
  const Person teacher(school, "teacher");
  const std::string page = teacher.get("/rooms?room=Ph%C3%B2ng+m%C3%A1y+1").body;
  CHECK_THAT(page, Contains("Phòng máy 1") && Contains(">12<") && Contains("off until 10:30"));
  CHECK_THAT(page,
             Contains("<option value=\"Phòng máy 1\" selected>") && !Contains("<option value=\"Lab 2\""));
  CHECK_THAT(teacher.post("/rooms", "room=Lab&state=only&only=olm&end=time&time=10:30&why=test").body,
             Contains("The room Lab is switched."));
  CHECK(school.proxy.switched.back().until == "10:30");
  CHECK(school.proxy.switched.back().only == "olm");
  CHECK(teacher.post("/rooms", "room=Lab&state=normal&why=x").status == 200);
  for (const char* bad :
       {"room=Lab&state=on&end=end-of-lesson&why=x", "room=Lab&state=off&end=&why=x",
        "room=Lab&state=off&end=time&time=25&why=x", "room=Lab&state=only&end=next-break&why=x",
        "room=&state=off&end=next-break&why=x", "room=Lab&state=off&end=next-break&why="})
    CHECK(teacher.post("/rooms", bad).status == 400);
  CHECK(school.proxy.switched.size() == 2);
  const Person head(school, "head");
  CHECK_THAT(head.get("/rooms").body,
             Contains("Lab 2") && !Contains("<form method=\"post\" action=\"/rooms\""));
}

TEST_CASE("rooms: the address of the device's test, for whoever sees the page", "[web][rooms]") {
  Staff school;
  const Person head(school, "head");
  CHECK_THAT(head.get("/rooms").body, !Contains("<svg") && !Contains("/test"));
  school.proxy.rooms_now.pages_address = "192.168.20.1:3128";
  const std::string address = "http://192.168.20.1:3128/test";
  CHECK_THAT(head.get("/rooms").body, Contains(QrCode::of(address)->svg("QR code of " + address)) &&
                                          Contains("<a href=\"" + address + "\">" + address + "</a>"));
}

TEST_CASE("cases: steps, and who is behind a device for the code of a phone alone", "[web][cases]") {
  Staff school;
  const Person lead(school, "safeguarding");
  const std::string page = lead.get("/cases/one?code=CA-7K3Q2F9A").body;
  CHECK_THAT(page, Contains("Of a device, not of a person") && Contains("HS-7K3Q2F9A"));
  CHECK_THAT(page, Contains("set it up under My account") && !Contains("action=\"/cases/reveal\""));
  CHECK_THAT(lead.get("/cases?state=nonsense").body, Contains("/cases/one?code=CA-7K3Q2F9A"));
  CHECK_THAT(lead.post("/cases/step", "code=CA-7K3Q2F9A&state=handled&note=spoke").body, Contains("kept"));
  CHECK(school.proxy.steps.back().note == "spoke");
  CHECK(lead.post("/cases/step", "code=CA-7K3Q2F9A&state=new").status == 400);
  CHECK(lead.post("/cases/step", "code=&state=seen").status == 400);
  const std::string ask = "code=CA-7K3Q2F9A&act=ask&why=must+know&totp=";
  CHECK_THAT(lead.post("/cases/reveal", ask + "123456").body, Contains("set it up under My account"));
  school.book.accounts["safeguarding"].totp = to_base32(phone_secret);
  CHECK_THAT(lead.get("/cases/one?code=CA-7K3Q2F9A").body, Contains("action=\"/cases/reveal\""));
  CHECK_THAT(lead.post("/cases/reveal", ask + "000000").body, Contains("The code is wrong"));
  CHECK(school.proxy.reveals.empty());
  CHECK_THAT(lead.post("/cases/reveal", ask + code_now(school)).body, Contains("10.1.0.5"));
  CHECK_THAT(lead.post("/cases/reveal", ask + code_now(school)).body, Contains("used before"));  // not twice
  REQUIRE(school.proxy.reveals.size() == 1);
  CHECK(school.proxy.reveals.back().why == "must know");
  CHECK(lead.post("/cases/reveal", "code=CA-7K3Q2F9A&act=take&totp=1").status == 400);
  for (int i = 0; i < 5; ++i) static_cast<void>(lead.post("/cases/reveal", ask + "000000"));
  CHECK_THAT(lead.post("/cases/reveal", ask + "000000").body, Contains("Too many tries"));
}

TEST_CASE("cases: where two are needed, each sees what is to do", "[web][cases]") {
  Staff school;
  const Person lead(school, "safeguarding");
  school.book.accounts["safeguarding"].totp = to_base32(phone_secret);
  CaseNow& now = school.proxy.case_now;
  now.two_needed = true;
  const auto body = [&] { return lead.get("/cases/one?code=CA-7K3Q2F9A").body; };
  CHECK_THAT(body(), Contains("value=\"ask\"") && Contains("Another safeguarding account must agree"));
  now.wish_by = "hoa";
  now.wish_why = "a call";
  CHECK_THAT(body(), Contains("value=\"agree\"") && Contains("a call"));
  now.wish_by = "safeguarding";
  CHECK_THAT(body(), !Contains("action=\"/cases/reveal\"") && Contains("nobody has agreed yet"));
  now.wish_agreed = "hoa";
  CHECK_THAT(body(), Contains("value=\"show\"") && Contains("hoa has agreed"));
}

TEST_CASE("policies of before and lists to take, for reading", "[web][policy]") {
  Staff school;
  const Person auditor(school, "auditor");
  CHECK_THAT(auditor.get("/policy").body, Contains("href=\"/policy?from=11&amp;to=12\"") &&
                                              Contains(">lan</td>") && !Contains("Change this tier"));
  CHECK_THAT(auditor.get("/policy?from=11&to=12").body, Contains("from 11 to 12"));
  CHECK_THAT(auditor.get("/policy?from=0&to=x").body, Contains("Accepted policies"));
  CHECK_THAT(auditor.get("/lists").body, Contains("bet88.test") && Contains("ut1"));
  // What waits for a person: since when, why, and the command that takes it.
  CHECK_THAT(auditor.get("/lists").body, Contains("2026-11-29 08:05") && Contains("it has lost 41 %") &&
                                             Contains("sudo schoolgate lists update --accept games"));
}
