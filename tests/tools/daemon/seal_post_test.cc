// When the log's last seal is mailed, and that a failure is tried again.
#include "tools/daemon/seal_post.h"

#include <catch2/catch.hpp>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;

namespace {

constexpr std::int64_t minute_ms = 60'000, hour_of_ms = 60 * minute_ms;

struct MailedSeals {
  TempDir dir;
  std::shared_ptr<Snapshot> school = std::make_shared<Snapshot>(*sample_snapshot(7));
  std::int64_t now_ms = march_2026;  // 11:53 in Viet Nam; the digest is at 15:30
  std::vector<MailText> mails;
  std::vector<std::vector<std::string>> to;
  std::vector<std::string> complaints, events;
  std::optional<Error> broken;
  std::optional<SealPost> post;

  MailedSeals() {
    school->zone = *TimeZone::load("Asia/Ho_Chi_Minh");
    school->config.school.name = "THCS A";
    school->config.alerts.mail.emplace().to = {"lead@a.vn"};
    school->config.alerts.mail->seals_to = {"auditor@b.vn"};
    begin();
  }
  void begin() {
    SealPost::Hooks hooks;
    hooks.current = [this] { return school; };
    hooks.complain = [this](const Message& line) { complaints.push_back(line.english()); };
    hooks.mailed = [this](std::int64_t seal, const std::string& digest) {
      events.push_back(std::to_string(seal) + " " + digest);
    };
    hooks.mail = [this](const MailSettings& settings, const MailText& text) -> Result<void> {
      mails.push_back(text);
      to.push_back(settings.to);
      if (broken) return *broken;
      return {};
    };
    hooks.now_ms = [this] { return now_ms; };
    post.emplace(dir.path, std::move(hooks));
  }
  // A stop seals what there is.
  void write_and_seal() {
    const auto log = open_log(dir, now_ms);
    REQUIRE(log->write(allowed_record(1, "a.vn")));
    REQUIRE(log->stop());
  }
};

}  // namespace

TEST_CASE("seal post: once a day at the hour of the digest, and at a start", "[tools][seal]") {
  MailedSeals seals;
  seals.post->look();
  CHECK(seals.mails.empty());  // nothing is sealed
  CHECK(seals.complaints.empty());
  seals.write_and_seal();
  seals.post->look();
  seals.post->look();
  REQUIRE(seals.mails.size() == 1);
  CHECK(seals.to[0] == std::vector<std::string>{"auditor@b.vn"});
  CHECK(seals.mails[0].subject.starts_with("Schoolgate: seal "));
  REQUIRE(seals.events.size() == 1);
  const std::string digest = seals.events[0].substr(seals.events[0].find(' ') + 1);
  CHECK(digest.size() == 64);
  CHECK(seals.mails[0].body.find(digest) != std::string::npos);
  CHECK(seals.mails[0].body.find("THCS A") != std::string::npos);
  seals.now_ms += 3 * hour_of_ms;  // 14:53
  seals.post->look();
  CHECK(seals.mails.size() == 1);
  seals.now_ms += hour_of_ms;  // 15:53
  seals.post->look();
  seals.post->look();
  CHECK(seals.mails.size() == 2);
  seals.begin();
  seals.post->look();
  CHECK(seals.mails.size() == 3);
}

TEST_CASE("seal post: what failed is said once and tried again", "[tools][seal]") {
  MailedSeals seals;
  seals.write_and_seal();
  seals.broken = Error{Message("550 no")};
  seals.post->look();
  seals.post->look();
  CHECK(seals.mails.size() == 1);
  CHECK(seals.post->failure().english() == "550 no");
  REQUIRE(seals.complaints.size() == 1);
  CHECK(seals.complaints[0] == "the last seal of the log could not be mailed: 550 no; it is tried again");
  seals.now_ms += minute_ms;
  seals.post->look();
  CHECK(seals.mails.size() == 2);
  CHECK(seals.complaints.size() == 1);
  CHECK(seals.events.empty());
  SECTION("later it is taken") {
    seals.broken.reset();
    seals.now_ms += 2 * minute_ms;
    seals.post->look();
    CHECK(seals.mails.size() == 3);
    CHECK(seals.events.size() == 1);
    CHECK(seals.post->failure().empty());
  }
  SECTION("another address is tried at once") {
    seals.school->config.alerts.mail->seals_to = {"other@b.vn"};
    seals.post->look();
    CHECK(seals.mails.size() == 3);
  }
  SECTION("nobody wants it any more") {
    seals.school->config.alerts.mail->seals_to.clear();
    seals.post->look();
    CHECK(seals.mails.size() == 2);
    CHECK(seals.post->failure().empty());
  }
}
