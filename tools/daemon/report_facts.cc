#include "tools/daemon/report_facts.h"

#include <charconv>
#include <chrono>

#include "proxy/audit/read_deadline.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

constexpr std::chrono::milliseconds longest_facts{10'000};

template <typename Number>
Number number_of_fact(const std::string& text) {
  Number out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string facts_text(const PolicyFacts& facts) {
  std::string text;
  for (const audit::TopLine& one : facts.rules)
    text += web_row({"rule", one.name, one.category, std::to_string(one.requests),
                     std::to_string(one.blocked), std::to_string(one.warned)});
  for (const ListFacts& one : facts.lists)
    text +=
        web_row({"list", one.name, one.category, one.changed ? std::to_string(*one.changed) : std::string(),
                 one.overdue ? "1" : "0", one.decided ? "1" : "0"});
  for (const std::string& one : facts.idle_lines) text += web_row({"idle", one});
  return text + web_row({"tests", std::to_string(facts.tests)});
}

}  // namespace

Result<Period, Message> period_asked(std::string_view kind, std::string_view text, const TimeZone& zone) {
  return kind == "month"  ? Period::month(text, zone)
         : kind == "term" ? Period::term(text, zone)
                          : Period::year(text, zone);
}

Reply policy_facts_reply(const Snapshot& snapshot, const WebQuestion& asked, std::int64_t now_ms,
                         Catalogue catalogue) {
  const auto not_told = [&](const Message& why) {
    return Reply{exit_failed, web_row({"problem", why.in(catalogue)})};
  };
  const auto period = period_asked(asked.get("kind"), asked.get("period"), snapshot.zone);
  if (!period) return not_told(period.error());
  const SchoolNames names = read_names(snapshot.config, catalogue == nullptr ? Language::en : Language::vi);
  const FactsOf of{
      .directory = snapshot.config.log.directory, .zone = snapshot.zone, .names = names, .now_ms = now_ms};
  const audit::ReadDeadline deadline(longest_facts);
  const auto facts = gather_policy(of, *period, snapshot);
  if (facts) return {exit_ok, facts_text(*facts)};
  return not_told(deadline.passed()
                      ? say("The log has too many rows for this question: choose a shorter time.")
                      : facts.error().message);
}

PolicyFacts policy_facts_in(std::string_view text) {
  PolicyFacts facts;
  for (const auto& row : web_rows(text)) {
    if (row[0] == "rule" && row.size() == 6) {
      audit::TopLine one;
      one.name = row[1];
      one.category = row[2];
      one.requests = number_of_fact<std::uint64_t>(row[3]);
      one.blocked = number_of_fact<std::uint64_t>(row[4]);
      one.warned = number_of_fact<std::uint64_t>(row[5]);
      facts.rules.push_back(std::move(one));
    }
    if (row[0] == "list" && row.size() == 6) {
      ListFacts one{row[1], row[2], {}};
      if (!row[3].empty()) one.changed = number_of_fact<std::int64_t>(row[3]);
      one.overdue = row[4] == "1";
      one.decided = row[5] == "1";
      facts.lists.push_back(std::move(one));
    }
    if (row[0] == "idle" && row.size() == 2) facts.idle_lines.push_back(row[1]);
    if (row[0] == "tests" && row.size() == 2) facts.tests = number_of_fact<std::uint32_t>(row[1]);
  }
  return facts;
}

}  // namespace schoolgate::tools
