#include "rules/words/term_rules.h"

#include <algorithm>

#include "rules/words/term_phrase.h"

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
struct Variants {
  std::string telex;  // of the full word
  std::vector<Spelling> spellings;
};

std::vector<Variants> fold_variants(std::span<const TermVariant> variants) {
  std::vector<Variants> folded;
  TextKeys keys;
  for (const TermVariant& variant : variants) {
    fold_text(variant.word, keys);
    Variants& entry = folded.emplace_back();
    entry.telex = keys.telex;
    for (const std::string& spelling : variant.spellings) {
      fold_text(spelling, keys);
      entry.spellings.push_back({keys.telex, keys.folded});
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
    const std::vector<Variants> none;
    const std::vector<Variants>& spellings = rule.variants ? variants_ : none;
    const bool any = rule.match == TermRule::Match::any;
    const auto added = add_term(rule.term, any ? folded : telex, true, spellings, item + main_part);
    if (added.failed()) return added.error();
    // The bare form is looked for among words with their marks: it holds only words that have none.
    if (!rule.bare.empty()) {
      const auto bare = add_term(rule.bare, telex, false, none, item + bare_part);
      if (bare.failed()) return bare.error();
    } else if (rule.match == TermRule::Match::toned_or_bare) {
      const auto bare = add_term(rule.term, telex, false, spellings, item + bare_part);
      if (bare.failed()) return bare.error();
    }
    if (rule.unless.empty()) return {};
    return add_term(rule.unless, folded, false, none, item + unless_part);
  }

  std::vector<WordPhrase> telex, folded;  // what to look for in each key

 private:
  Result<void> add_term(std::string_view term, std::vector<WordPhrase>& into, bool with_marks,
                        const std::vector<Variants>& spellings, std::uint32_t item) {
    const Result<std::vector<Phrase>> phrases = parse_term(term);
    if (!phrases) return phrases.error();
    const bool keep_marks = with_marks && &into == &telex;
    for (const Phrase& phrase : *phrases) {
      WordPhrase& out = into.emplace_back();
      out.item = item;
      out.at_end = phrase.at_end;
      for (const Phrase::Word& word : phrase.words) {
        if (word.gap) {
          out.positions.insert(out.positions.end(), term_gap_words, {{}, true});
          continue;
        }
        WordPhrase::Position& position = out.positions.emplace_back();
        position.words.push_back(keep_marks ? word.telex : word.folded);
        for (const Variants& variant : spellings) {
          if (variant.telex != word.telex) continue;
          for (const Spelling& s : variant.spellings)
            position.words.push_back(keep_marks ? s.telex : s.folded);
        }
      }
    }
    return {};
  }

  std::vector<Variants> variants_;
};

// What a rule says when these parts of it were found; nullopt = nothing.
std::optional<TermHit> hit_of(const TermRule& rule, std::uint32_t number, std::uint8_t found) noexcept {
  const bool main = (found & bit(main_part)) != 0, bare = (found & bit(bare_part)) != 0;
  if (!main && !bare) return std::nullopt;
  TermHit hit{number, rule.effect, false};
  if (!main && rule.bare_effect) hit.effect = rule.bare_effect;
  if ((found & bit(unless_part)) == 0) return hit;
  if (!rule.helps()) return std::nullopt;
  hit.effect->flags.alert = false;
  return hit;
}

}  // namespace

Result<std::shared_ptr<const TermRules>> TermRules::compile(std::vector<TermRule> rules,
                                                            std::span<const TermVariant> variants) {
  TermCompiler compiler(variants);
  const std::shared_ptr<TermRules> out(new TermRules);
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (const auto added = compiler.add(rules[i], i); added.failed())
      return Error{"term " + rules[i].id + ": " + added.error().message};
    out->any_in_path_ |= rules[i].in_path;
  }
  for (auto [phrases, automaton] :
       {std::pair{&compiler.telex, &out->telex_}, {&compiler.folded, &out->folded_}}) {
    Result<WordAutomaton> built = WordAutomaton::build(*phrases);
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
  for (const std::string& text : readings_.all()) {
    fold_text(text, keys_);
    match_keys(from == TextReadings::From::path, out);
  }
}

void TermMatcher::match_keys(bool in_path, std::vector<TermHit>& out) {
  const auto found = [&](std::uint32_t item) {
    const std::uint32_t rule = item / part_count;
    if (seen_[rule] == 0) touched_.push_back(rule);
    seen_[rule] |= bit(item % part_count);
  };
  rules_->telex_.match(keys_.telex, words_, found);
  rules_->folded_.match(keys_.folded, words_, found);
  for (const std::uint32_t number : touched_) {
    const TermRule& rule = rules_->rules_[number];
    const std::uint8_t parts = std::exchange(seen_[number], std::uint8_t{0});
    if (in_path && !rule.in_path) continue;
    auto hit = hit_of(rule, number, parts);
    if (!hit) continue;
    hit->in_path = in_path;
    out.push_back(*hit);
  }
  touched_.clear();
}

}  // namespace schoolgate
