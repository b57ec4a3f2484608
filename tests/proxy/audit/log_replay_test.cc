// Decisions as a plan replays them are those that were written.
#include "proxy/audit/log_replay.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <set>
#include <vector>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

struct Replayed {
  std::string host, tier, layer;
  Decision one;
};

std::vector<Replayed> replay(const std::string& directory, std::int64_t since_ms) {
  std::vector<Replayed> out;
  const auto done =
      replay_log(directory, since_ms,
                 [&](const Decision& one) {
                   out.push_back({std::string(one.host), std::string(one.tier), std::string(one.layer), one});
                 },
                 {});
  if (done.failed()) FAIL(done.error().message);
  return out;
}

}  // namespace

TEST_CASE("decisions are replayed as they were written", "[audit][replay]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  LogRecord old = allowed_record(40, "old.example");
  old.time_ms -= 60'000;
  LogRecord refused = allowed_record(43, "");
  refused.verdict = Verdict::refused(Reason::no_snapshot);
  LogRecord other = allowed_record(44, "bad.example.com");
  other.client = IpAddress::v4(0x0a000308);
  for (LogRecord record : {old, allowed_record(41, "ok.example.com"),
                           blocked_record(42, "bad.example.com", "/games"), refused, other})
    REQUIRE(log->write(std::move(record)));
  REQUIRE(log->flush(10s));
  const auto rows = replay(dir.path, march_2026 - 1000);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].host == "ok.example.com");
  CHECK(rows[0].tier == "tieu_hoc");
  CHECK(rows[0].layer == "tier_default");
  CHECK(rows[0].one.action == Action::allow);
  CHECK(rows[0].one.connect);
  CHECK(rows[0].one.port == 443);
  CHECK(rows[0].one.requests == 1);
  CHECK(rows[1].host == "bad.example.com");
  CHECK(rows[1].tier == "thcs");
  CHECK(rows[1].one.action == Action::block);
  CHECK_FALSE(rows[1].one.connect);
  CHECK(rows[2].one.refused);
  CHECK(rows[0].one.client == rows[1].one.client);
  CHECK(rows[0].one.client != rows[3].one.client);
  CHECK(replay(dir.path, march_2026 - 100'000).size() == 5);
  CHECK(replay(dir.path, march_2026 + 1000).empty());
}

TEST_CASE("the policies that rows name are known, and only those", "[audit][replay]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  REQUIRE(log->write(allowed_record(41, "ok.example.com")));
  REQUIRE(log->flush(10s));
  const auto named = LogReader(dir.path).policies();
  REQUIRE(named);
  CHECK(*named == std::set<std::string>{"digest-7"});
  std::ofstream(dir.path + "/access-2026-02.db") << "not a log";
  CHECK(LogReader(dir.path).policies().failed());  // then nothing is known
  CHECK(replay_log(dir.path, 0, [](const Decision&) {}, {}).failed());
}

TEST_CASE("a million decisions are replayed in seconds", "[.bench][replay]") {
  TempDir dir;
  auto log = open_log(dir);
  log->policy_loaded(sample_snapshot(7));
  constexpr std::uint64_t rows = 1'000'000;
  for (std::uint64_t i = 0; i < rows; ++i) {
    while (!log->write(allowed_record(i + 1, "h" + std::to_string(i % 5000) + ".example.com"))) {
    }
  }
  REQUIRE(log->flush(60s));
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t read = 0;
  REQUIRE(replay_log(dir.path, 0, [&](const Decision&) { ++read; }, {}).ok());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  WARN(read << " rows in " << took.count() << " s");
  CHECK(read == rows);
}
