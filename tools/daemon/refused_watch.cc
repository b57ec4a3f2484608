#include "tools/daemon/refused_watch.h"

#include <chrono>

#include "proxy/io/net/wall_clock.h"
#include "tools/lan/gateway_counts.h"

namespace schoolgate::tools {
namespace {

constexpr int count_every_ms = 1'000;
constexpr std::chrono::milliseconds count_patience{2'000};

}  // namespace

std::vector<RefusedTries> refused_tries(std::string_view table, std::int64_t now_ms) {
  std::vector<RefusedTries> all;
  for (const TriedAddress& one : tried_in(table)) {
    const auto address = IpAddress::parse(one.address);
    if (!address) continue;
    RefusedTries tries{*address};
    if (one.quic_ms) tries.quic_ms = now_ms - *one.quic_ms;
    if (one.dot_ms) tries.dot_ms = now_ms - *one.dot_ms;
    all.push_back(tries);
  }
  return all;
}

void RefusedWatch::start() {
  rounds_.start([this] { look(); }, count_every_ms);
}

void RefusedWatch::look() {
  if (!tests_.waits_for_refused(wall_clock_ms())) return;
  const auto table = read_counts(counts_socket(control_socket_), count_patience);
  if (!table) return;
  const std::int64_t now = wall_clock_ms();
  tests_.note_refused(refused_tries(*table, now), now);
}

}  // namespace schoolgate::tools
