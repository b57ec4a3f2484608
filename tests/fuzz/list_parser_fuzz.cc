// The first byte chooses the format, the rest is the file. Every line is accounted for, every entry is
// canonical, and none comes twice.
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "rules/lists/list_line.h"
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
  Host host;
  const bool is_v6 = entry.text.find(':') != std::string::npos;
  require(parse_host(is_v6 ? "[" + entry.text + "]" : entry.text, host).ok());
  require(host.text == entry.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto copy = std::make_unique<char[]>(size - 1);  // exact size: a read past the end is seen
  if (size > 1) std::memcpy(copy.get(), data + 1, size - 1);
  const std::string_view text(copy.get(), size - 1);
  const auto format = static_cast<ListFormat>(data[0] % list_format_names.size());

  std::set<std::tuple<RuleKind, bool, PatternTarget, std::string>> seen;
  std::uint64_t entries = 0;
  const ListReport report = parse_list(text, format, "list", [&](RuleEntry&& entry) {
    ++entries;
    check_entry(entry);
    require(entry.line >= 1);
    require(seen.insert({entry.kind, entry.exception, entry.target, entry.text}).second);
  });
  require(report.accepted == entries);
  require(report.first_problems.size() <= 11);
  std::uint64_t outcomes = report.accepted + report.invalid;
  for (const std::uint64_t n : report.ignored) outcomes += n;
  require(outcomes >= report.lines);  // nothing is skipped silently
  require(has_errors(report.first_problems) == (report.accepted == 0));

  const std::string_view name = text.substr(0, text.find('\n'));
  if (is_plain_name(name)) {
    Host host;
    require(parse_host(name, host).ok() && host.text == name && !host.is_address());
  }
  return 0;
}
