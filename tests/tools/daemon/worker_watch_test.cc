#include "tools/daemon/worker_watch.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tools/daemon/systemd.h"

using namespace schoolgate::tools;
using namespace std::chrono_literals;

TEST_CASE("a worker that does not move is told once, and the manager no longer", "[tools][watchdog]") {
  WorkerWatch watch(30s);
  struct Step {
    std::chrono::milliseconds silence;
    bool well, got_stuck, moves_again;
  };
  const Step steps[] = {
      {0ms, true, false, false},      {1s, true, false, false},   {15s, true, false, false},
      {15'001ms, false, true, false}, {20s, false, false, false}, {900ms, true, false, true},
      {1s, true, false, false},       {16s, false, true, false},
  };
  for (const Step& step : steps) {
    INFO(step.silence.count());
    const WorkerWatch::Seen seen = watch.look(step.silence);
    CHECK(seen.well == step.well);
    CHECK(seen.got_stuck == step.got_stuck);
    CHECK(seen.moves_again == step.moves_again);
  }
}

TEST_CASE("the manager hears of a proxy that is well in time, whatever it waits", "[tools][watchdog]") {
  for (const auto limit : {1ms, 10ms, 2'000ms, 30'000ms, 600'000ms}) {
    const WorkerWatch watch(limit);
    CHECK(watch.look_every() > 0ms);
    CHECK(watch.look_every() <= std::max(limit / 2, 1ms));
  }
  CHECK(WorkerWatch(std::nullopt).look_every() == 5s);
}

TEST_CASE("who is to be watched stands in the environment", "[tools][watchdog]") {
  const std::string own = std::to_string(::getpid()), other = std::to_string(::getppid());
  struct Row {
    const char *pid, *limit;
    std::optional<std::chrono::milliseconds> want;
  };
  const Row rows[] = {
      {nullptr, nullptr, std::nullopt},     {own.c_str(), "30000000", 30s},
      {nullptr, "30000000", 30s},           {other.c_str(), "30000000", std::nullopt},
      {own.c_str(), nullptr, std::nullopt}, {own.c_str(), "0", std::nullopt},
      {own.c_str(), "-5", std::nullopt},    {own.c_str(), "soon", std::nullopt},
  };
  for (const Row& row : rows) {
    row.pid != nullptr ? ::setenv("WATCHDOG_PID", row.pid, 1) : ::unsetenv("WATCHDOG_PID");
    row.limit != nullptr ? ::setenv("WATCHDOG_USEC", row.limit, 1) : ::unsetenv("WATCHDOG_USEC");
    CHECK(watchdog_limit() == row.want);
    CHECK(std::getenv("WATCHDOG_USEC") == nullptr);  // what we start is watched by nobody
  }
}
