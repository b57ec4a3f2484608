#include "proxy/core/refusals.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

struct Rows final : LogSink {
  bool write(LogRecord&& record) override {
    if (full) return false;
    rows.push_back(std::move(record));
    return true;
  }
  [[nodiscard]] bool has_room() const noexcept override { return true; }
  void policy_loaded(std::shared_ptr<const Snapshot>) override {}
  void event(std::string, std::string, std::string) override {}
  std::vector<LogRecord> rows;
  bool full = false;
};

LogRecord refused(std::int64_t time_ms, std::uint32_t client = 1, std::uint16_t status = 429) {
  LogRecord row;
  row.time_ms = time_ms;
  row.client = IpAddress::v4(0x0a000000 + client);
  row.status = status;
  row.ended = Ended::refused;
  row.tier = 2;
  row.revision = 7;
  row.method = "GET";
  row.host = "a.test";
  row.port = 80;
  row.bytes_down = 100;
  return row;
}

bool note(Refusals& refusals, LogRecord row, Rows& sink) {
  const std::int64_t now = row.time_ms;
  return refusals.note(std::move(row), now, sink);
}

std::uint64_t requests_of(const std::vector<LogRecord>& rows) {
  std::uint64_t sum = 0;
  for (const LogRecord& row : rows) sum += row.count;
  return sum;
}

}  // namespace

TEST_CASE("refusals: the first of a second in full, the rest as one row with their count", "[core][log]") {
  Refusals refusals;
  Rows sink;
  for (int i = 0; i < 1000; ++i) CHECK(note(refusals, refused(5000 + i), sink));
  REQUIRE(sink.rows.size() == 1);
  CHECK(sink.rows[0].count == 1);
  CHECK(refusals.flush(5999, sink));
  CHECK(sink.rows.size() == 1);  // that second is not over
  CHECK(refusals.flush(6000, sink));
  REQUIRE(sink.rows.size() == 2);
  const LogRecord& sum = sink.rows[1];
  CHECK(sum.count == 999);
  CHECK(sum.time_ms / 1000 == 5);
  CHECK(sum.client == sink.rows[0].client);
  CHECK((sum.status == 429 && sum.tier == 2 && sum.revision == 7 && sum.ended == Ended::refused));
  CHECK((sum.host == "a.test" && sum.port == 80 && sum.method == "GET"));  // of each of them
  CHECK(sum.bytes_down == 99'900);
  CHECK(refusals.flush(9000, sink, true));
  CHECK(sink.rows.size() == 2);
}

TEST_CASE("refusals: a sum says nothing that was not so of each", "[core][log]") {
  Refusals refusals;
  Rows sink;
  LogRecord other = refused(5002);
  other.host = "b.test";
  other.method = "POST";
  other.seen = Seen::nothing;
  CHECK(note(refusals, refused(5000), sink));
  CHECK(note(refusals, refused(5001), sink));
  CHECK(note(refusals, std::move(other), sink));
  CHECK(refusals.flush(5000, sink, true));
  REQUIRE(sink.rows.size() == 2);
  CHECK((sink.rows[1].host.empty() && sink.rows[1].port == 0 && sink.rows[1].method.empty()));
  CHECK(sink.rows[1].seen == Seen::nothing);
}

TEST_CASE("refusals: clients, reasons, tiers and seconds stay apart", "[core][log]") {
  Refusals refusals;
  Rows sink;
  LogRecord tier = refused(5000), reason = refused(5000), revision = refused(5000);
  tier.tier = 3;
  reason.verdict.reason = Reason::port_not_allowed;
  revision.revision = 8;
  for (LogRecord& row : std::vector<LogRecord>{refused(5000), refused(5000, 2), refused(5000, 1, 400), tier,
                                               reason, revision, refused(6000)})
    CHECK(note(refusals, std::move(row), sink));
  CHECK(sink.rows.size() == 7);
  for (const LogRecord& row : sink.rows) CHECK(row.count == 1);
}

TEST_CASE("refusals: a second one alone is a row like any", "[core][log]") {
  Refusals refusals;
  Rows sink;
  CHECK(note(refusals, refused(5000), sink));
  CHECK(note(refusals, refused(5500), sink));
  CHECK(note(refusals, refused(6000), sink));  // the second is over
  REQUIRE(sink.rows.size() == 3);
  CHECK((sink.rows[1].count == 1 && sink.rows[1].time_ms == 5500 && sink.rows[1].host == "a.test"));
  CHECK(sink.rows[2].time_ms == 6000);
}

TEST_CASE("refusals: what began at any time and is refused at once is one sum", "[core][log]") {
  Refusals refusals;
  Rows sink;
  for (int i = 0; i < 100; ++i) CHECK(refusals.note(refused(1000 * i), 200'500, sink));
  CHECK(refusals.flush(201'000, sink));
  REQUIRE(sink.rows.size() == 2);
  CHECK((sink.rows[0].time_ms == 0 && sink.rows[1].time_ms == 200'500 && sink.rows[1].count == 99));
}

TEST_CASE("refusals: bounded, and no request is lost for that", "[core][log]") {
  Refusals refusals(16);
  Rows sink;
  for (int round = 0; round < 3; ++round)
    for (std::uint32_t client = 0; client < 100; ++client)
      for (int i = 0; i < 5; ++i) CHECK(note(refusals, refused(5000, client), sink));
  CHECK(refusals.flush(5000, sink, true));
  CHECK(requests_of(sink.rows) == 1500);
}

TEST_CASE("refusals: a row for which there is no room is told", "[core][log]") {
  Refusals refusals;
  Rows sink;
  sink.full = true;
  CHECK_FALSE(note(refusals, refused(5000), sink));
  CHECK(note(refusals, refused(5001), sink));
  CHECK_FALSE(refusals.flush(6000, sink));
}
