// What the workers of one Server share. Everything here is safe from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/core/certificate_refusals.h"
#include "proxy/core/decision_numbers.h"
#include "proxy/core/device_tests.h"
#include "proxy/core/grants.h"
#include "proxy/core/help_watch.h"
#include "proxy/core/log_record.h"
#include "proxy/core/recent_verdicts.h"
#include "proxy/core/refusals.h"
#include "proxy/core/seen_clients.h"
#include "proxy/core/wishes.h"
#include "proxy/io/net/net.h"
#include "proxy/io/worker/client_table.h"

namespace schoolgate {

// A number that one worker writes and others read: no locked instruction.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.store(value() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) noexcept { value_.store(value() - n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Where an accepted connection was going: original_destination(), or what a test says.
using FindDestination = std::optional<Destination> (*)(int fd);

struct Shared {
  Shared(LogSink& log_sink, std::string grant_key, std::string via, std::uint64_t secret,
         FindDestination destination = &original_destination, Wishes* kept_wishes = nullptr)
      : sink(log_sink),
        wishes(kept_wishes),
        grants(grant_key),
        tests(std::move(grant_key)),
        decisions(secret),
        via_name(std::move(via)),
        find_destination(destination) {}
  LogSink& sink;
  Wishes* const wishes;  // null: no page has the form
  Grants grants;
  DeviceTests tests;
  HelpWatch help;
  RecentVerdicts recent{4096, 20};
  CertificateRefusals certificate_refusals;
  ClientTable clients;
  SeenClients seen;
  Refusals refusals;
  const DecisionNumbers decisions;
  std::string via_name;
  std::atomic<std::int64_t> clock_doubted_until_ms{0};  // earlier moments may be wrong: LocalTime::in_doubt
  const FindDestination find_destination;
};

}  // namespace schoolgate
