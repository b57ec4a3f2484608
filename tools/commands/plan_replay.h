// What a candidate policy would have decided of the last days, as far as the log lets one say.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/log_replay.h"
#include "rules/message.h"

namespace schoolgate::tools {

// Why a row does not say what the candidate would decide.
enum class Unsaid : std::uint8_t {
  not_judged,    // refused for its form or place, or nobody knows the host
  for_a_lesson,  // an override decided
  tier_gone,
  words,   // what was searched for, or how a tunnel began, decided, and the log does not hold it
  address  // the candidate would look at the whole address
};
inline constexpr std::size_t unsaid_kinds = 5;

struct PlanGroup {
  std::string tier, host, rule;  // host "": those of fewer than five clients each, together; rule "": none
  Action was = Action::block, would = Action::block;
  std::uint64_t requests = 0;
  std::uint64_t clients = 0;  // 0: fewer than five
};

struct PlanResult {
  std::uint64_t alike = 0, changed = 0;  // requests
  std::array<std::uint64_t, unsaid_kinds> unsaid{};
  std::vector<PlanGroup> groups;  // of `changed`, the most requests first
  [[nodiscard]] std::uint64_t cannot_be_said() const noexcept;
};

// Threads: one. `candidate` outlives it.
class PlanReplay {
 public:
  static constexpr std::size_t fewest_clients = 5;  // of whom anything is told apart

  explicit PlanReplay(const Snapshot& candidate);
  void take(const audit::Decision& one);
  [[nodiscard]] PlanResult result() const;

 private:
  // A verdict on a page holds until some timetable may change one.
  struct Decided {
    std::uint64_t span = 0;  // 0: none yet
    Verdict verdict;
  };
  struct Page {
    Url url;
    bool good = false;
    std::vector<Decided> decided;  // by TierId
  };
  using Key =
      std::tuple<std::string, std::string, std::string, Action, Action>;  // tier, host, rule, was, would
  struct Sum {
    std::uint64_t requests = 0;
    std::unordered_set<std::uint64_t> clients;
  };
  [[nodiscard]] Page& page_of(const audit::Decision& one, bool by_name);
  [[nodiscard]] LocalTime local(std::int64_t time_ms);
  [[nodiscard]] const Verdict& verdict_on(Page& page, TierId tier, LocalTime time);

  const Snapshot& candidate_;
  std::unique_ptr<Judge> judge_;
  std::unordered_map<std::string, Page> pages_;
  std::map<Key, Sum> sums_;
  std::int64_t minute_ = -1, span_end_ = -1;  // minutes since 1970; no verdict changes before span_end_
  std::uint64_t span_ = 0;
  LocalTime at_minute_;
  PlanResult counts_;
};

[[nodiscard]] std::string plan_text(const PlanResult& result, std::size_t most_groups, Catalogue catalogue);
[[nodiscard]] std::string plan_json(const PlanResult& result);

}  // namespace schoolgate::tools
