// The first byte chooses the format, the rest is the file. Every line is accounted for, every entry is
// canonical, and none comes twice. What an Adblock list says does not depend on the order of its lines.
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "rules/lists/entry_maker.h"
#include "rules/lists/line_text.h"
#include "rules/lists/list_parser.h"
#include "rules/patterns/match/pattern_re2.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void check_entry(const RuleEntry& entry) {
  if (entry.kind == RuleKind::pattern) {
    require(check_pattern(entry.text, entry.case_sensitive).ok());
    return;
  }
  if (entry.kind == RuleKind::url) {
    Url url;
    const auto slash = entry.text.find('/');
    require(slash != std::string::npos);
    const std::string host = entry.text.substr(0, slash);
    require(url.parse("http://" + (entry.text.find(':') < slash ? "[" + host + "]" : host)).ok());
    require(url.host().text == host);
    return;
  }
  if (entry.kind == RuleKind::network) {
    const auto network = Network::parse(entry.text);
    require(network && network->cidr() == entry.text && !is_wide(*network));
    return;
  }
  Host host;
  const bool is_v6 = entry.text.find(':') != std::string::npos;
  require(parse_host(is_v6 ? "[" + entry.text + "]" : entry.text, host).ok());
  require(host.text == entry.text);
}

using Rule = std::tuple<RuleKind, bool, bool, bool, bool, bool, PatternTarget, std::string>;

Rule rule_of(const RuleEntry& e) {
  return {e.kind, e.exception, e.important, e.subdomains, e.itself, e.open_end, e.target, e.text};
}

// False: the file as a whole could not be read.
bool was_read(const ListReport& report) {
  return !has_errors(report.first_problems) || report.first_problems.front().code == list_code::nothing_in_it;
}

void check_order(std::string_view text, const std::set<Rule>& want) {
  const char end = text.find('\n') == std::string_view::npos ? '\r' : '\n';
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  for (const std::string_view mark :
       {byte_order_mark, std::string_view("\xff\xfe"), std::string_view("\xfe\xff")})
    if (text.find(mark) != std::string_view::npos) return;  // another line might begin the text with it
  std::string turned;
  while (!text.empty()) {
    const std::size_t at = text.rfind(end);
    turned.append(text.substr(at == std::string_view::npos ? 0 : at + 1)) += end;
    text = text.substr(0, at == std::string_view::npos ? 0 : at);
  }
  std::set<Rule> got;
  (void)parse_list(turned, ListFormat::adblock, "list",
                   [&](RuleEntry&& entry) { got.insert(rule_of(entry)); });
  require(got == want);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto copy = std::make_unique<char[]>(size - 1);  // exact size: a read past the end is seen
  if (size > 1) std::memcpy(copy.get(), data + 1, size - 1);
  const std::string_view text(copy.get(), size - 1);
  const auto format = static_cast<ListFormat>(data[0] % list_format_names.size());

  std::set<Rule> seen;
  std::uint64_t entries = 0;
  const ListReport report = parse_list(text, format, "list", [&](RuleEntry&& entry) {
    ++entries;
    check_entry(entry);
    require(entry.line >= 1);
    require(seen.insert(rule_of(entry)).second);
  });
  require(report.accepted == entries);
  require(report.first_problems.size() <= 11);
  std::uint64_t outcomes = report.accepted + report.invalid;
  for (const std::uint64_t n : report.ignored) outcomes += n;
  require(outcomes >= report.lines);  // nothing is skipped silently
  const bool includes = report.ignored[static_cast<std::size_t>(Ignored::included_list)] != 0;
  require(has_errors(report.first_problems) == (report.accepted == 0 && !includes));
  if (format == ListFormat::adblock && was_read(report)) check_order(text, seen);

  const std::string_view name = text.substr(0, text.find('\n'));
  if (is_plain_name(name)) {
    Host host;
    require(parse_host(name, host).ok() && host.text == name && !host.is_address());
  }
  return 0;
}
