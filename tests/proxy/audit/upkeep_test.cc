// The clock itself: retention_clock_test.cc; what goes, and in which order: log_store_test.cc,
// size_bound_test.cc. Here: when, by whose word, and what people are told.
#include "proxy/audit/upkeep.h"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using Catch::Contains;

namespace {

constexpr std::uint32_t kept_days = 90;

// A log on a machine whose clocks the test sets, and what its operator hears.
struct Kept {
  explicit Kept(std::uint64_t max_bytes = 1ull << 40) {
    std::filesystem::create_directories(dir.path);
    settings.directory = dir.path;
    settings.keep_days = kept_days;
    settings.max_bytes = max_bytes;
    auto opened = LogStore::open(dir.path, dir.path + "/keys", kept_days);
    if (!opened) FAIL(opened.error().message);
    store.emplace(std::move(*opened));
  }
  // Rows as they were written then.
  void add_rows(std::int64_t time_ms, int count = 1) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      batch.rows.push_back(allowed_record(static_cast<std::uint64_t>(i), "a.vn"));
      batch.rows.back().time_ms = time_ms + i;
    }
    if (const auto stored = store->store(batch); stored.failed()) FAIL(stored.error().message);
  }
  void start() {
    upkeep.emplace(settings, *store,
                   Upkeep::Hooks{[this] { return now; },
                                 [this](const Message& line) { complaints.push_back(line.english()); },
                                 [this](std::string actor, std::string what, std::string detail) {
                                   events.push_back(actor + " " + what + " " + detail);
                                 }});
  }
  void pass(std::int64_t ms) {
    now.wall_ms += ms;
    now.running_ms += ms;
  }
  // Days of running, a look each hour, as the writer's thread does.
  void run_days(int days) {
    for (int hours = 0; hours < 24 * days; ++hours) {
      pass(hour_ms);
      while (upkeep->step()) {
      }
    }
  }
  [[nodiscard]] std::size_t rows() const {
    const auto all = LogReader(dir.path).rows({});
    REQUIRE(all);
    return all->size();
  }
  [[nodiscard]] std::size_t told(const std::string& part, const std::vector<std::string>& where) const {
    return static_cast<std::size_t>(std::count_if(where.begin(), where.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    }));
  }
  [[nodiscard]] std::string state() const {
    std::ifstream in(dir.path + "/retention.state");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TempDir dir;
  LogSettings settings;
  ClockReading now{march_2026, 5 * hour_ms, false};
  std::optional<LogStore> store;
  std::optional<Upkeep> upkeep;
  std::vector<std::string> complaints, events;
};

}  // namespace

TEST_CASE("upkeep: a first start has nothing to tell, one that lost its state has", "[audit][upkeep]") {
  Kept log;
  log.start();
  CHECK(log.complaints.empty());
  log.add_rows(march_2026 - 50 * day_ms);
  log.complaints.clear();
  log.start();  // no state was saved
  CHECK(log.told("retention begins with the oldest row", log.complaints) == 1);
  log.upkeep->close();
  log.complaints.clear();
  log.start();
  CHECK(log.complaints.empty());
}

TEST_CASE("upkeep: once a day of running time what became too old goes", "[audit][upkeep]") {
  Kept log;
  for (int days = kept_days; days > 0; --days) log.add_rows(march_2026 - days * day_ms);
  log.start();
  while (log.upkeep->step()) {
  }
  CHECK(log.rows() == kept_days);  // nothing at a first start
  log.run_days(10);
  CHECK(log.rows() == kept_days - 10);
  const Upkeep::Times times = log.upkeep->times();
  CHECK(times.wall_ms == log.now.wall_ms);
  CHECK(times.believed_ms == log.now.wall_ms);
  CHECK(times.cut_ms == log.now.wall_ms - kept_days * day_ms);
  CHECK(log.complaints.size() <= 1);  // that there was no state
  log.pass(kept_days * day_ms);       // while it stands still nothing is looked at
  CHECK(log.rows() == kept_days - 10);
}

TEST_CASE("upkeep: very many old rows go a step at a time, and a step says that there is more",
          "[audit][upkeep]") {
  Kept log;
  const std::int64_t old = march_2026 - 2 * day_ms;  // of the month that is cut: a whole one goes at once
  log.add_rows(old, 12'000);
  log.settings.keep_days = 1;
  log.start();
  log.upkeep->confirm_clock("uid 0");
  int steps = 0;
  while (log.upkeep->step()) REQUIRE(++steps < 10);
  CHECK(steps > 0);
  CHECK(log.rows() == 0);
}

TEST_CASE("upkeep: a clock far ahead deletes nothing until a person says that it is right",
          "[audit][upkeep]") {
  Kept log;
  log.add_rows(march_2026 - 10 * day_ms);
  log.start();
  log.now.wall_ms += 400 * day_ms;
  while (log.upkeep->step()) {
  }
  CHECK(log.rows() == 1);
  CHECK(log.told("schoolgate retention_waits", log.events) == 1);
  CHECK(log.told("\"clock\":\"2027-", log.events) == 1);
  while (log.upkeep->step()) {
  }
  CHECK(log.told("retention_waits", log.events) == 1);  // once a day is enough

  log.upkeep->confirm_clock("uid 7");
  CHECK(log.told("uid 7 clock_confirmed {\"clock\":\"2027-", log.events) == 1);
  while (log.upkeep->step()) {
  }
  CHECK(log.rows() == 0);
  CHECK(log.upkeep->times().believed_ms == log.now.wall_ms);
}

TEST_CASE("upkeep: how far the clock has come outlives an end by force by all but five minutes",
          "[audit][upkeep]") {
  Kept log;
  log.add_rows(march_2026 - kept_days * day_ms);
  log.start();
  CHECK_FALSE(log.upkeep->step());
  const std::string first = log.state();
  CHECK_FALSE(first.empty());
  struct stat info {};
  REQUIRE(::stat((log.dir.path + "/retention.state").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  log.pass(5 * 60'000 - 1);
  CHECK_FALSE(log.upkeep->step());
  CHECK(log.state() == first);
  log.pass(1);
  CHECK_FALSE(log.upkeep->step());
  const std::string second = log.state();
  CHECK(second != first);
  log.pass(1'000);
  log.upkeep->close();  // a clean end loses nothing
  CHECK(log.state() != second);
  const std::int64_t believed = log.upkeep->times().believed_ms;
  log.start();
  CHECK(log.upkeep->times().believed_ms == believed);
}

TEST_CASE("upkeep: the first row of a clock that is behind is written down at once", "[audit][upkeep]") {
  Kept log;
  log.add_rows(march_2026 - day_ms);
  log.start();
  const auto note = [&](std::int64_t time_ms, LogRecord::Part part) {
    LogRecord row = allowed_record(1, "a.vn");
    row.time_ms = time_ms;
    row.part = part;
    log.upkeep->note_times({&row, 1});
  };
  note(march_2026, LogRecord::Part::exchange);
  CHECK(log.state().empty());
  note(march_2026 - 70 * day_ms, LogRecord::Part::tunnel_end);  // has no time of its own
  CHECK(log.state().empty());
  note(march_2026 - 70 * day_ms, LogRecord::Part::tunnel_open);
  CHECK_THAT(log.state(), Contains("late 2025-12"));
}

TEST_CASE("upkeep: a state that cannot be written is told once, until it could be again", "[audit][upkeep]") {
  Kept log;
  log.start();
  const std::string path = log.dir.path + "/retention.state";
  std::filesystem::create_directories(path + "/in the way");
  const auto save = [&] {
    log.pass(5 * 60'000);
    while (log.upkeep->step()) {
    }
  };
  for (int i = 0; i < 3; ++i) save();
  CHECK(log.told("old rows of the log may stay longer", log.complaints) == 1);
  std::filesystem::remove_all(path);
  save();
  CHECK_FALSE(log.state().empty());
  std::filesystem::remove(path);
  std::filesystem::create_directories(path + "/in the way");
  save();
  CHECK(log.told("old rows of the log may stay longer", log.complaints) == 2);
}

TEST_CASE("upkeep: a log within its size keeps every row for itself", "[audit][upkeep][size]") {
  Kept log;
  log.start();
  while (log.upkeep->step()) {
  }
  CHECK_FALSE(log.upkeep->full());
  std::vector<LogRecord> rows{allowed_record(1, "a.vn"), allowed_record(2, "a.vn")};
  log.upkeep->sum_allowed(rows, false);
  CHECK(rows.size() == 2);
}

TEST_CASE("upkeep: a full log says so once, to the operator and in an event, and sums what is allowed",
          "[audit][upkeep][size]") {
  Kept log(1);
  log.add_rows(march_2026);  // younger than anything that may go
  log.start();
  for (int i = 0; i < 3; ++i)
    while (log.upkeep->step()) {
    }
  CHECK(log.upkeep->full());
  CHECK(log.upkeep->bytes() > 1);
  CHECK(log.told("log_over_size", log.events) == 1);
  CHECK(log.told("schoolgate log_full {\"bytes\":", log.events) == 1);
  CHECK(log.told("the access log is over its size", log.complaints) == 1);
  CHECK(log.told("the access log is FULL", log.complaints) == 1);
  CHECK(log.rows() == 1);

  std::vector<LogRecord> rows{allowed_record(1, "a.vn"), allowed_record(2, "a.vn"),
                              blocked_record(3, "bad.vn", "/x")};
  log.upkeep->sum_allowed(rows, false);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].host == "bad.vn");  // who is blocked has a row of his own
  log.upkeep->sum_allowed(rows, true);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].count == 2);  // nothing is lost at the end
}
