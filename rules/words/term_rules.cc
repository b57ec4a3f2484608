#include "rules/words/term_rules.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace schoolgate {
namespace {

// What of a rule is found; an automaton's item is rule * part_count + part.
enum Part : std::uint32_t { main_part, bare_part, unless_part, part_count };
constexpr std::uint8_t bit(std::uint32_t part) noexcept {
  return static_cast<std::uint8_t>(1U << part);
}

// Keys of a word and its short spellings.
struct Spelling {
  std::string telex, folded;
};
using Variants = std::unordered_map<std::string, std::vector<Spelling>>;  // by the full word's telex key

Variants fold_variants(std::span<const TermVariant> variants) {
  Variants folded;
  TextKeys keys;
  for (const TermVariant& variant : variants) {
    fold_text(variant.word, keys);
    std::vector<Spelling>& spellings = folded[keys.telex];
    for (const std::string& spelling : variant.spellings) {
      fold_text(spelling, keys);
      spellings.push_back({keys.telex, keys.folded});
    }
  }
  return folded;
}

class TermCompiler {
 public:
  explicit TermCompiler(std::span<const TermVariant> variants) : variants_(fold_variants(variants)) {}

  // Error: what is wrong with one of its terms.
  Result<void> add(const TermRule& rule, std::uint32_t number) {
    const std::uint32_t item = number * part_count;
    const Variants none;
    const Variants& spellings = rule.variants ? variants_ : none;
    const bool any = rule.match == TermRule::Match::any;
    const Result<TermPhrases> main = parse_term(rule.term, rule.near);
    if (!main) return main.error();
    add_term(*main, {item + main_part, !any}, any ? folded : telex, spellings);
    // The bare form is looked for among words with their marks: it holds only words that have none.
    if (!rule.bare.empty()) {
      const Result<TermPhrases> bare = parse_term(rule.bare, rule.near);
      if (!bare) return bare.error();
      add_term(*bare, {item + bare_part, false}, telex, none);
    } else if (rule.match == TermRule::Match::toned_or_bare) {
      add_term(*main, {item + bare_part, false}, telex, spellings);
    }
    return add_unless(rule.unless, item + unless_part);
  }

  // A term that takes something back: its words follow each other.
  Result<void> add_unless(const std::string& term, std::uint32_t item, std::size_t near = 0) {
    if (term.empty()) return {};
    const Result<TermPhrases> phrases = parse_term(term, near);
    if (!phrases) return phrases.error();
    add_term(*phrases, {item, false}, folded, {});
    return {};
  }

  PhraseSet telex, folded;  // what to look for in each key

 private:
  struct Found {
    std::uint32_t item;
    bool marks;  // by words as they are written
  };

  // A word of the term at hand, in the numbers of a set.
  struct KnownWord {
    PhraseSet::Number word = unknown, position = unknown;
  };
  static constexpr PhraseSet::Number unknown = UINT32_MAX;
  using Units = std::span<const TermPhrases::Unit>;

  void add_term(const TermPhrases& phrases, Found found, PhraseSet& into, const Variants& spellings) {
    known_.assign(phrases.words.size(), {});
    steps_.clear();
    Units before;  // the phrase before, of which most begin alike: parts that do are known
    for (const TermPhrases::Phrase& phrase : phrases.phrases) {
      const Units units = phrases.units_of(phrase);
      const auto alike = static_cast<std::size_t>(
          std::mismatch(units.begin(), units.end(), before.begin(), before.end()).first - units.begin());
      std::size_t first = 0, steps = 0;
      std::uint32_t gap = 0;
      joined_.clear();
      for (std::size_t i = 0; i <= units.size(); ++i) {
        if (i < units.size() && units[i].gap == 0) continue;
        if (i >= alike || steps >= steps_.size()) {
          steps_.resize(steps);
          steps_.push_back(
              {gap, add_part(units.subspan(first, i - first), phrases, found.marks, into, spellings)});
        }
        for (const TermPhrases::Unit& unit : units.subspan(first, i - first))
          joined_.push_back(known_[unit.word].word);
        ++steps;
        first = i + 1;
        if (i < units.size()) gap = units[i].gap;
      }
      steps_.resize(steps);
      if (steps > 1) into.join(joined_);
      into.add(found.item, phrase.at_end, steps_);
      before = units;
    }
  }

  // These words, one after the other. A part that is new is also written as one.
  PhraseSet::Number add_part(Units units, const TermPhrases& phrases, bool marks, PhraseSet& into,
                             const Variants& spellings) {
    part_.clear();
    for (const TermPhrases::Unit& unit : units) {
      KnownWord& known = known_[unit.word];
      if (known.position == unknown) known = add_word(phrases.words[unit.word], marks, into, spellings);
      part_.push_back(known.position);
    }
    const std::size_t parts = into.parts().size();
    const PhraseSet::Number part = into.part(part_);
    if (part != parts || units.size() < 2) return part;  // it has been joined before
    PhraseSet::Numbers joined;
    for (const TermPhrases::Unit& unit : units) joined.push_back(known_[unit.word].word);
    into.join(joined);
    return part;
  }

  static KnownWord add_word(const TermPhrases::Word& word, bool marks, PhraseSet& into,
                            const Variants& spellings) {
    PhraseSet::Numbers position(1, into.word(marks ? word.telex : word.folded));
    if (const auto variant = spellings.find(word.telex); variant != spellings.end())
      for (const Spelling& s : variant->second) position.push_back(into.word(marks ? s.telex : s.folded));
    return {position[0], into.position(position)};
  }

  Variants variants_;
  std::vector<KnownWord> known_;        // of the term at hand
  std::vector<PhraseSet::Step> steps_;  // of the phrase at hand
  PhraseSet::Numbers joined_, part_;    // their words; of the part at hand
};

// "c@ d0", "$ex": the text with letters in place of signs that look like them, where they touch a letter.
bool signs_as_letters(std::string_view text, std::string& out) {
  if (text.find('@') == std::string_view::npos && text.find('$') == std::string_view::npos) return false;
  out = text;
  const auto is_ascii_letter = [&](std::size_t at) {
    return at < text.size() && ((text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z');
  };
  bool changed = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '@' && text[at] != '$') continue;
    if (!is_ascii_letter(at + 1) && (at == 0 || !is_ascii_letter(at - 1))) continue;
    out[at] = text[at] == '@' ? 'a' : 's';
    changed = true;
  }
  return changed;
}

// What a rule says when these parts of it were found; nullopt = nothing.
template <class Answer>
std::optional<TermHit> hit_of(const Answer& rule, std::uint32_t number, std::uint8_t found) noexcept {
  const bool main = (found & bit(main_part)) != 0, bare = (found & bit(bare_part)) != 0;
  if (!main && !bare) return std::nullopt;
  TermHit hit{number, rule.effect, false};
  if (!main && rule.bare_effect) hit.effect = rule.bare_effect;
  if ((found & bit(unless_part)) == 0) return hit;
  if (!rule.helps) return std::nullopt;
  hit.effect->flags.alert = false;
  return hit;
}

}  // namespace

Result<std::shared_ptr<const TermRules>> TermRules::compile(std::vector<TermRule> rules,
                                                            std::span<const TermVariant> variants,
                                                            std::span<const std::string> path_unless) {
  TermCompiler compiler(variants);
  const std::shared_ptr<TermRules> out(new TermRules);
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (const auto added = compiler.add(rules[i], i); added.failed())
      return Error{say("term {}: {}", rules[i].id, added.error().message)};
    out->any_in_path_ |= rules[i].in_path;
    out->answers_.push_back(
        {rules[i].effect, rules[i].bare_effect, rules[i].in_path, rules[i].path_always, rules[i].helps()});
  }
  for (const std::string& term : path_unless) {
    const auto item = static_cast<std::uint32_t>(rules.size()) * part_count;
    if (const auto added = compiler.add_unless(term, item, term_gap_words); added.failed())
      return Error{say("path_unless: {}", added.error().message)};
  }
  for (auto [from, automaton] :
       {std::pair{&compiler.telex, &out->telex_}, {&compiler.folded, &out->folded_}}) {
    Result<PhraseFinder> built = PhraseFinder::build(*from);
    if (!built) return built.error();
    *automaton = *std::move(built);
  }
  out->rules_ = std::move(rules);
  return std::shared_ptr<const TermRules>(out);
}

TermMatcher::TermMatcher(std::shared_ptr<const TermRules> rules) : rules_(std::move(rules)) {
  seen_.resize(rules_->rules().size());
  touched_.reserve(seen_.size());
}

void TermMatcher::match_search(std::string_view encoded_value, std::vector<TermHit>& out) {
  match(encoded_value, TextReadings::From::query, out);
}

void TermMatcher::match_path(std::string_view encoded_path, std::vector<TermHit>& out) {
  if (rules_->any_in_path()) match(encoded_path, TextReadings::From::path, out);
}

void TermMatcher::match(std::string_view encoded, TextReadings::From from, std::vector<TermHit>& out) {
  readings_.read(encoded, from);
  const bool in_path = from == TextReadings::From::path;
  for (const std::string& text : readings_.all()) {
    fold_text(text, keys_);
    match_keys(in_path, out);
    if (in_path || !signs_as_letters(text, with_letters_)) continue;
    fold_text(with_letters_, keys_);
    match_keys(in_path, out);
  }
}

void TermMatcher::match_keys(bool in_path, std::vector<TermHit>& out) {
  bool path_excused = false;
  const auto found = [&](std::uint32_t item) {
    const std::uint32_t rule = item / part_count;
    if (rule == seen_.size()) {
      path_excused = in_path;
      return;
    }
    if (seen_[rule] == 0) touched_.push_back(rule);
    seen_[rule] |= bit(item % part_count);
  };
  rules_->telex_.match(keys_.telex, in_path ? ReadWords::as_written : ReadWords::typed_marks, scratch_,
                       found);
  rules_->folded_.match(keys_.folded, in_path ? ReadWords::as_written : ReadWords::typed_folded, scratch_,
                        found);
  for (const std::uint32_t number : touched_) {
    const TermRules::Answer& rule = rules_->answers_[number];
    const std::uint8_t parts = std::exchange(seen_[number], std::uint8_t{0});
    if (in_path && !rule.in_path) continue;
    if (path_excused && !rule.path_always && !rule.helps) continue;
    auto hit = hit_of(rule, number, parts);
    if (!hit) continue;
    hit->in_path = in_path;
    out.push_back(*hit);
  }
  touched_.clear();
}

}  // namespace schoolgate
