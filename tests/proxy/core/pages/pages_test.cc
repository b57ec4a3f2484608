#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/core/pages/page_texts.h"
#include "proxy/core/pages/template.h"
#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string header(const std::string& response, const std::string& name) {
  const std::string start = "\r\n" + name + ": ";
  const std::size_t at = response.find(start);
  if (at == std::string::npos || at > response.find("\r\n\r\n")) return {};
  return response.substr(at + start.size(), response.find("\r\n", at + 2) - at - start.size());
}
std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

// The part of a page in one language.
std::string card(const std::string& response, const std::string& language) {
  const std::size_t begin = response.find("<main lang=\"" + language + "\"");
  return response.substr(begin, response.find("</main>", begin) - begin);
}

struct Ask {
  PageKind kind = PageKind::block;
  Verdict verdict = verdict_of(Action::block, Reason::category, gambling);
  TierId tier = thcs;
  std::string url = "http://a.vn/x";
  RequestHead head = browser_head();
  Language school = Language::vi;
  std::string token;
};

std::string page(const Ask& ask) {
  const auto school = gallery_school(ask.school);
  PageRequest request;
  request.kind = ask.kind;
  request.snapshot = school.get();
  request.head = &ask.head;
  request.verdict = &ask.verdict;
  request.tier = ask.tier;
  request.decision = 0x1234567890;
  request.time_ms = gallery_time_ms;
  request.url = ask.url;
  request.continue_token = ask.token;
  return render_page(request, true);
}

}  // namespace

TEST_CASE("both languages have the same texts with the same variables", "[core][pages]") {
  const auto& vi = page_texts(Language::vi).all();
  const auto& en = page_texts(Language::en).all();
  const auto variables = [](const std::vector<std::string>& texts) {
    std::multiset<std::string> found;
    for (const std::string& text : texts)
      for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1))
        found.insert(text.substr(at, text.find('}', at) - at + 1));
    return found;
  };
  CHECK(vi.size() > 100);
  for (const auto& [key, texts] : vi) {
    INFO(key);
    REQUIRE(en.contains(key));
    CHECK(en.at(key).size() == texts.size());
    CHECK(variables(en.at(key)) == variables(texts));
  }
  for (const auto& [key, texts] : en) CHECK(vi.contains(key));
}

TEST_CASE("every page in every voice is whole", "[core][pages]") {
  for (const Language language : {Language::vi, Language::en})
    for (const GalleryPage& page : page_gallery(language)) {
      INFO(page.name);
      const std::string body = body_of(page.response);
      CHECK(header(page.response, "Content-Length") == std::to_string(body.size()));
      CHECK(header(page.response, "Content-Type") == "text/html; charset=utf-8");
      CHECK(header(page.response, "Cache-Control") == "no-store");
      CHECK(header(page.response, "X-Content-Type-Options") == "nosniff");
      CHECK(header(page.response, "Referrer-Policy") == "no-referrer");
      CHECK(header(page.response, "Content-Security-Policy")
                .starts_with("default-src 'none'; style-src 'unsafe-inline'"));
      const std::string html = language == Language::en ? "<html lang=\"en\">" : "<html lang=\"vi\">";
      CHECK(has(body, html));
      for (const char* code : {"vi", "en"}) {
        CHECK(has(card(body, code), "<h1>"));
        CHECK_FALSE(has(card(body, code), "<h1></h1>"));
      }
      CHECK_FALSE(has(body, "{{"));
      CHECK_FALSE(has(body, "{reason"));
      // One script, which the policy names by its digest; test_pupil_pages.py sees that browsers run it.
      const std::size_t script = body.find("<script");
      CHECK(body.substr(script).starts_with("<script>for(const pick of document.querySelectorAll"));
      CHECK(body.find("<script", script + 1) == std::string::npos);
      CHECK(has(header(page.response, "Content-Security-Policy"), "; script-src 'sha256-"));
      CHECK_FALSE(has(body, "src="));
      const bool success = page.response.starts_with("HTTP/1.1 200");
      CHECK(success == (page.name.starts_with("own") && !page.name.starts_with("own-expired") &&
                        !page.name.starts_with("own-missing")));
    }
}

TEST_CASE("a block says what, why, when, the code and whom to ask", "[core][pages]") {
  const std::string response = page({});
  CHECK(response.starts_with("HTTP/1.1 403 Forbidden\r\n"));
  CHECK(header(response, "Date") == "Tue, 24 Nov 2026 08:00:00 GMT");
  CHECK(header(response, "X-Schoolgate-Code") == "28T5-CY4G");
  const std::string vi = card(response, "vi"), en = card(response, "en");
  for (const char* part : {"Cờ bạc, cá cược", "Cờ bạc trên mạng", "15:00, 24/11/2026", "28T5-CY4G",
                           "thầy Nam", "http://a.vn/x", "Trung học cơ sở"})
    CHECK(has(vi, part));
  for (const char* part :
       {"Gambling", "Online gambling", "15:00, 2026-11-24", "28T5-CY4G", "Lower secondary"})
    CHECK(has(en, part));
  CHECK_FALSE(has(vi, "giao_vien.yaml"));  // the rule's place is for staff
  Ask staff;
  staff.tier = giao_vien;
  CHECK(has(page(staff), "tiers.d/giao_vien.yaml:12"));
}

TEST_CASE("names of groups that must not be shown", "[core][pages]") {
  struct Row {
    const char* name;
    CategoryId category;
    TierId tier;
    const char* word;
    bool shown;
  };
  const Row rows[] = {
      {"a plain group to pupils", gambling, thcs, "Cờ bạc", true},
      {"a plain group to children", gambling, tieu_hoc, "Cờ bạc", true},
      {"an older group to pupils", drugs, thcs, "Ma túy", true},
      {"an older group to children", drugs, tieu_hoc, "Ma túy", false},
      {"a hidden group to pupils", csam, thcs, "Tài liệu xâm hại", false},
      {"a hidden group to staff", csam, giao_vien, "Tài liệu xâm hại", false},
      {"its reason neither", csam, thcs, "Bị pháp luật cấm", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Ask ask;
      ask.tier = row.tier;
      ask.verdict = verdict_of(Action::block, Reason::category, row.category);
      CHECK(has(page(ask), row.word) == row.shown);
    }
}

TEST_CASE("a help page tells the classmate behind you nothing", "[core][pages]") {
  for (TierId tier = 0; tier < 5; ++tier) {
    Ask ask;
    ask.kind = PageKind::help;
    ask.verdict = verdict_of(Action::help, Reason::category, drugs);
    ask.tier = tier;
    ask.url = "http://search.vn/?q=something";
    const std::string response = page(ask);
    CHECK(has(response, "href=\"tel:111\""));
    for (const char* part : {"search.vn", "Ma túy", "Drugs", "28T5", "X-Schoolgate-Code", "15:00"})
      CHECK_FALSE(has(response, part));
  }
}

TEST_CASE("a help page has a way on where there is a token, and nothing else", "[core][pages]") {
  Ask ask;
  ask.kind = PageKind::help;
  ask.verdict = verdict_of(Action::help, Reason::search_term, drugs);
  ask.url = "http://search.vn/?q=something";
  const std::string closed = page(ask);
  CHECK_FALSE(has(closed, "<form"));
  CHECK(has(closed, "form-action 'none'"));
  ask.token = "abc~help.1~search.vn~def";
  const std::string open = page(ask);
  CHECK(has(open, "Vẫn muốn xem kết quả"));
  CHECK(has(open, "Show the results anyway"));
  CHECK(has(open, "value=\"abc~help.1~search.vn~def\""));
  CHECK(has(open, "value=\"http://search.vn/?q=something\""));
  CHECK_FALSE(has(open, "X-Schoolgate-Code"));
}

TEST_CASE("Continue is a button only where it works", "[core][pages]") {
  Ask ask;
  ask.kind = PageKind::warn;
  ask.verdict = verdict_of(Action::warn, Reason::category, streaming);
  CHECK_FALSE(has(page(ask), "<form"));
  CHECK(has(header(page(ask), "Content-Security-Policy"), "form-action 'none'"));
  ask.token = "1~a~b~c\"><b>";
  const std::string response = page(ask);
  CHECK(has(response, "action=\"http://schoolgate.internal/continue\""));
  CHECK(has(response, "name=\"token\" value=\"1~a~b~c&quot;&gt;&lt;b&gt;\""));
  CHECK(has(response, "15 phút"));
  CHECK_FALSE(has(response, "class=\"ask\""));  // nothing to ask for: the button is there
  CHECK(has(header(response, "Content-Security-Policy"), "form-action http: https:"));
  // Nobody else's site shows Continue in a frame of its own.
  CHECK(has(header(response, "Content-Security-Policy"), "frame-ancestors 'none'"));
  CHECK(header(response, "X-Frame-Options") == "DENY");
}

TEST_CASE("what comes from outside is escaped and shortened", "[core][pages]") {
  Ask ask;
  ask.url = "http://a.vn/<script>alert('1')</script>\"&?q=secret+words";
  std::string response = page(ask);
  CHECK(response.find("<script") == response.rfind("<script"));  // the page's own
  CHECK_FALSE(has(response, "<script>alert"));
  CHECK(has(response, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;?…"));
  CHECK_FALSE(has(response, "secret"));
  ask.url = "http://a.vn/" + std::string(5000, 'x');
  response = page(ask);
  CHECK(response.size() < 40'000);
  CHECK(has(response, "xxx…"));
  ask.url =
      "http://a.vn/\xe2\x80\xaetxt.exe\x01\xff";  // right-to-left override, control character, not UTF-8
  CHECK(has(page(ask), "http://a.vn/\xef\xbf\xbdtxt.exe\xef\xbf\xbd\xef\xbf\xbd<"));
}

TEST_CASE("the form of the answer is the request's", "[core][pages]") {
  struct Row {
    const char* name;
    std::vector<HeaderField> fields;
    const char* method;
    const char* type;
    bool empty;
  };
  const Row rows[] = {
      {"a picture", {{"Accept", "image/png,*/*"}}, "GET", "image/gif", true},
      {"a style sheet", {{"Accept", "text/css,*/*;q=0.1"}}, "GET", "text/css", true},
      {"a script", {{"Sec-Fetch-Dest", "script"}}, "GET", "text/javascript", true},
      {"a program", {{"Accept", "*/*"}}, "GET", "text/plain; charset=utf-8", false},
      {"a fetch",
       {{"Sec-Fetch-Dest", "empty"}, {"Accept", "text/html"}},
       "GET",
       "text/plain; charset=utf-8",
       false},
      {"a tunnel", {}, "CONNECT", "text/plain; charset=utf-8", false},
      {"HEAD", {{"Accept", "text/html"}}, "HEAD", "text/html; charset=utf-8", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Ask ask;
      ask.head.method = row.method;
      ask.head.fields = row.fields;
      const std::string response = page(ask);
      CHECK(response.starts_with("HTTP/1.1 403 Forbidden\r\n"));
      CHECK(header(response, "Content-Type") == row.type);
      CHECK(body_of(response).empty() == row.empty);
      CHECK(header(response, "X-Schoolgate-Code") == "28T5-CY4G");
      if (std::string(row.method) == "HEAD") CHECK(header(response, "Content-Length") != "0");
    }
  Ask ask;
  ask.head.fields = {{"Accept", "*/*"}};
  CHECK(body_of(page(ask)) == "Schoolgate: Trang này không mở được ở trường. Mã 28T5-CY4G.\n");
}

TEST_CASE("the language shown first", "[core][pages]") {
  struct Row {
    const char* name;
    Language school;
    TierId tier;
    const char* accept;
    const char* want;
  };
  const Row rows[] = {
      {"the school's", Language::vi, thcs, "", "vi"},
      {"whatever language the computer was left in", Language::vi, thcs, "en-US,en;q=0.9", "vi"},
      {"small children", Language::vi, tieu_hoc, "en-US", "vi"},
      {"an English school", Language::en, thcs, "", "en"},
      {"a Vietnamese browser there", Language::en, thcs, "vi", "en"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Ask ask;
      ask.school = row.school;
      ask.tier = row.tier;
      ask.head = browser_head(row.accept);
      CHECK(has(page(ask), "<html lang=\"" + std::string(row.want) + "\">"));
    }
}

TEST_CASE("before the first snapshot: a plain 503", "[core][pages]") {
  PageRequest request;
  request.kind = PageKind::not_ready;
  const std::string response = render_page(request, false);
  CHECK(response.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(header(response, "Connection") == "close");
  CHECK(header(response, "Retry-After") == "60");
  CHECK(has(body_of(response), "Cổng mạng đang khởi động"));
  const RequestHead head = browser_head();
  request.head = &head;
  CHECK(has(render_page(request, false), "<h1>Cổng mạng đang khởi động</h1>"));
}

TEST_CASE("a status of its own for heads that no page is about", "[core][pages]") {
  PageRequest request;
  request.kind = page_of(HeadError{417, "expect"});
  request.status = 417;
  request.detail = "expect";
  CHECK(render_page(request, false).starts_with("HTTP/1.1 417 Expectation Failed\r\n"));
  request.kind = page_of(HeadError{405, "trace"});
  request.status = 0;
  CHECK(has(render_page(request, false), "\r\nAllow: GET, "));
}

TEST_CASE("a rule that could not be asked is no category's fault", "[core][pages]") {
  Ask ask;
  ask.verdict = verdict_of(Action::block, Reason::pattern_error);
  ask.verdict.layer = Layer::fault;
  CHECK(has(page(ask), "Chưa kiểm tra được trang này"));
}

TEST_CASE("a school that left its names empty gets whole sentences", "[core][pages]") {
  auto school = std::make_shared<Snapshot>(*gallery_school());
  school->config.school = School{};
  PageRequest request;
  request.snapshot = school.get();
  const RequestHead head = browser_head();
  request.head = &head;
  request.tier = thcs;
  request.kind = PageKind::help;
  CHECK(has(render_page(request, true), "em có thể gặp thầy cô chủ nhiệm. Chỉ"));
  request.kind = PageKind::block_line;
  CHECK(has(render_page(request, true), "cho thầy cô phụ trách Tin học."));
  CHECK(has(render_page(request, true), "Cổng mạng của trường"));
}

TEST_CASE("templates", "[core][template]") {
  const Values values{{"a", "1<2"}, {"b", ""}, {"c", "x"}};
  struct Row {
    const char* text;
    const char* want;
  };
  const Row rows[] = {
      {"", ""},
      {"{{a}}|{{&a}}|{{b}}|{{unknown}}", "1&lt;2|1<2||"},
      {"{{#a}}yes{{/a}}{{#b}}no{{/b}}", "yes"},
      {"{{#a}}{{#b}}no{{c}}{{/b}}{{c}}{{/a}}", "x"},
      {"{{#b}}{{#a}}no{{/a}}no{{/b}}yes", "yes"},
      {"a { b } c", "a { b } c"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK(render_template(row.text, values) == row.want);
    }
  for (const char* broken : {"{{a", "{{#a}}", "{{/a}}", "{{#a}}{{#b}}{{/a}}{{/b}}"})
    CHECK_THROWS_AS(render_template(broken, values), std::logic_error);
  CHECK(expand_text("{c} and {a}", values) == "x and 1<2");
  CHECK_FALSE(expand_text("{c} and {b}", values));
  CHECK_FALSE(expand_text("{unknown}", values));
  CHECK(expand_text("no end {c", values) == "no end {c");
}
