#include "rules/words/phrase_set.h"

namespace schoolgate {

PhraseSet::Number PhraseSet::word(std::string_view text) {
  if (const auto at = word_numbers_.find(text); at != word_numbers_.end()) return at->second;
  const auto number = static_cast<Number>(words_.size());
  words_.emplace_back(text);
  word_numbers_.emplace(text, number);
  return number;
}

PhraseSet::Number PhraseSet::number_of(const Numbers& what, Known& known, std::vector<Numbers>& all) {
  const auto [at, is_new] = known.try_emplace(what, static_cast<Number>(all.size()));
  if (is_new) all.push_back(what);
  return at->second;
}

void PhraseSet::add(std::uint32_t item, bool at_end, std::span<const Step> steps) {
  const std::size_t begin = steps_.size();
  steps_.insert(steps_.end(), steps.begin(), steps.end());
  phrases_.push_back({item, at_end, begin, steps_.size()});
}

void PhraseSet::join(const Numbers& words) {
  joined_.insert(joined_.end(), words.begin(), words.end());
  joined_ends_.push_back(joined_.size());
}

}  // namespace schoolgate
