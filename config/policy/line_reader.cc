#include "config/policy/line_reader.h"

#include <memory>
#include <optional>
#include <utility>

#include "config/text/suggest.h"
#include "rules/db/matcher.h"
#include "rules/db/rule_db.h"
#include "rules/db/rule_db_builder.h"
#include "rules/patterns/build/reach.h"
#include "rules/rule.h"
#include "rules/url/public_suffix.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

std::string_view without_scheme(std::string_view text) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (text.size() < scheme.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < scheme.size(); ++i)
      same = same && (text[i] == scheme[i] || (text[i] | 0x20) == scheme[i]);
    if (same) return text.substr(scheme.size());
  }
  return text;
}

class LineReader {
 public:
  LineReader(Action action, const Reporter& report, LoadContext& context)
      : action_(action), report_(report), context_(context) {}

  std::optional<PlacedLine> read(const YamlNode& item) {
    PlacedLine out;
    out.line.effect.action = action_;
    if (item.kind == YamlNode::Kind::scalar)
      return site(item, out) ? std::optional(std::move(out)) : std::nullopt;
    Fields fields(item, report_, "a line");
    if (!fields.valid()) return std::nullopt;
    const YamlNode* domain = fields.get("domain");
    const YamlNode* url = fields.get("url");
    const YamlNode* pattern = fields.get("pattern");
    fields.text("why", out.line.why);
    if (action_ == Action::allow) {
      fields.boolean("record", out.line.effect.flags.record);
      if (const YamlNode* terms = fields.get("terms"))
        if (const auto word = read_word(*terms, report_, {"on", "off"})) out.line.lifts_words = *word == 1;
    }
    const int kinds = (domain != nullptr) + (url != nullptr) + (pattern != nullptr);
    if (kinds != 1) {
      report_.error(diag::missing_key, item,
                    "a line has one of the keys domain, url, pattern; this one has " + std::to_string(kinds));
      return std::nullopt;
    }
    const bool good = pattern != nullptr  ? pattern_line(fields, *pattern, out)
                      : domain != nullptr ? site(*domain, out, Key::domain)
                                          : site(*url, out, Key::url);
    fields.finish();
    if (!good) return std::nullopt;
    return out;
  }

 private:
  // A top-level domain that nobody knows can be opened by mistake, and blocks nothing.
  [[nodiscard]] bool is_wide(std::string_view host) const {
    if (host.empty()) return false;
    return public_suffix(host) == Suffix::registry ||
           (action_ == Action::allow && host.find_first_of(".:") == std::string_view::npos);
  }

  [[nodiscard]] const char* does() const noexcept {
    switch (action_) {
      case Action::allow:
        return "allows";
      case Action::warn:
        return "warns of";
      case Action::help:
        return "answers with help";
      case Action::block:
        break;
    }
    return "blocks";
  }

  enum class Key : std::uint8_t { none, domain, url };

  // This and pattern_line() fill a part of `out`. False: a diagnostic was written.
  bool site(const YamlNode& node, PlacedLine& out, Key key = Key::none) {
    const auto text = read_text(node, report_);
    if (!text) return false;
    // Behind `url:` an address with a number for a path is that page.
    auto rule = rule_from_text(key == Key::url ? "http://" + std::string(without_scheme(*text)) : *text);
    if (rule && key == Key::domain && rule->kind == RuleKind::url) rule = Error{"it has a path"};
    if (!rule) {
      report_.error(diag::bad_line, node, "\"" + *text + "\" is not a site: " + rule.error().message,
                    "a site is vi.wikipedia.org, *.edu.vn or youtube.com/channel/x");
      return false;
    }
    if (rule->kind == RuleKind::network && schoolgate::is_wide(*Network::parse(rule->text)))
      report_.warning(diag::line_too_wide, node,
                      std::string("this line ") + does() + " a good part of the Internet: " + rule->text,
                      "networks up to /8 of IPv4 and /19 of IPv6 are what one party has");
    if (const std::string_view host = whole_host(*rule); is_wide(host))
      report_.warning(
          diag::line_too_wide, node,
          std::string("this line ") + does() + " every site whose name ends in ." + std::string(host));
    place(node, std::move(*rule), out);
    return true;
  }

  bool pattern_line(Fields& fields, const YamlNode& node, PlacedLine& out) {
    RuleEntry rule;
    rule.kind = RuleKind::pattern;
    fields.boolean("case_sensitive", rule.case_sensitive);
    if (const YamlNode* target = fields.get("target"))
      if (const auto word = read_word(*target, report_, {"host", "path", "query", "url"}))
        rule.target = static_cast<PatternTarget>(*word);
    tests(fields, "hit", true, out);
    tests(fields, "miss", false, out);
    const auto text = read_text(node, report_);
    if (!text) return false;
    if (const auto checked = check_pattern(*text, rule.case_sensitive); checked.failed()) {
      const PatternProblem& problem = checked.error();
      SourcePos pos = node.pos;
      std::uint32_t length = node.length;
      const bool as_written =
          node.text.size() + (node.quoted ? 2u : 0u) == node.length;  // no escapes: bytes map one to one
      if (as_written && problem.offset < text->size()) {
        pos.column += problem.offset + (node.quoted ? 1 : 0);
        length = 1;
      }
      report_.add(Severity::error, diag::bad_pattern, pos, length,
                  "this pattern cannot be used: " + problem.message,
                  "patterns follow the syntax of RE2; in YAML they stand best in single quotes");
      return false;
    }
    if (!can_match_an_address({*text, rule.target, rule.case_sensitive}))
      report_.warning(diag::pattern_never_matches, node, "no address can match this pattern",
                      why_none_matches({*text, rule.target, rule.case_sensitive}));
    rule.text = *text;
    place(node, std::move(rule), out);
    return true;
  }

  static const char* why_none_matches(const Pattern& pattern) {
    switch (pattern.target) {
      case PatternTarget::host:
        return "the name of a site has no scheme, no port and no \"/\"";
      case PatternTarget::path:
        return "a path begins with \"/\"";
      case PatternTarget::query:
        return "a query has no \"#\"";
      case PatternTarget::url:
        break;
    }
    return can_match_an_address({pattern.text, PatternTarget::host, pattern.case_sensitive})
               ? "did you mean it for the name of the site? add target: host"
               : "whole addresses look like https://example.vn/page?x=1";
  }

  void tests(Fields& fields, std::string_view key, bool hit, PlacedLine& out) {
    const YamlNode* node = fields.get(key);
    if (node == nullptr) return;
    for (const YamlNode* item : read_items(*node, report_))
      if (auto url = read_text(*item, report_))
        out.tests.push_back({std::move(*url), hit, context_.place(report_.file(), *item)});
  }

  void place(const YamlNode& node, RuleEntry rule, PlacedLine& out) {
    rule.line = node.pos.line;
    out.where = context_.place(report_.file(), node);
    out.line.where = out.where.ref();
    out.line.rule = std::move(rule);
  }

  Action action_;
  const Reporter& report_;
  LoadContext& context_;
};

}  // namespace

Result<RuleEntry> rule_from_text(std::string_view text) {
  RuleEntry rule;
  if (const auto network = text.find('/') == std::string_view::npos ? std::nullopt : Network::around(text)) {
    if (!Network::parse(text))
      return Error{"it has more than zeros behind its mask; the network is " + network->cidr()};
    rule.kind = RuleKind::network;
    rule.text = network->cidr();
    return rule;
  }
  text = without_scheme(text);
  if (text.substr(0, 2) == "*.")
    text.remove_prefix(2);
  else if (text.substr(0, 1) == ".")
    text.remove_prefix(1);
  const std::string_view host = text.substr(0, text.find_first_of("/?#"));
  if (text.find_first_of(" \t") != std::string_view::npos) return Error{"it holds a blank"};
  if (host.find('*') != std::string_view::npos)
    return Error{"a * can only stand in front, as \"*.\" (for more there is \"pattern:\")"};
  if (text.find('#') != std::string_view::npos) return Error{"the part from # on is never sent"};
  const bool bare = host.size() == text.size();
  Url url;
  const auto parsed =
      url.parse("http://" + escape_typed_url(bare ? std::string(text) + "/" : std::string(text)));
  if (parsed.failed()) return Error{std::string(to_string(parsed.error()))};
  if (url.port() != default_port(Scheme::http)) return Error{"a line holds for every port"};
  rule.kind = RuleKind::domain;
  rule.text = std::string(url.match_host());
  const std::string_view query = url.match_query(true);
  if (url.match_path(true).size() <= 1 && query.empty()) return rule;
  rule.kind = RuleKind::url;
  rule.text += url.match_path(true);
  if (!query.empty()) rule.text += "?" + std::string(query);
  return rule;
}

std::vector<PlacedLine> read_lines(const YamlNode& node, Action action, const Reporter& report,
                                   LoadContext& context) {
  std::vector<PlacedLine> out;
  LineReader reader(action, report, context);
  for (const YamlNode* item : read_items(node, report))
    if (auto line = reader.read(*item)) out.push_back(std::move(*line));
  return out;
}

void run_pattern_tests(const PlacedLine& line, LoadContext& context) {
  if (line.tests.empty()) return;
  RuleDbBuilder builder;
  builder.add(builder.add_source({}), line.line.rule);
  const auto bytes = builder.build();
  if (!bytes) {
    context.add(Severity::error, diag::bad_pattern, line.where,
                "this pattern cannot be used: " + bytes.error().message);
    return;
  }
  auto db = RuleDb::open(*bytes);
  if (!db) {
    context.add(Severity::error, diag::bad_pattern, line.where,
                "this pattern cannot be used: " + db.error().message);
    return;
  }
  Matcher matcher(std::move(*db));
  Matches matches;
  for (const PatternTest& test : line.tests) {
    Url url;
    if (const auto parsed = url.parse(escape_typed_url(test.url)); parsed.failed()) {
      context.add(Severity::error, diag::pattern_test_failed, test.where,
                  "\"" + test.url + "\" is not a URL: " + std::string(to_string(parsed.error())),
                  "a whole address: https://example.vn/page");
      continue;
    }
    matches.clear();
    matcher.match(url, Stage::request, matches);
    if (matches.pattern_error) {
      context.add(Severity::error, diag::pattern_test_failed, test.where,
                  "the pattern could not be asked about this address");
    } else if (matches.hits.empty() == test.hit) {
      context.add(Severity::error, diag::pattern_test_failed, test.where,
                  test.hit ? "the pattern must match this address and does not"
                           : "the pattern must not match this address and does",
                  "the pattern sees: " +
                      std::string(line.line.rule.case_sensitive ? url.match() : url.match_lower()));
    }
  }
}

}  // namespace schoolgate
