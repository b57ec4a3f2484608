#include "proxy/io/net/deadline_table.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {
struct Counter final : Expirable {
  int fired = 0;
  void on_deadline() noexcept override { ++fired; }
};
}  // namespace

TEST_CASE("a deadline fires once, never early, at most a tick late", "[io][deadline_table]") {
  DeadlineTable table;
  Counter counter;
  const auto slot = table.add(counter);
  table.tick();
  CHECK(counter.fired == 0);  // none was set
  table.set(slot, std::chrono::seconds(2));
  table.tick();
  table.tick();
  CHECK(counter.fired == 0);  // set within a running second: two ticks may be less than two seconds
  table.tick();
  CHECK(counter.fired == 1);
  for (int i = 0; i < 5; ++i) table.tick();
  CHECK(counter.fired == 1);
}

TEST_CASE("deadlines can be moved and cleared; slots are reused", "[io][deadline_table]") {
  DeadlineTable table;
  Counter first, second;
  const auto slot = table.add(first);
  table.set(slot, std::chrono::seconds(0));
  table.set(slot, std::chrono::seconds(3));
  table.tick();
  CHECK(first.fired == 0);
  table.clear(slot);
  for (int i = 0; i < 9; ++i) table.tick();
  CHECK(first.fired == 0);
  table.set(slot, std::chrono::seconds(0));
  table.remove(slot);
  CHECK(table.add(second) == slot);
  table.tick();
  CHECK(first.fired + second.fired == 0);
}
