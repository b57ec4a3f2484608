#include "tools/daemon/gateway_text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>

#include "tests/config/support.h"
#include "tests/tools/valid_json.h"
#include "tools/console/console.h"
#include "tools/lan/gateway_counts.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr char in_red[] = "\x1b[31m";
constexpr std::int64_t day_ms = 86'400'000;

// A whole snapshot, without anything thin; each test changes its copy.
Snapshot small_snapshot() {
  static const LoadResult loaded = [] {
    const test::Folder folder;
    test::write_small_school(folder);
    return folder.load();
  }();
  REQUIRE(loaded.snapshot != nullptr);
  Snapshot copy = *loaded.snapshot;
  copy.revision = 3;
  copy.digest = "0123456789abcdef";
  copy.thin.clear();
  return copy;
}

StatusFacts facts_of(const Snapshot& snapshot) {
  StatusFacts facts{snapshot, {}, {}, 0, {}, {}, {}};
  facts.last_good.set = "0123456789abcdef";
  facts.last_good.folder = "/var/lib/schoolgate/last-good";
  return facts;
}

// The rest of the status's line that begins with this word.
std::string said_of(const StatusFacts& facts, const std::string& word) {
  const std::string text = "\n" + status_text(facts, nullptr);
  const std::size_t at = text.find("\n" + word);
  if (at == std::string::npos) return {};
  const std::size_t begin = text.find_first_not_of(' ', at + 1 + word.size());
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool one_line_each(const std::string& text) {
  return text.ends_with("\n") && text.find("\n\n") == std::string::npos &&
         std::none_of(text.begin(), text.end(), [](char c) { return c != '\n' && c >= 0 && c < ' '; });
}

}  // namespace

TEST_CASE("gateway text: a time for people", "[tools][gateway]") {
  struct Row {
    std::int64_t seconds;
    const char* want;
  };
  const Row rows[] = {
      {0, "1970-01-01 00:00 UTC"},
      {1'772'600'000, "2026-03-04 04:53 UTC"},
      {-60, "1969-12-31 23:59 UTC"},
      {INT64_MAX, "9223372036854775807"},  // no year holds it
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.seconds) {
      CHECK(time_text(row.seconds) == row.want);
    }
}

TEST_CASE("gateway text: since when it is up", "[tools][gateway]") {
  const Snapshot snapshot = small_snapshot();
  struct Row {
    std::int64_t seconds;
    const char* want;
  };
  const Row rows[] = {
      {0, "0 s"},           {59, "59 s"},
      {60, "1 min 0 s"},    {3'599, "59 min 59 s"},
      {3'600, "1 h 0 min"}, {86'399, "23 h 59 min"},
      {86'400, "1 d 0 h"},  {8'999'999, "104 d 3 h"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.seconds) {
      StatusFacts facts = facts_of(snapshot);
      facts.uptime_s = row.seconds;
      const std::string text = status_text(facts, nullptr);
      CHECK_THAT(text.substr(0, text.find('\n')), Catch::EndsWith(", up " + std::string(row.want)));
    }
}

TEST_CASE("gateway text: the banner says where, for whom and by what", "[tools][gateway]") {
  Snapshot snapshot = small_snapshot();
  snapshot.config.log.directory = "/etc/schoolgate/../log";
  const std::vector<ListeningSocket> sockets{{*IpAddress::parse("127.0.0.1"), 3128, {}},
                                             {*IpAddress::parse("2001:db8::1"), 80, {}},
                                             {*IpAddress::parse("10.0.0.1"), 3129, {}, Entrance::http},
                                             {*IpAddress::parse("::"), 3130, {}, Entrance::tls}};
  const std::string text = banner(snapshot, sockets, 65'536, nullptr, false);
  CHECK_THAT(text, StartsWith("Schoolgate ") && Contains(" filters for Test\n"));
  CHECK_THAT(text, Contains("  listens   127.0.0.1:3128, [2001:db8::1]:80, 10.0.0.1:3129 (transparent http), "
                            "[::]:3130 (transparent tls), with 65,536 file descriptors\n"));
  CHECK_THAT(text, Contains("  policy    revision 3 (0123456789ab), 2 tiers, 2 lists with 3 domains\n"));
  CHECK_THAT(text, Contains("  this machine (127.0.0.1) is in tier pupil, unknown devices in pupil\n"));
  CHECK_THAT(text, Contains("  log       /etc/log, kept 90 days\n"));
  CHECK_THAT(text, !Contains("thin: ") && !Contains("\x1b"));
}

TEST_CASE("gateway text: what is thin stands in red at the end; too few descriptors are",
          "[tools][gateway]") {
  Snapshot snapshot = small_snapshot();
  snapshot.config.limits.connections = 1'000;
  CHECK_THAT(banner(snapshot, {}, 2'200, nullptr, true), !Contains(in_red));  // two for each, and 200
  CHECK_THAT(banner(snapshot, {}, 2'199, nullptr, true),
             Contains(std::string(in_red) + "thin: 2,199 file descriptors do not serve 1,000 connections"));
  snapshot.thin = {Message("No lists.\x1b[2J")};
  const std::string text = banner(snapshot, {}, 2'200, nullptr, true);
  CHECK_THAT(text, Catch::EndsWith(std::string(in_red) + "thin: No lists.\\x1b[2J\x1b[0m\n"));
  CHECK_THAT(
      reloaded_text(snapshot, nullptr, false),
      StartsWith("reloaded: revision 3 (0123456789ab), 2 tiers") && Contains("\nthin: No lists.\\x1b[2J\n"));
  CHECK_THAT(reloaded_text(snapshot, nullptr, true),
             StartsWith("\x1b[32mreloaded\x1b[0m: ") && Contains(in_red));
  CHECK_THAT(status_text(facts_of(snapshot), nullptr), Contains("thin: No lists."));
}

TEST_CASE("gateway text: a reload leaves what the sockets, the threads and the log were made of",
          "[tools][gateway]") {
  struct Row {
    const char* name;
    std::function<void(Config&)> change;
    std::vector<std::string> want;
  };
  const Listener first{*IpAddress::parse("127.0.0.1"), 3128, {}}, second{*IpAddress::parse("::1"), 3129, {}};
  const Row rows[] = {
      {"nothing", [](Config&) {}, {}},
      {"a port", [](Config& c) { c.listen[0].port = 8080; }, {"listen: proxy"}},
      {"one place less", [](Config& c) { c.listen.pop_back(); }, {"listen: proxy"}},
      {"the same places in another order", [](Config& c) { std::swap(c.listen[0], c.listen[1]); }, {}},
      {"a place's tier", [](Config& c) { c.listen[0].tier = "staff"; }, {}},  // a reload takes it
      {"what a place is for",
       [](Config& c) { c.listen[1].entrance = Entrance::tls; },
       {"listen: proxy", "listen: transparent"}},
      {"how it is reached", [](Config& c) { c.listen[1].tproxy = true; }, {"listen: proxy"}},
      {"workers", [](Config& c) { c.workers = 7; }, {"workers"}},
      {"the control socket", [](Config& c) { c.control_socket = "/x"; }, {"control_socket"}},
      {"the log's folder", [](Config& c) { c.log.directory = "/x"; }, {"log: directory"}},
      {"the keys", [](Config& c) { c.log.key_file = "/x"; }, {"log: key_file (without it, state_directory)"}},
      {"how long rows stay", [](Config& c) { c.log.keep_days = 7; }, {"log: keep_days"}},
      {"how long they stay at least", [](Config& c) { c.log.min_days = 7; }, {"log: min_days"}},
      {"its size", [](Config& c) { c.log.max_bytes = 7; }, {"log: max_megabytes"}},
      {"two of them",
       [](Config& c) {
         c.log.max_bytes = 7;
         c.workers = 7;
       },
       {"workers", "log: max_megabytes"}},
      {"limits and lists", [](Config& c) { c.limits.connections = 7, c.lists.emplace_back(); }, {}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Config before;
      before.listen = {first, second};
      Config now = before;
      row.change(now);
      std::vector<std::string> keys;
      for (const Message& key : waits_for_start(before, now)) keys.push_back(key.english());
      CHECK(keys == row.want);
    }
}

TEST_CASE("gateway text: what a start with a broken file begins with", "[tools][gateway]") {
  LastGoodFacts facts;
  facts.set = "1a2b3c4d5e6f7788";
  facts.folder = "/var/lib/x/../schoolgate";
  CHECK(last_good_text(facts, nullptr, true) == "last good    set 1a2b3c4d5e6f in /var/lib/schoolgate\n");
  facts.problem = Message("the disk is full\x1b[2J");
  CHECK(last_good_text(facts, nullptr, true) == "last good    none kept: the disk is full\\x1b[2J\n");
  facts.in_use = true;  // nothing is more urgent
  facts.errors = Message("2 errors");
  facts.accepted_at = 1'772'600'000;
  CHECK(last_good_text(facts, nullptr, true) ==
        std::string(in_red) +
            "LAST GOOD    the files had 2 errors at the start and are NOT used: this is the configuration "
            "accepted 2026-03-04 04:53 UTC, set 1a2b3c4d5e6f in /var/lib/schoolgate; mend them, then: "
            "schoolgate reload\x1b[0m\n");
  CHECK_THAT(keeps_none("draft/../x.yaml").english(),
             StartsWith("x.yaml is not the installed main file") && Contains("--state DIR"));
}

TEST_CASE("gateway text: the status of a proxy that is well", "[tools][gateway]") {
  const Snapshot snapshot = small_snapshot();
  StatusFacts facts = facts_of(snapshot);
  facts.server.connections = 1'234;
  facts.server.clients = 1;
  facts.server.tunnels_opened = 2;
  facts.server.blocked = 5;
  facts.log.written = 1;
  CHECK(said_of(facts, "last reload") == "none since the start");
  CHECK(said_of(facts, "now") == "1,234 connections of 1 client, 0 tunnels");
  CHECK(said_of(facts, "since start") ==
        "0 requests, 2 tunnels, 5 blocked, 0 failures, 0 closed by a new policy, 0 strangers refused");
  CHECK(said_of(facts, "log ") == "1 row written, 0 queued, 0 lost");
  CHECK(one_line_each(status_text(facts, nullptr)));
  CHECK_THAT(status_text(facts, nullptr), !Contains("FULL") && !Contains("waits") && !Contains("retention"));
}

TEST_CASE("gateway text: the status in Vietnamese, in columns of its own", "[tools][gateway]") {
  const Snapshot snapshot = small_snapshot();
  StatusFacts facts = facts_of(snapshot);
  facts.uptime_s = 3'700;
  facts.server.clients = 1;
  facts.server.silence = std::chrono::seconds(61);
  facts.last_reload = say("REFUSED, {}", say("1 error"));
  facts.waiting = {Message("workers")};
  facts.log.full = true;
  facts.log.last_error = "disk full";
  const Catalogue vi = catalogue_of(Language::vi);
  const std::string text = status_text(facts, vi);
  CHECK(
      text.substr(text.find(',')) ==
      ", đã chạy 1 giờ 1 phút\n"
      "chính sách   bản số 3 (0123456789ab), 2 cấp học, 2 danh sách với 3 tên miền\n"
      "nạp gần nhất BỊ TỪ CHỐI, 1 lỗi\n"
      "bản dự phòng bộ 0123456789ab trong /var/lib/schoolgate/last-good\n"
      "đang chờ     lần khởi động sau: workers\n"
      "hiện tại     0 kết nối của 1 máy, 0 đường hầm\n"
      "từ khi chạy  0 yêu cầu, 0 đường hầm, 0 bị chặn, 0 lần hỏng, 0 bị đóng do chính sách mới, 0 máy lạ bị "
      "từ chối\n"
      "BỊ TREO      một luồng đã 61 giây không nhúc nhích\n"
      "nhật ký      0 dòng đã ghi, 0 đang đợi, 0 bị mất; ĐANG HỎNG: disk full\n"
      "             ĐẦY: vượt log: max_megabytes, mà không dòng nào cũ hơn min_days; những gì được phép được "
      "ghi gộp\n");
  CHECK_THAT(status_json(facts), Contains("\"last_reload\":\"REFUSED, 1 error\""));
  CHECK_THAT(banner(snapshot, {}, 65'536, vi, false),
             Contains(" đang lọc web cho Test\n") && Contains("\n  chính sách  bản số 3 ("));
  CHECK_THAT(reloaded_text(snapshot, vi, false), StartsWith("đã nạp lại: bản số 3 ("));
}

TEST_CASE("gateway text: what is out of the ordinary has a line of its own", "[tools][gateway]") {
  const Snapshot snapshot = small_snapshot();
  StatusFacts facts = facts_of(snapshot);
  SECTION("a reload") {
    facts.last_reload = Message("2026-03-04 04:53 UTC: refused");
    CHECK(said_of(facts, "last reload") == "2026-03-04 04:53 UTC: refused");
  }
  SECTION("keys that a reload did not apply") {
    facts.waiting = {Message("workers"), Message("log: keep_days")};
    CHECK_THAT(status_text(facts, nullptr), Contains("waits        for the next start: workers\n"
                                                     "waits        for the next start: log: keep_days\n"));
  }
  SECTION("a worker that is stuck: for more than five seconds") {
    facts.server.silence = std::chrono::milliseconds(5'000);
    CHECK(said_of(facts, "STUCK").empty());
    facts.server.silence = std::chrono::milliseconds(61'999);
    CHECK(said_of(facts, "STUCK") == "a worker has not moved for 61 s");
    CHECK_THAT(status_json(facts), Contains("\"silent_s\":61"));
  }
  SECTION("a log that fails") {
    facts.log.last_error = "disk full\x1b[2J";
    CHECK_THAT(said_of(facts, "log "), Catch::EndsWith("0 lost; FAILING: disk full\\x1b[2J"));
    CHECK(one_line_each(status_text(facts, nullptr)));
  }
  SECTION("a log that is not sealed") {
    facts.log.seal_error = Message("no key");
    CHECK_THAT(status_text(facts, nullptr), Contains("             NOT SEALED: no key; rows are written"));
    CHECK_THAT(status_json(facts), Contains("\"seal_error\":\"no key\""));
  }
  SECTION("a log that is full") {
    facts.log.full = true;
    CHECK_THAT(status_text(facts, nullptr), Contains("             FULL: over log: max_megabytes"));
  }
  SECTION("a clock far ahead: from more than three days on") {
    facts.log.retention_behind_ms = 3 * day_ms;
    CHECK_THAT(status_text(facts, nullptr), !Contains("log retention"));
    facts.log.retention_behind_ms = 3 * day_ms + 1;
    CHECK_THAT(status_text(facts, nullptr),
               Contains("the clock is 3 days ahead") && Contains("schoolgate log retention"));
  }
}

TEST_CASE("gateway text: the status for programs is one line of JSON", "[tools][gateway]") {
  Snapshot snapshot = small_snapshot();
  snapshot.thin = {Message("a \"b\"\x1b")};
  StatusFacts facts = facts_of(snapshot);
  CHECK_THAT(status_json(facts),
             Contains("\"last_reload\":null") && Contains("\"error\":null") &&
                 Contains("\"in_use\":false,\"set\":\"0123456789abcdef\",\"number\":0,\"errors\":null") &&
                 Contains("\"waits_for_start\":[]"));
  facts.last_reload = Message("now");
  facts.log.last_error = "\n";
  facts.log.retention_behind_ms = 10 * day_ms + 5;
  facts.last_good = {true, "abc", Message("1 error"), 7, "/x", Message("none"), 12};
  facts.waiting = {Message("workers")};
  facts.laid = {{"tiers.d/a.yaml", "uid 0 (root)", 7, false, true}, {"b.yaml", "uid 1 (x)", 8, true, false}};
  CHECK_THAT(status_text(facts, nullptr),
             Contains("laid over    tiers.d/a.yaml, by uid 0 (root), 1970-01-01 00:00 UTC; THE FILE BELOW") &&
                 Contains("laid over    b.yaml, by uid 1 (x), 1970-01-01 00:00 UTC\n"));
  const std::string json = status_json(facts);
  CHECK(is_json(json));
  CHECK(std::count(json.begin(), json.end(), '\n') == 1);
  CHECK_THAT(json, Contains("\"last_reload\":\"now\"") && Contains("\"retention_behind_days\":10") &&
                       Contains("\"in_use\":true,\"set\":\"abc\",\"number\":12,\"errors\":\"1 error\"") &&
                       Contains("\"waits_for_start\":[\"workers\"]") && Contains("\"revision\":3,"));
  CHECK_THAT(json,
             Contains("\"file\":\"tiers.d/a.yaml\",\"account\":\"uid 0 (root)\",\"since\":7,\"hides\":false,"
                      "\"below_changed\":true") &&
                 Contains("\"number\":12"));
}

TEST_CASE("gateway text: log retention says by which date rows go, and when that is not the clock's",
          "[tools][gateway]") {
  AccessLog::Retention facts;
  facts.wall_ms = 1'772'600'000'000;  // 2026-03-04
  facts.believed_ms = facts.wall_ms - 3 * day_ms;
  facts.cut_ms = facts.wall_ms - 90 * day_ms;
  facts.keep_days = 90;
  const RetentionText near(facts, TimeZone());
  CHECK(near.today() == "2026-03-04");
  CHECK(near.state(nullptr) ==
        "Rows from before 2025-12-04 go (log: keep_days: 90). The clock says 2026-03-04.\n");
  facts.believed_ms -= 1;
  CHECK_THAT(RetentionText(facts, TimeZone()).state(nullptr),
             Contains("The log goes by 2026-03-01") &&
                 Catch::EndsWith("schoolgate log retention --confirm 2026-03-04\n"));
  // Nothing goes by a date that the clock does not say.
  CHECK(near.wrong_date("2026-03-05\x1b", nullptr) ==
        "not confirmed, nothing is deleted: \"2026-03-05\\x1b\" is not what the clock says, 2026-03-04; put "
        "the clock right first\n");
}

TEST_CASE("status names the holes of the firewall, with whose they are and when they are looked at again",
          "[tools][gateway]") {
  Snapshot snapshot = small_snapshot();
  CHECK(said_of(facts_of(snapshot), "hole").empty());
  GatewayHole hole;
  hole.tier = "staff";
  hole.why = "calls\x1b";
  hole.review_by = "2099-01-31";
  snapshot.config.gateway.open = {hole};
  CHECK(said_of(facts_of(snapshot), "hole") == "for staff, to be looked at by 2099-01-31: calls\\x1b");
  CHECK_THAT(status_json(facts_of(snapshot)),
             Contains(R"("holes":[{"tier":"staff","why":"calls\u001b","review_by":"2099-01-31"}])"));
  snapshot.config.gateway.open[0].tier.reset();
  CHECK(said_of(facts_of(snapshot), "hole") == "for all, to be looked at by 2099-01-31: calls\\x1b");
  CHECK_THAT(status_json(facts_of(snapshot)), Contains(R"("holes":[{"tier":null)"));
  StatusFacts facts = facts_of(snapshot);  // where the firewall's counters can be read
  facts.holes.emplace();
  CHECK_THAT(status_text(facts, nullptr), Contains("NOT IN FORCE"));
  CHECK_THAT(status_json(facts), Contains(R"("review_by":"2099-01-31","in_force":false,"packets":0})"));
  (*facts.holes)[hole_counter(snapshot.config.gateway.open[0])] = 12'345;
  CHECK_THAT(status_text(facts, nullptr),
             Contains("packets that went out by it since the firewall was loaded: 12,345\n"));
  CHECK_THAT(status_json(facts), Contains(R"("in_force":true,"packets":12345})"));
}

TEST_CASE("status tells how many nearby never were a client", "[tools][gateway]") {
  const Snapshot snapshot = small_snapshot();
  StatusFacts facts = facts_of(snapshot);
  CHECK(said_of(facts, "NOT FILTERED").empty());
  facts.radar.emplace();
  facts.radar->machines = 3;
  CHECK(said_of(facts, "NOT FILTERED").empty());
  facts.radar->unseen = {{"02:00:00:00:00:07", {}}};
  CHECK(said_of(facts, "NOT FILTERED") ==
        "1 of 3 machines nearby were never a client since the start; see: schoolgate doctor");
  CHECK(status_json(facts).find(R"("neighbours":{"machines":3,"never_a_client":1,"router_between":false})") !=
        std::string::npos);
  facts.radar->router_between = true;
  CHECK(said_of(facts, "NOT FILTERED").empty());
}

TEST_CASE("gateway text: what is opened of https, and who does not trust the certificate",
          "[tools][gateway][inspect]") {
  Snapshot snapshot = small_snapshot();
  StatusFacts facts = facts_of(snapshot);
  facts.server.tls = 2000;
  facts.server.tls_opened = 3;
  facts.refusing = {{"HS-7K3Q2F9A", "Phòng máy 1", 12}, {"HS-AAAAAAAA", "", 3}, {"", "", 4}};
  CHECK(said_of(facts, "https").empty());  // no tier opens any
  snapshot.config.https.needed = true;
  CHECK(said_of(facts, "https") == "3 of 2,000 connections opened with the school's certificate (0.1 %)");
  CHECK(said_of(facts, "NO TRUST") ==
        "HS-7K3Q2F9A (Phòng máy 1) refused the school's certificate 12 times in a row");
  const std::string text = status_text(facts, nullptr);
  CHECK_THAT(text, Contains("HS-AAAAAAAA refused") && Contains("a device refused"));
  CHECK(one_line_each(text));
  facts.refusing.resize(1);
  for (int i = 0; i < 12; ++i) facts.refusing.push_back(facts.refusing.front());
  CHECK_THAT(status_text(facts, nullptr), Contains("and 3 more devices"));
  facts.server.tls = facts.server.tls_opened = 0;
  CHECK(said_of(facts, "https") == "0 of 0 connections opened with the school's certificate (0.0 %)");
  CHECK(is_json(status_json(facts)));
}
