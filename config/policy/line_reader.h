// One explicit line of a tier or of the locked file: "vi.wikipedia.org", "youtube.com/channel/x",
// "198.51.100.0/24", or
// {domain | url | pattern: ..., why: ...}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/policy/bundle_reader.h"
#include "config/text/load_context.h"
#include "rules/policy/policy.h"
#include "rules/result.h"

namespace schoolgate {

struct PatternTest {
  std::string url;
  bool hit = true;  // must match; false: must not
  Place where;
};

struct PlacedLine {
  Line line;    // tier still 0
  Place where;  // of the site's text
  std::vector<PatternTest> tests;
  bool means_nothing = false;  // no address fits it, and a warning says so
};

// The rule for a site as people write it: a scheme in front, upper case, IDN, "*." and "." are understood.
// An address with the length of its network, without a scheme, is that network.
[[nodiscard]] Result<RuleEntry> rule_from_text(std::string_view text);

// All lines under one key ("allow", "warn", "block"); errors go to the report. A line that names one of
// `bundles` becomes a line for each of its hosts; null: no line may.
[[nodiscard]] std::vector<PlacedLine> read_lines(const YamlNode& node, Action action, const Reporter& report,
                                                 LoadContext& context, const Bundles* bundles = nullptr);

// The sites of a row of a timetable, likewise: lines that may not say what else to leave aside (terms,
// tunnel).
[[nodiscard]] std::vector<PlacedLine> read_timed_lines(const YamlNode& node, const Effect& effect,
                                                       const Reporter& report, LoadContext& context,
                                                       const Bundles& bundles);

// A warning on each line that names "www.zalo.me" where none of them names zalo.me.
void note_www_alone(const std::vector<PlacedLine>& lines, LoadContext& context);

// Runs the tests of a pattern line through the same matcher the proxy uses.
void run_pattern_tests(const PlacedLine& line, LoadContext& context);

}  // namespace schoolgate
