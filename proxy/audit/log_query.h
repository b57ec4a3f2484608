// A question to the log, and what answers are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/audit/month.h"
#include "rules/action.h"

namespace schoolgate::audit {

// Texts are raw: they come from the network. Print them through printable() or as csv_cell() and
// json_string() do.
struct LogRow {
  Month month;
  std::int64_t id = 0, time_ms = 0;
  std::string code;    // "7KQ2-M4XH"
  std::string client;  // "HS-7K3Q2F9A"
  std::string tier;    // "" before the first policy
  Action action = Action::block;
  bool refused = false;  // never judged: `action` is nobody's then
  Flags flags;
  bool visit = false;  // a page that somebody opened, not a part of one
  std::string host, path, method, seen;
  std::string layer, reason, category;
  std::string file;  // of the rule; "" = none
  std::int64_t line = 0;
  std::int64_t revision = 0;
  std::string digest;  // of the policy, hex
  std::int64_t port = 0, status = 0, bytes_up = 0, bytes_down = 0, duration_ms = 0;
  std::string cause;       // why it was refused, or what failed upstream; "" = nothing told
  std::int64_t count = 1;  // the requests that this row stands for; figures are their sums
  std::string ended;       // "open": a tunnel that still runs; "cut": one whose end was never written
};

struct LogEvent {
  std::int64_t time_ms = 0;
  std::string actor, what, detail;  // detail: JSON
};

struct LogQuery {
  LogKind kind = LogKind::access;
  std::optional<std::int64_t> since_ms, until_ms;  // [since, until)
  bool not_allowed = false;
  bool visits = false;               // only these
  bool certificate_refused = false;  // only where a client refused our certificate
  std::optional<std::string> tier, category, client;
  std::optional<int> action;          // as action_number() of codes.h
  std::optional<std::string> reason;  // as to_string(Reason)
  std::optional<std::string> host;    // this name and those below it
  std::optional<std::uint64_t> code;  // 40 bits
  std::size_t limit = 0;              // the newest ones; 0 = all
};

}  // namespace schoolgate::audit
