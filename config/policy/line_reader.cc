#include "config/policy/line_reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/text/suggest.h"
#include "rules/db/matcher.h"
#include "rules/db/rule_db.h"
#include "rules/db/rule_db_builder.h"
#include "rules/message.h"
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
  LineReader(const Effect& effect, const Reporter& report, LoadContext& context, const Bundles* bundles,
             bool timed = false)
      : effect_(effect),
        action_(effect.action),
        timed_(timed),
        report_(report),
        context_(context),
        bundles_(bundles) {}

  // Appends what the item says to `lines`.
  void read(const YamlNode& item, std::vector<PlacedLine>& lines) {
    PlacedLine out;
    out.line.effect = effect_;
    if (item.kind == YamlNode::Kind::scalar) {
      if (site(item, out)) lines.push_back(std::move(out));
    } else if (item.kind == YamlNode::Kind::sequence) {
      report_.error(diag::wrong_kind, item, say("one site belongs here, not a list"),
                    say("write each site as an item of its own"));
    } else {
      read_map(item, std::move(out), lines);
    }
  }

 private:
  [[nodiscard]] const Shape& shape() const noexcept {
    if (timed_) return other_line_shape;
    if (action_ == Action::allow) return bundles_ != nullptr ? allow_line_shape : own_allow_line_shape;
    return bundles_ != nullptr ? other_line_shape : own_block_line_shape;
  }

  void read_map(const YamlNode& item, PlacedLine out, std::vector<PlacedLine>& lines) {
    Fields fields(item, report_, shape(), say("a line"));
    if (!fields.valid()) return;
    const YamlNode* domain = fields.get("domain");
    const YamlNode* url = fields.get("url");
    const YamlNode* pattern = fields.get("pattern");
    const YamlNode* bundle = bundles_ != nullptr ? fields.get("bundle") : nullptr;
    fields.text("why", out.line.why);
    if (action_ == Action::allow && !timed_) {
      fields.boolean("record", out.line.effect.flags.record);
      if (const auto word = fields.word("terms")) out.line.lifts_words = *word == 1;
    }
    const YamlNode* const tunnel = action_ == Action::allow && !timed_ ? fields.get("tunnel") : nullptr;
    if (tunnel != nullptr) read_exceptions(*tunnel, out);
    const int kinds = (domain != nullptr) + (url != nullptr) + (pattern != nullptr);
    if (bundle != nullptr) {
      fields.finish(where_times_belong);
      if (tunnel != nullptr) return tell_tunnel(*tunnel);
      if (kinds == 0) return bundle_lines(*bundle, out, lines);
      report_.error(diag::missing_key, item, say("a bundle stands alone in its line"),
                    say("make a line of each"));
      return;
    }
    if (kinds != 1) return tell_kinds(fields, item, kinds);
    const bool good = pattern != nullptr  ? pattern_line(fields, *pattern, out)
                      : domain != nullptr ? site(*domain, out, Key::domain)
                                          : site(*url, out, Key::url);
    fields.finish(where_times_belong);
    if (good && out.line.not_tls && out.line.rule.kind != RuleKind::domain &&
        out.line.rule.kind != RuleKind::network)
      return tell_tunnel(*tunnel);
    if (good) lines.push_back(std::move(out));
  }

  void tell_tunnel(const YamlNode& tunnel) {
    report_.error(diag::bad_line, tunnel, say("only a line on one host or network has the key tunnel"),
                  say("for example {domain: zoom.us, tunnel: [not_tls]}"));
  }

  // A line that has none of the keys that say what it is about, or several.
  void tell_kinds(Fields& fields, const YamlNode& item, int kinds) {
    const std::size_t told = report_.out().size();
    fields.finish_leniently();
    if (kinds == 0 && report_.out().size() != told) return;  // one of them is mistyped, and told
    report_.error(
        diag::missing_key, item,
        bundles_ != nullptr
            ? say("a line has one of the keys domain, url, pattern, bundle; this one has {}", kinds)
            : say("a line has one of the keys domain, url, pattern; this one has {}", kinds),
        kinds == 0 ? say("for example {domain: example.vn, why: \"...\"}") : say("make a line of each"));
  }

  // What a tunnel to this site may do that the tier's tunnel: refuses.
  void read_exceptions(const YamlNode& node, PlacedLine& out) {
    for (const YamlNode* item : read_items(node, report_)) {
      const auto word = read_word(*item, report_, {"not_tls", "address"});
      if (!word) continue;
      if (*word == 0)
        out.line.not_tls = true;
      else
        report_.error(diag::bad_line, *item, say("a line needs no leave for addresses"),
                      say("a line on an address or network opens it by number: domain: 203.0.113.0/24"));
    }
  }

  // A line for each host, all of one place. What others share is opened with it, and never closed.
  void bundle_lines(const YamlNode& node, const PlacedLine& line, std::vector<PlacedLine>& lines) {
    const auto text = read_text(node, report_);
    if (!text) return;
    const Bundle* const bundle = bundles_->find(*text);
    if (bundle == nullptr) {
      if (!bundles_->whole) return;  // its file is an error already
      std::vector<std::string> known;
      for (const Bundle& one : bundles_->all) known.push_back(one.id);
      report_.error(diag::unknown_bundle, node, say("unknown bundle \"{}\"", *text),
                    did_you_mean(*text, known,
                                 known.empty() ? say("there is no bundles.yaml beside the folder of tiers")
                                               : say("there are: {}", join_words(known))));
      return;
    }
    const auto add = [&](const std::string& host, bool below) {
      PlacedLine one = line;
      one.line.bundle = bundle->id;
      RuleEntry rule;
      rule.kind = RuleKind::domain;
      rule.text = host;
      rule.subdomains = below;
      place(node, std::move(rule), one);
      lines.push_back(std::move(one));
    };
    for (const std::string& host : bundle->hosts) add(host, true);
    if (action_ != Action::allow) return;
    for (const std::string& host : bundle->shared) add(host, false);
  }

  // A top-level domain that nobody knows can be opened by mistake, and blocks nothing.
  [[nodiscard]] bool is_wide(std::string_view host) const {
    if (host.empty()) return false;
    return public_suffix(host) == Suffix::registry ||
           (action_ == Action::allow && host.find_first_of(".:") == std::string_view::npos);
  }

  // Of a line that holds a whole network.
  [[nodiscard]] Message holds_wide_network(const std::string& network) const {
    switch (action_) {
      case Action::allow:
        return say("this line allows a good part of the Internet: {}", network);
      case Action::warn:
        return say("this line warns of a good part of the Internet: {}", network);
      case Action::help:
        return say("this line answers with help a good part of the Internet: {}", network);
      case Action::block:
        break;
    }
    return say("this line blocks a good part of the Internet: {}", network);
  }
  // Of a line that holds every name below a suffix.
  [[nodiscard]] Message holds_all_below(const std::string& suffix) const {
    switch (action_) {
      case Action::allow:
        return say("this line allows every site whose name ends in .{}", suffix);
      case Action::warn:
        return say("this line warns of every site whose name ends in .{}", suffix);
      case Action::help:
        return say("this line answers with help every site whose name ends in .{}", suffix);
      case Action::block:
        break;
    }
    return say("this line blocks every site whose name ends in .{}", suffix);
  }

  enum class Key : std::uint8_t { none, domain, url };

  // This and pattern_line() fill a part of `out`. False: a diagnostic was written.
  bool site(const YamlNode& node, PlacedLine& out, Key key = Key::none) {
    const auto text = read_text(node, report_);
    if (!text) return false;
    // Behind `url:` an address with a number for a path is that page.
    auto rule = rule_from_text(key == Key::url ? "http://" + std::string(without_scheme(*text)) : *text);
    if (rule && key == Key::domain && rule->kind == RuleKind::url) {
      report_.error(diag::bad_line, node, say("\"{}\" is not the name of a site: it has a path", *text),
                    say("write \"url: {}\" in place of \"domain:\"", *text));
      return false;
    }
    if (!rule) {
      report_.error(diag::bad_line, node, say("\"{}\" is not a site: {}", *text, rule.error().message),
                    why_no_site(*text));
      return false;
    }
    if (rule->kind == RuleKind::network && schoolgate::is_wide(*Network::parse(rule->text)))
      report_.warning(diag::line_too_wide, node, holds_wide_network(rule->text),
                      say("networks up to /8 of IPv4 and /19 of IPv6 are what one party has"));
    if (auto hint = why_no_such_site(*text, *rule); !hint.empty()) {
      report_.warning(diag::no_such_site, node, say("no site is called \"{}\"", *text), std::move(hint));
      out.means_nothing = true;
    } else if (const std::string_view host = whole_host(*rule); is_wide(host)) {
      const std::string name(host);
      report_.warning(diag::line_too_wide, node, holds_all_below(name), what_to_write_for(name));
    }
    place(node, std::move(*rule), out);
    return true;
  }

  // In place of a name that holds all below it.
  [[nodiscard]] Message what_to_write_for(const std::string& name) const {
    if (public_suffix(name) != Suffix::registry)
      return say("write all of the name, as in {}.com or {}.vn", name, name);
    const bool perhaps_a_category = name.size() > 3 && name.find('.') == std::string::npos;  // games, chat
    if (!perhaps_a_category) return say("write the name of a site in front of it, as in example.{}", name);
    return say(
        "write the name of a site in front of it, as in example.{}; a category stands under "
        "categories, as in {}: {}",
        name, name, to_string(action_));
  }

  // What to write in place of a line that can be read and means nothing; empty: it may mean something.
  [[nodiscard]] Message why_no_such_site(const std::string& text, const RuleEntry& rule) const {
    if (has_curly_quotes(text))
      return say("these quotes belong to the text; write {}", without_curly_quotes(text));
    if (text.starts_with('-'))
      return say("a blank is missing behind the \"-\"; write \"- {}\"", text.substr(1));
    if (rule.kind == RuleKind::url && rule.text.find('*') != std::string::npos)
      return say("a * in a path stands for itself; a line holds all that begins like it: write {}",
                 text.substr(0, text.find_last_not_of('/', text.find('*') - 1) + 1));
    const std::string_view host = std::string_view(rule.text).substr(0, rule.text.find('/'));
    const bool one_word = host.find_first_of(".:") == std::string_view::npos;
    if (const std::size_t scheme = text.find(":/"); one_word && scheme == host.size())
      return say("write {}", text.substr(std::min(text.find_first_not_of(":/", scheme), text.size())));
    if (means_everything(text)) return everything_is_the_default();
    if (rule.kind == RuleKind::domain && one_word && action_ != Action::allow &&
        public_suffix(host) == Suffix::none)
      return say(
          "the name has no dot; write all of it, as in {}.com or {}.vn; a category stands under categories",
          host, host);
    return {};
  }

  // "olm . vn" -> "olm.vn"; two names beside each other stay.
  [[nodiscard]] static std::string without_blanks_at_dots(std::string text) {
    const auto inside = [&text](std::size_t dot) {
      return dot > 0 && dot + 1 < text.size() && text[dot - 1] != ' ' && text[dot + 1] != ' ';
    };
    for (std::size_t at = 0; (at = text.find('.', at)) != std::string::npos; ++at)
      if (inside(at)) return text;
    for (std::size_t at = 0; (at = text.find('.', at)) != std::string::npos; ++at) {
      while (at > 0 && text[at - 1] == ' ') text.erase(--at, 1);
      while (at + 1 < text.size() && text[at + 1] == ' ') text.erase(at + 1, 1);
    }
    return text;
  }

  // Of a key of a line that may be meant to say when the line holds.
  [[nodiscard]] static Message where_times_belong(std::string_view key) {
    constexpr std::string_view times[] = {"when", "until", "from",  "to",   "at",
                                          "for",  "time",  "hours", "date", "expires"};
    if (std::find(std::begin(times), std::end(times), key) == std::end(times)) return {};
    return say(
        "a site at its times is a row of timetable:, with the keys when, sites and action; for one lesson "
        "there is "
        "`schoolgate allow` or `block`");
  }

  // Signs that word processors put before the items of a list.
  [[nodiscard]] static bool is_bullet(std::string_view part) noexcept {
    constexpr std::string_view bullets[] = {"-", "•", "–", "—", "·", "●", "▪", "+", "*"};
    return std::find(std::begin(bullets), std::end(bullets), part) != std::end(bullets);
  }

  [[nodiscard]] static bool means_everything(std::string_view text) noexcept {
    constexpr std::string_view words[] = {"all", "*",      "*.*",    "everything",
                                          "any", "tất cả", "Tất cả", "mọi trang"};
    return std::find(std::begin(words), std::end(words), text) != std::end(words);
  }
  [[nodiscard]] static Message everything_is_the_default() {
    return say("\"default: allow\" or \"default: block\" of the tier is about all sites");
  }

  // What to write in place of a text that is no site.
  [[nodiscard]] static Message why_no_site(const std::string& text) {
    if (means_everything(text)) return everything_is_the_default();
    if (constexpr std::string_view key = "bundle:"; text.starts_with(key))
      return say("a blank is missing behind the colon; write \"bundle: {}\"", text.substr(key.size()));
    if (const auto network = text.find('/') == std::string::npos ? std::nullopt : Network::around(text))
      return say("write {}", network->cidr());
    const std::string_view signs = " \t,;";
    if (const std::size_t comma = text.find(','); comma != std::string::npos &&
                                                  text.find_first_of(" \t;") == std::string::npos &&
                                                  text.find('.') == std::string::npos) {
      std::string dots = text;
      std::replace(dots.begin(), dots.end(), ',', '.');
      if (rule_from_text(dots)) return say("write {}", dots);
    }
    if (std::string whole = without_blanks_at_dots(text); whole != text && rule_from_text(whole))
      return say("write {}", whole);
    if (text.find_first_of(signs) != std::string::npos && text.find('@') == std::string::npos) {
      Message each;
      for (std::size_t at = 0; (at = text.find_first_not_of(signs, at)) != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(signs, at), text.size());
        std::string part = text.substr(at, end - at);
        at = end;
        if (is_bullet(part)) continue;
        if (part.starts_with('-')) part.erase(0, 1);
        if (!rule_from_text(part) || part.find('.') == std::string::npos)
          return say(
              "a name has no blanks, commas or semicolons; a site is vi.wikipedia.org, *.edu.vn or "
              "youtube.com/channel/x");
        const Message one = say("\"- {}\"", part);
        each = each.empty() ? one : say("{} and {}", each, one);
      }
      return say("one site a line: {}", each);
    }
    return why_no_single_site(text);
  }

  [[nodiscard]] static Message why_no_single_site(const std::string& text) {
    if (has_curly_quotes(text)) return say("write {}", without_curly_quotes(text));
    if (const std::size_t hash = text.find('#'); hash != std::string::npos && hash != 0)
      return say("write {}", text.substr(0, hash));
    const std::size_t scheme = text.find("://");
    const std::size_t port = text.find(':', scheme == std::string::npos ? 0 : scheme + 3);
    if (port != std::string::npos && text.find(':', port + 1) == std::string::npos)
      if (const std::string bare =
              text.substr(0, port) + text.substr(std::min(text.find('/', port), text.size()));
          rule_from_text(bare))
        return say("write {}", bare);
    if (const std::size_t at = text.find('@'); at != std::string::npos && rule_from_text(text.substr(at + 1)))
      return say("write {}", text.substr(at + 1));
    if (std::string dots = text; dots.find("..") != std::string::npos) {
      for (std::size_t i; (i = dots.find("..")) != std::string::npos;) dots.erase(i, 1);
      if (rule_from_text(dots)) return say("write {}", dots);
    }
    if (scheme != std::string::npos && rule_from_text(text.substr(scheme + 3)))
      return say("write {}", text.substr(scheme + 3));
    const std::size_t first_dot = text.find('.'), star = text.find('*');
    if (star == 0 && first_dot != 1 && rule_from_text(text.substr(1)))
      return say("write {}, which holds every name below it too", text.substr(1));
    return say("a site is vi.wikipedia.org, *.edu.vn or youtube.com/channel/x");
  }

  bool pattern_line(Fields& fields, const YamlNode& node, PlacedLine& out) {
    RuleEntry rule;
    rule.kind = RuleKind::pattern;
    fields.boolean("case_sensitive", rule.case_sensitive);
    if (const auto word = fields.word("target")) rule.target = static_cast<PatternTarget>(*word);
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
                  say("this pattern cannot be used: {}", problem.message),
                  text->starts_with('*')
                      ? say("a pattern finds its text anywhere: no * at its ends")
                      : say("patterns follow the syntax of RE2; in YAML they stand best in single quotes"));
      return false;
    }
    if (!can_match_an_address({*text, rule.target, rule.case_sensitive}))
      report_.warning(diag::pattern_never_matches, node, say("no address can match this pattern"),
                      why_none_matches({*text, rule.target, rule.case_sensitive}));
    rule.text = *text;
    place(node, std::move(rule), out);
    return true;
  }

  static Message why_none_matches(const Pattern& pattern) {
    switch (pattern.target) {
      case PatternTarget::host:
        return say("the name of a site has no scheme, no port and no \"/\"");
      case PatternTarget::path:
        return say("a path begins with \"/\"");
      case PatternTarget::query:
        return say("a query has no \"#\"");
      case PatternTarget::url:
        break;
    }
    return can_match_an_address({pattern.text, PatternTarget::host, pattern.case_sensitive})
               ? say("did you mean it for the name of the site? add target: host")
               : say("whole addresses look like https://example.vn/page?x=1");
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

  Effect effect_;
  Action action_;
  bool timed_;  // of a row of the timetable
  const Reporter& report_;
  LoadContext& context_;
  const Bundles* bundles_;
};

}  // namespace

Result<RuleEntry> rule_from_text(std::string_view text) {
  RuleEntry rule;
  if (const auto network = text.find('/') == std::string_view::npos ? std::nullopt : Network::around(text)) {
    if (!Network::parse(text))
      return Error{say("it has more than zeros behind its mask; the network is {}", network->cidr())};
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
  if (text.find_first_of(" \t") != std::string_view::npos) return Error{say("it holds a blank")};
  if (host.find('*') != std::string_view::npos)
    return Error{say("a * can only stand in front, as \"*.\" (for more there is \"pattern:\")")};
  if (text.find('#') != std::string_view::npos) return Error{say("the part from # on is never sent")};
  const bool bare = host.size() == text.size();
  Url url;
  const auto parsed =
      url.parse("http://" + escape_typed_url(bare ? std::string(text) + "/" : std::string(text)));
  if (parsed.failed()) return Error{message_of(parsed.error())};
  if (url.port() != default_port(Scheme::http)) return Error{say("a line holds for every port")};
  rule.kind = RuleKind::domain;
  rule.text = std::string(url.match_host());
  const std::string_view query = url.match_query(true);
  if (url.match_path(true).size() <= 1 && query.empty()) return rule;
  rule.kind = RuleKind::url;
  rule.text += url.match_path(true);
  if (!query.empty()) rule.text += "?" + std::string(query);
  return rule;
}

// "www.zalo.me" where nothing says anything of zalo.me.
void note_www_alone(const std::vector<PlacedLine>& lines, LoadContext& context) {
  const auto stands = [&](std::string_view host) {
    return std::any_of(lines.begin(), lines.end(), [&](const PlacedLine& other) {
      return other.line.rule.kind == RuleKind::domain && other.line.rule.text == host;
    });
  };
  for (const PlacedLine& line : lines) {
    constexpr std::string_view www = "www.";
    const std::string_view name = line.line.rule.text;
    if (line.line.rule.kind != RuleKind::domain || !name.starts_with(www) || !line.line.bundle.empty())
      continue;
    const std::string site(name.substr(www.size()));
    if (site.find('.') == std::string::npos || public_suffix(site) != Suffix::none || stands(site)) continue;
    context.add(Severity::warning, diag::www_alone, line.where,
                say("this line is about {} alone, not about {}", name, site),
                say("write {}, which holds www.{} too", site, site));
  }
}

std::vector<PlacedLine> read_lines(const YamlNode& node, Action action, const Reporter& report,
                                   LoadContext& context, const Bundles* bundles) {
  std::vector<PlacedLine> out;
  LineReader reader(Effect{action, {}}, report, context, bundles);
  for (const YamlNode* item : read_items(node, report)) reader.read(*item, out);
  return out;
}

std::vector<PlacedLine> read_timed_lines(const YamlNode& node, const Effect& effect, const Reporter& report,
                                         LoadContext& context, const Bundles& bundles) {
  std::vector<PlacedLine> out;
  LineReader reader(effect, report, context, &bundles, true);
  for (const YamlNode* item : read_items(node, report)) reader.read(*item, out);
  return out;
}

void run_pattern_tests(const PlacedLine& line, LoadContext& context) {
  if (line.tests.empty()) return;
  RuleDbBuilder builder;
  builder.add(builder.add_source({}), line.line.rule);
  const auto bytes = builder.build();
  if (!bytes) {
    context.add(Severity::error, diag::bad_pattern, line.where,
                say("this pattern cannot be used: {}", bytes.error().message));
    return;
  }
  auto db = RuleDb::open(*bytes);
  if (!db) {
    context.add(Severity::error, diag::bad_pattern, line.where,
                say("this pattern cannot be used: {}", db.error().message));
    return;
  }
  Matcher matcher(std::move(*db));
  Matches matches;
  for (const PatternTest& test : line.tests) {
    Url url;
    if (const auto parsed = url.parse(escape_typed_url(test.url)); parsed.failed()) {
      context.add(Severity::error, diag::pattern_test_failed, test.where,
                  say("\"{}\" is not a URL: {}", test.url, message_of(parsed.error())),
                  url.parse("http://" + escape_typed_url(test.url)).ok()
                      ? say("write http://{}", test.url)
                      : say("a whole address: https://example.vn/page"));
      continue;
    }
    matches.clear();
    matcher.match(url, Stage::request, matches);
    if (matches.pattern_error) {
      context.add(Severity::error, diag::pattern_test_failed, test.where,
                  say("the pattern could not be asked about this address"));
    } else if (matches.hits.empty() == test.hit) {
      context.add(
          Severity::error, diag::pattern_test_failed, test.where,
          test.hit ? say("the pattern must match this address and does not")
                   : say("the pattern must not match this address and does"),
          say("the pattern sees: {}", line.line.rule.case_sensitive ? url.match() : url.match_lower()));
    }
  }
}

}  // namespace schoolgate
