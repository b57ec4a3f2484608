// What people read on the pages are names and sentences, not the words of files and of the log.
#include <catch2/catch.hpp>

#include "proxy/web/visit.h"
#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

TEST_CASE("tiers and categories stand by their names in the page's language", "[web][names]") {
  Staff school;
  const std::string teacher = school.sign_in("teacher"), auditor = school.sign_in("auditor");
  school.proxy.lines = {{1, "off", "Lab 2", "thcs", "10:30", "lan", "exam soon", ""},
                        {2, "block", "games", "thcs", "10:30", "lan", "quiet", ""}};
  const std::string vi = school.get("/overrides?lang=vi", teacher).body;
  CHECK_THAT(vi, Contains("<span class=\"mark block\">tắt</span>") && Contains("<bdi>Trò chơi</bdi>"));
  CHECK_THAT(vi, Contains("<option value=\"games\">Trò chơi</option>") &&
                     Contains("<option value=\"thcs\">THCS</option>"));
  CHECK_THAT(vi, !Contains(">games<") && !Contains(">thcs<") && !Contains(">off<"));
  CHECK_THAT(school.get("/overrides?lang=en", teacher).body, Contains("<bdi>Games &amp; play</bdi>"));
  CHECK_THAT(school.get("/wishes?lang=vi", auditor).body,
             Contains(">THCS</td>") && Contains(">Trò chơi<br>"));
  const std::string log = school.get("/log?lang=vi&category=games", auditor).body;
  CHECK_THAT(log, Contains(">THCS</td>") && Contains(">Trò chơi</td>") &&
                      Contains("<option value=\"games\" selected>Trò chơi</option>"));
}

TEST_CASE("ids of tiers within a sentence of the proxy", "[web][names]") {
  Staff school;
  school.proxy.thin = {"nothing is opened in thcs, thpt: see tiers.d/thcs.yaml and thcs.yaml, xthcs"};
  CHECK_THAT(school.get("/now", school.sign_in("teacher")).body,
             Contains("opened in THCS, THPT: see tiers.d/thcs.yaml and thcs.yaml, xthcs"));
}

TEST_CASE("a category is chosen by its name; a site and a category at once are refused", "[web][names]") {
  Staff school;
  const std::string cookie = school.sign_in("teacher");
  const std::string form = "action=block&tier=thcs&minutes=5&why=x&csrf=" + school.token(cookie);
  CHECK(school.post("/overrides", form + "&target=&category=games", cookie).status != 400);
  REQUIRE(school.proxy.changes.size() == 1);
  CHECK(school.proxy.changes.back().target == "games");
  CHECK(school.post("/overrides", form + "&target=zalo.me&category=games", cookie).status == 400);
  CHECK(school.post("/overrides", form + "&target=&category=", cookie).status == 400);
  CHECK(school.proxy.changes.size() == 1);
}

TEST_CASE("an event is a sentence, and its details have names", "[web][names]") {
  Staff school;
  const std::string log = school.get("/log?lang=vi", school.sign_in("auditor")).body;
  CHECK_THAT(log, Contains("Mở hoặc chặn cho tiết học<br><code class=\"quiet\">override</code>"));
  CHECK_THAT(log, Contains(":</span> THCS<br>") && Contains(":</span> Trò chơi, Cờ bạc"));
  CHECK_THAT(log, Contains("tắt") && Contains("29/11/2026 09:14") && Contains("root của máy") &&
                      Contains(":</span> không"));
  CHECK_THAT(log, Contains("root ngay trên máy") && Contains("Việc cần làm:</span> Tài khoản mới"));
  // Of a version that is not known here yet: the log's own word.
  CHECK_THAT(log, Contains("><code class=\"quiet\">of_tomorrow</code></td>"));
}

TEST_CASE("dates as people of the language write them", "[web][names]") {
  Staff school;
  const Request request = school.plain("GET", "/now", "");
  const auto local = [&](Language language, std::string_view text) {
    const SiteOptions options{};
    const Surroundings around{};
    Sources sources{school.book, school.passwords, school.proxy, school.log, school.report};
    Sessions sessions;
    SignInLimit limit;
    return Visit{request, options, around, sources, sessions, limit, language}.local(text);
  };
  struct Row {
    const char *text, *vi, *en;
  };
  const Row rows[] = {{"2026-11-29 09:14", "29/11/2026 09:14", "2026-11-29 09:14"},
                      {"2026-11-29T09:14:05+07:00", "29/11/2026 09:14", "2026-11-29 09:14"},
                      {"2026-11-29", "29/11/2026", "2026-11-29"},
                      {"2026-11-29T09:14:05Z", "2026-11-29T09:14:05Z", "2026-11-29T09:14:05Z"},
                      {"2026-11", "2026-11", "2026-11"},
                      {"", "", ""},
                      {"2026-11-29 9:14 h", "2026-11-29 9:14 h", "2026-11-29 9:14 h"}};
  for (const Row& row : rows) {
    CHECK(local(Language::vi, row.text) == row.vi);
    CHECK(local(Language::en, row.text) == row.en);
  }
}
