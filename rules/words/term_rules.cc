#include "rules/words/term_rules.h"

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
    const auto added =
        add_term({rule.term, rule.near, true, item + main_part}, any ? folded : telex, spellings);
    if (added.failed()) return added.error();
    // The bare form is looked for among words with their marks: it holds only words that have none.
    const bool has_bare = !rule.bare.empty();
    if (has_bare || rule.match == TermRule::Match::toned_or_bare) {
      const std::string& term = has_bare ? rule.bare : rule.term;
      const auto bare =
          add_term({term, rule.near, false, item + bare_part}, telex, has_bare ? none : spellings);
      if (bare.failed()) return bare.error();
    }
    return add_unless(rule.unless, item + unless_part);
  }

  // A term that takes something back: its words follow each other.
  Result<void> add_unless(const std::string& term, std::uint32_t item, std::size_t near = 0) {
    if (term.empty()) return {};
    return add_term({term, near, false, item}, folded, {});
  }

  PhraseSet telex, folded;  // what to look for in each key

 private:
  struct Term {
    const std::string& text;
    std::size_t near;
    bool marks;
    std::uint32_t item;
  };

  Result<void> add_term(const Term& term, PhraseSet& into, const Variants& spellings) {
    const Result<std::vector<Phrase>> phrases = parse_term(term.text, term.near);
    if (!phrases) return phrases.error();
    const bool marks = term.marks && &into == &telex;
    for (const Phrase& phrase : *phrases) {
      steps_.clear();
      std::size_t first = 0, gap = 0;
      for (std::size_t i = 0; i <= phrase.words.size(); ++i) {
        if (i < phrase.words.size() && phrase.words[i].gap == 0) continue;
        const std::size_t known = into.parts().size();
        const PhraseSet::Number part = add_part(phrase.words, first, i, marks, into, spellings);
        if (part == known) add_joined(phrase.words, first, i, marks, into);  // else it has been joined before
        steps_.push_back({gap, part});
        first = i + 1;
        if (i < phrase.words.size()) gap = phrase.words[i].gap;
      }
      if (steps_.size() > 1) add_joined(phrase.words, 0, phrase.words.size(), marks, into);
      into.add(term.item, phrase.at_end, steps_);
    }
    return {};
  }

  // The words from `first` to `last`, one after the other.
  PhraseSet::Number add_part(const std::vector<Phrase::Word>& words, std::size_t first, std::size_t last,
                             bool marks, PhraseSet& into, const Variants& spellings) {
    PhraseSet::Numbers part, position;
    for (std::size_t i = first; i < last; ++i) {
      position.assign(1, into.word(marks ? words[i].telex : words[i].folded));
      if (const auto variant = spellings.find(words[i].telex); variant != spellings.end())
        for (const Spelling& s : variant->second) position.push_back(into.word(marks ? s.telex : s.folded));
      part.push_back(into.position(position));
    }
    return into.part(part);
  }

  // The same words written as one.
  static void add_joined(const std::vector<Phrase::Word>& words, std::size_t first, std::size_t last,
                         bool marks, PhraseSet& into) {
    PhraseSet::Numbers joined;
    for (std::size_t i = first; i < last; ++i)
      if (words[i].gap == 0) joined.push_back(into.word(marks ? words[i].telex : words[i].folded));
    if (joined.size() > 1) into.join(joined);
  }

  Variants variants_;
  std::vector<PhraseSet::Step> steps_;  // of the phrase at hand
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
