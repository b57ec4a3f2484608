#include <algorithm>

#include "tools/report/parts.h"

namespace schoolgate::tools {
namespace {

using Deed = Counts::Deed;

const char* const dots = "………………";

// A day below 10 and the months 1 and 2 have two digits, as official letters write them.
std::string two_digits(int n, int below) {
  return (n < below ? "0" : "") + std::to_string(n);
}

Letter letter_of(const ReportOf& of, const Parts& tell) {
  const CivilDate today = civil_from_days(of.today);
  Letter letter;
  letter.left = {dots, of.school.name, tell(say("No.: {}", std::string("……/BC-……")))};
  letter.right = {tell(say("SOCIALIST REPUBLIC OF VIET NAM")),
                  tell(say("Independence - Freedom - Happiness")),
                  tell(say("{}, day {} month {} year {}", dots, two_digits(today.day, 10),
                           two_digits(today.month, 3), std::to_string(today.year)))};
  letter.addressee = tell(say("To: {}", dots));
  letter.below_left = {tell(say("Sent to:")), tell(say("- as above;")), tell(say("- archive."))};
  letter.below_right = {tell(say("WRITTEN BY")), tell(say("HEAD OF THE SCHOOL"))};
  return letter;
}

// What is asked beside what is known; nothing known: for a person to fill in.
struct Fields {
  Table table;
  void add(const std::string& asked, const std::string& known) {
    table.rows.push_back({text_cell(asked), known.empty() ? blank_cell() : text_cell(known)});
  }
};

Table general(const ReportOf& of, const Parts& tell) {
  Fields fields{{.id = "general", .title = {}, .note = {}, .columns = {}, .rows = {}}};
  fields.add(tell(say("Number of pupils")), {});
  fields.add(tell(say("Number of connected computers")), {});
  fields.add(tell(say("Internet lines (provider, speed)")), {});
  fields.add(tell(say("Person in charge")), of.school.it_contact);
  fields.add(tell(say("Person in charge of protecting pupils")), of.school.safeguarding_person);
  return fields.table;
}

std::string safe_search(const ReportOf& of, const Parts& tell) {
  std::string all;
  for (const auto& [tier, level] : of.names.safe_search) {
    const std::string word = level == "strict" ? tell(say("strict"))
                             : level == "off"  ? tell(say("off"))
                                               : tell(say("moderate"));
    all += (all.empty() ? "" : "; ") + tier + ": " + word;
  }
  return all;
}

Table solution(const ReportOf& of, const Parts& tell) {
  Fields fields{{.id = "solution", .title = {}, .note = {}, .columns = {}, .rows = {}}};
  const Facts& facts = of.facts;
  const Language language = of.language;
  fields.add(tell(say("In use since (first record)")),
             facts.begun_ms ? date_text(*facts.begun_ms / 86'400'000, language) : std::string());
  fields.add(tell(say("Version of the software")), "Schoolgate " + of.version);
  fields.add(tell(say("Devices that go through the filter (busiest month)")),
             facts.now.devices ? tell.count(*facts.now.devices) : std::string());
  fields.add(tell(say("Devices of the school in all")), {});
  fields.add(tell(say("In service, and down")),
             facts.running ? tell(say("{}; down {} ({} times)", tell.duration(facts.running->up_ms),
                                      tell.duration(facts.running->down_ms), facts.running->stops))
                           : std::string());
  std::optional<std::int64_t> newest;
  if (of.policy != nullptr) {
    for (const ListFacts& list : of.policy->lists) {
      if (list.changed) newest = std::max(newest.value_or(0), *list.changed);
    }
  }
  fields.add(tell(say("Last update of a block list")),
             newest ? date_text(*newest / 86'400, language) : std::string());
  fields.add(tell(say("Safe search by tier")), safe_search(of, tell));
  return fields.table;
}

Table results(const ReportOf& of, const Parts& tell, Deed done, const char* id, std::string title) {
  const Counts &now = of.facts.now.counts, &then = of.facts.then.counts;
  Table table{.id = id, .title = std::move(title), .note = {}, .columns = {}, .rows = {}};
  table.columns.push_back(tell(say("Group")));
  const std::vector<std::string> tiers = tell.tiers();
  for (const std::string& tier : tiers) table.columns.push_back(tell.tier(tier));
  table.columns.push_back(tell(say("Total")));
  table.columns.push_back(tell(say("Change")));
  const auto row = [&](const std::string& name, const std::optional<std::string>& category) {
    std::vector<Cell> cells{text_cell(name)};
    for (const std::string& tier : tiers) cells.push_back(tell.cell(now.sum(done, tier, category)));
    const Folded all = now.sum(done, {}, category);
    cells.push_back(tell.cell(all));
    cells.push_back({tell.change(all, then.sum(done, {}, category)), true, false, {}});
    table.rows.push_back(std::move(cells));
  };
  for (const std::string& category : now.categories(done)) row(tell.category(category), category);
  row(tell(say("Total")), {});
  table.has_total = true;
  return table;
}

// Rows that the school writes itself.
Table to_fill_in(const char* id, std::vector<std::string> columns, std::size_t rows) {
  Table table{.id = id, .title = {}, .note = {}, .columns = std::move(columns), .rows = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<Cell> cells;
    for (std::size_t c = 0; c < table.columns.size(); ++c) cells.push_back(blank_cell());
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// The sum is made of its parts: what was opened and what was kept do not tell how many of fewer than five
// wait.
Table reviews(const ReportOf& of, const Parts& tell) {
  const WishFacts& wishes = of.facts.wishes;
  Table table = to_fill_in("reviews",
                           {tell(say("Requests for review")), tell(say("Opened")), tell(say("Kept")),
                            tell(say("Time to handle (median)"))},
                           1);
  Folded all = wishes.granted;
  all += wishes.denied;
  all += wishes.others;
  std::vector<Cell>& row = table.rows.front();
  row = {tell.cell(all), tell.cell(wishes.granted), tell.cell(wishes.denied), blank_cell()};
  if (wishes.median_ms) row.back() = text_cell(tell.duration(*wishes.median_ms));
  return table;
}

// Left to the school where this user may not read them.
Table alerts(const ReportOf& of, const Parts& tell) {
  Table table = to_fill_in("alerts",
                           {tell(say("Level")), tell(say("Alerts")), tell(say("Received and supported")),
                            tell(say("Passed to 111 or the police"))},
                           2);
  table.rows[0][0] = text_cell(tell(say("Urgent (self-harm, abuse)")));
  table.rows[1][0] = text_cell(tell(say("Others")));
  if (!of.facts.now.alerts) return table;
  const AlertFacts& facts = *of.facts.now.alerts;
  std::size_t row = 0;
  for (const AlertFacts::Level* level : {&facts.urgent, &facts.other}) {
    Folded received = level->supported;
    received += level->passed_on;
    table.rows[row][1] = tell.cell(level->all());
    table.rows[row][2] = tell.cell(received);
    table.rows[row][3] = tell.cell(level->passed_on);
    ++row;
  }
  return table;
}

Table inspection(const ReportOf& of, const Parts& tell) {
  Fields fields{{.id = "inspection", .title = {}, .note = {}, .columns = {}, .rows = {}}};
  const Faults& f = of.facts.faults;
  fields.add(tell(say("Number of self-checks")), {});
  fields.add(tell(say("Result of the filter's own tests")),
             of.policy != nullptr ? tell(say("{} tests of the policy, all passed", of.policy->tests))
                                  : std::string());
  fields.add(tell(say("The record (log)")),
             f.lost + f.damaged == 0
                 ? tell(say("no rows lost, no file damaged or moved away"))
                 : tell(say("rows lost: {} times; files damaged or moved away: {}", f.lost, f.damaged)));
  fields.add(tell(say("Look-ups of who is behind a pseudonym, by the record")),
             of.facts.reveals ? tell.count(folded(*of.facts.reveals)) : std::string());
  fields.add(tell(say("Their reasons")), {});
  return fields.table;
}

Table training(const Parts& tell) {
  Fields fields{{.id = "training", .title = {}, .note = {}, .columns = {}, .rows = {}}};
  fields.add(tell(say("Sessions")), {});
  fields.add(tell(say("Pupils who took part")), {});
  fields.add(tell(say("Teachers who took part")), {});
  fields.add(tell(say("Parents who took part")), {});
  return fields.table;
}

}  // namespace

Document department_report(const ReportOf& of) {
  const Parts tell(of);
  Document document = tell.begin("department", tell(say("REPORT")));
  document.subtitle =
      tell(say("Results of the technical solution that supervises, filters and protects pupils on the "
               "network, {}",
               document.period));
  document.letter = letter_of(of, tell);
  auto& blocks = document.blocks;
  blocks.emplace_back(Heading{"A. " + tell(say("General"))});
  blocks.emplace_back(general(of, tell));
  blocks.emplace_back(Heading{"B. " + tell(say("The technical solution (item 3)"))});
  blocks.emplace_back(solution(of, tell));
  blocks.emplace_back(Heading{"C. " + tell(say("Results by tier"))});
  blocks.emplace_back(
      results(of, tell, Deed::blocked, "blocks", tell(say("1. Times something was blocked"))));
  blocks.emplace_back(results(of, tell, Deed::warned, "warnings", tell(say("2. Times a warning was shown"))));
  blocks.emplace_back(
      results(of, tell, Deed::continued, "continued", tell(say("3. Times “Continue” was chosen"))));
  blocks.emplace_back(Paragraph{tell.note_on_folding()});
  blocks.emplace_back(Heading{"D. " + tell(say("Harmful information found and handled (item 4)"))});
  blocks.emplace_back(to_fill_in("found",
                                 {tell(say("Row")), tell(say("Found on")), tell(say("Domain")),
                                  tell(say("Group")), tell(say("How it was found")),
                                  tell(say("What was done")), tell(say("Reported to")), tell(say("Outcome"))},
                                 3));
  blocks.emplace_back(Heading{"E. " + tell(say("Wrong blocks and reviews"))});
  blocks.emplace_back(reviews(of, tell));
  blocks.emplace_back(Heading{"F. " + tell(say("Safeguarding alerts (figures only, no names)"))});
  blocks.emplace_back(alerts(of, tell));
  blocks.emplace_back(Heading{"G. " + tell(say("Inspection (item 6)"))});
  blocks.emplace_back(inspection(of, tell));
  blocks.emplace_back(Heading{"H. " + tell(say("Awareness and training (items 2 and 5)"))});
  blocks.emplace_back(training(tell));
  blocks.emplace_back(Heading{"I. " + tell(say("Difficulties and proposals"))});
  blocks.emplace_back(Paragraph{std::string(dots) + dots + dots});
  return document;
}

}  // namespace schoolgate::tools
