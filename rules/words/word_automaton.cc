#include "rules/words/word_automaton.h"

#include <algorithm>
#include <bit>
#include <map>

#include "rules/words/typing_habits.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_states = 200'000;
constexpr std::size_t most_distinct_words = 65'000;
constexpr std::size_t fewest_letters = 3;  // that stand alone and are a word

// Room for `count` entries at most half full.
std::size_t slots_for(std::size_t count) {
  return std::bit_ceil(2 * count + 2);
}

std::size_t hash_word(std::string_view word) noexcept {
  return std::hash<std::string_view>{}(word);
}

constexpr bool is_tone_mark(char c) noexcept {
  return c == 'S' || c == 'F' || c == 'R' || c == 'X' || c == 'J';
}

// A word of one letter, with its marks.
constexpr bool is_letter_alone(std::string_view word) noexcept {
  if (word.empty() || word.size() > 3 || word[0] < 'a' || word[0] > 'z') return false;
  for (const char c : word.substr(1))
    if (c < 'A' || c > 'Z') return false;
  return true;
}

}  // namespace

// Subset construction over a tree of the phrases: what begins alike is one branch. A place is a node, what is
// read so far; a state is a set of places.
class AutomatonBuilder {
 public:
  AutomatonBuilder(std::span<const WordPhrase> phrases, std::span<const JoinedWords> joined)
      : phrases_(phrases), joined_(joined) {}

  Result<WordAutomaton> build() {
    if (phrases_.empty()) return WordAutomaton();
    number_words();
    if (ids_.size() > most_distinct_words)
      return Error{say("the terms hold more than 65,000 different words")};
    for (const WordPhrase& phrase : phrases_) plant(phrase);
    out_.states_.emplace_back();  // nowhere
    start();
    for (std::size_t at = 0; at < waiting_.size(); ++at) {
      if (out_.states_.size() > most_states) return Error{say("the terms need more than 200,000 states")};
      const Places* const places = waiting_[at];
      leave(static_cast<std::uint32_t>(at + 1), *places);
    }
    write_words();
    write_edges();
    return std::move(out_);
  }

 private:
  using Place = std::uint32_t;
  using Places = std::vector<Place>;  // sorted, without doubles
  using WordId = WordAutomaton::WordId;
  struct Node {
    std::map<std::vector<WordId>, Place> next;  // by the words of a position
    std::vector<std::uint32_t> finds;
  };

  void number_words() {
    for (const WordPhrase& phrase : phrases_)
      for (const WordPhrase::Position& position : phrase.positions)
        for (const std::string& word : position.words) ids_.emplace(word, 0);
    WordId id = 0;
    for (auto& [word, number] : ids_) number = ++id;
  }

  void plant(const WordPhrase& phrase) {
    Place at = 0;
    for (const WordPhrase::Position& position : phrase.positions) {
      std::vector<WordId> words;
      for (const std::string& word : position.words) words.push_back(ids_.at(word));
      const auto [next, is_new] =
          nodes_[at].next.emplace(std::move(words), static_cast<Place>(nodes_.size()));
      at = next->second;
      if (is_new) nodes_.emplace_back();
    }
    nodes_[at].finds.push_back(phrase.item);
  }

  std::uint32_t state_of(Places places) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const auto [at, is_new] = numbers_.emplace(std::move(places), 0);
    if (!is_new) return at->second;
    at->second = static_cast<std::uint32_t>(out_.states_.size());
    waiting_.push_back(&at->first);
    WordAutomaton::State& state = out_.states_.emplace_back();
    state.finds = static_cast<std::uint32_t>(out_.finds_.size());
    for (const Place place : at->first)
      out_.finds_.insert(out_.finds_.end(), nodes_[place].finds.begin(), nodes_[place].finds.end());
    state.finds_end = static_cast<std::uint32_t>(out_.finds_.size());
    return at->second;
  }

  std::map<WordId, Places> by_word(const Places& from) const {
    std::map<WordId, Places> to;
    for (const Place place : from)
      for (const auto& [words, next] : nodes_[place].next)
        for (const WordId word : words) to[word].push_back(next);
    return to;
  }

  void start() {
    out_.starts_.assign(ids_.size() + 1, WordAutomaton::nowhere);
    for (auto& [word, places] : by_word({0})) out_.starts_[word] = state_of(std::move(places));
  }

  void leave(std::uint32_t from, const Places& places) {
    for (auto& [word, to] : by_word(places)) {
      edges_.push_back({from, state_of(std::move(to)), word});
      out_.states_[from].next |= std::uint64_t{1} << (word & 63);
    }
  }

  void write_words() {
    out_.word_count_ = ids_.size();
    out_.word_slots_.resize(slots_for(ids_.size() + joined_.size()));
    out_.word_mask_ = out_.word_slots_.size() - 1;
    std::vector<WordId> parts;
    for (const auto& [word, id] : ids_) write_word(word, parts = {id});
    for (const JoinedWords& one : joined_) {
      parts.clear();
      for (const std::string& part : one.parts)
        if (const auto at = ids_.find(part); at != ids_.end()) parts.push_back(at->second);
      if (parts.size() == one.parts.size()) write_word(one.word, parts);
    }
  }

  // What is there already stays.
  void write_word(const std::string& word, const std::vector<WordId>& parts) {
    std::size_t slot = hash_word(word) & out_.word_mask_;
    for (; out_.word_slots_[slot].length != 0; slot = (slot + 1) & out_.word_mask_) {
      const WordAutomaton::WordSlot& other = out_.word_slots_[slot];
      if (std::string_view(out_.word_text_).substr(other.begin, other.length) == word) return;
    }
    out_.word_slots_[slot] = {
        static_cast<std::uint32_t>(out_.word_text_.size()), static_cast<std::uint16_t>(word.size()),
        static_cast<std::uint16_t>(parts.size()), static_cast<std::uint32_t>(out_.parts_.size())};
    out_.parts_.insert(out_.parts_.end(), parts.begin(), parts.end());
    out_.word_text_ += word;
    out_.longest_word_ = std::max(out_.longest_word_, word.size());
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
  std::span<const JoinedWords> joined_;
  std::map<std::string, WordId> ids_;
  std::vector<Node> nodes_ = std::vector<Node>(1);  // the first: nothing read yet
  std::map<Places, std::uint32_t> numbers_;
  std::vector<const Places*> waiting_;  // by state, without nowhere; map keys stay where they are
  std::vector<WordAutomaton::Edge> edges_;
  WordAutomaton out_;
};

Result<WordAutomaton> WordAutomaton::build(std::span<const WordPhrase> phrases,
                                           std::span<const JoinedWords> joined) {
  return AutomatonBuilder(phrases, joined).build();
}

const WordAutomaton::WordSlot* WordAutomaton::find_word(std::string_view word) const noexcept {
  if (word.size() > longest_word_) return nullptr;
  for (std::size_t slot = hash_word(word);; ++slot) {
    const WordSlot& known = word_slots_[slot & word_mask_];
    if (known.length == 0) return nullptr;
    if (std::string_view(word_text_).substr(known.begin, known.length) == word) return &known;
  }
}

const WordAutomaton::WordSlot* WordAutomaton::find_meant(std::string_view word,
                                                         ReadWords how) const noexcept {
  TypingHabits habits;
  habits.read(word, how == ReadWords::typed_marks);
  for (const std::string_view reading : habits.readings())
    if (const WordSlot* const known = find_word(reading)) return known;
  return nullptr;
}

// "t ự t ử" is "tự tử" written as one, spelled out: its key has one tone, at the end.
const WordAutomaton::WordSlot* WordAutomaton::find_spelled(std::string_view text, std::size_t at,
                                                           std::size_t& end) const noexcept {
  constexpr std::size_t most_letters = 24;
  char joined[2 * most_letters + 1];
  std::size_t length = 0;
  char tone = 0;
  const WordSlot* longest = nullptr;
  for (std::size_t letters = 1; letters <= most_letters && at < text.size(); ++letters) {
    const std::size_t stop = std::min(text.find(' ', at), text.size());
    const std::string_view unit = text.substr(at, stop - at);
    if (!is_letter_alone(unit)) break;
    joined[length++] = unit[0];
    if (unit.size() > 1 && !is_tone_mark(unit[1])) joined[length++] = unit[1];
    if (is_tone_mark(unit.back())) tone = unit.back();
    at = stop + 1;
    if (letters < fewest_letters) continue;
    joined[length] = tone;
    const WordSlot* const known = find_word({joined, length + (tone != 0 ? 1 : 0)});
    if (known == nullptr) continue;
    longest = known;
    end = stop;
  }
  return longest;
}

bool WordAutomaton::read_words(std::string_view text, ReadWords how, std::vector<WordId>& out) const {
  out.clear();
  bool letters = false;
  std::size_t alone = 0;  // letters, so far
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    alone = is_letter_alone(word) ? alone + 1 : 0;
    letters |= alone >= fewest_letters;
    const WordSlot* known = nullptr;
    if (how == ReadWords::spelled && alone > 0) known = find_spelled(text, begin, end);
    if (known == nullptr) known = find_word(word);
    const bool typed = how == ReadWords::typed_marks || how == ReadWords::typed_folded;
    if (known == nullptr && typed) known = find_meant(word, how);
    if (known == nullptr) {
      out.push_back(0);
    } else if (known->parts == 1) {
      out.push_back(parts_[known->first]);
    } else {
      out.insert(out.end(), parts_.begin() + known->first, parts_.begin() + known->first + known->parts);
    }
    begin = end + 1;
  }
  return letters;
}

}  // namespace schoolgate
