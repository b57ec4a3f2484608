// Rules and URLs from a text, answered by Matcher and by asking every rule. A line is a rule ("d host", "@
// host" = an exception, "! host" = important, "= host" = alone, ". host" = below alone, "u url", "s url" =
// with the hosts below, "o url" = with an open end, "n network", "x network" = an exception) with its tag as
// a digit before it, or ">" and a URL.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "rules/db/rule_db_builder.h"
#include "tests/support/reference_matcher.h"

using namespace schoolgate;

namespace {

// False: no rule.
bool read_rule(const std::string& line, RuleEntry& entry) {
  if (line.size() < 4 || line[0] < '0' || line[0] > '9') return false;
  std::string text = line.substr(3);
  switch (line[1]) {
    case '@':
    case '!':
    case '=':
    case '.':
    case 'd': {
      Host host;
      if (parse_host(text, host).failed()) return false;
      entry.exception = line[1] == '@';
      entry.important = line[1] == '!';
      entry.subdomains = line[1] != '=';
      entry.itself = line[1] != '.';
      entry.text = host.text;
      return true;
    }
    case 'o':
    case 'u':
    case 's': {
      Url url;
      if (url.parse("http://" + text).failed()) return false;
      entry.kind = RuleKind::url;
      entry.subdomains = line[1] == 's';
      entry.open_end = line[1] == 'o';
      const std::string_view path = url.match_path(true);
      entry.text = url.host().text;
      entry.text +=
          url.match_lower().substr(static_cast<std::size_t>(path.data() - url.match_lower().data()));
      return true;
    }
    case 'n':
    case 'x': {
      const auto network = Network::around(text);
      if (!network) return false;
      entry.kind = RuleKind::network;
      entry.exception = line[1] == 'x';
      entry.text = network->cidr();
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  RuleDbBuilder builder;
  ReferenceMatcher reference;
  std::vector<std::string> urls;
  std::uint32_t number = 0;
  for (std::string line; std::getline(in, line) && number < 200;) {
    ++number;
    RuleEntry entry;
    if (line.starts_with('>')) {
      urls.push_back(line.substr(1));
    } else if (read_rule(line, entry)) {
      entry.line = number;
      const auto tag = static_cast<Tag>(line[0] - '0');
      builder.add(tag, entry);
      reference.add(tag, entry);
    }
  }
  const auto bytes = builder.build();
  if (!bytes) std::abort();
  const auto db = RuleDb::open(*bytes);
  if (!db) std::abort();
  Matcher matcher(*db);
  Url url;
  for (const std::string& text : urls) {
    if (url.parse(text).failed()) continue;
    for (const Stage stage : {Stage::request, Stage::host}) {
      Matches got;
      matcher.match(url, stage, got);
      const Matches want = reference.match(url, stage);
      if (got.pattern_error) continue;  // subject over 8 KiB
      if (rows(got) != rows(want) || got.path_rules != want.path_rules) std::abort();
      std::size_t explained = 0;
      for (const RuleHit& hit : matcher.explain(url, stage)) explained += hit.lifted ? 0 : 1;
      if (explained != got.hits.size()) std::abort();
    }
  }
  return 0;
}
