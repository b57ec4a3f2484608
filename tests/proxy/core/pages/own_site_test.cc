#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/log_record.h"
#include "proxy/core/pages/own_site.h"
#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

const IpAddress client = IpAddress::v4(0x0a000001);

struct Site {
  std::shared_ptr<const Snapshot> school = gallery_school();
  RecentVerdicts recent{100, 10};
  Grants grants{std::string(32, 'k')};
  TierId tier = thcs;
  std::int64_t time = gallery_time_ms;

  const CaFacts* ca = nullptr;

  OwnAnswer ask(const std::string& target, const std::string& method = "GET", const std::string& body = "") {
    RequestHead head = browser_head();
    head.method = method;
    PageRequest page;
    page.snapshot = school.get();
    page.head = &head;
    page.tier = tier;
    page.time_ms = time;
    return answer_own({page, client, target, body, "10.0.0.254:3128", ca}, recent, grants, true);
  }
  void add(const std::string& host, Action action, CategoryId category, std::int64_t age_ms = 0,
           std::uint64_t revision = 7) {
    recent.add(client, {time - age_ms, 77, revision, verdict_of(action, Reason::category, category), tier,
                        host, "http://" + host + "/x?q=1"});
  }
};

bool has(const OwnAnswer& answer, const std::string& part) {
  return answer.page.text.find(part) != std::string::npos;
}

std::string encode(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char* digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

TEST_CASE("what our own site answers", "[core][own_site]") {
  Site site;
  struct Row {
    const char* method;
    const char* target;
    const char* status;
    const char* part;
  };
  const Row rows[] = {
      {"GET", "/", "200 OK", "Trung học cơ sở (lớp 6-9)"},
      {"GET", "/?x", "200 OK", "không có trang nào bị chặn"},
      {"GET", "/privacy", "200 OK", "90 ngày"},
      {"GET", "/setup", "200 OK", "http://10.0.0.254:3128/proxy.pac"},
      {"GET", "/privacy/parents", "200 OK", "Gửi bố mẹ học sinh"},
      {"GET", "/help", "200 OK", "tel:111"},
      {"GET", "/help", "200 OK", "tel:0796863111"},
      {"GET", "/an-toan", "200 OK", "đừng trả tiền"},
      {"GET", "/safety", "200 OK", "tel:0796863111"},
      {"GET", "/proxy.pac", "200 OK", "application/x-ns-proxy-autoconfig"},
      {"GET", "/wpad.dat", "200 OK", "return \"PROXY 10.0.0.254:3128\";"},
      {"GET", "/favicon.ico", "404 Not Found", ""},
      {"GET", "/continue", "404 Not Found", ""},
      {"POST", "/", "404 Not Found", ""},
      {"POST", "/continue", "403 Forbidden", "hết hạn"},
      {"DELETE", "/", "404 Not Found", ""},
      {"HEAD", "/", "200 OK", "\r\nX-Frame-Options: DENY\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.method << " " << row.target) {
      const OwnAnswer answer = site.ask(row.target, row.method);
      CHECK(answer.page.text.starts_with("HTTP/1.1 " + std::string(row.status)));
      CHECK(has(answer, row.part));
      CHECK(std::string(row.status).starts_with(std::to_string(answer.page.status) + " "));
      CHECK_FALSE(answer.granted);
      CHECK(answer.verdict == own_verdict());
      if (std::string(row.method) == "HEAD") CHECK(answer.page.text.ends_with("\r\n\r\n"));
    }
}

TEST_CASE("the school's certificate, where there is one", "[core][own_site]") {
  Site site;
  CHECK(has(site.ask("/ca"), "404 Not Found"));
  CHECK(has(site.ask("/ca.crt"), "404 Not Found"));
  const CaFacts facts{"AB:CD:EF", "-----BEGIN CERTIFICATE-----\n", std::string("0\x82\0der", 6)};
  site.ca = &facts;
  const OwnAnswer page = site.ask("/ca");
  CHECK(has(page, "200 OK"));
  CHECK(page.page.status == 200);
  CHECK(has(page, "AB:CD:EF"));
  CHECK(has(page, "certutil"));
  CHECK(has(page, "Hiện không mức lọc nào mở kết nối bảo mật"));
  CHECK(has(site.ask("/ca.crt"), "Content-Type: application/x-x509-ca-cert\r\n"));
  CHECK(site.ask("/ca.crt").page.status == 200);
  CHECK(site.ask("/ca.crt").page.text.ends_with("\r\n\r\n" + facts.pem));
  CHECK(site.ask("/ca.der").page.text.ends_with("\r\n\r\n" + facts.der));
}

TEST_CASE("what is recorded and what is safe is said to who reads it", "[core][own_site]") {
  Site site;
  site.tier = tieu_hoc;
  CHECK(has(site.ask("/privacy"), "người gác cổng"));
  CHECK(has(site.ask("/safety"), "Không gửi ảnh của em cho người lạ"));
  site.tier = giao_vien;
  CHECK_FALSE(has(site.ask("/privacy"), "người gác cổng"));
  CHECK(has(site.ask("/privacy"), "thầy Nam (phòng Tin học)"));
  CHECK(has(site.ask("/safety"), "không tra hỏi"));
}

TEST_CASE("what ships as an example is nobody's name", "[core][own_site]") {
  Site site;
  auto school = std::make_shared<Snapshot>(*site.school);
  school->config.school.safeguarding_person = "cô Lan, tổ Tư vấn học đường";
  school->config.school.safeguarding_room = "phòng 105";
  school->config.school.safeguarding_phone = "0280 000 0000";
  site.school = school;
  const OwnAnswer answer = site.ask("/help");
  CHECK_FALSE(has(answer, "Lan"));
  CHECK_FALSE(has(answer, "105"));
  CHECK_FALSE(has(answer, "0280"));
  CHECK(has(answer, "thầy cô chủ nhiệm"));
}

TEST_CASE("the list of refused pages", "[core][own_site]") {
  Site site;
  site.add("bai.vn", Action::block, gambling);
  site.add("phim.vn", Action::warn, streaming);
  site.add("old.vn", Action::block, gambling, 61 * 60 * 1000);
  site.add("reloaded.vn", Action::warn, streaming, 0, 6);
  const OwnAnswer answer = site.ask("/");
  CHECK(has(answer, "http://bai.vn/x"));
  CHECK_FALSE(has(answer, "q=1"));
  CHECK(has(answer, decision_code(77)));
  CHECK(has(answer, "Cờ bạc"));
  CHECK_FALSE(has(answer, "old.vn"));
  CHECK(has(answer, "reloaded.vn"));
  CHECK(has(answer, "~streaming~phim.vn~"));
  CHECK_FALSE(has(answer, "~streaming~reloaded.vn~"));  // its numbers are another policy's
}

TEST_CASE("who shares an address sees no list", "[core][own_site]") {
  Site site;
  site.add("bai.vn", Action::block, gambling);
  auto school = std::make_shared<Snapshot>(*site.school);
  school->config.who.push_back({*Network::parse("10.0.0.0/8"), "thcs", "", true});
  site.school = school;
  CHECK_FALSE(has(site.ask("/"), "bai.vn"));
  school->config.who.push_back(
      {*Network::parse("10.0.0.1"), "thcs", "", false});  // the closer network decides
  CHECK(has(site.ask("/"), "bai.vn"));
}

TEST_CASE("Continue: from the warning to the page", "[core][own_site]") {
  Site site;
  const Verdict warn = verdict_of(Action::warn, Reason::category, streaming);
  const std::string token =
      continue_token(site.grants, *site.school->policy, client, thcs, "phim.vn", warn, site.time);
  REQUIRE_FALSE(token.empty());
  struct Row {
    const char* name;
    std::string url, location;
  };
  const Row rows[] = {
      {"back to the page", "http://phim.vn/a b?x=1&y=2", "http://phim.vn/"},
      {"the query too", "http://phim.vn/a?x=1&y=2", "http://phim.vn/a?x=1&y=2"},
      {"another host", "http://evil.vn/", "http://phim.vn/"},
      {"a host that starts alike", "http://phim.vn.evil.vn/", "http://phim.vn/"},
      {"user-info", "http://phim.vn@evil.vn/", "http://phim.vn/"},
      {"another scheme", "javascript:alert(1)", "http://phim.vn/"},
      {"a header in it", "http://phim.vn/\r\nSet-Cookie: a", "http://phim.vn/"},
      {"nothing", "", "http://phim.vn/"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const OwnAnswer answer =
          site.ask("/continue", "POST", "url=" + encode(row.url) + "&token=" + encode(token));
      CHECK(answer.page.text.starts_with("HTTP/1.1 303 See Other\r\n"));
      CHECK(answer.page.status == 303);
      CHECK(has(answer, "\r\nLocation: " + row.location + "\r\n"));
      CHECK_FALSE(has(answer, "\r\nSet-Cookie"));
      REQUIRE(answer.granted);
      CHECK(answer.granted->category == "streaming");
      CHECK(answer.verdict == own_verdict());
      std::vector<CategoryId> granted;
      site.grants.categories(client, *site.school->policy, thcs, "phim.vn", site.time, granted);
      CHECK(granted == std::vector<CategoryId>{streaming});
    }
}

TEST_CASE("the row of our own site: allowed by no rule of the school's, a help page's button told to one log",
          "[core][own_site][help]") {
  CHECK(own_verdict().action == Action::allow);
  CHECK(own_verdict().layer == Layer::guaranteed_help);
  CHECK(own_verdict().reason == Reason::help_line);
  CHECK_FALSE(own_verdict().was_refused());
  Site site;
  const GrantSubject subject{client, site.school->policy->tiers()[thcs].id, "tim.vn", "help.0123"};
  const std::string token = site.grants.make_token(subject, site.time);
  const OwnAnswer answer =
      site.ask("/continue", "POST", "url=" + encode("http://tim.vn/?q=a") + "&token=" + encode(token));
  CHECK(answer.page.status == 303);
  REQUIRE(answer.granted);
  CHECK(answer.granted->of_help());
  Verdict helped = own_verdict();
  helped.action = Action::help;
  CHECK(answer.verdict == helped);
}

TEST_CASE("what cannot be continued has no token", "[core][own_site]") {
  Site site;
  const Policy& policy = *site.school->policy;
  const auto token = [&](Action action, CategoryId category) {
    return continue_token(site.grants, policy, client, thcs, "a.vn",
                          verdict_of(action, Reason::category, category), 1);
  };
  CHECK(token(Action::block, gambling).empty());
  CHECK(token(Action::help, gambling).empty());
  CHECK(token(Action::warn, 99).empty());
  CHECK_FALSE(token(Action::warn, gambling).empty());
  CHECK_FALSE(token(Action::warn, no_category).empty());  // a line's warning
}

TEST_CASE("forms", "[core][own_site]") {
  struct Row {
    const char* body;
    const char* name;
    const char* want;
  };
  const Row rows[] = {
      {"a=1&b=2", "b", "2"},  {"a=1&b=2", "c", ""},  {"a=x+y%20z", "a", "x y z"},
      {"ab=1&a=2", "a", "2"}, {"a=%4", "a", ""},     {"a=%zz", "a", ""},
      {"a=", "a", ""},        {"a", "a", ""},        {"a=%E1%BB%87", "a", "\xe1\xbb\x87"},
      {"&&a=1", "a", "1"},    {"", "a", ""},         {"a=1&a=2", "a", "1"},
      {"a=%", "a", ""},       {"a=b=c", "a", "b=c"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.body << " " << row.name) {
      CHECK(form_value(row.body, row.name) == row.want);
    }
}

TEST_CASE("before the first snapshot our own site says so", "[core][own_site]") {
  Site site;
  site.school = nullptr;
  CHECK(site.ask("/").page.text.starts_with("HTTP/1.1 503"));
  CHECK(site.ask("/").page.status == 503);
  CHECK(site.ask("/continue", "POST").page.text.starts_with("HTTP/1.1 503"));
}
