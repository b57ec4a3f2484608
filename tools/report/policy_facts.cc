#include <sys/stat.h>

#include <algorithm>

#include "config/lists/fetched_list.h"
#include "tools/report/report.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t most_rules = 20;

std::optional<std::int64_t> changed_at(const ListSource& list) {
  if (list.update) return fetched_at(list);
  struct stat info {};
  if (::stat(list.path.c_str(), &info) != 0) return std::nullopt;
  return info.st_mtime;
}

}  // namespace

Result<PolicyFacts> gather_policy(const FactsOf& of, const Period& period, const Snapshot& snapshot) {
  audit::LogQuery query;
  query.since_ms = period.from_ms();
  query.until_ms = period.to_ms();
  auto all = audit::LogReader(of.directory).top(query, audit::Top::rules);
  if (!all) return all.error();
  std::set<std::string> places, files;
  PolicyFacts facts;
  for (const audit::TopLine& line : *all) {
    if (line.name.empty()) continue;
    places.insert(line.name);
    files.insert(line.name.substr(0, line.name.rfind(':')));
  }
  const auto visits_since_ms = audit::first_visit_ms(of.directory);
  if (visits_since_ms && *visits_since_ms <= period.from_ms()) {
    query.visits = true;
    all = audit::LogReader(of.directory).top(query, audit::Top::rules);
    if (!all) return all.error();
  }
  for (const audit::TopLine& line : *all) {
    if (line.name.empty()) continue;
    if (line.blocked + line.warned != 0 && !of.names.helps(line.category)) facts.rules.push_back(line);
  }
  // What is under five has no place among the others either.
  const auto told = [](const audit::TopLine& line) { return folded(line.blocked + line.warned).sum; };
  std::stable_sort(facts.rules.begin(), facts.rules.end(),
                   [&](const audit::TopLine& a, const audit::TopLine& b) {
                     return told(a) != told(b) ? told(a) > told(b) : a.name < b.name;
                   });
  std::erase_if(facts.rules, [&](const audit::TopLine& line) { return told(line) == 0; });
  if (facts.rules.size() > most_rules) facts.rules.resize(most_rules);
  for (const ListStatus& status : snapshot.list_status) {
    const ListSource& list = status.source;
    if (of.names.helps(list.category)) continue;
    ListFacts one{list.name, list.category, changed_at(list)};
    one.overdue = list.update && overdue(*list.update, one.changed, of.now_ms / 1000);
    one.decided = list.source < snapshot.sources.size() && files.contains(snapshot.sources[list.source]);
    facts.lists.push_back(std::move(one));
  }
  for (const Line& line : snapshot.policy->spec().tier_lines) {
    const std::string place = snapshot.place(line.where);
    if (!place.empty() && !places.contains(place)) facts.idle_lines.push_back(place);
  }
  std::sort(facts.idle_lines.begin(), facts.idle_lines.end());
  facts.idle_lines.erase(std::unique(facts.idle_lines.begin(), facts.idle_lines.end()),
                         facts.idle_lines.end());
  facts.tests = snapshot.counts.policy_tests + snapshot.counts.pattern_tests;
  return facts;
}

}  // namespace schoolgate::tools
