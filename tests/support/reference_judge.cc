#include "tests/support/reference_judge.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>

#include "rules/words/term_phrase.h"
#include "tests/support/reference_matcher.h"

namespace schoolgate::testing {
namespace {

constexpr std::size_t longest_subject = 8 * 1024;

bool is_or_is_below(const Host& host, std::string_view name) {
  if (host.text == name) return true;
  return !host.is_address() && host.text.ends_with("." + std::string(name));
}

std::string rest_of(const Url& url) {
  std::string rest(url.match_path(true));
  if (!url.match_query(true).empty()) rest += "?" + std::string(url.match_query(true));
  return rest;
}

std::string_view subject_of(const Url& url, PatternTarget target) {
  switch (target) {
    case PatternTarget::host:
      return url.match_host();
    case PatternTarget::path:
      return url.match_path(true);
    case PatternTarget::query:
      return url.match_query(true);
    case PatternTarget::url:
      break;
  }
  return url.match_lower();
}

enum class Holds { no, yes, cannot_say };

Holds holds(const RuleEntry& rule, const Url& url, Stage stage) {
  const auto answer = [](bool yes) { return yes ? Holds::yes : Holds::no; };
  if (rule.kind == RuleKind::domain) {
    const bool itself = url.host().text == rule.text;
    return answer(itself ? rule.itself : rule.subdomains && is_or_is_below(url.host(), rule.text));
  }
  if (rule.kind == RuleKind::network)
    return answer(url.host().is_address() && Network::parse(rule.text)->contains(url.host().address));
  if (rule.kind == RuleKind::url) {
    if (stage == Stage::host) return Holds::no;
    const std::string host = rule.text.substr(0, rule.text.find('/'));
    const std::string rest = rule.text.substr(host.size());
    if (!(rule.subdomains ? is_or_is_below(url.host(), host) : url.host().text == host)) return Holds::no;
    const std::string asked = rest_of(url);
    if (!asked.starts_with(rest)) return Holds::no;
    return answer(rule.open_end || asked.size() == rest.size() || rest.ends_with('/') ||
                  asked[rest.size()] == '/' || asked[rest.size()] == '?');
  }
  if (stage == Stage::host && rule.target == PatternTarget::url)
    return answer(seems_to_hold_whole_host(url, "(?i)" + rule.text));
  if (stage == Stage::host && rule.target != PatternTarget::host) return Holds::no;
  const std::string_view subject = subject_of(url, rule.target);
  if (subject.size() > longest_subject) return Holds::cannot_say;
  return answer(RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()), rule.text));
}

bool needs_path(const RuleEntry& rule) {
  return rule.kind == RuleKind::url || (rule.kind == RuleKind::pattern && rule.target != PatternTarget::host);
}

int kind_rank(RuleKind kind) {  // URL prefix > host > network > pattern
  switch (kind) {
    case RuleKind::pattern:
      return 0;
    case RuleKind::network:
      return 1;
    case RuleKind::domain:
      return 2;
    case RuleKind::url:
      break;
  }
  return 3;
}

std::size_t labels(const std::string& text) {
  const std::string host = text.substr(0, text.find('/'));
  return static_cast<std::size_t>(std::count(host.begin(), host.end(), '.'));
}

// Of two rules of one kind the greater is about less; of patterns nobody can say.
std::size_t narrowness(const RuleEntry& rule) {
  if (rule.kind == RuleKind::pattern) return 0;
  if (rule.kind == RuleKind::network) return Network::parse(rule.text)->bits;
  return labels(rule.text);
}

// A rule that holds the URL.
struct Says {
  Effect effect;
  bool from_line = false;
  const RuleEntry* rule = nullptr;
  RuleRef where{};
  Tag number = 0;
  int depth = 0;       // lines: steps up the chain
  bool timed = false;  // lines: of a row of the timetable
  CategoryId category = no_category;
  std::optional<Reason> term{};  // rules on words: of a search or of a path
  bool continued = false;        // a warning that this client chose to continue
  bool opens = true;             // may speak in a tier that blocks by default
  bool only_where_open = false;  // an allow or warn that opens nothing there: of words, of an engine
  bool terms_off = false;        // a line that says so
};

// locked block > help > block > warn > continued warning > allow
int stern(const Says& s) {
  if (s.continued) return 1;
  switch (s.effect.action) {
    case Action::allow:
      return 0;
    case Action::warn:
      return 2;
    case Action::block:
      return s.effect.flags.locked ? 5 : 3;
    case Action::help:
      return 4;
  }
  return 6;
}

// What engines and rules on words have in place of a rule of a list.
const RuleEntry no_rule = [] {
  RuleEntry rule;
  rule.kind = RuleKind::pattern;
  return rule;
}();

class Reference {
 public:
  Reference(const World& world, const JudgeRequest& request, bool without_help)
      : world_(world),
        spec_(world.spec),
        request_(request),
        tier_(spec_.tiers[request.tier]),
        without_help_(without_help) {}

  Verdict verdict() {
    collect();
    const auto [layer, reason, says] = first_that_speaks();
    Verdict verdict;
    verdict.layer = layer;
    verdict.reason = reason;
    if (says) {
      verdict.action = says->continued ? Action::allow : says->effect.action;
      verdict.category = says->category;
      verdict.rule = says->where;
    } else if (layer == Layer::tier_default) {
      verdict.action = tier_.default_action;
      verdict.rule = tier_.default_where;
    } else {
      verdict.rule = floor_where_;
    }
    if (layer == Layer::sealed_floor || layer == Layer::guaranteed_help) {
      verdict.flags = {};
    } else {
      add_flags(verdict, says);
    }
    verdict.flags.locked = verdict.layer == Layer::sealed_floor || verdict.layer == Layer::locked;
    add_path(verdict);
    add_target(verdict, says);
    return verdict;
  }

 private:
  int depth_of(TierId ancestor) const {
    int steps = 0;
    for (TierId at = request_.tier;; at = *spec_.tiers[at].parent, ++steps) {
      if (at == ancestor) return steps;
      if (!spec_.tiers[at].parent) return -1;
    }
  }

  bool continued(const Effect& effect, CategoryId category) const {
    return effect.action == Action::warn &&
           std::count(request_.granted.begin(), request_.granted.end(), category) > 0;
  }

  // A line with times speaks at these, and not while one on the same site does whose times lie within its
  // own.
  bool speaks_now(const std::vector<Line>& lines, const Line& line) const {
    if (!line.when) return true;
    if (request_.time.in_doubt) return line.effect.action != Action::allow;
    if (!line.when->contains(request_.time)) return false;
    return std::none_of(lines.begin(), lines.end(), [&](const Line& other) {
      const RuleEntry &a = line.rule, &b = other.rule;
      const bool same = other.tier == line.tier && a.kind == b.kind && a.text == b.text &&
                        a.subdomains == b.subdomains && a.target == b.target &&
                        a.case_sensitive == b.case_sensitive;
      return same && other.when && other.when->contains(request_.time) &&
             every_minute_of(*other.when, *line.when) && !every_minute_of(*line.when, *other.when);
    });
  }

  void collect_lines(const std::vector<Line>& lines, bool of_tiers, Tag first, std::vector<Says>& into) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const Line& line = lines[i];
      const Holds held = holds(line.rule, request_.url, request_.stage);
      if (held == Holds::cannot_say) unsure_ = true;
      const int depth = of_tiers ? depth_of(line.tier) : 0;
      if (held != Holds::yes || depth < 0 || !speaks_now(lines, line)) continue;
      Says says;
      says.effect = line.effect;
      if (line.when && request_.time.in_doubt) says.effect.action = Action::block;
      says.timed = line.when.has_value();
      says.from_line = true;
      says.rule = &line.rule;
      says.where = line.where;
      says.number = first + static_cast<Tag>(i);
      says.depth = depth;
      says.continued = continued(says.effect, no_category);
      says.terms_off = line.lifts_words;
      into.push_back(says);
    }
  }

  int far(TierId ancestor) const { return depth_of(ancestor) < 0 ? 1000 : depth_of(ancestor); }

  // The schedules of the tests begin and end at half hours.
  static bool every_minute_of(const SchoolTimes& inner, const SchoolTimes& outer) {
    for (std::uint16_t minute = 0; minute < LocalTime::minutes_per_week; minute += 30) {
      if (inner.contains({minute}) && !outer.contains({minute})) return false;
    }
    return true;
  }

  Effect action_now(CategoryId category) const {
    Effect effect = tier_.effects[category].effect;
    if (effect.flags.locked) return effect;
    if (request_.time.in_doubt) {  // the strictest of all that may ever hold
      for (const TimetableEntry& row : tier_.timetable) {
        const bool named = std::count(row.categories.begin(), row.categories.end(), category) > 0;
        if (!named || far(row.tier) > far(tier_.effects[category].tier)) continue;
        if (std::pair(stern({row.effect}), row.effect.flags.record) >
            std::pair(stern({effect}), effect.flags.record))
          effect = row.effect;
      }
      return effect;
    }
    // What a nearer tier says itself beats a row; of rows the nearest tier's; an exception beats its rule.
    std::vector<const TimetableEntry*> rows;
    for (const TimetableEntry& row : tier_.timetable) {
      const bool named = std::count(row.categories.begin(), row.categories.end(), category) > 0;
      if (named && row.when.contains(request_.time) && far(row.tier) <= far(tier_.effects[category].tier))
        rows.push_back(&row);
    }
    const std::vector<const TimetableEntry*> all = rows;
    std::erase_if(rows, [&](const TimetableEntry* row) {
      return std::any_of(all.begin(), all.end(), [&](const TimetableEntry* other) {
        return far(other->tier) < far(row->tier) ||
               (far(other->tier) == far(row->tier) && every_minute_of(other->when, row->when) &&
                !every_minute_of(row->when, other->when));
      });
    });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto key = [](const Effect& e) { return std::pair(stern({e}), e.flags.record); };
      if (i == 0 || key(rows[i]->effect) > key(effect)) effect = rows[i]->effect;
    }
    return effect;
  }

  // In a tier that blocks by default, what lets through or warns opens a site.
  bool would_open(const Effect& effect) const {
    return tier_.default_action == Action::block &&
           (effect.action == Action::allow || effect.action == Action::warn);
  }

  static Effect with_own(const std::optional<Effect>& own, const Effect& category) {
    if (!own) return category;
    Effect effect = *own;
    if (effect.action == Action::help) return effect;
    if (stern({effect}) > stern({category})) {  // too strict: the category's instead, but for the flags
      effect.action = category.action;
      effect.flags.locked = category.flags.locked;
    }
    if (!category.flags.locked) effect.flags.locked = false;
    return effect;
  }

  void collect_list(Tag tag) {
    std::vector<const RuleEntry*> held_by, exceptions;
    for (const RuleEntry& rule : world_.list_rules[tag]) {
      const Holds held = holds(rule, request_.url, request_.stage);
      if (held == Holds::cannot_say) unsure_ = true;
      if (held == Holds::yes) (rule.exception ? exceptions : held_by).push_back(&rule);
    }
    const auto is_lifted = [&](const RuleEntry& rule) {
      return std::any_of(exceptions.begin(), exceptions.end(), [&](const RuleEntry* exception) {
        if (rule.important && !exception->important) return false;
        if (exception->kind != RuleKind::network) return true;
        return rule.kind == RuleKind::network && narrowness(rule) <= narrowness(*exception);
      });
    };
    const ListMeaning& meaning = world_.meanings[tag];
    const auto& open = tier_.open_categories;
    for (const RuleEntry* rule : held_by) {
      if (is_lifted(*rule)) continue;
      Says says;
      says.effect = with_own(meaning.own, action_now(meaning.category));
      says.rule = rule;
      says.where = {meaning.source, rule->line};
      says.number = tag;
      says.category = meaning.category;
      says.continued = continued(says.effect, meaning.category);
      says.opens = !would_open(says.effect) || std::count(open.begin(), open.end(), meaning.category) > 0;
      categories_.push_back(says);
    }
  }

  // Whether words[at..] hold what is left of a phrase, one after the other.
  static bool holds_from(const std::vector<std::string>& words, std::size_t at, const TermPhrases& term,
                         std::span<const TermPhrases::Unit> phrase, bool marks_matter) {
    if (phrase.empty()) return true;
    const auto rest = phrase.subspan(1);
    const std::uint32_t gap = phrase[0].gap;
    for (std::size_t skipped = 0; skipped <= gap && gap > 0; ++skipped)
      if (holds_from(words, at + skipped, term, rest, marks_matter)) return true;
    if (gap != 0 || at >= words.size()) return false;
    const TermPhrases::Word& word = term.words[phrase[0].word];
    return words[at] == (marks_matter ? word.telex : word.folded) &&
           holds_from(words, at + 1, term, rest, marks_matter);
  }

  static bool has_term(const std::string& term, bool marks_matter, std::size_t near, const TextKeys& keys) {
    std::istringstream key(marks_matter ? keys.telex : keys.folded);
    std::vector<std::string> words;
    for (std::string word; key >> word;) words.push_back(word);
    const Result<TermPhrases> read = parse_term(term, near);
    return std::any_of(read->phrases.begin(), read->phrases.end(), [&](const TermPhrases::Phrase& phrase) {
      for (std::size_t at = 0; at < words.size(); ++at)
        if (holds_from(words, at, *read, read->units_of(phrase), marks_matter)) return true;
      return false;
    });
  }

  bool path_is_excused(const TermRule& rule, const TextKeys& keys) const {
    const bool never = rule.path_always || rule.helps();
    return !never &&
           std::any_of(spec_.path_unless.begin(), spec_.path_unless.end(),
                       [&](const std::string& term) { return has_term(term, false, term_gap_words, keys); });
  }

  void collect_term(Tag number, const TermRule& rule, std::string_view encoded, TextReadings::From from) {
    TextReadings readings;
    readings.read(encoded, from);
    for (const std::string& text : readings.all()) {
      TextKeys keys;
      fold_text(text, keys);
      if (!has_term(rule.term, rule.match == TermRule::Match::toned, rule.near, keys)) continue;
      if (from == TextReadings::From::path && path_is_excused(rule, keys)) continue;
      std::optional<Effect> own = rule.effect;
      if (!rule.unless.empty() && has_term(rule.unless, false, 0, keys)) {
        if (!own || own->action != Action::help) continue;
        own->flags.alert = false;
      }
      Says says;
      says.effect = with_own(own, action_now(rule.category));
      says.rule = &no_rule;
      says.where = rule.where;
      says.number = number;
      says.category = rule.category;
      says.term = from == TextReadings::From::path ? Reason::path_term : Reason::search_term;
      says.continued = continued(says.effect, rule.category);
      says.only_where_open = would_open(says.effect);
      categories_.push_back(says);
    }
  }

  // The engine of the longest of its sites' names speaks.
  void collect_engine() {
    const SearchEngine* best = nullptr;
    std::size_t longest = 0;
    for (const SearchEngine* engine : engines_of(request_.url.host())) {
      for (const std::string& site : engine->sites) {
        if (!is_or_is_below(request_.url.host(), site) || site.size() <= longest) continue;
        longest = site.size();
        best = engine;
      }
    }
    if (best == nullptr || tier_.safesearch == SafeLevel::off) return;
    const bool by_tier = best->small && tier_.unknown_engines;
    if (!by_tier && !best->otherwise_in_others) return;
    Says says;
    says.effect = by_tier ? Effect{*tier_.unknown_engines, {}} : *best->otherwise_in_others;
    says.rule = &no_rule;
    says.where = by_tier ? tier_.engines_where : best->where;
    says.term = Reason::unsafe_search;
    says.continued = continued(says.effect, no_category);
    says.only_where_open = would_open(says.effect);
    categories_.push_back(says);
  }

  void collect_terms() {
    if (request_.stage == Stage::host) return;
    const bool spared = std::any_of(categories_.begin(), categories_.end(), [&](const Says& says) {
      return std::count(spec_.path_terms_not_on.begin(), spec_.path_terms_not_on.end(), says.category) > 0;
    });
    for (Tag number = 0; number < spec_.terms.size(); ++number) {
      const TermRule& rule = spec_.terms[number];
      for (const SearchEngine* engine : engines_of(request_.url.host())) {
        each_search(*engine, request_.url, [&](std::string_view value) {
          collect_term(number, rule, value, TextReadings::From::query);
        });
      }
      if (rule.in_path && !spared) collect_term(number, rule, request_.url.path(), TextReadings::From::path);
    }
  }

  std::vector<const SearchEngine*> engines_of(const Host& host) const {
    std::vector<const SearchEngine*> engines;
    for (const SearchEngine& engine : spec_.engines) {
      if (std::any_of(engine.sites.begin(), engine.sites.end(),
                      [&](const std::string& site) { return is_or_is_below(host, site); }))
        engines.push_back(&engine);
    }
    return engines;
  }

  void collect() {
    const auto help_count = static_cast<Tag>(spec_.help_lines.size());
    const auto locked_count = static_cast<Tag>(spec_.locked_lines.size());
    collect_lines(spec_.help_lines, false, 0, help_);
    collect_lines(spec_.locked_lines, false, help_count, locked_);
    collect_lines(spec_.tier_lines, true, help_count + locked_count, lines_);
    for (Tag tag = 0; tag < world_.list_rules.size(); ++tag) collect_list(tag);
    collect_terms();
    collect_engine();
    if (!without_help_) return;
    for (std::vector<Says>* all : {&help_, &locked_, &lines_, &categories_})
      std::erase_if(*all, [](const Says& says) { return says.effect.action == Action::help; });
  }

  // Most specific; then the nearer tier; then the stricter; the first written names itself.
  static const Says* best_line(const std::vector<Says>& lines) {
    const auto key = [](const Says& s) {
      const bool url = s.rule->kind == RuleKind::url;
      return std::make_tuple(kind_rank(s.rule->kind), narrowness(*s.rule), url ? s.rule->text.size() : 0,
                             -s.depth, s.timed, stern(s), -static_cast<int>(s.number));
    };
    const auto best = std::max_element(lines.begin(), lines.end(),
                                       [&](const Says& a, const Says& b) { return key(a) < key(b); });
    return best == lines.end() ? nullptr : &*best;
  }

  static const Says* strictest(const std::vector<const Says*>& all) {
    const auto key = [](const Says* s) {
      return std::make_tuple(
          stern(*s), s->term ? (*s->term == Reason::unsafe_search ? -1 : -2) : kind_rank(s->rule->kind),
          narrowness(*s->rule), -static_cast<int>(s->number), -static_cast<int>(s->rule->line));
    };
    const auto best = std::max_element(all.begin(), all.end(),
                                       [&](const Says* a, const Says* b) { return key(a) < key(b); });
    return best == all.end() ? nullptr : *best;
  }

  // A URL prefix over a host over a network over a pattern; then the longer host; then the longer prefix.
  static std::tuple<int, std::size_t, std::size_t> specific(const RuleEntry& rule) {
    return {kind_rank(rule.kind), narrowness(rule), rule.kind == RuleKind::url ? rule.text.size() : 0};
  }

  const Says* best_category() const {
    std::vector<const Says*> speaking, besides;
    std::vector<const RuleEntry*> protecting;
    for (const Says& says : categories_) {
      if (!says.opens) continue;
      (says.only_where_open ? besides : speaking).push_back(&says);
      if (!says.term && spec_.categories[says.category].protecting) protecting.push_back(says.rule);
    }
    std::erase_if(speaking, [&](const Says* says) {
      if (says->category != no_category) {  // no engine
        const Category& category = spec_.categories[says->category];
        if (category.protecting || category.beats_protecting || says->effect.action == Action::help)
          return false;
      }
      return std::any_of(protecting.begin(), protecting.end(), [&](const RuleEntry* entry) {
        return says->term || specific(*says->rule) <= specific(*entry);
      });
    });
    const Says* const best = strictest(speaking);
    return protecting.empty() ? stricter_of(best, strictest(besides)) : best;
  }

  // What lets through may be overruled by what opens nothing itself.
  static const Says* stricter_of(const Says* opens, const Says* other) {
    const bool passes =
        opens != nullptr && (opens->effect.action == Action::allow || opens->effect.action == Action::warn);
    return passes && other != nullptr && stern(*other) > stern(*opens) ? other : opens;
  }

  // A line on a host lifts no rule on search words, unless it says "terms: off"; that of a locked category
  // not even then.
  const Says* line_or_words(const Says* line) const {
    const bool lifts = line->terms_off || line->rule->kind == RuleKind::url;
    std::vector<const Says*> words;
    for (const Says& says : categories_) {
      if (says.term == Reason::search_term && (!lifts || says.effect.flags.locked)) words.push_back(&says);
    }
    return stricter_of(line, strictest(words));
  }

  const Says* best_locked_category() const {
    std::vector<const Says*> locked;
    for (const Says& says : categories_) {
      if (says.effect.flags.locked && !says.only_where_open) locked.push_back(&says);
    }
    return strictest(locked);
  }

  bool on_floor() {
    const std::string path_in = rest_of(request_.url);
    for (const FloorEntry& entry : spec_.floor) {
      for (std::size_t from = 0; from != std::string::npos;) {
        const std::string suffix = request_.url.host().text.substr(from);
        if (sha256(suffix) == entry.host) {
          if (!entry.url) return floor_where_ = entry.where, true;
          floor_has_paths_ = true;
          for (std::size_t end = 1; request_.stage == Stage::request && end <= path_in.size(); ++end) {
            if (sha256(suffix + path_in.substr(0, end)) == *entry.url &&
                (end == path_in.size() || path_in[end] == '/' || path_in[end] == '?')) {
              return floor_where_ = entry.where, true;
            }
          }
        }
        if (request_.url.host().is_address()) break;
        const std::size_t dot = request_.url.host().text.find('.', from);
        from = dot == std::string::npos ? dot : dot + 1;
      }
    }
    return false;
  }

  std::tuple<Layer, Reason, const Says*> first_that_speaks() {
    if (on_floor()) return {Layer::sealed_floor, Reason::floor_hash, nullptr};
    if (const Says* says = best_line(help_)) return {Layer::guaranteed_help, Reason::help_line, says};
    if (const Says* line = best_line(locked_)) {
      const Says* const says = line_or_words(line);
      if (says == line) return {Layer::locked, Reason::locked_line, says};
      return {says->effect.flags.locked ? Layer::locked : Layer::category, Reason::search_term, says};
    }
    if (const Says* says = best_locked_category()) {
      return {Layer::locked, says->term.value_or(Reason::locked_category), says};
    }
    if (const Says* line = best_line(lines_)) {
      const Says* const says = line_or_words(line);
      if (says != line) return {Layer::category, Reason::search_term, says};
      const Reason reason = says->rule->kind == RuleKind::url       ? Reason::url_line
                            : says->rule->kind == RuleKind::pattern ? Reason::pattern_line
                                                                    : Reason::host_line;
      return {Layer::explicit_line, reason, says};
    }
    if (const Says* says = best_category()) {
      return {Layer::category, says->term.value_or(Reason::category), says};
    }
    return {Layer::tier_default, Reason::tier_default, nullptr};
  }

  void add_flags(Verdict& verdict, const Says* winner) const {
    Flags flags;
    for (const std::vector<Says>* all : {&locked_, &lines_, &categories_}) {
      for (const Says& says : *all) flags |= says.effect.flags;
    }
    if (winner != nullptr && winner->continued) flags.record = true;
    if (!tier_.pupils) flags.alert = false;
    if (unsure_) {
      flags.record = true;
      const bool exact_lock =
          verdict.reason == Reason::locked_line && winner->rule->kind != RuleKind::pattern;
      if (tier_.pupils && verdict.action != Action::block && !exact_lock) {
        verdict = Verdict{};
        verdict.layer = Layer::fault;
        verdict.reason = Reason::pattern_error;
      }
    }
    verdict.flags = flags;
  }

  // Plain http, in tiers that say nothing of their own about it.
  void add_target(Verdict& verdict, const Says* winner) const {
    const Url& url = request_.url;
    if (request_.stage != Stage::request || url.scheme() != Scheme::http || verdict.action == Action::block)
      return;
    const auto port = url.port();
    const bool good = port == 80 || port == 443 || (port >= 1024 && port != 6667 && port != 10080);
    const bool named = winner != nullptr && winner->from_line &&
                       (winner->rule->kind == RuleKind::domain || winner->rule->kind == RuleKind::network);
    if (good && (!url.host().is_address() || named)) return;
    Verdict blocked;
    blocked.flags = verdict.flags;
    blocked.flags.record = true;
    blocked.flags.locked = false;
    blocked.layer = Layer::tunnel_rule;
    blocked.reason = good ? Reason::address_target : Reason::port_not_allowed;
    verdict = blocked;
  }

  void add_path(Verdict& verdict) const {
    verdict.path_may_change_it = false;
    if (request_.stage != Stage::host || verdict.layer == Layer::fault) return;
    const bool sealed_path = floor_has_paths_ && verdict.action != Action::block;
    const bool by_name = verdict.layer == Layer::sealed_floor || verdict.layer == Layer::guaranteed_help ||
                         verdict.layer == Layer::locked;
    const bool passes = verdict.action == Action::allow || verdict.action == Action::warn;
    const bool words_over_lock = verdict.reason == Reason::locked_line && passes && some_search_counts();
    verdict.path_may_change_it = sealed_path || words_over_lock ||
                                 (!by_name && (some_rule_needs_the_path() || some_search_counts() ||
                                               (passes && some_path_word_counts())));
  }

  bool some_search_counts() const {
    const auto engines = engines_of(request_.url.host());
    return !spec_.terms.empty() &&
           std::any_of(engines.begin(), engines.end(),
                       [](const SearchEngine* engine) { return engine->sees_words(); });
  }

  // Words of paths make a verdict stricter at most.
  bool some_path_word_counts() const {
    const auto& spared = spec_.path_terms_not_on;
    return std::any_of(spec_.terms.begin(), spec_.terms.end(), [](const TermRule& r) { return r.in_path; }) &&
           std::none_of(categories_.begin(), categories_.end(), [&](const Says& says) {
             return std::count(spared.begin(), spared.end(), says.category) > 0;
           });
  }

  bool some_rule_needs_the_path() const {
    const auto could = [&](const RuleEntry& rule) {
      if (!needs_path(rule)) return false;
      if (rule.kind == RuleKind::pattern) return true;
      const std::string host = rule.text.substr(0, rule.text.find('/'));
      return rule.subdomains ? is_or_is_below(request_.url.host(), host) : request_.url.host().text == host;
    };
    for (const auto& list : world_.list_rules) {
      if (std::any_of(list.begin(), list.end(), could)) return true;
    }
    for (const std::vector<Line>* lines : {&spec_.help_lines, &spec_.locked_lines, &spec_.tier_lines}) {
      for (const Line& line : *lines) {
        if (lines == &spec_.tier_lines && (depth_of(line.tier) < 0 || !speaks_now(*lines, line))) continue;
        if (could(line.rule)) return true;
      }
    }
    return false;
  }

  const World& world_;
  const PolicySpec& spec_;
  const JudgeRequest& request_;
  const Tier& tier_;
  const bool without_help_;
  std::vector<Says> help_, locked_, lines_, categories_;
  bool unsure_ = false, floor_has_paths_ = false;
  RuleRef floor_where_;
};

}  // namespace

Verdict reference_verdict(const World& world, const JudgeRequest& request, bool without_help) {
  return Reference(world, request, without_help).verdict();
}

}  // namespace schoolgate::testing
