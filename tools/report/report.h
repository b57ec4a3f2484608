// The three reports: for the head, who has two minutes; for the admin, who looks after the policy; for the
// department, in the layout of an official letter (Decree 30/2020/NĐ-CP).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/log_reader.h"
#include "rules/result.h"
#include "tools/report/document.h"
#include "tools/report/facts.h"

namespace schoolgate::tools {

// A list of the policy, and whether it decided anything.
struct ListFacts {
  std::string name, category;
  std::optional<std::int64_t> changed;  // UTC seconds: fetched, or written
  bool overdue = false, decided = false;
};
// What the policy's own parts did. Never beside the figures of tiers and categories: they count the same
// requests another way, and two ways together tell what each of them hides.
struct PolicyFacts {
  std::vector<audit::TopLine> rules;  // those that blocked or warned, most first
  std::vector<ListFacts> lists;
  std::vector<std::string> idle_lines;  // "tiers.d/thcs.yaml:40"
  std::uint32_t tests = 0;              // of the policy, all passed
};
[[nodiscard]] Result<PolicyFacts> gather_policy(const FactsOf& of, const Period& period,
                                                const Snapshot& snapshot);

struct ReportOf {
  const Facts& facts;
  const SchoolNames& names;
  const School& school;
  const PolicyFacts* policy = nullptr;   // null: the configuration has errors
  std::optional<FloorStanding> floor{};  // nullopt: the one that lies there is refused
  Language language = Language::vi;
  std::string version{};
  std::int64_t today = 0;  // days since 1970, local
};
[[nodiscard]] Document head_report(const ReportOf& of);
[[nodiscard]] Document admin_report(const ReportOf& of);
[[nodiscard]] Document department_report(const ReportOf& of);

}  // namespace schoolgate::tools
