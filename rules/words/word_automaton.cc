#include "rules/words/word_automaton.h"

#include <algorithm>
#include <bit>
#include <map>

namespace schoolgate {
namespace {

constexpr std::size_t most_states = 200'000;
constexpr std::size_t most_distinct_words = 65'000;

// Room for `count` entries at most half full.
std::size_t slots_for(std::size_t count) {
  return std::bit_ceil(2 * count + 2);
}

std::size_t hash_word(std::string_view word) noexcept {
  return std::hash<std::string_view>{}(word);
}

}  // namespace

// Subset construction. A place is a position of a phrase that is to be taken next; a state is a set of
// places.
class AutomatonBuilder {
 public:
  explicit AutomatonBuilder(std::span<const WordPhrase> phrases) : phrases_(phrases) {}

  Result<WordAutomaton> build() {
    if (phrases_.empty()) return WordAutomaton();
    number_words();
    if (ids_.size() > most_distinct_words) return Error{"the terms hold more than 65,000 different words"};
    out_.states_.emplace_back();  // nowhere
    start();
    for (std::size_t at = 0; at < waiting_.size(); ++at) {
      if (out_.states_.size() > most_states) return Error{"the terms need more than 200,000 states"};
      const Places* const places = waiting_[at];
      leave(static_cast<std::uint32_t>(at + 1), *places);
    }
    write_words();
    write_edges();
    return std::move(out_);
  }

 private:
  struct Place {
    std::uint32_t phrase, position;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  using Places = std::vector<Place>;  // sorted, without doubles
  using WordId = WordAutomaton::WordId;

  void number_words() {
    for (const WordPhrase& phrase : phrases_)
      for (const WordPhrase::Position& position : phrase.positions)
        for (const std::string& word : position.words) ids_.emplace(word, 0);
    WordId id = 0;
    for (auto& [word, number] : ids_) number = ++id;
  }

  // `place` and, where its position may be left out, what follows.
  void add(Place place, Places& to) const {
    const auto& positions = phrases_[place.phrase].positions;
    to.push_back(place);
    while (place.position < positions.size() && positions[place.position].any) {
      ++place.position;
      to.push_back(place);
    }
  }

  std::uint32_t state_of(Places places) {
    if (places.empty()) return WordAutomaton::nowhere;
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const auto [at, is_new] = numbers_.emplace(std::move(places), 0);
    if (!is_new) return at->second;
    at->second = static_cast<std::uint32_t>(out_.states_.size());
    waiting_.push_back(&at->first);
    WordAutomaton::State& state = out_.states_.emplace_back();
    state.finds = static_cast<std::uint32_t>(out_.finds_.size());
    for (const Place& place : at->first) {
      const WordPhrase& phrase = phrases_[place.phrase];
      if (place.position == phrase.positions.size()) out_.finds_.push_back({phrase.item, phrase.at_end});
    }
    state.finds_end = static_cast<std::uint32_t>(out_.finds_.size());
    return at->second;
  }

  std::map<WordId, Places> by_word(const Places& from, Places& otherwise) const {
    std::map<WordId, Places> to;
    for (const Place& place : from) {
      const auto& positions = phrases_[place.phrase].positions;
      if (place.position == positions.size()) continue;
      const Place next{place.phrase, place.position + 1};
      if (positions[place.position].any) add(next, otherwise);
      for (const std::string& word : positions[place.position].words) add(next, to[ids_.at(word)]);
    }
    return to;
  }

  void start() {
    Places all, none;
    for (std::uint32_t i = 0; i < phrases_.size(); ++i) all.push_back({i, 0});
    out_.starts_.assign(ids_.size() + 1, WordAutomaton::nowhere);
    for (auto& [word, places] : by_word(all, none)) out_.starts_[word] = state_of(std::move(places));
  }

  void leave(std::uint32_t from, const Places& places) {
    Places otherwise;
    for (auto& [word, to] : by_word(places, otherwise)) {
      to.insert(to.end(), otherwise.begin(), otherwise.end());
      edges_.push_back({from, state_of(std::move(to)), word});
    }
    const std::uint32_t rest = state_of(std::move(otherwise));  // may move states_
    out_.states_[from].otherwise = rest;
  }

  void write_words() {
    out_.word_count_ = ids_.size();
    out_.word_slots_.resize(slots_for(ids_.size()));
    out_.word_mask_ = out_.word_slots_.size() - 1;
    for (const auto& [word, id] : ids_) {
      std::size_t slot = hash_word(word) & out_.word_mask_;
      while (out_.word_slots_[slot].length != 0) slot = (slot + 1) & out_.word_mask_;
      out_.word_slots_[slot] = {static_cast<std::uint32_t>(out_.word_text_.size()),
                                static_cast<std::uint16_t>(word.size()), id};
      out_.word_text_ += word;
      out_.longest_word_ = std::max(out_.longest_word_, word.size());
    }
  }

  void write_edges() {
    out_.edges_.resize(slots_for(edges_.size()));
    out_.edge_mask_ = out_.edges_.size() - 1;
    for (const WordAutomaton::Edge& edge : edges_) {
      std::size_t slot = WordAutomaton::edge_hash(edge.from, edge.word);
      while (out_.edges_[slot & out_.edge_mask_].from != WordAutomaton::nowhere) ++slot;
      out_.edges_[slot & out_.edge_mask_] = edge;
    }
  }

  std::span<const WordPhrase> phrases_;
  std::map<std::string, WordId> ids_;
  std::map<Places, std::uint32_t> numbers_;
  std::vector<const Places*> waiting_;  // by state, without nowhere; map keys stay where they are
  std::vector<WordAutomaton::Edge> edges_;
  WordAutomaton out_;
};

Result<WordAutomaton> WordAutomaton::build(std::span<const WordPhrase> phrases) {
  return AutomatonBuilder(phrases).build();
}

WordAutomaton::WordId WordAutomaton::word_id(std::string_view word) const noexcept {
  if (word.size() > longest_word_) return 0;
  for (std::size_t slot = hash_word(word);; ++slot) {
    const WordSlot& known = word_slots_[slot & word_mask_];
    if (known.length == 0) return 0;
    if (std::string_view(word_text_).substr(known.begin, known.length) == word) return known.id;
  }
}

void WordAutomaton::read_words(std::string_view text, std::vector<WordId>& out) const {
  out.clear();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    out.push_back(word_id(text.substr(begin, end - begin)));
    begin = end + 1;
  }
}

}  // namespace schoolgate
