#include "tools/daemon/faults.h"

#include <chrono>

#include "config/lists/fetched_list.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t ms_of_a_day = 86'400'000;
constexpr std::int64_t clock_waits_days = 3;
constexpr std::chrono::seconds worker_stands{5};

}  // namespace

std::vector<Message> faults_of(const StatusFacts& facts, std::int64_t now_seconds) {
  std::vector<Message> out;
  if (facts.last_good.in_use)
    out.push_back(say("The files had {} at the start and are not used: the policy accepted {} rules.",
                      facts.last_good.errors, time_text(facts.last_good.accepted_at)));
  if (facts.server.silence > worker_stands)
    out.push_back(say("A worker has not moved for {} seconds.",
                      std::chrono::floor<std::chrono::seconds>(facts.server.silence).count()));
  if (facts.server.clock_doubted_until_ms != 0)
    out.push_back(say("The clock is behind the newest row of the log: timetables take their stricter side."));
  if (!facts.log.last_error.empty())
    out.push_back(say("The log cannot be written: {}", facts.log.last_error));
  if (!facts.log.seal_error.empty()) out.push_back(say("The log cannot be sealed: {}", facts.log.seal_error));
  if (facts.log.lost != 0) out.push_back(say("{} rows of the log were lost.", grouped(facts.log.lost)));
  if (facts.log.full)
    out.push_back(say("The log is full: allowed requests are summed (log: max_megabytes)."));
  if (facts.log.retention_behind_ms > clock_waits_days * ms_of_a_day)
    out.push_back(say("The clock runs {} days ahead of the log, so old rows stay: schoolgate log retention.",
                      facts.log.retention_behind_ms / ms_of_a_day));
  for (const Message& key : facts.waiting) out.push_back(say("Waits for the next start: {}", key));
  for (const ListStatus& status : facts.snapshot.list_status)
    if (status.source.update && overdue(*status.source.update, fetched_at(status.source), now_seconds))
      out.push_back(say("The list {} is older than twice its rhythm.", status.source.name));
  return out;
}

std::vector<Message> unsent_of(const StatusFacts& facts) {
  std::vector<Message> out;
  if (!facts.untold.empty()) out.push_back(say("Messages do not go out: {}", facts.untold));
  if (facts.unmailed_seal.empty()) return out;
  const Message mail = say("Messages do not go out: {}", say("{}: {}", "mail", facts.unmailed_seal));
  if (out.empty() || out.front().english() != mail.english()) out.push_back(mail);
  return out;
}

}  // namespace schoolgate::tools
