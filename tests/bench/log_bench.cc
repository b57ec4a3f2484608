// How many rows a second the access log takes, how large they are on the disk, and how long questions to it
// take.
//
//   log_bench [FOLDER] [ROWS] [WORKERS] [SPANS] [RATE]      (default: a new folder in /tmp, 2,000,000 rows, 2
//   workers, 0, 0)
//
// While so many rows are written the clock passes SPANS spans, each of which is sealed: what seals cost is
// the difference to a run with 0, both in turns. Then what is left is sealed, as a start does, and all
// verified.
//
// The mix: 1,200 clients, 20,000 hosts of which few are asked for often, 6 % blocked with a path, a third
// tunnels with a second row. Workers hand rows over as fast as there is room, so the figure is what the
// writer sustains; or RATE a second, all together.
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "proxy/audit/access_log.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/month.h"
#include "proxy/audit/row_spans.h"
#include "proxy/audit/seal_check.h"
#include "proxy/audit/sealer.h"

using namespace schoolgate;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t begin_ms = 1'772'600'000'000;
// By all workers.
std::atomic<std::uint64_t> handed_over_rows{0};

struct Tally {
  std::uint64_t rows = 0, tunnels = 0, waits = 0;
  std::int64_t slowest_ns = 0;
};

// `each`: between one row and the next.
void work(AccessLog& log, std::uint64_t first, std::uint64_t count, std::chrono::nanoseconds each,
          Tally& tally) {
  std::mt19937_64 random(first);
  const auto start = Clock::now();
  std::exponential_distribution<double> popular(12.0);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (const auto due = start + each * i; each.count() != 0 && due > Clock::now())
      std::this_thread::sleep_until(due);
    while (!log.has_room()) {
      ++tally.waits;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    LogRecord r;
    r.decision = random();
    r.time_ms = begin_ms + static_cast<std::int64_t>(i);
    r.client = IpAddress::v4(0x0a000000 + static_cast<std::uint32_t>(random() % 1'200));
    r.tier = static_cast<TierId>(random() % 4);
    r.revision = 1;
    r.port = 443;
    r.status = 200;
    r.method = "CONNECT";
    r.seen = Seen::sni;
    const auto host = static_cast<std::uint32_t>(popular(random) * 20'000) % 20'000;
    r.host = "host-" + std::to_string(host) + ".example.edu.vn";
    r.bytes_up = 500 + random() % 3'000;
    r.bytes_down = random() % 200'000;
    r.duration_ms = static_cast<std::uint32_t>(random() % 5'000);
    r.verdict.action = Action::allow;
    r.verdict.layer = Layer::category;
    r.verdict.reason = Reason::category;
    if (host % 2 == 0) {  // held by a line of a list; the others have the tier's default
      r.verdict.category = static_cast<CategoryId>(host % 30);
      r.verdict.rule = RuleRef{host % 30, host};
    }
    const bool tunnel = random() % 3 == 0;
    if (host % 16 == 0) {
      r.verdict.action = Action::block;
      r.path = "/some/path/to/a/page-" + std::to_string(random() % 1'000'000);
      r.ended = Ended::blocked;
    } else if (tunnel) {
      r.part = LogRecord::Part::tunnel_open;
      r.visit = Visit::of_burst;
    }
    LogRecord end;
    end.part = LogRecord::Part::tunnel_end;
    end.decision = r.decision;
    end.bytes_up = r.bytes_up;
    end.bytes_down = r.bytes_down;
    end.duration_ms = r.duration_ms;
    const bool open = r.part == LogRecord::Part::tunnel_open;
    const auto before = Clock::now();
    tally.rows += log.write(std::move(r));
    handed_over_rows.fetch_add(1, std::memory_order_relaxed);
    tally.slowest_ns = std::max<std::int64_t>(tally.slowest_ns, (Clock::now() - before).count());
    if (open) tally.tunnels += log.write(std::move(end));
  }
}

std::uintmax_t size_of_logs(const std::string& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".db") bytes += entry.file_size();
  }
  return bytes;
}

// What the writer does once it has time: the spans that questions are answered by.
void make_spans(const std::string& folder) {
  const auto before = Clock::now();
  for (const audit::Month month : audit::log_months(folder, audit::LogKind::access)) {
    auto db = audit::Database::open(audit::log_path(folder, audit::LogKind::access, month),
                                    audit::Database::Mode::write);
    while (db) {
      const auto more = audit::add_row_spans(*db);
      if (!more || !*more) break;
    }
  }
  std::printf("%.2f s for what was not yet in spans\n",
              std::chrono::duration<double>(Clock::now() - before).count());
}

// What an auditor asks, the newest 50 rows of each; the middle of three.
void ask(const std::string& folder) {
  const audit::LogReader reader(folder);
  const auto time = [&](const char* name, const std::function<void(audit::LogQuery&)>& set) {
    std::array<double, 3> took{};
    std::size_t rows = 0;
    for (double& one : took) {
      audit::LogQuery query;
      query.limit = 50;
      set(query);
      const auto before = Clock::now();
      const auto found = reader.rows(query);
      one = std::chrono::duration<double, std::milli>(Clock::now() - before).count();
      rows = found ? found->size() : 0;
    }
    std::sort(took.begin(), took.end());
    std::printf("%9.1f ms  %2zu rows  %s\n", took[1], rows, name);
  };
  time("the newest", [](audit::LogQuery&) {});
  time("blocked", [](audit::LogQuery& q) { q.not_allowed = true; });
  time("of a host that is asked for often", [](audit::LogQuery& q) { q.host = "host-0.example.edu.vn"; });
  time("of a host that is asked for seldom", [](audit::LogQuery& q) { q.host = "host-9001.example.edu.vn"; });
  time("of a host that was never asked for", [](audit::LogQuery& q) { q.host = "never.example"; });
  audit::LogQuery newest;
  newest.limit = 1;
  const auto last = reader.rows(newest);
  if (last && !last->empty())
    time("of a client", [&](audit::LogQuery& q) { q.client = last->front().client; });
  time("of a category that no row has", [](audit::LogQuery& q) { q.category = "none"; });
  time("warned, which no row is", [](audit::LogQuery& q) { q.action = static_cast<int>(Action::warn); });
  time("of a client that the file does not know", [](audit::LogQuery& q) { q.client = "HS-00000000"; });
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : "";
  if (folder.empty()) {
    char name[] = "/tmp/sg-log-bench-XXXXXX";
    folder = ::mkdtemp(name);
  }
  const std::uint64_t rows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000'000;
  const std::uint64_t workers = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 2;

  AccessLogOptions options;
  options.settings.directory = folder;
  options.settings.key_file = folder + "/keys";
  const std::int64_t spans = argc > 4 ? std::strtoll(argv[4], nullptr, 10) : 0;
  options.now_ms = [spans, rows] {
    const auto done = static_cast<std::int64_t>(handed_over_rows.load(std::memory_order_relaxed));
    return begin_ms + done * spans / static_cast<std::int64_t>(rows) * audit::span_ms;
  };
  options.complain = [](const Message& line) { std::printf("%s\n", line.english().c_str()); };
  auto log = AccessLog::open(std::move(options));
  if (!log) return std::printf("%s\n", log.error().message.english().c_str()), 1;

  const std::uint64_t rate = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 0;
  const std::chrono::nanoseconds each(rate == 0 ? 0 : 1'000'000'000 * workers / rate);
  std::vector<Tally> tallies(workers);
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (std::uint64_t w = 0; w < workers; ++w) {
    threads.emplace_back(work, std::ref(**log), w * (rows / workers), rows / workers, each,
                         std::ref(tallies[w]));
  }
  for (std::thread& t : threads) t.join();
  const auto handed_over = Clock::now();
  (*log)->stop();
  const auto end = Clock::now();

  Tally sum;
  for (const Tally& t : tallies) {
    sum.rows += t.rows;
    sum.tunnels += t.tunnels;
    sum.waits += t.waits;
    sum.slowest_ns = std::max(sum.slowest_ns, t.slowest_ns);
  }
  const double seconds = std::chrono::duration<double>(end - start).count();
  const auto health = (*log)->health();
  std::printf("%llu rows and %llu tunnel ends in %.2f s (handed over in %.2f s): %.0f rows/s\n",
              static_cast<unsigned long long>(sum.rows), static_cast<unsigned long long>(sum.tunnels),
              seconds, std::chrono::duration<double>(handed_over - start).count(),
              static_cast<double>(sum.rows + sum.tunnels) / seconds);
  std::printf("%.1f bytes per row with indexes, names and tunnel ends; lost %llu; slowest write() %.0f us\n",
              static_cast<double>(size_of_logs(folder)) / static_cast<double>(sum.rows),
              static_cast<unsigned long long>(health.lost), static_cast<double>(sum.slowest_ns) / 1000);
  log->reset();
  make_spans(folder);
  ask(folder);
  const auto before_seal = Clock::now();
  // Later than all rows: the last span is over.
  const std::int64_t end_ms = begin_ms + static_cast<std::int64_t>(rows) + (spans + 1) * audit::span_ms;
  auto sealer = audit::Sealer::open(folder, end_ms);
  if (!sealer) return std::printf("%s\n", sealer.error().message.english().c_str()), 1;
  const auto sealed = sealer->seal_all(end_ms, "cut", std::numeric_limits<std::int64_t>::max());
  if (sealed.failed()) return std::printf("%s\n", sealed.error().message.english().c_str()), 1;
  const auto before_check = Clock::now();
  audit::SealQuestion question;
  question.directory = folder;
  const auto checked = audit::check_seals(question);
  if (!checked) return std::printf("%s\n", checked.error().message.english().c_str()), 1;
  std::printf(
      "the rest sealed in %.2f s, verified in %.2f s: %s, %lld seals, %lld rows as they were sealed\n",
      std::chrono::duration<double>(before_check - before_seal).count(),
      std::chrono::duration<double>(Clock::now() - before_check).count(),
      checked->whole() ? "whole" : "NOT whole",
      static_cast<long long>(checked->chains.empty() ? 0 : checked->chains[0].seals),
      static_cast<long long>(checked->chains.empty() ? 0 : checked->chains[0].rows));
  if (argc <= 1) std::filesystem::remove_all(folder);
  return 0;
}
