#include "tools/console/load_report.h"

#include <algorithm>
#include <ctime>
#include <vector>

#include "config/list_lifts.h"
#include "config/lists/fetched_list.h"
#include "proxy/core/json_text.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

std::string list_line(const ListStatus& status, const Lifts* lifts, bool colour) {
  const ListReport& r = status.report;
  std::string text = "  " + padded(printable(status.source.name), 24) +
                     padded(printable(status.source.category), 20) + in_column(r.accepted) + " " +
                     std::string(to_string(status.source.format));
  std::string ignored;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    if (r.ignored[i] == 0 || static_cast<Ignored>(i) == Ignored::comment_or_blank) continue;
    ignored += (ignored.empty() ? "; ignored: " : ", ") + grouped(r.ignored[i]) + " " +
               std::string(to_string(static_cast<Ignored>(i)));
  }
  text += ignored;
  if (const std::string age = list_age(status.source, std::time(nullptr), colour); !age.empty())
    text += "; " + age;
  if (r.invalid != 0) text += "; " + paint(colour, Colour::yellow, grouped(r.invalid) + " invalid");
  if (lifts != nullptr)
    text += "; lifts " + grouped(lifts->entries) +
            (lifts->entries == 1 ? " blocked entry" : " blocked entries") + ", such as " +
            printable(lifts->example);
  text += '\n';
  for (const Diagnostic& d : r.first_problems) {
    text += "      line " + std::to_string(d.pos.line) + ": " + printable(d.message.english()) + '\n';
  }
  return text;
}

const Lifts* of_list(const std::vector<Lifts>& all, const ListStatus& status) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Lifts& lifts) { return lifts.list == status.source.name; });
  return found == all.end() ? nullptr : &*found;
}

JsonObject list_json(const ListStatus& status, const Lifts* lifts) {
  const ListReport& r = status.report;
  JsonObject ignored;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    if (r.ignored[i] != 0) ignored.add(to_string(static_cast<Ignored>(i)), r.ignored[i]);
  }
  JsonArray problems;
  for (const Diagnostic& d : r.first_problems) problems.add(to_json(d));
  JsonObject json;
  json.add("name", status.source.name)
      .add("category", status.source.category)
      .add("file", status.source.path);
  json.add("format", to_string(status.source.format)).add("lines", r.lines).add("accepted", r.accepted);
  json.add("ignored", ignored).add("invalid", r.invalid).add("first_problems", problems);
  if (status.source.update) {
    const auto fetched = fetched_at(status.source);
    json.add("from", status.source.update->from).add("every_days", status.source.update->every_days);
    json.raw("fetched_at", fetched ? std::to_string(*fetched) : "null");
    json.add("overdue", overdue(*status.source.update, fetched, std::time(nullptr)));
  }
  if (lifts != nullptr) json.add("lifts", lifts->entries).add("lifts_example", lifts->example);
  return json;
}

// Patterns of lists that wait for a path no tier but an inspected one ever sees of an https site.
std::string asleep_text(const Snapshot& snapshot, bool colour) {
  constexpr std::size_t shown = 5;
  const auto& tiers = snapshot.policy->tiers();
  if (std::all_of(tiers.begin(), tiers.end(), [](const Tier& t) { return t.https == Https::inspect; }))
    return {};
  const std::vector<RuleHit> asleep = snapshot.lists->patterns_that_need_a_path();
  if (asleep.empty()) return {};
  std::string text = counted(asleep.size(), "pattern") +
                     " of lists need a path: on https they are asked only where https: inspect";
  for (std::size_t i = 0; i < asleep.size() && i < shown; ++i)
    text += "\n  " + printable(snapshot.list_status[asleep[i].tag].source.path) + ":" +
            std::to_string(asleep[i].line) + ": " + printable(asleep[i].text);
  if (asleep.size() > shown) text += "\n  and " + grouped(asleep.size() - shown) + " more";
  return paint(colour, Colour::yellow, text) + "\n";
}

// Of the first error, as the one that is looked at first.
std::string code_text(const Diagnostics& diagnostics) {
  for (const Diagnostic& d : diagnostics)
    if (d.severity == Severity::error) return "SG" + std::to_string(d.code);
  return {};
}

// Said where there are any.
std::string networks_text(const Snapshot& snapshot) {
  const std::uint64_t networks = snapshot.lists->counts().networks;
  return networks == 0 ? std::string() : " and " + counted(networks, "network");
}

}  // namespace

std::string check_text(const LoadResult& loaded, bool colour) {
  std::string text = render(loaded.diagnostics, loaded.texts, nullptr, colour);
  const std::string counts = to_text(count(loaded.diagnostics));
  if (!loaded.snapshot) {
    text += paint(colour, Colour::red, counts + ": this configuration cannot be used") + "\n";
    return text + "what a code means and what to do: schoolgate help " + code_text(loaded.diagnostics) + "\n";
  }
  const Snapshot& s = *loaded.snapshot;
  if (!text.empty()) text += '\n';
  text += "lists\n";
  const std::vector<Lifts> lifts = count_lifts(s);
  for (const ListStatus& status : s.list_status) text += list_line(status, of_list(lifts, status), colour);
  if (s.list_status.empty()) text += "  none\n";
  if (const auto weak = s.lists->counts().weak_patterns; weak != 0) {
    text += paint(colour, Colour::yellow,
                  counted(weak, "pattern") +
                      " of lists without a fixed text of 3 letters or more: each is tried on "
                      "every request") +
            "\n";
  }
  text += asleep_text(s, colour);
  for (const Message& thin : s.thin)
    text += paint(colour, Colour::red, "thin: " + printable(thin.english())) + "\n";
  text += "\n" + paint(colour, Colour::green, "ok") + (counts.empty() ? "" : " with " + counts) + ": " +
          counted(s.counts.tiers, "tier") + ", " + counted(s.list_status.size(), "list") + " with " +
          counted(s.lists->counts().domains, "domain") + networks_text(s) + ", " +
          counted(s.counts.lines, "line") + " of policy; tests passed: " + grouped(s.counts.policy_tests) +
          " of policy, " + grouped(s.counts.pattern_tests) + " of patterns\n";
  return text;
}

std::string check_json(const LoadResult& loaded, const std::string& standing) {
  const DiagnosticCounts counts = count(loaded.diagnostics);
  JsonArray diagnostics, lists, thin;
  for (const Diagnostic& d : loaded.diagnostics) diagnostics.add(to_json(d));
  JsonObject json;
  json.add("ok", loaded.snapshot != nullptr).add("errors", counts.errors).add("warnings", counts.warnings);
  json.add("diagnostics", diagnostics);
  if (loaded.snapshot) {
    const Snapshot& s = *loaded.snapshot;
    const std::vector<Lifts> lifts = count_lifts(s);
    for (const ListStatus& status : s.list_status) lists.add(list_json(status, of_list(lifts, status)));
    for (const Message& sentence : s.thin) thin.add(sentence.english());
    const RuleDb::Counts db = s.lists->counts();
    JsonObject numbers;
    numbers.add("tiers", s.counts.tiers).add("categories", s.counts.categories).add("lines", s.counts.lines);
    numbers.add("floor", s.counts.floor)
        .add("domains", db.domains)
        .add("urls", db.urls)
        .add("patterns", db.patterns)
        .add("networks", db.networks);
    numbers.add("weak_patterns", db.weak_patterns).add("policy_tests", s.counts.policy_tests);
    numbers.add("pattern_tests", s.counts.pattern_tests);
    json.add("digest", s.digest).add("counts", numbers).add("lists", lists).add("thin", thin);
  }
  if (!standing.empty()) json.add("standing", standing);
  return json.text() + "\n";
}

std::string list_age(const ListSource& list, std::int64_t now, bool colour) {
  if (!list.update) return {};
  const auto fetched = fetched_at(list);
  return paint(colour && overdue(*list.update, fetched, now), Colour::red, age_text(fetched, now).english());
}

int check_exit_code(const LoadResult& loaded, bool strict) {
  const DiagnosticCounts counts = count(loaded.diagnostics);
  if (!loaded.snapshot || counts.errors != 0) return exit_config_errors;
  return strict && counts.warnings != 0 ? exit_warnings : exit_ok;
}

}  // namespace schoolgate::tools
