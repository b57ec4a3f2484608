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
  DeviceTests tests{std::string(32, 'k')};
  std::string user_agent;
  TierId tier = thcs;
  std::int64_t time = gallery_time_ms;

  const CaFacts* ca = nullptr;
  Wishes* wishes = nullptr;
  Judged now{verdict_of(Action::block, Reason::category, 0), {}};

  OwnAnswer ask(const std::string& target, const std::string& method = "GET", const std::string& body = "") {
    RequestHead head = browser_head();
    head.method = method;
    if (!user_agent.empty()) head.fields.push_back({"User-Agent", user_agent});
    PageRequest page;
    page.snapshot = school.get();
    page.head = &head;
    page.tier = tier;
    page.time_ms = time;
    const OwnRequest request{.page = page,
                             .client = client,
                             .target = target,
                             .body = body,
                             .proxy_address = "10.0.0.254:3128",
                             .ca = ca,
                             .wishes = wishes,
                             .judge = [this](const Url&) { return now; },
                             .tests = &tests};
    return answer_own(request, recent, grants, true);
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
      {"GET", "/setup", "200 OK", "<title>QR: http://10.0.0.254:3128/test</title>"},
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

TEST_CASE("the filter as a device sees it", "[core][own_site][device_tests]") {
  Site site;
  site.user_agent = "Mozilla/5.0 (Linux; Android 14; K)";
  const OwnAnswer begun = site.ask("/test");
  CHECK(begun.page.status == 200);
  CHECK(begun.tested.empty());
  const std::size_t at = begun.page.text.find("/test?run=");
  REQUIRE(at != std::string::npos);
  const std::string here = begun.page.text.substr(at, 42), nonce = here.substr(10);
  CHECK(has(begun, "<meta http-equiv=\"refresh\" content=\"5; url=" + here + "\">"));
  CHECK(has(begun, "img-src data: http: https:;"));
  for (const Probe probe : {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page,
                            Probe::by_address, Probe::doh_canary, Probe::relay_canary})
    CHECK(has(begun, "<img src=\"" + probe_url(probe, nonce) + "\""));

  site.time += 5000;
  const OwnAnswer early = site.ask(here);
  CHECK(has(early, "CHƯA ĐẠT"));
  CHECK(has(early, "http-equiv=\"refresh\""));
  CHECK(early.tested.empty());  // it may still come
  for (const Probe probe : {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page})
    site.tests.note(client, {probe, nonce}, ProbeWay::gateway, true, site.time);
  CHECK_FALSE(has(site.ask(here), probe_url(Probe::blocked_page, nonce)));  // asked for no more

  SECTION("all arrived") {
    site.tests.note(client, {Probe::by_address, nonce}, ProbeWay::gateway, true, site.time);
    const OwnAnswer passed = site.ask(here);
    CHECK(has(passed, "class=\"pupils passed\""));
    CHECK_FALSE(has(passed, "http-equiv=\"refresh\""));
    CHECK_FALSE(has(passed, "<img"));
    CHECK(
        passed.tested ==
        R"({"passed":true,"kind":"android","room":null,"tier":"thcs","way":"gateway","missing":[],"asks_elsewhere":false})");
    CHECK(site.ask(here).tested.empty());  // told once
  }
  SECTION("all arrived, and a closed door is knocked at") {
    site.tests.note(client, {Probe::by_address, nonce}, ProbeWay::gateway, true, site.time);
    site.tests.note_refused({{client, site.time - 60'000, std::nullopt}}, site.time);
    const OwnAnswer passed = site.ask(here);
    CHECK(has(passed, "class=\"pupils passed\""));
    CHECK(has(passed, "http-equiv=\"refresh\""));  // one look more
    CHECK(has(passed, "<img src=\"" + knock_url(nonce) + "\""));
    CHECK(has(passed, "vừa rồi không thử; trong vòng một ngày đã thử"));
    CHECK(has(passed, "a knock at this door did not arrive here"));
    CHECK(passed.tested.empty());
    site.tests.note_refused({{client, site.time - 60'000, site.time}}, site.time);
    const OwnAnswer seen = site.ask(here);
    CHECK(has(seen, "vừa thử và bị tường lửa từ chối"));
    CHECK_FALSE(has(seen, "http-equiv=\"refresh\""));
    CHECK_FALSE(has(seen, "<img"));
    CHECK(seen.tested.find(R"("refused":["dot"])") != std::string::npos);
  }
  SECTION("nothing arrives at the closed door") {
    site.tests.note(client, {Probe::by_address, nonce}, ProbeWay::gateway, true, site.time);
    site.tests.note_refused({}, site.time);
    site.time += DeviceTests::settled_ms;
    const OwnAnswer passed = site.ask(here);
    CHECK(has(passed, "class=\"pupils passed\""));
    CHECK(has(passed, "gõ cửa này nhưng không tới đây"));
    CHECK(has(passed, "trong vòng một ngày máy này chưa thử"));
    CHECK_FALSE(has(passed, "http-equiv=\"refresh\""));
    CHECK(passed.tested.find(R"("refused":[])") != std::string::npos);
  }
  SECTION("one did not") {
    site.time += DeviceTests::settled_ms;
    const OwnAnswer failed = site.ask(here);
    CHECK(has(failed, "class=\"pupils failed\""));
    CHECK_FALSE(has(failed, "http-equiv=\"refresh\""));
    CHECK(failed.tested.find(R"("passed":false)") != std::string::npos);
    CHECK(failed.tested.find(R"("missing":["by_address"])") != std::string::npos);
  }
  SECTION("another run's address begins anew") {
    const OwnAnswer other = site.ask("/test?run=" + std::string(32, '0'));
    CHECK(has(other, "Đang thử"));
    CHECK_FALSE(has(other, nonce));
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

TEST_CASE("where pupils change seats nobody's list is shown, and the page says why", "[core][own_site]") {
  Site site;
  site.add("bai.vn", Action::block, gambling);
  auto school = std::make_shared<Snapshot>(*site.school);
  school->config.who.push_back({*Network::parse("10.0.0.0/8"), "thcs", "Phòng máy 1", false, true});
  site.school = school;
  const OwnAnswer answer = site.ask("/");
  CHECK_FALSE(has(answer, "bai.vn"));
  CHECK(has(answer, "nhiều người thay nhau dùng"));
  CHECK(has(answer, "one after another"));
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

namespace {

// What was asked, and what is there to be found.
struct WishesAsked : Wishes {
  std::vector<WishAsk> asks;
  WishReply reply{WishOutcome::taken, "BN-7K3Q2F9A"};
  std::optional<Wish> kept;
  WishReply ask(const WishAsk& ask) override {
    asks.push_back(ask);
    return reply;
  }
  std::optional<Wish> find(std::string_view code, std::int64_t) const override {
    return kept && kept->code == code ? kept : std::nullopt;
  }
  std::optional<Wish> about(std::string_view host, std::string_view, std::string_view,
                            std::int64_t) const override {
    return kept && kept->host == host ? kept : std::nullopt;
  }
};

std::string token_in(const std::string& page) {
  const std::string mark = "name=\"token\" value=\"";
  const std::size_t at = page.find(mark);
  if (at == std::string::npos) return {};
  return page.substr(at + mark.size(), page.find('"', at + mark.size()) - at - mark.size());
}

}  // namespace

TEST_CASE("what is blocked wrongly may be said once, with a reason from the list",
          "[core][own_site][wishes]") {
  Site site;
  WishesAsked wishes;
  site.wishes = &wishes;
  site.now.verdict = verdict_of(Action::block, Reason::category, gambling);
  site.now.verdict.layer = Layer::category;
  RecentVerdict past{site.time, 77, 7, site.now.verdict, site.tier, "bet.test", "http://bet.test/x?q=1"};
  site.recent.add(client, past);
  const OwnAnswer page = site.ask("/");
  REQUIRE(has(page, "Báo chặn nhầm"));
  const std::string token = token_in(page.page.text);
  REQUIRE_FALSE(token.empty());
  const auto press = [&](const std::string& why, const std::string& url = "http://bet.test/x") {
    return site.ask("/wish", "POST", "token=" + encode(token) + "&url=" + encode(url) + "&why=" + why);
  };
  const OwnAnswer sent = press("lesson");
  CHECK(has(sent, "303 See Other"));
  CHECK(has(sent, "Location: http://schoolgate.internal/w/BN-7K3Q2F9A\r\n"));
  REQUIRE(wishes.asks.size() == 1);
  CHECK(wishes.asks[0].host == "bet.test");
  CHECK(wishes.asks[0].tier == "thcs");
  CHECK(wishes.asks[0].category == "gambling");
  CHECK(wishes.asks[0].reason == WishReason::lesson);
  REQUIRE(sent.wished);
  CHECK_FALSE(has(sent, "Set-Cookie"));
  CHECK(has(press("my+name+is+An"), "Chưa chọn lý do"));
  CHECK(has(press(""), "Chưa chọn lý do"));
  // Another host than the token's is not asked about.
  CHECK(has(press("other", "http://evil.test/"), "303"));
  CHECK(wishes.asks.back().host == "bet.test");
  wishes.reply = {WishOutcome::too_many, ""};
  CHECK(press("lesson").page.status == 429);
  wishes.reply = {WishOutcome::closed, ""};
  CHECK(press("lesson").page.status == 503);
  // The button opens nothing, and its token is none of Continue's.
  CHECK(
      site.ask("/continue", "POST", "token=" + encode(token) + "&url=http%3A%2F%2Fbet.test%2F").page.status ==
      403);
  CHECK(site.grants.size() == 0);
  CHECK(site.ask("/wish", "POST", "token=" + encode(token + "0") + "&why=lesson").page.status == 403);
  const std::size_t before = wishes.asks.size();
  site.now.verdict.flags.locked = true;
  CHECK(has(press("lesson"), "không ai mở được"));
  site.now.verdict = verdict_of(Action::allow, Reason::tier_default, no_category);
  CHECK(has(press("lesson"), "đang mở được"));
  // Words that help: what everybody is told is the verdict without them.
  site.now.help = HelpMatch{verdict_of(Action::help, Reason::search_term, csam),
                            verdict_of(Action::allow, Reason::tier_default, no_category)};
  site.now.verdict = site.now.help->help;
  CHECK(has(press("lesson"), "đang mở được"));
  CHECK(wishes.asks.size() == before);
}

TEST_CASE("no form where nothing may be wished, or small children read", "[core][own_site][wishes]") {
  WishesAsked wishes;
  struct Row {
    const char* name;
    Action action;
    Layer layer;
    Reason reason;
    bool locked;
    TierId tier;
    bool form;
  };
  const Row rows[] = {
      {"a list", Action::block, Layer::category, Reason::category, false, thcs, true},
      {"a line", Action::block, Layer::explicit_line, Reason::host_line, false, thcs, true},
      {"the default", Action::block, Layer::tier_default, Reason::tier_default, false, thcs, true},
      {"a look-alike", Action::block, Layer::category, Reason::lookalike, false, thcs, true},
      {"staff", Action::block, Layer::category, Reason::category, false, giao_vien, true},
      {"locked", Action::block, Layer::locked, Reason::locked_category, true, thcs, false},
      {"the sealed floor", Action::block, Layer::sealed_floor, Reason::floor_hash, false, thcs, false},
      {"for a lesson", Action::block, Layer::timed_override, Reason::override_line, false, thcs, false},
      {"a room that is off", Action::block, Layer::timed_override, Reason::room_off, false, thcs, false},
      {"words of a search", Action::block, Layer::category, Reason::search_term, false, thcs, false},
      {"words of a path", Action::block, Layer::category, Reason::path_term, false, thcs, false},
      {"an engine", Action::block, Layer::category, Reason::unsafe_search, false, thcs, false},
      {"a fault", Action::block, Layer::fault, Reason::pattern_error, false, thcs, false},
      {"a warning", Action::warn, Layer::category, Reason::category, false, thcs, false},
      {"help", Action::help, Layer::category, Reason::category, false, thcs, false},
      {"small children", Action::block, Layer::category, Reason::category, false, tieu_hoc, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Site site;
      site.wishes = &wishes;
      site.tier = row.tier;
      Verdict verdict = verdict_of(row.action, row.reason, gambling);
      verdict.layer = row.layer;
      verdict.flags.locked = row.locked;
      site.recent.add(client, {site.time, 77, 7, verdict, row.tier, "bet.test", "http://bet.test/"});
      CHECK(has(site.ask("/"), "action=\"http://schoolgate.internal/wish\"") == row.form);
    }
}

TEST_CASE("a code shows the tier of its page, whoever looks", "[core][own_site][wishes]") {
  Site site;
  WishesAsked wishes;
  site.wishes = &wishes;
  site.recent.add(client, {site.time, 0x123456789a, 7, verdict_of(Action::block, Reason::category, gambling),
                           tieu_hoc, "bet.test", "http://bet.test/"});
  site.tier = giao_vien;
  const OwnAnswer shown = site.ask("/w/" + decision_code(0x123456789a));
  const auto name = [&](TierId tier) { return ">" + site.school->policy->tiers()[tier].name_vi + "<"; };
  CHECK(has(shown, name(tieu_hoc)));
  CHECK_FALSE(has(shown, name(giao_vien)));
}

TEST_CASE("what was blocked reads as blocked", "[core][own_site]") {
  Site site;
  site.add("bet.test", Action::block, gambling);
  CHECK(has(site.ask("/"), "<b class=\"closed\">"));
}

TEST_CASE("a code shows its verdict or wish for a day", "[core][own_site][wishes]") {
  Site site;
  WishesAsked wishes;
  site.wishes = &wishes;
  Verdict verdict = verdict_of(Action::block, Reason::category, gambling);
  site.recent.add(client,
                  {site.time, 0x123456789a, 7, verdict, site.tier, "bet.test", "http://bet.test/x?q=1"});
  const std::string code = decision_code(0x123456789a);
  CHECK(has(site.ask("/w/" + code), "bet.test/x"));
  CHECK(has(site.ask("/w/" + code), "Cờ bạc"));
  CHECK_FALSE(has(site.ask("/w/" + code), "q=1"));
  site.time += wish_shown_ms + 1;
  CHECK(site.ask("/w/" + code).page.status == 404);
  site.time -= wish_shown_ms;
  CHECK(site.ask("/w/" + code).page.status == 200);
  for (const char* wrong :
       {"/w/", "/w/x", "/w/%00", "/w/%", "/w/../continue", "/w/BN-7K3Q2F9A", "/w/7KQ2-M4XH"})
    CHECK(site.ask(wrong).page.status == 404);
  Wish wish;
  wish.code = "BN-7K3Q2F9A";
  wish.host = "bet.test";
  wish.category = "gambling";
  wish.asked_ms = site.time;
  wishes.kept = wish;
  CHECK(has(site.ask("/w/bn-7k3q2f9a"), "Đã ghi lời báo"));
  CHECK(has(site.ask("/"), "đã báo chặn nhầm"));
  CHECK_FALSE(has(site.ask("/"), "action=\"http://schoolgate.internal/wish\""));
  wishes.kept->state = WishState::denied;
  wishes.kept->why = "<b>a shop</b>";
  CHECK(has(site.ask("/w/BN-7K3Q2F9A"), "&lt;b&gt;a shop&lt;/b&gt;"));
  wishes.kept->state = WishState::granted;
  wishes.kept->open_until_ms = site.time + 60'000;
  CHECK(has(site.ask("/w/BN-7K3Q2F9A"), "Trang mở đến"));
  wishes.kept->line = true;
  CHECK(has(site.ask("/w/BN-7K3Q2F9A"), "danh sách được mở"));
  site.wishes = nullptr;
  CHECK(site.ask("/w/BN-7K3Q2F9A").page.status == 404);
}
