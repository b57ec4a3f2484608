// When the safeguarding lead is told, and that a failure loses nothing.
#include "tools/daemon/alert_post.h"

#include <catch2/catch.hpp>

#include "proxy/audit/log_store.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t minute = 60'000;

struct Post {
  TempDir dir;
  std::unique_ptr<AccessLog> log = open_log(dir);
  std::shared_ptr<Snapshot> school = std::make_shared<Snapshot>(*sample_snapshot(7));
  std::int64_t now_ms = march_2026;  // 11:53 in Viet Nam
  std::vector<std::vector<std::string>> mails, hooks;
  std::optional<Error> broken;
  std::vector<std::string> complaints;
  std::optional<AlertPost> post;
  std::uint64_t decision = 0;

  Post() {
    school->zone = *TimeZone::load("Asia/Ho_Chi_Minh");
    school->config.alerts.mail.emplace();
    log->policy_loaded(school);
    AlertPost::Hooks all;
    all.current = [this] { return school; };
    all.complain = [this](const Message& line) { complaints.push_back(line.english()); };
    all.mail = [this](const MailSettings&, const std::vector<std::string>& codes,
                      const Snapshot&) -> Result<void> {
      mails.push_back(codes);
      if (broken) return *broken;
      return {};
    };
    all.hook = [this](const std::vector<std::string>&,
                      const std::vector<std::string>& codes) -> Result<void> {
      hooks.push_back(codes);
      return {};
    };
    all.now_ms = [this] { return now_ms; };
    post.emplace(dir.path, std::move(all));
  }
  // 1: self_harm; 0: gambling, which is not urgent.
  std::string ring(CategoryId theme, std::uint32_t client = 1) {
    LogRecord row = allowed_record(++decision, "tim.vn");
    row.time_ms = now_ms;
    row.client = IpAddress::v4(0x0a000000 + client);
    row.alert = row.decision;
    row.alert_until_ms = now_ms + 30 * minute;
    row.help = row.verdict;
    row.help->action = Action::help;
    row.help->flags.alert = true;
    row.help->category = theme;
    REQUIRE(log->write(std::move(row)));
    REQUIRE(log->flush(10s));
    const auto all = CaseBook(dir.path).list(false, 100);
    REQUIRE(all);
    return all->front().code;
  }
};

using Told = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("post: self-harm at once and once, by each way", "[tools][alert]") {
  Post p;
  p.post->look();
  CHECK(p.mails.empty());
  const std::string code = p.ring(1);
  p.post->look();
  p.post->look();
  CHECK(p.mails == Told{{code}});
  CHECK(p.hooks.empty());
  p.school->config.alerts.hook = {"/bin/true"};
  p.post->look();
  CHECK((p.mails.size() == 1 && p.hooks == Told{{code}}));
  const std::string other = p.ring(1, 2);
  p.post->look();
  CHECK(p.mails == Told{{code}, {other}});
  CHECK(p.post->failure().empty());
}

TEST_CASE("post: what is not urgent comes together, when the school's clocks show the time",
          "[tools][alert]") {
  Post p;
  const std::string a = p.ring(0), b = p.ring(0, 2);
  p.post->look();
  CHECK(p.mails.empty());
  p.now_ms += 4 * 60 * minute;  // 15:53
  p.post->look();
  CHECK(p.mails == Told{{a, b}});
  const std::string late = p.ring(0, 3);
  p.post->look();
  CHECK(p.mails.size() == 1);  // tomorrow
  p.now_ms += 24 * 60 * minute;
  p.post->look();
  CHECK(p.mails == Told{{a, b}, {late}});
}

TEST_CASE("post: a failure is kept, told once, and tried again", "[tools][alert]") {
  Post p;
  p.broken = Error{"connection refused"};
  const std::string code = p.ring(1);
  p.post->look();
  CHECK(p.mails.size() == 1);
  CHECK(p.post->failure() == "mail: connection refused");
  p.post->look();
  CHECK(p.mails.size() == 1);  // not at once
  for (int i = 0; i < 3; ++i) {
    p.now_ms += 16 * minute;
    p.post->look();
  }
  CHECK(p.mails.size() == 4);
  REQUIRE(p.complaints.size() == 1);
  CHECK(p.complaints[0] ==
        "the safeguarding lead could not be told by mail: connection refused; it is tried again");
  p.broken.reset();
  p.now_ms += 16 * minute;
  p.post->look();
  p.post->look();
  CHECK(p.mails.size() == 5);
  CHECK(p.post->failure().empty());
  const auto detail = CaseBook(p.dir.path).find(code);
  REQUIRE(detail);
  REQUIRE(*detail);
  REQUIRE((*detail)->messages.size() == 2);
  CHECK(((*detail)->messages[0].failed == "connection refused" && (*detail)->messages[1].failed.empty()));
}

TEST_CASE("post: each case says that nobody could be told of it", "[tools][alert]") {
  Post p;
  p.broken = Error{"connection refused"};
  const std::string codes[] = {p.ring(1), p.ring(1, 2), p.ring(0, 3)};
  p.now_ms += 4 * 60 * minute;  // 15:53: the digest, too
  for (int i = 0; i < 3; ++i) {
    p.post->look();
    p.now_ms += 16 * minute;
  }
  for (const std::string& code : codes) {
    const auto detail = CaseBook(p.dir.path).find(code);
    REQUIRE((detail && *detail));
    REQUIRE((*detail)->messages.size() == 1);
    CHECK((*detail)->messages[0].failed == "connection refused");
  }
}

TEST_CASE("post: other settings are tried at once", "[tools][alert]") {
  Post p;
  p.broken = Error{"no such server"};
  (void)p.ring(1);
  p.post->look();
  p.broken.reset();
  p.school->config.alerts.mail->server = "smtp.vn";
  p.post->look();
  CHECK(p.mails.size() == 2);
  CHECK(p.post->failure().empty());
}

TEST_CASE("post: the last time that the clocks showed it", "[tools][alert]") {
  const TimeZone zone = *TimeZone::load("Asia/Ho_Chi_Minh");
  const std::int64_t midnight = 1'772'557'200;  // 2026-03-04T00:00+07:00
  CHECK(last_digest_s(zone, 930, midnight + 930 * 60) == midnight + 930 * 60);
  CHECK(last_digest_s(zone, 930, midnight + 930 * 60 - 1) == midnight + 930 * 60 - 86'400);
  CHECK(last_digest_s(zone, 0, midnight) == midnight);
  CHECK(last_digest_s(zone, 0, midnight - 1) == midnight - 86'400);
}
