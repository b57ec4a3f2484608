#include "tests/support/policy_text.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include "rules/db/rule_db_builder.h"

namespace schoolgate::testing {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool take_prefix(std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.erase(0, prefix.size());
  return true;
}

class Parser {
 public:
  explicit Parser(World& world) : world_(world), spec_(world.spec) {
    world_.rule_texts.emplace_back("default");
  }

  void parse(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
      ++number_;
      const std::size_t comment = line.find("# ");
      if (line.starts_with('#')) continue;
      if (comment != std::string::npos) line.erase(comment);
      const bool indented = line.starts_with(' ');
      const std::vector<std::string> words = words_of(line);
      if (words.empty()) continue;
      if (indented) {
        read_tier_line(line, words);
      } else {
        read_line(line, words);
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(number_) + ": " + what);
  }

  CategoryId category(const std::string& id) const {
    for (std::size_t i = 0; i < spec_.categories.size(); ++i) {
      if (spec_.categories[i].id == id) return static_cast<CategoryId>(i);
    }
    fail("no category " + id);
  }
  TierId tier(const std::string& id) const {
    for (std::size_t i = 0; i < spec_.tiers.size(); ++i) {
      if (spec_.tiers[i].id == id) return static_cast<TierId>(i);
    }
    fail("no tier " + id);
  }
  Effect effect(const std::string& text) const {
    const std::optional<Effect> effect = parse_effect(text);
    if (!effect) fail("no effect " + text);
    return *effect;
  }

  RuleRef place(const std::string& text) {
    world_.rule_texts.push_back(text);
    return {0, static_cast<std::uint32_t>(world_.rule_texts.size() - 1)};
  }

  RuleEntry rule(std::string text, std::uint32_t line) const {
    RuleEntry rule;
    rule.line = line;
    rule.exception = take_prefix(text, "@@");
    rule.important = take_prefix(text, "!");
    if (take_prefix(text, "=")) rule.subdomains = false;
    if (take_prefix(text, ".")) rule.itself = false;
    const std::pair<std::string_view, PatternTarget> targets[] = {
        {"re:", PatternTarget::url},
        {"re-host:", PatternTarget::host},
        {"re-path:", PatternTarget::path},
        {"re-query:", PatternTarget::query},
    };
    for (const auto& [prefix, target] : targets) {
      if (!take_prefix(text, prefix)) continue;
      rule.kind = RuleKind::pattern;
      rule.target = target;
    }
    if (take_prefix(text, "net:")) rule.kind = RuleKind::network;
    if (rule.kind == RuleKind::domain && text.find('/') != std::string::npos) rule.kind = RuleKind::url;
    rule.text = text;
    return rule;
  }

  // The rules after the word ":".
  std::vector<std::string> after_colon(const std::vector<std::string>& words) const {
    const auto colon = std::find(words.begin(), words.end(), ":");
    if (colon == words.end()) fail("a \":\" is missing");
    return {colon + 1, words.end()};
  }

  std::vector<Line> lines(const std::vector<std::string>& words, const Effect& does, bool terms_off = false) {
    std::vector<Line> lines;
    for (const std::string& text : after_colon(words)) {
      Line& line = lines.emplace_back();
      line.effect = does;
      line.lifts_words = terms_off;
      line.where = place(text);
      line.rule = rule(text, line.where.line);
    }
    return lines;
  }

  void read_line(const std::string& text, const std::vector<std::string>& words) {
    const std::string& first = words[0];
    if (first == "category") {
      Category added;
      added.id = words.at(1);
      added.protecting = std::find(words.begin(), words.end(), "protecting") != words.end();
      added.beats_protecting = std::find(words.begin(), words.end(), "beats-protecting") != words.end();
      spec_.categories.push_back(added);
    } else if (first == "list") {
      read_list(words);
    } else if (first == "engine") {
      read_engine(words);
    } else if (first == "term") {
      read_term(text, words);
    } else if (first == "path-terms-not-on") {
      spec_.path_terms_not_on.push_back(category(words.at(1)));
    } else if (first == "path-unless") {
      spec_.path_unless.push_back(text.substr(text.find(" : ") + 3));
    } else if (first == "help") {
      append(spec_.help_lines, lines(words, {Action::allow, {}}));
    } else if (first == "locked") {
      append(spec_.locked_lines, lines(words, effect(words.at(1)), words.at(2) == "terms-off"));
    } else if (first == "sealed") {
      read_sealed(words);
    } else if (first == "network") {
      spec_.networks.push_back({*Network::parse(words.at(1)), tier(words.at(2)), {}});
    } else if (first == "unknown") {
      spec_.unknown_tier = tier(words.at(1));
    } else if (first == "tier") {
      read_tier(words);
    } else if (first == "ask") {
      read_ask(text);
    } else {
      fail("not understood: " + first);
    }
  }

  static void append(std::vector<Line>& to, std::vector<Line> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  }

  void read_list(const std::vector<std::string>& words) {
    ListMeaning meaning{category(words.at(1)), 0, std::nullopt};
    if (words.at(2) == "does") meaning.own = effect(words.at(3));
    world_.meanings.push_back(meaning);
    std::vector<RuleEntry>& rules = world_.list_rules.emplace_back();
    for (const std::string& text : after_colon(words)) rules.push_back(rule(text, place(text).line));
  }

  // engine HOST... [otherwise EFFECT] [small] : PARAMETER...
  void read_engine(const std::vector<std::string>& words) {
    SearchEngine& engine = spec_.engines.emplace_back();
    for (std::size_t i = 1; words.at(i) != ":"; ++i) {
      if (words[i] == "otherwise") {
        engine.otherwise_in_others = effect(words.at(++i));
      } else if (words[i] == "small") {
        engine.small = true;
      } else {
        engine.sites.push_back(words[i]);
      }
    }
    engine.id = engine.sites.at(0);
    engine.words = after_colon(words);
    engine.where = place("engine " + engine.id);
  }

  // term CATEGORY [does EFFECT] [toned] [path] : TERM [unless TERM]
  void read_term(const std::string& text, const std::vector<std::string>& words) {
    TermRule& rule = spec_.terms.emplace_back();
    rule.category = category(words.at(1));
    for (std::size_t i = 2; words.at(i) != ":"; ++i) {
      if (words[i] == "does") {
        rule.effect = effect(words.at(++i));
      } else if (words[i] == "toned") {
        rule.match = TermRule::Match::toned;
      } else if (words[i] == "path") {
        rule.in_path = true;
      } else {
        fail("not understood: " + words[i]);
      }
    }
    rule.term = text.substr(text.find(" : ") + 3);
    const std::size_t unless = rule.term.find(" unless ");
    if (unless != std::string::npos) {
      rule.unless = rule.term.substr(unless + 8);
      rule.term.erase(unless);
    }
    rule.id = rule.term;
    rule.where = place(rule.term);
  }

  void read_sealed(const std::vector<std::string>& words) {
    for (const std::string& text : after_colon(words)) {
      Url url;
      if (url.parse("http://" + text).failed()) fail("no URL: " + text);
      const Result<std::string> line = seal_floor_line(url);
      if (!line) fail(line.error().message.english());
      Result<FloorEntry> entry = parse_floor_entry(*line);
      entry->where = place(text);
      spec_.floor.push_back(*entry);
    }
  }

  void read_tier(const std::vector<std::string>& words) {
    Tier added;
    added.default_action = Action::allow;
    added.effects.assign(spec_.categories.size(), {Effect{Action::allow, {}}, {}, false});
    if (words.size() > 3 && words[2] == "extends") {
      const TierId parent = tier(words[3]);
      added = spec_.tiers[parent];
      added.parent = parent;
    }
    added.id = words.at(1);
    added.pupils = std::find(words.begin(), words.end(), "staff") == words.end();
    const auto word = std::find(words.begin(), words.end(), "default");
    if (word != words.end()) added.default_action = *parse_action(*(word + 1));
    added.default_where = {0, 0};
    spec_.tiers.push_back(added);
  }

  void read_tier_line(const std::string& text, const std::vector<std::string>& words) {
    if (spec_.tiers.empty()) fail("a tier's line before any tier");
    Tier& in = spec_.tiers.back();
    const std::string& first = words[0];
    const auto equals = std::find(words.begin(), words.end(), "=");
    if (first == "at") {
      const std::size_t colon = text.find(" : ");
      if (colon == std::string::npos)
        fail("at SCHEDULE : CATEGORY... = EFFECT, or at SCHEDULE : EFFECT : SITE...");
      if (equals == words.end()) return read_timed_lines(text, colon);
      TimetableEntry entry;
      const std::size_t begin = text.find("at ") + 3;
      const std::optional<Schedule> when = Schedule::parse(text.substr(begin, colon - begin));
      if (!when) fail("no schedule: " + text.substr(begin, colon - begin));
      entry.when = *when;
      entry.effect = effect(*(equals + 1));
      entry.where = place(text.substr(begin));
      entry.tier = static_cast<TierId>(spec_.tiers.size() - 1);
      for (auto id = std::find(words.begin(), words.end(), ":") + 1; id != equals; ++id) {
        entry.categories.push_back(category(*id));
      }
      in.timetable.push_back(entry);
    } else if (first == "safesearch") {
      in.safesearch = words.at(1) == "off" ? SafeLevel::off : SafeLevel::strict;
    } else if (first == "unknown_engines") {
      in.unknown_engines = effect(words.at(1)).action;
      in.engines_where = place("unknown_engines " + words.at(1));
    } else if (first == "open") {
      for (const std::string& id : after_colon(words)) in.open_categories.push_back(category(id));
    } else if (first == "tunnel" && words.at(1) == "http_ports") {
      in.tunnel.http_ports.clear();
      for (auto word = equals + 1; word != words.end(); ++word) {
        const auto first_port = static_cast<std::uint16_t>(std::stoi(*word));
        const std::size_t dash = word->find('-');
        const bool range = dash != std::string::npos;
        const auto last_port =
            range ? static_cast<std::uint16_t>(std::stoi(word->substr(dash + 1))) : first_port;
        in.tunnel.http_ports.push_back({first_port, last_port});
      }
    } else if (first == "tunnel") {
      choice(in.tunnel, words.at(1)) = words.at(3) == "block"   ? Choice::block
                                       : words.at(3) == "allow" ? Choice::allow
                                                                : Choice::allow_and_record;
    } else if (words.at(1) == ":" || words.at(1) == "terms-off") {
      std::vector<Line> added = lines(words, effect(first), words.at(1) == "terms-off");
      for (Line& line : added) line.tier = static_cast<TierId>(spec_.tiers.size() - 1);
      append(spec_.tier_lines, std::move(added));
    } else if (words.at(1) == "=") {
      in.effects[category(first)] = {effect(words.at(2)), place(words[0] + " = " + words[2]), true,
                                     static_cast<TierId>(spec_.tiers.size() - 1)};
    } else {
      fail("not understood: " + first);
    }
  }

  // at T2-T6 07:00-11:30 : block : zalo.me
  void read_timed_lines(const std::string& text, std::size_t colon) {
    const std::size_t begin = text.find("at ") + 3;
    const std::optional<Schedule> when = Schedule::parse(text.substr(begin, colon - begin));
    if (!when) fail("no schedule: " + text.substr(begin, colon - begin));
    const std::vector<std::string> words = words_of(text.substr(colon + 3));
    std::vector<Line> added = lines(words, effect(words.at(0)), false);
    for (Line& line : added) {
      line.tier = static_cast<TierId>(spec_.tiers.size() - 1);
      line.when = *when;
    }
    append(spec_.tier_lines, std::move(added));
  }

  Choice& choice(TunnelRules& rules, const std::string& name) const {
    const std::pair<std::string_view, Choice*> all[] = {
        {"address_target", &rules.address_target},
        {"odd_address", &rules.odd_address},
        {"sni_mismatch", &rules.sni_mismatch},
        {"no_sni", &rules.no_sni},
        {"several_names", &rules.several_names},
        {"sni_is_address", &rules.sni_is_address},
        {"not_tls", &rules.not_tls},
        {"hidden_name", &rules.hidden_name},
    };
    for (const auto& [known, value] : all) {
      if (known == name) return *value;
    }
    fail("no tunnel rule " + name);
  }

  // ask TIER [T2 08:00] [continued CATEGORY] [connect] URL -> ANSWER
  void read_ask(const std::string& text) {
    const std::size_t arrow = text.find(" -> ");
    if (arrow == std::string::npos) fail("\" -> \" is missing");
    const std::vector<std::string> words = words_of(text.substr(0, arrow));
    Ask ask;
    ask.line = number_;
    ask.text = text;
    ask.tier = tier(words.at(1));
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (i + 1 < words.size() && parse_local_time(words[i] + " " + words[i + 1])) {
        ask.time = *parse_local_time(words[i] + " " + words[i + 1]);
        ++i;
      } else if (words[i] == "continued") {
        ++i;
        ask.granted.push_back(words.at(i) == "line" ? no_category : category(words.at(i)));
      } else if (words[i] == "connect") {
        ask.connect = true;
      } else {
        ask.url = escape_typed_url(words[i]);
      }
    }
    const std::vector<std::string> answer = words_of(text.substr(arrow + 4));
    for (const std::string& word : answer) ask.expected += (ask.expected.empty() ? "" : " ") + word;
    world_.asks.push_back(ask);
  }

  World& world_;
  PolicySpec& spec_;
  std::size_t number_ = 0;
};

}  // namespace

void compile_world(World& world) {
  Result<std::shared_ptr<const Policy>> policy = Policy::compile(world.spec);
  if (!policy) throw std::runtime_error(policy.error().message.english());
  world.policy = *policy;
  RuleDbBuilder builder;
  for (std::size_t i = 0; i < world.list_rules.size(); ++i) {
    SourceInfo info;
    info.category = world.spec.categories[world.meanings[i].category].id;
    info.name = info.category + "-" + std::to_string(i);
    const Tag tag = builder.add_source(info);
    for (const RuleEntry& rule : world.list_rules[i]) builder.add(tag, rule);
  }
  builder.set_lookalikes(world.lookalikes);
  Result<std::vector<std::byte>> bytes = builder.build();
  if (!bytes) throw std::runtime_error(bytes.error().message.english());
  world.list_bytes = *std::move(bytes);
  Result<std::shared_ptr<const RuleDb>> lists = RuleDb::open(world.list_bytes);
  if (!lists) throw std::runtime_error(lists.error().message.english());
  world.lists = *lists;
}

std::unique_ptr<World> parse_world(std::string_view text) {
  auto world = std::make_unique<World>();
  Parser(*world).parse(text);
  compile_world(*world);
  return world;
}

std::string World::words(const Verdict& verdict) const {
  std::string text = to_string(Effect{verdict.action, verdict.flags});
  text += ' ';
  text += to_string(verdict.reason);
  if (verdict.category != no_category) text += ' ' + spec.categories[verdict.category].id;
  return text;
}

std::string World::by(const Verdict& verdict) const {
  return verdict.rule.empty() ? "nothing" : rule_texts.at(verdict.rule.line);
}

std::string check_ask(const World& world, Judge& judge, const Ask& ask) {
  Url url;
  const auto parsed = ask.connect ? url.parse_authority(ask.url) : url.parse(ask.url);
  if (parsed.failed()) return "no URL: " + std::string(to_string(parsed.error()));
  const JudgeRequest request{url, ask.connect ? Stage::host : Stage::request, ask.tier, ask.time,
                             ask.granted};
  const Verdict verdict = ask.connect ? judge.evaluate_connect(request) : judge.evaluate(request);
  std::string got = world.words(verdict);
  if (ask.expected.find(" by ") != std::string::npos) got += " by " + world.by(verdict);
  if (verdict.path_may_change_it) got += ", path may change it";
  const Judged judged = ask.connect ? judge.judge_connect(request) : judge.judge(request);
  if (judged.verdict != verdict) return "judge() says otherwise: " + world.words(judged.verdict);
  if (ask.expected.find(", without it ") != std::string::npos)
    got += ", without it " + (judged.help ? world.words(judged.help->without) : "nothing else");
  if (got != ask.expected) return "expected \"" + ask.expected + "\", got \"" + got + "\"";
  const Explanation explanation = ask.connect ? judge.explain_connect(request) : judge.explain(request);
  return explanation.verdict == verdict ? ""
                                        : "explain() says otherwise: " + world.words(explanation.verdict);
}

}  // namespace schoolgate::testing
