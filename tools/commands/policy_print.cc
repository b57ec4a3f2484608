#include "tools/commands/policy_print.h"

#include <algorithm>
#include <set>

#include "config/load_snapshot.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "config/text/text_file.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/console/text_diff.h"

namespace schoolgate::tools {
namespace {

// Names of the files that are not the same in both; `before` null: of all.
std::vector<std::string> changed_files(const KeptSetIndex* before, const KeptSetIndex& after) {
  std::vector<std::string> names;
  for (const auto& [name, digest] : after.files)
    if (before == nullptr || before->files.count(name) == 0 || before->files.at(name) != digest)
      names.push_back(name);
  if (before != nullptr)
    for (const auto& [name, digest] : before->files)
      if (after.files.count(name) == 0) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::size_t told_of(const std::vector<KeptSets::Entry>& entries, std::size_t limit) {
  return limit == 0 ? entries.size() : std::min(limit, entries.size());
}

const KeptSetIndex* before_of(const std::vector<KeptSets::Entry>& entries, std::size_t i) {
  return i + 1 < entries.size() ? &entries[i + 1].index : nullptr;
}

std::set<std::string> all_names(const PolicyDiff& diff) {
  std::set<std::string> names;
  for (const ConfigTexts* const texts : {&diff.before, &diff.after})
    for (const auto& [name, text] : texts->files) names.insert(name);
  return names;
}

const std::string& text_named(const ConfigTexts& texts, const std::string& name) {
  static const std::string none;
  const auto found = texts.files.find(name);
  return found == texts.files.end() ? none : found->second;
}

struct FileDiff {
  std::string name;
  const char* state;  // "changed", "new", "gone"
  bool hidden;        // its lines are not shown
  TextDiff lines;
};

std::vector<FileDiff> file_diffs(const PolicyDiff& diff) {
  std::vector<FileDiff> out;
  for (const std::string& name : all_names(diff)) {
    const std::string &before = text_named(diff.before, name), &after = text_named(diff.after, name);
    const bool was = diff.before.files.count(name) != 0, is = diff.after.files.count(name) != 0;
    if (was && is && before == after) continue;
    const bool hidden = std::find(diff.floors.begin(), diff.floors.end(), name) != diff.floors.end();
    out.push_back({name, was ? (is ? "changed" : "gone") : "new", hidden, diff_texts(before, after)});
  }
  return out;
}

std::string coloured(const std::string& lines, bool colour) {
  std::string out;
  for (std::size_t start = 0; start < lines.size();) {
    const std::size_t end = lines.find('\n', start);
    const std::string line = printable(lines.substr(start, end - start));
    const bool plain = line.empty() || (line.front() != '-' && line.front() != '+');
    out += plain ? line : paint(colour, line.front() == '-' ? Colour::red : Colour::green, line);
    out += '\n';
    start = end + 1;
  }
  return out;
}

}  // namespace

std::string history_text(const std::vector<KeptSets::Entry>& entries, std::size_t limit, const TimeZone& zone,
                         Catalogue catalogue) {
  std::string out;
  constexpr std::size_t most_named = 4;
  for (std::size_t i = 0; i < told_of(entries, limit); ++i) {
    const Acceptance& accepted = entries[i].index.accepted;
    const std::vector<std::string> changed = changed_files(before_of(entries, i), entries[i].index);
    Message what = say("the first one that is kept");
    if (before_of(entries, i) != nullptr)
      what = changed.empty() ? say("the lists alone") : say("changed: {}", join_words(changed, most_named));
    const std::string when = zone.iso8601(accepted.at).substr(0, 16);
    out += padded(std::to_string(entries[i].number), 6) + padded(when, 18) +
           padded(accepted.who.empty() ? "-" : printable(accepted.who), 20) +
           padded(accepted.why.empty() ? "-" : printable(accepted.why), 12) + "  " +
           printable(what.in(catalogue)) + "\n";
  }
  if (out.empty()) out = say("no accepted policy is kept").in(catalogue) + "\n";
  return out;
}

std::string history_json(const std::vector<KeptSets::Entry>& entries, std::size_t limit,
                         const TimeZone& zone) {
  JsonArray out;
  for (std::size_t i = 0; i < told_of(entries, limit); ++i) {
    const Acceptance& accepted = entries[i].index.accepted;
    JsonArray changed;
    for (const std::string& name : changed_files(before_of(entries, i), entries[i].index)) changed.add(name);
    JsonObject one;
    one.add("number", entries[i].number).add("set", entries[i].digest).add("at", zone.iso8601(accepted.at));
    one.add_or_null("who", accepted.who).add_or_null("why", accepted.why);
    one.add_or_null("policy", accepted.policy).add("changed", changed);
    out.add(one);
  }
  return out.text() + "\n";
}

std::vector<std::string> floors_of(const std::string& config_file, const ConfigTexts& texts) {
  std::vector<std::string> names{"floor.txt", sealed_file_name};
  const std::string folder = folder_of(config_file);
  if (const auto main = main_file_of(config_file, texts)) {
    const std::string& floor = main->policy.floor;
    names.push_back(!folder.empty() && floor.starts_with(folder + "/") ? floor.substr(folder.size() + 1)
                                                                       : floor);
  }
  return names;
}

std::string difference_for_pages(const std::string& config_file, const ConfigTexts& before,
                                 const ConfigTexts& after, Catalogue catalogue) {
  PolicyDiff diff{before, after, floors_of(config_file, before)};
  for (std::string& name : floors_of(config_file, after)) diff.floors.push_back(std::move(name));
  return diff_text(diff, catalogue, false);
}

std::string diff_text(const PolicyDiff& diff, Catalogue catalogue, bool colour) {
  std::string out;
  for (const FileDiff& file : file_diffs(diff)) {
    Message head = say("{}: {} lines went, {} came", file.name, file.lines.removed, file.lines.added);
    if (file.state == std::string_view("new")) head = say("{}: new, {} lines", file.name, file.lines.added);
    if (file.state == std::string_view("gone"))
      head = say("{}: gone, {} lines", file.name, file.lines.removed);
    out += paint(colour, Colour::bold, printable(head.in(catalogue))) + "\n";
    if (file.hidden)
      out += say("  its lines are not shown").in(catalogue) + "\n";
    else
      out += coloured(file.lines.text, colour);
  }
  if (out.empty()) out = say("the texts are the same").in(catalogue) + "\n";
  return out;
}

std::string diff_json(const PolicyDiff& diff, std::uint64_t from, std::uint64_t to) {
  JsonArray files;
  for (const FileDiff& file : file_diffs(diff)) {
    JsonObject one;
    one.add("file", file.name).add("state", file.state);
    one.add("removed", file.lines.removed).add("added", file.lines.added);
    one.add_or_null("lines", file.hidden ? std::string() : file.lines.text);
    files.add(one);
  }
  return JsonObject().add("from", from).add("to", to).add("files", files).text() + "\n";
}

}  // namespace schoolgate::tools
