#include "tools/console/load_report.h"

#include <algorithm>
#include <ctime>
#include <vector>

#include "config/inspection.h"
#include "config/list_lifts.h"
#include "config/lists/fetched_list.h"
#include "config/text/suggest.h"
#include "proxy/core/json_text.h"
#include "tools/console/counted.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

std::string list_line(const ListStatus& status, const Lifts* lifts, Catalogue catalogue, bool colour) {
  const ListReport& r = status.report;
  std::string text = "  " + padded(printable(status.source.name), 24) +
                     padded(printable(status.source.category), 20) + in_column(r.accepted, catalogue) + " " +
                     std::string(to_string(status.source.format));
  std::string ignored;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    const auto reason = static_cast<Ignored>(i);
    if (r.ignored[i] != 0 && reason != Ignored::comment_or_blank)
      ignored += (ignored.empty() ? "" : ", ") + grouped(r.ignored[i]).in(catalogue) + " " +
                 message_of(reason).in(catalogue);
  }
  if (!ignored.empty()) text += "; " + say("ignored: {}", ignored).in(catalogue);
  if (const std::string age = list_age(status.source, std::time(nullptr), catalogue, colour); !age.empty())
    text += "; " + age;
  if (r.invalid != 0)
    text += "; " + paint(colour, Colour::yellow, say("{} invalid", grouped(r.invalid)).in(catalogue));
  if (lifts != nullptr) {
    const Message said =
        lifts->entries == 1
            ? say("lifts 1 blocked entry, such as {}", printable(lifts->example))
            : say("lifts {} blocked entries, such as {}", grouped(lifts->entries), printable(lifts->example));
    text += "; " + said.in(catalogue);
  }
  text += '\n';
  for (const Diagnostic& d : r.first_problems)
    text += "      " + printable(say("line {}: {}", d.pos.line, d.message).in(catalogue)) + '\n';
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
std::string asleep_text(const Snapshot& snapshot, Catalogue catalogue, bool colour) {
  constexpr std::size_t shown = 5;
  const auto& tiers = snapshot.policy->tiers();
  if (std::all_of(tiers.begin(), tiers.end(), [](const Tier& t) { return t.https == Https::inspect; }))
    return {};
  const std::vector<RuleHit> asleep = snapshot.lists->patterns_that_need_a_path();
  if (asleep.empty()) return {};
  const Message head =
      asleep.size() == 1
          ? say("1 pattern of lists need a path: on https they are asked only where https: inspect")
          : say("{} patterns of lists need a path: on https they are asked only where https: inspect",
                grouped(asleep.size()));
  std::string text = head.in(catalogue);
  for (std::size_t i = 0; i < asleep.size() && i < shown; ++i)
    text += "\n  " + printable(snapshot.list_status[asleep[i].tag].source.path) + ":" +
            std::to_string(asleep[i].line) + ": " + printable(asleep[i].text);
  if (asleep.size() > shown)
    text += "\n  " + say("and {} more", grouped(asleep.size() - shown)).in(catalogue);
  return paint(colour, Colour::yellow, text) + "\n";
}

Message places_of_lines(const Snapshot& snapshot, const std::vector<RuleRef>& lines) {
  std::vector<std::string> places;
  for (const RuleRef& line : lines) places.push_back(snapshot.place(line));
  return join_words(places, 5);
}

// Which rules a tier's inspect_only has asked, and which not, as parts of a sentence each.
std::vector<Message> parts_of(const Snapshot& snapshot, const std::vector<std::string>& words,
                              const std::vector<std::string>& safe, const std::vector<RuleRef>& lines) {
  std::vector<Message> parts;
  if (!words.empty()) parts.push_back(say("rules on search words of {}", join_words(words, 8)));
  if (!safe.empty()) parts.push_back(say("safe search in the address of {}", join_words(safe, 8)));
  if (!lines.empty()) parts.push_back(say("lines with a path: {}", places_of_lines(snapshot, lines)));
  return parts;
}

std::string waking_text(const Snapshot& snapshot, Catalogue catalogue, bool colour) {
  std::string text;
  const auto add = [&](const Message& message) { text += printable(message.in(catalogue)) + "\n"; };
  for (const Waking& waking : what_wakes(snapshot)) {
    const std::string& id = snapshot.policy->tiers()[waking.tier].id;
    add(waking.sites == 1 ? say("tier {} opens 1 https site (inspect_only)", id)
                          : say("tier {} opens {} https sites (inspect_only)", id, waking.sites));
    const auto awake = parts_of(snapshot, waking.words, waking.safe, waking.lines);
    const auto asleep = parts_of(snapshot, waking.words_asleep, {}, waking.lines_asleep);
    if (waking.trusted && !awake.empty()) add(say("  awake by it: {}", join_messages(awake)));
    if (!waking.trusted) add(say("  awake by it: nothing, for no device trusts the certificate"));
    if (!asleep.empty()) add(say("  asleep still: {}", join_messages(asleep)));
  }
  return text.empty() ? text : paint(colour, Colour::dim, text.substr(0, text.size() - 1)) + "\n";
}

JsonArray waking_json(const Snapshot& snapshot) {
  JsonArray all;
  const auto names = [](const std::vector<std::string>& texts) {
    JsonArray array;
    for (const std::string& text : texts) array.add(text);
    return array;
  };
  const auto places = [&](const std::vector<RuleRef>& lines) {
    JsonArray array;
    for (const RuleRef& line : lines) array.add(snapshot.place(line));
    return array;
  };
  for (const Waking& waking : what_wakes(snapshot)) {
    JsonObject one;
    one.add("tier", snapshot.policy->tiers()[waking.tier].id).add("sites", waking.sites);
    one.add("trusted", waking.trusted).add("words", names(waking.words));
    one.add("words_asleep", names(waking.words_asleep)).add("safe_search", names(waking.safe));
    one.add("lines", places(waking.lines)).add("lines_asleep", places(waking.lines_asleep));
    all.add(one);
  }
  return all;
}

std::string weak_text(std::uint64_t patterns, Catalogue catalogue, bool colour) {
  if (patterns == 0) return {};
  const Message said =
      patterns == 1
          ? say("1 pattern of lists without a fixed text of 3 letters or more: each is tried on every "
                "request")
          : say("{} patterns of lists without a fixed text of 3 letters or more: each is tried on every "
                "request",
                grouped(patterns));
  return paint(colour, Colour::yellow, said.in(catalogue)) + "\n";
}

// Of the first error, as the one that is looked at first.
std::string code_text(const Diagnostics& diagnostics) {
  for (const Diagnostic& d : diagnostics)
    if (d.severity == Severity::error) return "SG" + std::to_string(d.code);
  return {};
}

// "ok: 6 tiers, 12 lists with 1,234 domains, ..."
std::string ok_line(const LoadResult& loaded, Catalogue catalogue, bool colour) {
  const Snapshot& s = *loaded.snapshot;
  const RuleDb::Counts db = s.lists->counts();
  Message domains = counted::domains(db.domains);
  if (db.networks != 0) domains = say("{} and {}", domains, counted::networks(db.networks));
  const Message counts = to_message(count(loaded.diagnostics));
  const std::string ok = paint(colour, Colour::green, say("ok").in(catalogue));
  return say("{}: {}, {} with {}, {} of policy; tests passed: {} of policy, {} of patterns",
             counts.empty() ? Message(ok) : say("{} with {}", ok, counts), counted::tiers(s.counts.tiers),
             counted::lists(s.list_status.size()), domains, counted::lines(s.counts.lines),
             grouped(s.counts.policy_tests), grouped(s.counts.pattern_tests))
             .in(catalogue) +
         "\n";
}

}  // namespace

std::string thin_lines(const Snapshot& snapshot, Catalogue catalogue, bool colour) {
  std::string text;
  for (const Message& thin : snapshot.thin)
    text += paint(colour, Colour::red, printable(say("thin: {}", thin).in(catalogue))) + "\n";
  return text;
}

std::string check_text(const LoadResult& loaded, Catalogue catalogue, bool colour) {
  std::string text = render(loaded.diagnostics, loaded.texts, catalogue, colour);
  if (!loaded.snapshot) {
    const Message counts = to_message(count(loaded.diagnostics));
    text += paint(colour, Colour::red, say("{}: this configuration cannot be used", counts).in(catalogue));
    return text + "\n" +
           say("what a code means and what to do: schoolgate help {}", code_text(loaded.diagnostics))
               .in(catalogue) +
           "\n";
  }
  const Snapshot& s = *loaded.snapshot;
  if (!text.empty()) text += '\n';
  text += say("lists").in(catalogue) + "\n";
  const std::vector<Lifts> lifts = count_lifts(s);
  for (const ListStatus& status : s.list_status)
    text += list_line(status, of_list(lifts, status), catalogue, colour);
  if (s.list_status.empty()) text += "  " + say("none").in(catalogue) + "\n";
  text += weak_text(s.lists->counts().weak_patterns, catalogue, colour);
  text += asleep_text(s, catalogue, colour) + waking_text(s, catalogue, colour) +
          thin_lines(s, catalogue, colour);
  return text + "\n" + ok_line(loaded, catalogue, colour);
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
    if (const JsonArray waking = waking_json(s); !waking.empty()) json.add("inspect_only", waking);
  }
  if (!standing.empty()) json.add("standing", standing);
  return json.text() + "\n";
}

std::string list_age(const ListSource& list, std::int64_t now, Catalogue catalogue, bool colour) {
  if (!list.update) return {};
  const auto fetched = fetched_at(list);
  return paint(colour && overdue(*list.update, fetched, now), Colour::red,
               age_text(fetched, now).in(catalogue));
}

int check_exit_code(const LoadResult& loaded, bool strict) {
  const DiagnosticCounts counts = count(loaded.diagnostics);
  if (!loaded.snapshot || counts.errors != 0) return exit_config_errors;
  return strict && counts.warnings != 0 ? exit_warnings : exit_ok;
}

}  // namespace schoolgate::tools
