#include "proxy/audit/allowed_sums.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

using Rows = std::vector<LogRecord>;

LogRecord of_client(std::uint32_t client, const std::string& host) {
  LogRecord row = allowed_record(1, host);
  row.client = IpAddress::v4(client);
  return row;
}

// What is left of `rows`, and the sums at once.
Rows summed(AllowedSums& sums, Rows rows) {
  sums.take(rows);
  sums.give(rows, 1, true);
  return rows;
}

std::uint64_t requests_in(const Rows& rows) {
  std::uint64_t all = 0;
  for (const LogRecord& row : rows) all += row.count;
  return all;
}

}  // namespace

TEST_CASE("sums: what nobody was stopped or warned by, and nobody wished to be told", "[audit][sums]") {
  struct Row {
    Action action;
    Flags flags;
    bool plain;
  };
  const Row rows[] = {
      {Action::allow, {}, true},
      {Action::allow, {false, false, true}, true},  // a lock asks for no record
      {Action::allow, {true, false, false}, false},
      {Action::allow, {false, true, false}, false},
      {Action::warn, {}, false},
      {Action::block, {}, false},
      {Action::help, {}, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(Effect{row.action, row.flags})) {
      LogRecord record = allowed_record(1, "a.vn");
      record.verdict.action = row.action;
      record.verdict.flags = row.flags;
      CHECK(is_plain_allow(record) == row.plain);
    }
  LogRecord refused = allowed_record(1, "a.vn");
  refused.verdict = Verdict::refused(Reason::bad_request);
  CHECK(is_plain_allow(refused));
}

TEST_CASE("sums: one row per client and host, which says for how many it stands", "[audit][sums]") {
  AllowedSums sums;
  Rows rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back(of_client(1, "a.vn"));
    rows.back().bytes_up = 10;
    rows.back().bytes_down = 1'000;
    rows.back().duration_ms = 5;
    rows.back().path = "/private";  // never kept of what is allowed
  }
  rows[2].part = LogRecord::Part::tunnel_open;
  rows[2].count = 4;  // a row that stands for several already
  rows.push_back(of_client(1, "b.vn"));
  rows.push_back(of_client(2, "a.vn"));
  rows = summed(sums, std::move(rows));
  REQUIRE(rows.size() == 3);
  const auto found = std::find_if(rows.begin(), rows.end(), [](const LogRecord& r) { return r.count > 1; });
  REQUIRE(found != rows.end());
  CHECK(found->host == "a.vn");
  CHECK(found->client == IpAddress::v4(1));
  CHECK(found->count == 6);
  CHECK(found->bytes_up == 30);
  CHECK(found->bytes_down == 3'000);
  CHECK(found->duration_ms == 5);                   // the longest of them
  CHECK(found->part == LogRecord::Part::exchange);  // no end will come for it
  CHECK(std::all_of(rows.begin(), rows.end(), [](const LogRecord& r) { return r.path.empty(); }));
}

TEST_CASE("sums: rows of another tier, policy or reason are another sum", "[audit][sums]") {
  AllowedSums sums;
  Rows rows(4, of_client(1, "a.vn"));
  rows[1].tier = 1;
  rows[2].revision = 8;
  rows[3].verdict.reason = Reason::host_line;
  CHECK(summed(sums, rows).size() == 4);
}

TEST_CASE("sums: nothing is said that was not so of each", "[audit][sums]") {
  AllowedSums sums;
  Rows rows(3, of_client(1, "a.vn"));
  rows[1].method = "POST";
  rows[1].port = 8080;
  rows[2].status = 502;
  rows[2].cause = "dns: no such name";
  rows[2].seen = Seen::sni;
  rows[2].duration_ms = 70;
  rows.push_back(of_client(1, "a.vn"));
  rows[3].ended = Ended::timed_out;  // ended otherwise: no part of the sum
  rows = summed(sums, std::move(rows));
  REQUIRE(rows.size() == 2);
  const LogRecord& sum = rows[0].count == 3 ? rows[0] : rows[1];
  CHECK(sum.count == 3);
  CHECK(sum.method.empty());
  CHECK(sum.port == 0);
  CHECK(sum.status == 0);
  CHECK(sum.cause.empty());
  CHECK(sum.seen == Seen::nothing);
  CHECK(sum.duration_ms == 70);
}

TEST_CASE("sums: what is no plain allow stays a row of its own, in its place", "[audit][sums]") {
  AllowedSums sums;
  Rows rows{of_client(1, "first.vn"), blocked_record(1, "bad.vn", "/x"), of_client(1, "a.vn"),
            of_client(1, "told.vn"), of_client(1, "end.vn")};
  rows[3].verdict.flags.record = true;
  rows[4].part = LogRecord::Part::tunnel_end;  // its tunnel may have a row of before
  sums.take(rows);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].host == "bad.vn");
  CHECK(rows[0].path == "/x");
  CHECK(rows[1].host == "told.vn");
  CHECK(rows[2].host == "end.vn");
}

TEST_CASE("sums: who asks for very many hosts gets a row for the rest of them", "[audit][sums]") {
  AllowedSums sums;
  Rows rows;
  for (int i = 0; i < 1'000; ++i) rows.push_back(of_client(1, "h" + std::to_string(i) + ".vn"));
  for (int i = 0; i < 64; ++i) rows.push_back(of_client(1, "h" + std::to_string(i) + ".vn"));  // known ones
  rows.push_back(of_client(2, "h999.vn"));  // another client has his own 64
  rows = summed(sums, std::move(rows));
  CHECK(rows.size() == 66);
  CHECK(requests_in(rows) == 1'065);  // nobody is lost
  const auto rest = std::find_if(rows.begin(), rows.end(), [](const LogRecord& r) { return r.host.empty(); });
  REQUIRE(rest != rows.end());
  CHECK(rest->count == 936);
  CHECK(rest->client == IpAddress::v4(1));
  // The next minute begins anew.
  const Rows next = summed(sums, {of_client(1, "new.vn")});
  REQUIRE(next.size() == 1);
  CHECK(next[0].host == "new.vn");
}

TEST_CASE("sums: figures end at their largest, and never begin again at 0", "[audit][sums]") {
  AllowedSums sums;
  Rows rows(2, of_client(1, "a.vn"));
  for (LogRecord& row : rows) {
    row.bytes_up = row.bytes_down = std::numeric_limits<std::uint64_t>::max() - 1;
    row.count = std::numeric_limits<std::uint32_t>::max() - 1;
  }
  rows = summed(sums, std::move(rows));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].bytes_up == std::numeric_limits<std::uint64_t>::max());
  CHECK(rows[0].bytes_down == std::numeric_limits<std::uint64_t>::max());
  CHECK(rows[0].count == std::numeric_limits<std::uint32_t>::max());
}

TEST_CASE("sums: a match that helps keeps its own private row, and leaves nothing of it in the sum",
          "[audit][sums][help]") {
  AllowedSums sums;
  Rows rows{of_client(1, "a.vn")};
  Verdict help = rows[0].verdict;
  help.action = Action::help;
  help.category = 1;
  help.flags.alert = true;
  rows[0].help = help;
  rows[0].alert = rows[0].decision = 7;
  sums.take(rows);
  REQUIRE(rows.size() == 1);  // at once, not after a minute: an alert waits for nobody
  CHECK(rows[0].verdict == help);
  CHECK(rows[0].alert == 7);
  CHECK_FALSE(rows[0].help);
  Rows later;
  sums.give(later, 1, true);
  REQUIRE(later.size() == 1);
  CHECK(later[0].verdict.action == Action::allow);
  CHECK_FALSE(later[0].help);
  CHECK(later[0].alert == 0);
}

TEST_CASE("sums: given after a minute of running time, or at the end", "[audit][sums]") {
  constexpr std::int64_t minute = 60'000, start = 5'000;
  AllowedSums sums;
  Rows rows{of_client(1, "a.vn")};
  sums.take(rows);
  sums.give(rows, start, false);  // the minute begins
  CHECK(rows.empty());
  rows.push_back(of_client(1, "a.vn"));
  sums.take(rows);
  sums.give(rows, start + minute - 1, false);
  CHECK(rows.empty());
  sums.give(rows, start + minute, false);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].count == 2);
  rows.clear();
  sums.give(rows, start + 10 * minute, true);
  CHECK(rows.empty());  // each once
  // A minute that began long ago is not this one's.
  rows.push_back(of_client(1, "a.vn"));
  sums.take(rows);
  sums.give(rows, start + 20 * minute, false);
  CHECK(rows.empty());
  sums.give(rows, start + 20 * minute, true);
  CHECK(rows.size() == 1);
}
