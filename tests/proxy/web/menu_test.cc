// What stands around every page: what waits, where a role begins, and the language.
#include <catch2/catch.hpp>

#include "tests/proxy/web/fakes.h"

using namespace schoolgate;
using namespace schoolgate::web_test;
using Catch::Matchers::Contains;

TEST_CASE("each role begins where its work is", "[web][menu]") {
  Staff school;
  for (const Role role : roles) {
    const std::string name(to_string(role)), want = role == Role::safeguarding ? "/cases" : "/now";
    const Response in = school.post("/sign-in", "account=" + name + "&password=correct+horse+" + name);
    INFO(name);
    CHECK(Staff::header(in, "Location") == want);
    CHECK(Staff::header(school.get("/", Staff::cookie_of(in)), "Location") == want);
  }
}

TEST_CASE("the menu counts what waits for who is here", "[web][menu]") {
  Staff school;
  const auto menu = [&](const char* role) {
    const std::string page = school.get("/account", school.sign_in(role)).body;
    const std::size_t begin = page.find("<nav"), end = page.find("</nav>");
    return page.substr(begin, end - begin);
  };
  const std::string one =
      " <span class=\"count\" aria-hidden=\"true\">1</span><span class=\"aloud\">(1 waits)</span></a>";
  // One wish is open and of the teacher's tier; the head only reads them.
  CHECK_THAT(menu("teacher"), Contains("Wrong blocks" + one));
  CHECK_THAT(menu("head"), !Contains("class=\"count\""));
  CHECK_THAT(menu("safeguarding"), Contains("Cases" + one));
  CHECK_THAT(menu("admin"), Contains("Lists" + one));
  CHECK_THAT(menu("auditor"), !Contains("class=\"count\""));
  school.proxy.answers = false;
  CHECK_THAT(menu("safeguarding"), !Contains("class=\"count\""));
}

TEST_CASE("title and language of the document follow the switch on every page", "[web][menu]") {
  Staff school;
  for (const Role role : roles) {
    const std::string cookie = school.sign_in(std::string(to_string(role)));
    for (const Page page : pages) {
      if (!may(role, page, Verb::view)) continue;
      const std::string path(path_of(page));
      const std::string en = school.get(path + "?tier=thcs", cookie).body;
      INFO(to_string(role) << " " << path);
      CHECK_THAT(en,
                 Contains("<html lang=\"en\">") && Contains("href=\"" + path + "?tier=thcs&amp;lang=vi\""));
      const Response vi = school.get(path + "?tier=thcs&lang=vi", cookie);
      CHECK_THAT(vi.body, Contains("<html lang=\"vi\">"));
      const auto title = [](const std::string& body) {
        return body.substr(body.find("<title>"), body.find("</title>") - body.find("<title>"));
      };
      CHECK(title(vi.body) != title(en));
      // And it stays chosen.
      CHECK_THAT(school.get(path, cookie + "; " + Staff::cookie_of(vi)).body, Contains("<html lang=\"vi\">"));
    }
  }
}

TEST_CASE("what browsers ask for by themselves is no page", "[web]") {
  Staff school;
  const Response icon = school.get("/favicon.ico");
  CHECK(icon.status == 204);
  CHECK(icon.body.empty());
}
