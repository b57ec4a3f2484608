#include "proxy/audit/retention_clock.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "proxy/audit/log_store.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr std::uint32_t keep = 90;
constexpr std::int64_t cut_at_start = march_2026 - keep * day;

// A machine: time passes on it while the proxy runs and while it does not.
struct Machine {
  ClockReading now{march_2026, 5 * hour, false};
  std::string state;
  std::int64_t oldest = march_2026 - keep * day, newest = march_2026 - minute;
  std::unique_ptr<RetentionClock> clock;

  void start() { clock = std::make_unique<RetentionClock>(state, now, keep, oldest, newest); }
  // Rows come each minute.
  void run(std::int64_t for_ms) {
    for (std::int64_t done = 0; done < for_ms; done += minute) {
      now.wall_ms += minute;
      now.running_ms += minute;
      (void)clock->wrote(now.wall_ms);
      newest = now.wall_ms;
      clock->tick(now);
    }
  }
  void stop() {
    state = clock->text();
    clock.reset();
  }
  // Off; another boot begins its running time anew.
  void off(std::int64_t for_ms) {
    now.wall_ms += for_ms;
    now.running_ms = 0;
  }
  [[nodiscard]] double moved_days() const {
    return static_cast<double>(clock->cut_ms(now) - cut_at_start) / day;
  }
};

}  // namespace

TEST_CASE("retention clock: a right clock that runs on is followed", "[audit][retention]") {
  Machine m;
  m.start();
  CHECK(m.moved_days() == 0);
  m.run(20 * day);
  CHECK(m.moved_days() == Approx(20));
  m.stop();
  m.start();
  CHECK(m.moved_days() == Approx(20));
}

TEST_CASE("retention clock: ahead at a start, with traffic and three starts", "[audit][retention]") {
  const int days = GENERATE(1, 300, 450, 3650);
  const bool synchronised = GENERATE(false, true);  // a forged time server
  Machine m;
  m.start();
  m.run(3 * day);
  m.stop();
  m.now.wall_ms += days * day;
  m.now.synchronised = synchronised;
  for (int n = 0; n < 3; ++n) {
    m.start();
    m.run(3 * hour);
    m.stop();
    m.off(hour);
  }
  m.start();
  if (days == 1 && synchronised)
    CHECK(m.moved_days() == Approx(3 + 1 + 0.5).margin(0.2));
  else
    CHECK(m.moved_days() <= 3 + 2 * 9.0 / 24 + 0.01);
}

TEST_CASE("retention clock: jumps while running", "[audit][retention]") {
  const int days = GENERATE(-400, -20, 20, 300, 450);
  Machine m;
  m.start();
  m.run(day);
  m.now.wall_ms += days * day;
  m.run(5 * hour);
  CHECK(m.moved_days() <= 1 + 2 * 5.0 / 24 + 0.01);
  m.now.wall_ms -= days * day;
  m.run(hour);
  CHECK(m.moved_days() <= 1 + 2 * 6.0 / 24 + 0.01);
  CHECK(m.moved_days() >= 1);
}

TEST_CASE("retention clock: ten hours a day for sixty days", "[audit][retention]") {
  Machine m;
  const bool synchronised = GENERATE(false, true);
  m.now.synchronised = synchronised;
  for (int n = 0; n < 60; ++n) {
    m.start();
    m.run(10 * hour);
    m.stop();
    m.off(14 * hour);
  }
  m.start();
  m.run(2 * hour);
  // 20 of 24 hours a day by running time alone; all of it where the kernel knows the time.
  CHECK(m.moved_days() == Approx(synchronised ? 60 : 50).margin(0.3));
}

TEST_CASE("retention clock: off for three months", "[audit][retention]") {
  Machine m;
  m.start();
  m.run(10 * day);
  m.stop();
  m.off(92 * day);
  m.now.synchronised = true;
  m.start();
  m.run(10 * hour);
  CHECK(m.moved_days() == Approx(10 + 20.0 / 24).margin(0.01));  // two days a day; no more
  m.run(200 * hour);
  CHECK(m.moved_days() == Approx(102 + 210.0 / 24).margin(0.01));  // days of rows agree with it
}

TEST_CASE("retention clock: a person confirms", "[audit][retention]") {
  Machine m;
  m.start();
  m.stop();
  m.off(200 * day);
  m.start();
  m.run(hour);
  CHECK(m.moved_days() < 0.1);
  m.clock->confirm(m.now);
  CHECK(m.moved_days() == Approx(200).margin(0.1));
}

TEST_CASE("retention clock: rows of a clock that was behind do not go with the old ones",
          "[audit][retention]") {
  Machine m;
  m.start();
  m.run(day);
  const std::int64_t back = 200 * day;
  m.now.wall_ms -= back;
  const Month looks = Month::of(m.now.wall_ms);
  m.run(hour);
  CHECK(m.clock->protects(looks));
  m.now.wall_ms += back;
  m.run(day);
  m.stop();
  m.start();
  CHECK(m.clock->protects(looks));
  m.run(keep / 2 * day);
  CHECK_FALSE(m.clock->protects(looks));
}

TEST_CASE("retention clock: without a good state nothing goes at once", "[audit][retention]") {
  Machine m;
  m.start();
  m.run(day);
  const std::string good = m.clock->text();
  for (const std::string& bad :
       {std::string(), std::string("believed_ms x\n"), good.substr(0, good.size() - 1), good + "more 1\n",
        std::string("believed_ms 99999999999999999999\n"), std::string(5'000, '\0')}) {
    m.state = bad;
    m.now.wall_ms = march_2026 + 1000 * day;
    m.start();
    CHECK_FALSE(m.clock->state_was_good());
    CHECK(m.moved_days() == 0);
    CHECK_FALSE(m.clock->protects(Month{2020, 1}));
  }
  m.state = good;
  m.start();
  CHECK(m.clock->state_was_good());
  CHECK(m.clock->text() == good);
}

namespace {

struct Clocks {
  std::shared_ptr<std::atomic<std::int64_t>> wall = std::make_shared<std::atomic<std::int64_t>>(march_2026);
  std::shared_ptr<std::atomic<std::int64_t>> running = std::make_shared<std::atomic<std::int64_t>>(hour);
  [[nodiscard]] std::unique_ptr<AccessLog> open(const TempDir& dir) const {
    AccessLogOptions options = log_options(dir);
    options.now_ms = [w = wall] { return w->load(); };
    options.clocks = [w = wall, r = running] { return ClockReading{*w, *r, false}; };
    auto log = AccessLog::open(std::move(options));
    if (!log) FAIL(log.error().message);
    return std::move(*log);
  }
};

void put(AccessLog& log, std::int64_t time_ms, const char* host) {
  LogRecord row = blocked_record(static_cast<std::uint64_t>(time_ms), host, "/x");
  row.time_ms = time_ms;
  REQUIRE(log.write(std::move(row)));
  REQUIRE(log.flush(10s));
}

std::size_t rows_of(const TempDir& dir, const std::string& host) {
  LogQuery query;
  query.host = host;
  const auto rows = LogReader(dir.path).rows(query);
  REQUIRE(rows);
  return rows->size();
}

std::string keys_of(const TempDir& dir) {
  std::ifstream in(dir.path + "/keys");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<LogEvent> events_of(const TempDir& dir, const std::string& what) {
  auto events = LogReader(dir.path).events(std::nullopt, 0);
  REQUIRE(events);
  std::erase_if(*events, [&](const LogEvent& e) { return e.what != what; });
  return *events;
}

}  // namespace

TEST_CASE("a clock ahead at a start deletes no row and no key", "[audit][retention]") {
  const int days = GENERATE(300, 450);
  TempDir dir;
  Clocks clocks;
  {
    *clocks.wall -= 80 * day;
    auto log = clocks.open(dir);
    put(*log, *clocks.wall, "old.vn");
    *clocks.wall += 80 * day;
    put(*log, march_2026, "new.vn");
  }
  *clocks.wall += days * day;
  for (int n = 0; n < 3; ++n) {
    auto log = clocks.open(dir);
    for (int i = 0; i < 3; ++i) {
      *clocks.running += hour;
      *clocks.wall += hour;
      put(*log, *clocks.wall, "traffic.vn");
    }
  }
  CHECK(rows_of(dir, "old.vn") == 1);
  CHECK(rows_of(dir, "new.vn") == 1);
  CHECK(rows_of(dir, "traffic.vn") == 9);
  CHECK(keys_of(dir).find("2025-12") != std::string::npos);
  CHECK(keys_of(dir).find("2026-03") != std::string::npos);
  CHECK_FALSE(events_of(dir, "retention_waits").empty());
  CHECK(events_of(dir, "retention").empty());
}

TEST_CASE("a confirmed date deletes what is old, and says what", "[audit][retention]") {
  TempDir dir;
  Clocks clocks;
  *clocks.wall -= 80 * day;
  auto log = clocks.open(dir);
  put(*log, *clocks.wall, "old.vn");
  *clocks.wall += 80 * day;
  put(*log, march_2026, "new.vn");
  *clocks.wall += 60 * day;
  put(*log, *clocks.wall, "now.vn");
  CHECK(rows_of(dir, "old.vn") == 1);
  log->confirm_clock("uid 7");
  put(*log, *clocks.wall, "now.vn");
  put(*log, *clocks.wall, "now.vn");  // the pass came before this one
  CHECK(rows_of(dir, "old.vn") == 0);
  CHECK(rows_of(dir, "new.vn") == 1);
  CHECK(keys_of(dir).find("2025-12") == std::string::npos);
  const auto told = events_of(dir, "retention");
  REQUIRE(told.size() == 2);
  CHECK(told[1].detail.find(R"("files":["names.db"],"rows":1,"from":"2025-12-14)") != std::string::npos);
  CHECK(told[0].detail.find(R"("files":["access-2025-12.db"],"rows":1,"from":"2025-12-14)") !=
        std::string::npos);
  CHECK(events_of(dir, "clock_confirmed").at(0).actor == "uid 7");
}

TEST_CASE("rows of a clock that was behind outlive its return", "[audit][retention]") {
  TempDir dir;
  Clocks clocks;
  auto log = clocks.open(dir);
  put(*log, march_2026, "new.vn");
  *clocks.wall -= 300 * day;
  put(*log, *clocks.wall, "behind.vn");
  *clocks.wall += 300 * day;
  for (int n = 0; n < 3; ++n) {
    *clocks.wall += day;
    *clocks.running += day;
    put(*log, *clocks.wall, "now.vn");
  }
  log->stop();
  log = clocks.open(dir);
  put(*log, *clocks.wall, "now.vn");
  log->stop();
  CHECK(rows_of(dir, "behind.vn") == 1);
}
