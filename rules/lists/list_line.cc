#include "rules/lists/list_line.h"

#include <utility>

#include "rules/lists/dnsmasq_line.h"
#include "rules/lists/domain_set.h"
#include "rules/lists/hosts_line.h"
#include "rules/lists/line_text.h"

namespace schoolgate {

FileFacts::FileFacts(std::string_view text, ListFormat format) {
  if (format == ListFormat::adblock) taken_back = TakenBack(text);
  if (format == ListFormat::rpz) zone = RpzZone(text);
}

std::string expression_to_re2(std::string_view expression) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    out.push_back(c);
    if (c == '\\' && i + 1 < expression.size()) {
      out.push_back(expression[++i]);
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;  // a "^" and a "]" right behind it are members of the class or its negation
      for (const char member : {'^', ']'}) {
        if (i + 1 < expression.size() && expression[i + 1] == member) out.push_back(expression[++i]);
      }
    } else if (c == '^' && !expression.substr(i + 1).starts_with("http")) {
      out.pop_back();
      out += "(?:^https?://(?:www\\.)?)";
    }
  }
  return out;
}

std::string_view ListLineReader::without_comment(std::string_view line) const noexcept {
  switch (format_) {
    case ListFormat::domains:
    case ListFormat::dnsmasq:
    case ListFormat::dstdomain:
    case ListFormat::clash:
      return schoolgate::without_comment(line, '#');
    case ListFormat::urls:
    case ListFormat::expressions:
    case ListFormat::patterns:
      return line.starts_with('#') ? std::string_view() : line;
    case ListFormat::hosts:
      return hosts_without_comment(line);
    case ListFormat::adblock:
      return adblock_without_comment(line);
    case ListFormat::rpz:
      return schoolgate::without_comment(line, ';');
    case ListFormat::e2guardian:
      return e2guardian_without_comment(line);
    case ListFormat::surge:
      return surge_without_comment(line);
  }
  return line;
}

void ListLineReader::reread(std::string_view text, std::size_t offset, ListLineSink& sink) {
  const std::size_t before = text.substr(0, offset).find_last_not_of(blanks);
  const bool first_in_line = before == std::string_view::npos || text[before] == '\n' ||
                             (before + 1 == byte_order_mark.size() && text.starts_with(byte_order_mark));
  if (first_in_line) return read(without_comment(trimmed(line_at(text, offset))), sink);
  std::string_view rest = text.substr(offset);  // one name of several in a line
  const std::string_view name = rest.substr(0, rest.find_first_of(" \t\r\v\f\n#/"));
  make_.host(name, name, sink);
}

void ListLineReader::read(std::string_view line, ListLineSink& sink) {
  switch (format_) {
    case ListFormat::domains:
      return domains(line, sink);
    case ListFormat::urls:
      return urls(line, sink);
    case ListFormat::expressions:
      return expressions(line, sink);
    case ListFormat::hosts:
      return read_hosts(line, make_, sink);
    case ListFormat::adblock:
      return is_hosts_line(line) ? read_hosts(line, make_, sink)
                                 : read_adblock(line, facts_.taken_back, make_, sink);
    case ListFormat::patterns:
      return patterns(line, sink);
    case ListFormat::dnsmasq:
      return read_dnsmasq(line, make_, sink);
    case ListFormat::rpz:
      return read_rpz(line, facts_.zone, make_, sink);
    case ListFormat::dstdomain:
      return read_dstdomain(line, make_, sink);
    case ListFormat::e2guardian:
      return read_e2guardian(line, make_, sink);
    case ListFormat::surge:
      return read_surge(line, make_, sink);
    case ListFormat::clash:
      return read_clash(line, make_, sink);
  }
}

void ListLineReader::domains(std::string_view line, ListLineSink& sink) {
  std::string_view rest = line;
  std::string_view name = take_word(rest);
  if (!trimmed(rest).empty())
    return sink.refuse(trimmed(rest), say("more than one word in a line"), say("one host name a line"));
  if (name.starts_with("*."))
    name.remove_prefix(2);
  else if (name.starts_with('.'))
    name.remove_prefix(1);
  make_.host_or_network(name, line, sink);
}

void ListLineReader::urls(std::string_view line, ListLineSink& sink) {
  if (const std::size_t blank = find_blank(line); blank < line.size())
    return sink.refuse(line.substr(blank), say("a blank in a URL"), say("write it as %20"));
  RuleEntry like;
  like.subdomains = false;
  make_.url(line, line, sink, like);
}

void ListLineReader::expressions(std::string_view line, ListLineSink& sink) {
  make_.pattern(line, expression_to_re2(line), line, sink, {});
}

void ListLineReader::patterns(std::string_view line, ListLineSink& sink) {
  constexpr std::pair<std::string_view, PatternTarget> targets[] = {{"host:", PatternTarget::host},
                                                                    {"path:", PatternTarget::path},
                                                                    {"query:", PatternTarget::query},
                                                                    {"url:", PatternTarget::url}};
  RuleEntry like;
  for (const auto& [prefix, target] : targets) {
    if (!line.starts_with(prefix)) continue;
    const std::string_view text = trimmed(line.substr(prefix.size()));
    if (text.empty()) return sink.refuse(line, say("no pattern after \"{}\"", prefix), {});
    like.target = target;
    return make_.pattern(text, std::string(text), line, sink, like);
  }
  make_.pattern(line, std::string(line), line, sink, like);
}

}  // namespace schoolgate
