#include "rules/lists/list_line.h"

#include <algorithm>
#include <utility>

#include "rules/patterns/build/reach.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

bool is_lower_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The first word of `rest`, taken off it.
std::string_view take_word(std::string_view& rest) noexcept {
  const std::size_t begin = std::min(rest.find_first_not_of(blanks), rest.size());
  const std::size_t end = std::min(rest.find_first_of(blanks, begin), rest.size());
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

// Without a comment that begins after a blank.
std::string_view without_comment(std::string_view line) noexcept {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || blanks.find(line[at - 1]) != std::string_view::npos) return trimmed(line.substr(0, at));
  }
  return line;
}

// What every hosts file says about the machine itself.
bool is_local_name(std::string_view name) noexcept {
  constexpr std::string_view names[] = {"localhost",      "localhost.localdomain", "local",
                                        "broadcasthost",  "ip6-localhost",         "ip6-loopback",
                                        "ip6-localnet",   "ip6-mcastprefix",       "ip6-allnodes",
                                        "ip6-allrouters", "ip6-allhosts",          "0.0.0.0"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::string_view line_at(std::string_view text, std::size_t offset) noexcept {
  return text.substr(offset, std::min(text.find('\n', offset), text.size()) - offset);
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_plain_name(std::string_view token) noexcept {
  if (token.size() > 253) return false;
  std::size_t label = 0;  // where the present one begins
  for (std::size_t i = 0; i <= token.size(); ++i) {
    if (i < token.size() && token[i] != '.') {
      if (!is_lower_or_digit(token[i]) && token[i] != '-' && token[i] != '_') return false;
      continue;
    }
    if (i == label || i - label > 63) return false;
    if (token.substr(label, i - label).starts_with("xn--")) return false;
    if (i == token.size()) return token[label] < '0' || token[label] > '9';  // perhaps an address
    label = i + 1;
  }
  return false;
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

void ListLineReader::reread(std::string_view text, std::size_t offset, ListLineSink& sink) {
  const std::size_t before = text.substr(0, offset).find_last_not_of(blanks);
  const bool first_in_line = before == std::string_view::npos || text[before] == '\n' ||
                             (before + 1 == byte_order_mark.size() && text.starts_with(byte_order_mark));
  if (first_in_line) return read(trimmed(line_at(text, offset)), sink);
  std::string_view rest = text.substr(offset);  // in a line of a hosts file
  const std::string_view name = rest.substr(0, rest.find_first_of(" \t\r\v\f\n"));
  host_entry(name, false, name, sink);
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
      return hosts(line, sink);
    case ListFormat::adblock:
      return adblock(line, sink);
    case ListFormat::patterns:
      return patterns(line, sink);
  }
}

void ListLineReader::host_entry(std::string_view token, bool exception, std::string_view where,
                                ListLineSink& sink) {
  RuleEntry entry;
  entry.kind = RuleKind::domain;
  entry.exception = exception;
  if (is_plain_name(token)) [[likely]] {
    entry.text = token;
    return sink.accept(std::move(entry), where);
  }
  if (token.find_first_of("/:?@") != std::string_view::npos && !IpAddress::parse(token) &&
      !token.starts_with('['))
    return sink.refuse(token, "\"" + std::string(token) + "\" is not a host name alone",
                       "write the name only; addresses of pages belong in a list of the format urls");
  text_ = token;
  if (token.find(':') != std::string_view::npos && !token.starts_with('[')) text_ = "[" + text_ + "]";
  if (const auto parsed = parse_host(text_, host_); parsed.failed())
    return sink.refuse(token, "\"" + std::string(token) + "\": " + std::string(to_string(parsed.error())),
                       "");
  entry.text = host_.text;
  sink.accept(std::move(entry), where);
}

void ListLineReader::domains(std::string_view line, ListLineSink& sink) {
  line = without_comment(line);
  std::string_view rest = line;
  std::string_view name = take_word(rest);
  if (!trimmed(rest).empty())
    return sink.refuse(trimmed(rest), "more than one word in a line", "one host name a line");
  if (name.starts_with("*."))
    name.remove_prefix(2);
  else if (name.starts_with('.'))
    name.remove_prefix(1);
  host_entry(name, false, line, sink);
}

void ListLineReader::urls(std::string_view line, ListLineSink& sink) {
  if (line.find_first_of(blanks) != std::string_view::npos)
    return sink.refuse(line.substr(line.find_first_of(blanks)), "a blank in a URL", "write it as %20");
  std::string_view rest = line;
  const std::size_t scheme = line.find("://");
  if (scheme != std::string_view::npos && scheme < line.find_first_of("/?")) {
    text_.assign(line.substr(0, scheme));
    std::transform(text_.begin(), text_.end(), text_.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (text_ != "http" && text_ != "https")
      return sink.refuse(line.substr(0, scheme), "\"" + text_ + "\" is not a web address",
                         "http or https, or no scheme");
    rest.remove_prefix(scheme + 3);
  }
  text_ = "http://" + escape_typed_url(rest);
  if (const auto parsed = url_.parse(text_); parsed.failed())
    return sink.refuse(
        rest, "\"" + std::string(rest.substr(0, 80)) + "\": " + std::string(to_string(parsed.error())), "");
  RuleEntry entry;
  entry.kind = RuleKind::url;
  entry.subdomains = false;
  entry.text = url_.match_host();
  entry.text += url_.match_path(true);
  if (const std::string_view query = url_.match_query(true); !query.empty()) {
    entry.text += '?';
    entry.text += query;
  }
  sink.accept(std::move(entry), line);
}

void ListLineReader::pattern_entry(std::string_view line, std::string_view written, std::string text,
                                   PatternTarget target, ListLineSink& sink) {
  if (const auto checked = check_pattern(text, false); checked.failed()) {
    const PatternProblem& problem = checked.error();
    // The place is known for a pattern as written; a rewritten one is marked as a whole.
    const std::size_t at = text == written ? std::min<std::size_t>(problem.offset, written.size()) : 0;
    return sink.refuse(written.substr(at), problem.message, "patterns are written in RE2 syntax");
  }
  if (!can_match_an_address({text, target, false}))
    return sink.refuse(written, "no address can match this pattern",
                       text == written && can_match_an_address({text, PatternTarget::host, false})
                           ? "did you mean host:" + std::string(written) + " ?"
                           : "");
  RuleEntry entry;
  entry.kind = RuleKind::pattern;
  entry.target = target;
  entry.text = std::move(text);
  sink.accept(std::move(entry), line);
}

void ListLineReader::expressions(std::string_view line, ListLineSink& sink) {
  pattern_entry(line, line, expression_to_re2(line), PatternTarget::url, sink);
}

void ListLineReader::patterns(std::string_view line, ListLineSink& sink) {
  constexpr std::pair<std::string_view, PatternTarget> targets[] = {{"host:", PatternTarget::host},
                                                                    {"path:", PatternTarget::path},
                                                                    {"query:", PatternTarget::query},
                                                                    {"url:", PatternTarget::url}};
  for (const auto& [prefix, target] : targets) {
    if (!line.starts_with(prefix)) continue;
    const std::string_view text = trimmed(line.substr(prefix.size()));
    if (text.empty()) return sink.refuse(line, "no pattern after \"" + std::string(prefix) + "\"", "");
    return pattern_entry(line, text, std::string(text), target, sink);
  }
  pattern_entry(line, line, std::string(line), PatternTarget::url, sink);
}

void ListLineReader::hosts(std::string_view line, ListLineSink& sink) {
  line = without_comment(line);
  std::string_view rest = line;
  std::string_view address = take_word(rest);
  const std::string_view zoneless = address.substr(0, address.find('%'));  // "fe80::1%lo0"
  if (!IpAddress::parse(zoneless))
    return sink.refuse(address, "\"" + std::string(address) + "\" is no address",
                       "a line of a hosts file is: address name ...");
  std::string_view name = take_word(rest);
  if (name.empty()) return sink.refuse(address, "an address without a name", "");
  for (; !name.empty(); name = take_word(rest)) {
    if (is_local_name(name))
      sink.ignore(Ignored::local_name);
    else
      host_entry(name, false, name, sink);
  }
}

void ListLineReader::adblock(std::string_view line, ListLineSink& sink) {
  if (line.starts_with('!')) return sink.ignore(Ignored::comment_or_blank);
  if (line.starts_with('[') && line.ends_with(']'))
    return sink.ignore(Ignored::comment_or_blank);  // "[Adblock Plus 2.0]"
  for (const std::string_view mark :
       {"##", "#@#", "#?#", "#@?#", "#$#", "#@$#", "#%#", "#@%#", "$$", "$@$"}) {
    if (line.find(mark) != std::string_view::npos) return sink.ignore(Ignored::cosmetic_rule);
  }
  if (line.starts_with('#')) return sink.ignore(Ignored::comment_or_blank);
  const bool exception = line.starts_with("@@");
  std::string_view rule = exception ? line.substr(2) : line;
  if (rule.size() > 1 && rule.starts_with('/') &&
      (rule.ends_with('/') || rule.find("/$") != std::string_view::npos))
    return sink.ignore(Ignored::other_rule);  // "/expression/"
  const std::size_t dollar = rule.rfind('$');
  const std::string_view options =
      dollar == std::string_view::npos ? std::string_view{} : rule.substr(dollar + 1);
  rule = rule.substr(0, dollar);
  if (rule.starts_with("||")) return adblock_host(line, rule.substr(2), options, exception, sink);
  if (rule.find_first_of("/?=&|") != std::string_view::npos) return sink.ignore(Ignored::path_rule);
  std::string_view rest = rule;
  const std::string_view first = take_word(rest);
  if (!exception && options.empty() && IpAddress::parse(first) && !trimmed(rest).empty())
    return hosts(rule, sink);
  if (exception || !options.empty() || !is_plain_name(rule) || rule.find('.') == std::string_view::npos)
    return sink.ignore(Ignored::other_rule);
  host_entry(rule, false, line, sink);
}

// What stands after "||".
void ListLineReader::adblock_host(std::string_view line, std::string_view rule, std::string_view options,
                                  bool exception, ListLineSink& sink) {
  // These do not narrow the rule. As an exception "popup" would reach further than its author meant.
  const auto is_harmless = [&](std::string_view option) {
    return option == "important" || option == "all" || option == "document" || option == "doc" ||
           (option == "popup" && !exception);
  };
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    if (!is_harmless(trimmed(options.substr(0, comma)))) return sink.ignore(Ignored::unsupported_option);
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  rule = trimmed(rule);
  if (rule.ends_with('|')) rule.remove_suffix(1);
  if (rule.ends_with('^')) rule.remove_suffix(1);
  if (rule.starts_with("*.")) rule.remove_prefix(2);
  if (rule.find_first_of("/?=&:|^") != std::string_view::npos) return sink.ignore(Ignored::path_rule);
  // "||ads." and "||ad*.example" hold more names than one; a bracket cannot begin what "||" anchors.
  if (rule.empty() || rule.ends_with('.') || rule.find_first_of("*[") != std::string_view::npos)
    return sink.ignore(Ignored::other_rule);
  host_entry(rule, exception, line, sink);
}

}  // namespace schoolgate
