// A folder that goes away, a small snapshot, and records to write into a log.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "proxy/audit/access_log.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/month.h"

namespace schoolgate::audit_test {

inline constexpr std::int64_t march_2026 = 1'772'600'000'123;  // 2026-03-04T04:53:20.123Z

struct TempDir {
  TempDir() {
    char name[] = "/tmp/sg-audit-XXXXXX";
    root = ::mkdtemp(name);
    path = root + "/log";
  }
  ~TempDir() { std::filesystem::remove_all(root); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string root, path;
};

inline AccessLogOptions log_options(const TempDir& dir, std::int64_t now_ms = march_2026) {
  AccessLogOptions options;
  options.settings.directory = dir.path;
  options.settings.key_file = dir.path + "/keys";
  options.settings.keep_days = 90;
  options.version = "test";
  options.now_ms = [now_ms] { return now_ms; };
  return options;
}

inline std::unique_ptr<AccessLog> open_log(const TempDir& dir, std::int64_t now_ms = march_2026) {
  auto log = AccessLog::open(log_options(dir, now_ms));
  if (!log) FAIL(log.error().message);
  return std::move(*log);
}

// Tiers tieu_hoc (0) and thcs (1), categories gambling (0) and self_harm (1), two source files.
inline std::shared_ptr<const Snapshot> sample_snapshot(std::uint64_t revision) {
  PolicySpec spec;
  spec.tiers.resize(2);
  spec.tiers[0].id = "tieu_hoc";
  spec.tiers[1].id = "thcs";
  spec.categories.resize(2);
  spec.categories[0].id = "gambling";
  spec.categories[1].id = "self_harm";
  for (Tier& tier : spec.tiers) tier.effects.resize(spec.categories.size());
  auto policy = Policy::compile(std::move(spec));
  if (!policy) FAIL(policy.error().message);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = revision;
  snapshot->digest = "digest-" + std::to_string(revision);
  snapshot->policy = *policy;
  snapshot->sources = {"tiers.d/thcs.yaml", "lists/gambling.txt"};
  return snapshot;
}

inline LogRecord allowed_record(std::uint64_t decision, std::string host) {
  LogRecord r;
  r.decision = decision;
  r.time_ms = march_2026;
  r.client = IpAddress::v4(0x0a000307);
  r.revision = 7;
  r.verdict.action = Action::allow;
  r.verdict.layer = Layer::tier_default;
  r.verdict.reason = Reason::tier_default;
  r.port = 443;
  r.status = 200;
  r.method = "CONNECT";
  r.host = std::move(host);
  return r;
}

inline LogRecord blocked_record(std::uint64_t decision, std::string host, std::string path) {
  LogRecord r = allowed_record(decision, std::move(host));
  r.tier = 1;
  r.verdict.action = Action::block;
  r.verdict.flags = Flags{true, false, true};
  r.verdict.layer = Layer::category;
  r.verdict.reason = Reason::category;
  r.verdict.category = 0;
  r.verdict.rule = RuleRef{1, 12};
  r.ended = Ended::blocked;
  r.port = 80;
  r.status = 403;
  r.method = "GET";
  r.path = std::move(path);
  r.bytes_up = 300;
  r.bytes_down = 5'000'000'000;
  r.duration_ms = 25;
  return r;
}

}  // namespace schoolgate::audit_test
