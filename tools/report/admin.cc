#include <algorithm>
#include <numeric>

#include "proxy/core/log_record.h"
#include "tools/report/parts.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t most_idle = 30;

Cell share_cell(std::uint64_t part, std::uint64_t whole, Language language) {
  return {share_text(part, whole, language), true, false, {}};
}

Table rules_table(const ReportOf& of, const Parts& tell) {
  Table table{.id = "rules",
              .title = tell(say("Rules that blocked or warned most")),
              .note = {},
              .columns = {},
              .rows = {}};
  table.columns = {tell(say("Rule")), tell(say("Group")), tell(say("Times"))};
  for (const audit::TopLine& line : of.policy->rules)
    table.rows.push_back({text_cell(line.name), text_cell(tell.category(line.category)),
                          tell.cell(folded(line.blocked + line.warned))});
  table.note = tell(
      say("Of those with five times or more, at most twenty. What a line says: schoolgate explain, and the "
          "file itself."));
  return table;
}

Table lists_table(const ReportOf& of, const Parts& tell) {
  Table table{.id = "lists", .title = tell(say("Lists")), .note = {}, .columns = {}, .rows = {}};
  table.columns = {tell(say("List")), tell(say("Group")), tell(say("Last changed")), tell(say("Used"))};
  for (const ListFacts& list : of.policy->lists) {
    std::string when = tell(say("never fetched"));
    if (list.changed) when = date_text(*list.changed / 86'400, of.language);
    if (list.overdue) when += " – " + tell(say("too old"));
    table.rows.push_back({text_cell(list.name), text_cell(tell.category(list.category)), text_cell(when),
                          text_cell(list.decided ? tell(say("yes")) : tell(say("decided nothing")))});
  }
  table.note = tell(
      say("A list that decided nothing in this period may still be needed; one that is too old is fetched "
          "by: schoolgate lists update."));
  return table;
}

// What was answered is a list's precision, as far as anybody reported it.
Table wishes_table(const ReportOf& of, const Parts& tell) {
  Table table{
      .id = "wishes", .title = tell(say("Reports of wrong blocks")), .note = {}, .columns = {}, .rows = {}};
  table.columns = {tell(say("List")), tell(say("Reported")), tell(say("Answered")), tell(say("Found right"))};
  const auto share = [&](std::uint64_t granted, std::uint64_t answered) {
    return answered >= fewest_told ? share_cell(granted, answered, of.language) : text_cell("–");
  };
  std::uint64_t answered = 0, granted = 0;  // of the lists whose answers are told
  for (const WishFacts::OfList& one : of.facts.wishes.lists) {
    if (one.reported < fewest_told) continue;
    table.rows.push_back({text_cell(one.list.empty() ? tell(say("of no list")) : one.list),
                          tell.cell(folded(one.reported)), tell.cell(folded(one.answered)),
                          share(one.granted, one.answered)});
    if (one.answered < fewest_told) continue;
    answered += one.answered;
    granted += one.granted;
  }
  table.rows.push_back({text_cell(tell(say("all together"))), tell.cell(of.facts.wishes.reported),
                        tell.cell(of.facts.wishes.answered), share(granted, answered)});
  table.has_total = true;
  table.note =
      tell(say("How often a list was found wrong by those who answered. A list with fewer than five reports "
               "has no figures of its own."));
  return table;
}

Table faults_table(const ReportOf& of, const Parts& tell) {
  const Faults& f = of.facts.faults;
  Table table{.id = "faults",
              .title = tell(say("What happened to the system")),
              .note = {},
              .columns = {},
              .rows = {}};
  table.columns = {tell(say("Event")), tell(say("Times"))};
  const auto row = [&](const Message& what, std::uint64_t n) {
    table.rows.push_back({text_cell(tell(what)), {tell.number(n), true, false, {}}});
  };
  row(say("Starts"), f.starts);
  row(say("Starts after an end by force"), f.unclean_stops);
  row(say("Policies taken over"), f.reloads);
  row(say("Policies refused for their errors"), f.refused_reloads);
  row(say("Starts with the last good policy"), f.last_good_used);
  row(say("Rows of the log lost"), f.lost);
  row(say("Log files damaged or moved away"), f.damaged);
  row(say("The log was full"), f.full);
  row(say("Connections that ended by a fault of the program"), f.failed_sessions);
  row(say("Workers that got stuck"), f.stuck_workers);
  row(say("Old rows deleted or summed, by rule"), f.deletions);
  table.note = tell(say("When each of them was: schoolgate log --events."));
  return table;
}

Table seen_table(const ReportOf& of, const Parts& tell) {
  Table table{.id = "seen",
              .title = tell(say("How much of the requests was seen")),
              .note = {},
              .columns = {},
              .rows = {}};
  table.columns = {tell(say("Seen")), tell(say("Share"))};
  const auto& seen = of.facts.seen;
  const std::uint64_t all = std::accumulate(seen.begin(), seen.end(), std::uint64_t{0});
  const auto n = [&](Seen what) { return seen[static_cast<std::size_t>(what)]; };
  const auto row = [&](const Message& what, std::uint64_t part) {
    table.rows.push_back({text_cell(tell(what)), share_cell(part, all, of.language)});
  };
  row(say("The whole address"), n(Seen::url) + n(Seen::search_words));
  row(say("The name of the site alone (https)"), n(Seen::sni) + n(Seen::connect_only));
  row(say("A name in front of a hidden one"), n(Seen::ech_outer));
  row(say("Nothing"), n(Seen::nothing));
  return table;
}

}  // namespace

Document admin_report(const ReportOf& of) {
  const Parts tell(of);
  Document document = tell.begin("admin", tell(say("The filter, for who looks after it")));
  document.blocks.emplace_back(Paragraph{tell.running(), true});
  if (of.policy == nullptr) {
    document.blocks.emplace_back(Paragraph{
        tell(say("The configuration has errors, so nothing is said of rules and lists: schoolgate check.")),
        true});
  } else {
    const auto old = std::count_if(of.policy->lists.begin(), of.policy->lists.end(),
                                   [](const ListFacts& list) { return list.overdue; });
    document.blocks.emplace_back(Paragraph{
        old == 0 ? tell(say("No list is too old.")) : tell(say("Lists that are too old: {}.", old)), true});
    document.blocks.emplace_back(rules_table(of, tell));
    document.blocks.emplace_back(lists_table(of, tell));
    Table idle{.id = "idle",
               .title = tell(say("Lines of tiers that decided nothing")),
               .note = {},
               .columns = {tell(say("Line"))},
               .rows = {}};
    for (const std::string& place : of.policy->idle_lines) {
      if (idle.rows.size() == most_idle) break;
      idle.rows.push_back({text_cell(place)});
    }
    if (of.policy->idle_lines.size() > most_idle)
      idle.note = tell(say("And {} more.", of.policy->idle_lines.size() - most_idle));
    if (!idle.rows.empty()) document.blocks.emplace_back(std::move(idle));
  }
  if (of.facts.wishes.reported.sum == 0) {
    document.blocks.emplace_back(
        Paragraph{tell(say("No list has five reports of a wrong block, so none has figures.")), false});
  } else {
    document.blocks.emplace_back(wishes_table(of, tell));
    if (of.facts.wishes.median_ms)
      document.blocks.emplace_back(Paragraph{
          tell(say("Half of the answers came within {}.", tell.duration(*of.facts.wishes.median_ms))),
          false});
  }
  document.blocks.emplace_back(seen_table(of, tell));
  document.blocks.emplace_back(faults_table(of, tell));
  return document;
}

}  // namespace schoolgate::tools
