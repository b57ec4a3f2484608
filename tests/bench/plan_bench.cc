// How long `schoolgate plan` takes: a log is written, and the shipped policy decides each of its rows again.
//
//   plan_bench [ROWS]        (default: 1,000,000 rows in a new folder in /tmp, which goes again)
//
// 600 clients in the shipped tiers, 20,000 hosts of which few are asked for often, half of them names of the
// starter lists; five in six are tunnels, judged by name. One thread; writing the log is not counted.
#include <stdlib.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "config/load_snapshot.h"
#include "proxy/audit/access_log.h"
#include "proxy/audit/log_replay.h"
#include "tools/commands/plan_replay.h"

using namespace schoolgate;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t begin_ms = 1'772'600'000'000;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::vector<std::string> hosts_of_lists() {
  std::vector<std::string> hosts;
  for (const char* const list : {"games", "social", "education", "streaming", "press", "shopping"}) {
    std::ifstream in(std::string(SCHOOLGATE_SOURCE_DIR "/config/defaults/lists/") + list + ".txt");
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line[0] != '#' && line.find_first_of(" /*") == std::string::npos)
        hosts.push_back(line);
  }
  const std::size_t listed = hosts.size();
  for (std::size_t i = 0; hosts.size() < 20'000; ++i)
    hosts.push_back(i % 2 == 0 && listed != 0 ? "w" + std::to_string(i) + "." + hosts[i % listed]
                                              : "host-" + std::to_string(i) + ".example.edu.vn");
  return hosts;
}

bool write_log(const std::string& folder, std::uint64_t rows,
               const std::shared_ptr<const Snapshot>& snapshot) {
  AccessLogOptions options;
  options.settings.directory = folder;
  options.settings.key_file = folder + "/keys";
  options.now_ms = [] { return begin_ms; };
  auto log = AccessLog::open(std::move(options));
  if (!log) return false;
  (*log)->policy_loaded(snapshot);
  const std::vector<std::string> hosts = hosts_of_lists();
  std::mt19937_64 random(1);
  std::exponential_distribution<double> popular(12.0);
  for (std::uint64_t i = 0; i < rows; ++i) {
    while (!(*log)->has_room()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    LogRecord r;
    r.decision = i + 1;
    r.time_ms = begin_ms + static_cast<std::int64_t>(i) * 500;  // some six days
    r.client = IpAddress::v4(0x0a000000 + static_cast<std::uint32_t>(random() % 600));
    r.tier = static_cast<TierId>(random() % snapshot->policy->tiers().size());
    r.revision = snapshot->revision;
    r.port = 443;
    r.status = 200;
    r.method = i % 6 == 0 ? "GET" : "CONNECT";
    r.seen = i % 6 == 0 ? Seen::url : Seen::sni;
    r.host = hosts[static_cast<std::size_t>(popular(random) * 20'000) % hosts.size()];
    r.verdict.action = Action::allow;
    r.verdict.layer = Layer::tier_default;
    r.verdict.reason = Reason::tier_default;
    if (!(*log)->write(std::move(r))) return false;
  }
  return (*log)->stop();
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  LoadOptions options;
  options.use_cache = false;
  const LoadResult loaded = load_snapshot(SCHOOLGATE_SOURCE_DIR "/config/defaults/quickstart.yaml", options);
  if (!loaded.snapshot) return std::printf("the shipped configuration does not load\n"), 1;
  char name[] = "/tmp/sg-plan-bench-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  bool good = write_log(folder, rows, loaded.snapshot);
  std::uint64_t looks = 0;
  const auto begin = Clock::now();
  const std::clock_t cpu_begin = std::clock();
  tools::PlanReplay replay(*loaded.snapshot);
  good =
      good && audit::replay_log(
                  folder, 0, [&](const audit::Decision& one) { replay.take(one); }, [&](double) { ++looks; })
                  .ok();
  const tools::PlanResult result = replay.result();
  const double seconds = seconds_since(begin);
  const double cpu = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
  std::filesystem::remove_all(folder);
  if (!good) return std::printf("the log cannot be written or read\n"), 1;
  std::printf(
      "%llu rows in %.2f s, of which %.2f s CPU: %.2f s CPU for a million; %llu alike, %llu otherwise, %llu "
      "cannot be said; %zu "
      "groups; "
      "the progress bar was shown %llu times\n",
      static_cast<unsigned long long>(rows), seconds, cpu, cpu * 1e6 / static_cast<double>(rows),
      static_cast<unsigned long long>(result.alike), static_cast<unsigned long long>(result.changed),
      static_cast<unsigned long long>(result.cannot_be_said()), result.groups.size(),
      static_cast<unsigned long long>(looks));
  return 0;
}
