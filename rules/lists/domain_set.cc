#include "rules/lists/domain_set.h"

#include <algorithm>
#include <string>

#include "rules/lists/host_wildcard.h"
#include "rules/lists/line_text.h"

namespace schoolgate {
namespace {

constexpr std::string_view include = ".Include<", time_limit = "#time:";

RuleEntry alone() {
  RuleEntry entry;
  entry.subdomains = false;
  return entry;
}

RuleEntry below() {
  RuleEntry entry;
  entry.itself = false;
  return entry;
}

// One name, without a prefix that says what is meant.
void read_name(std::string_view name, const RuleEntry& like, std::string_view line, EntryMaker& make,
               ListLineSink& sink) {
  if (const std::size_t comma = name.find(','); comma != std::string_view::npos)
    return sink.refuse(name, say("\"{},\" is a line of a set of rules", name.substr(0, comma)),
                       say("a set of names has one name a line"));
  if (const std::size_t blank = name.find_first_of(blanks); blank != std::string_view::npos)
    return sink.refuse(trimmed(name.substr(blank)), say("more than one word in a line"),
                       say("one host name a line"));
  make.host_or_network(name, line, sink, like);
}

// Clash's "*" is one label: "*.example.com", "ads.*.example.com".
void read_labels(std::string_view name, std::string_view line, EntryMaker& make, ListLineSink& sink) {
  if (!is_host_wildcard(name) || name.find("..") != std::string_view::npos)
    return sink.refuse(name, say("\"{}\" is no name with \"*\" for a label", name.substr(0, 80)), {});
  if (is_too_broad(HostWildcard{name, HostWildcard::Begin::host, true}))
    return sink.ignore(Ignored::too_broad);
  std::string pattern = "^";
  for (std::string_view left = name;;) {
    const std::string_view label = left.substr(0, left.find('.'));
    if (label != "*" && label.find('*') != std::string_view::npos)
      return sink.refuse(label, say("\"*\" stands for a whole label"), {});
    pattern += label == "*" ? std::string("[^.]+") : lower_case(label);
    if (label.size() == left.size()) break;
    pattern += "\\.";
    left.remove_prefix(label.size() + 1);
  }
  RuleEntry like;
  like.target = PatternTarget::host;
  make.pattern(name, pattern + "$", line, sink, like);
}

std::string_view unquoted(std::string_view text) noexcept {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

std::string_view e2guardian_without_comment(std::string_view line) noexcept {
  return line.starts_with(time_limit) ? line : without_comment(line, '#');
}

std::string_view surge_without_comment(std::string_view line) noexcept {
  line = without_comment(without_comment(line, '#'), ';');
  const std::size_t slashes = line.find("//");
  return slashes == 0 || (slashes != std::string_view::npos && is_blank(line[slashes - 1]))
             ? trimmed(line.substr(0, slashes))
             : line;
}

std::string_view included_path(std::string_view line) noexcept {
  if (!line.starts_with(include)) return {};
  line.remove_prefix(include.size());
  return line.substr(0, line.find('>'));
}

void read_dstdomain(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  const bool with_below = line.starts_with('.');
  read_name(line.substr(with_below ? 1 : 0), with_below ? RuleEntry{} : alone(), line, make, sink);
}

void read_e2guardian(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  constexpr std::string_view blankets[] = {"**", "*s", "**s", "*ip", "**ip", "*ips", "**ips"};
  if (line.starts_with(time_limit))
    return sink.refuse(line, say("the hours of a list are not heeded: it holds at all times"),
                       say("take the line out; hours stand in the timetable of a tier"));
  if (!included_path(line).empty()) return sink.ignore(Ignored::included_list);
  if (line.starts_with(include)) return sink.refuse(line, say("no file is named"), say(".Include<FILE>"));
  if (std::find(std::begin(blankets), std::end(blankets), line) != std::end(blankets))
    return sink.ignore(Ignored::too_broad);
  const std::size_t dot = line.starts_with("*.") ? 2 : line.starts_with('.') ? 1 : 0;
  if (line.find('/') == std::string_view::npos) return read_name(line.substr(dot), {}, line, make, sink);
  if (make.network(line, line, sink)) return;
  if (const std::size_t blank = line.find_first_of(blanks); blank != std::string_view::npos)
    return sink.refuse(line.substr(blank), say("a blank in a URL"), say("write it as %20"));
  make.url(line.substr(dot), line, sink, {});
}

void read_surge(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  read_dstdomain(line, make, sink);  // ".name" and "name" mean the same to both
}

void read_clash(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  if (line == "payload:") return sink.ignore(Ignored::comment_or_blank);
  std::string_view name = line;
  if (name.starts_with("- ")) name = trimmed(name.substr(2));
  name = unquoted(name);
  if (name.starts_with("+.")) return read_name(name.substr(2), {}, line, make, sink);
  if (name.starts_with('.')) return read_name(name.substr(1), below(), line, make, sink);
  if (name.find('*') != std::string_view::npos) return read_labels(name, line, make, sink);
  read_name(name, alone(), line, make, sink);
}

}  // namespace schoolgate
