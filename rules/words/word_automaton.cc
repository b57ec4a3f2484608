#include "rules/words/word_automaton.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "rules/words/typing_habits.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_states = 200'000;
constexpr std::size_t most_distinct_words = 65'000;
constexpr std::size_t fewest_letters = 3;  // that stand alone and are a word
constexpr std::size_t fewest_joined_letters = 4, most_joined_letters = 40;

// Room for `count` entries at most half full.
std::size_t slots_for(std::size_t count) {
  return std::bit_ceil(2 * count + 2);
}

std::size_t hash_word(std::string_view word) noexcept {
  return std::hash<std::string_view>{}(word);
}
std::uint32_t hash_joined(std::string_view word) noexcept {
  return static_cast<std::uint32_t>(hash_word(word) >> 32);  // the other half than hash_word()'s slots use
}

constexpr bool is_tone_mark(char c) noexcept {
  return c == 'S' || c == 'F' || c == 'R' || c == 'X' || c == 'J';
}

// Words written as one, with the tone where text_fold.h puts it: at the end.
class JoinedText {
 public:
  void add(std::string_view word) noexcept {
    if (!word.empty() && is_tone_mark(word.back())) {
      tone_ = word.back();
      word.remove_suffix(1);
    }
    for (const char c : word)
      if (length_ < text_.size() - 1) text_[length_++] = c;
  }
  // Cut after most_joined_letters and one more.
  [[nodiscard]] std::string_view text() noexcept {
    text_[length_] = tone_;
    return {text_.data(), length_ + (tone_ != 0 ? 1 : 0)};
  }

 private:
  std::array<char, most_joined_letters + 2> text_;
  std::size_t length_ = 0;
  char tone_ = 0;
};

// A word of one letter, with its marks.
constexpr bool is_letter_alone(std::string_view word) noexcept {
  if (word.empty() || word.size() > 3 || word[0] < 'a' || word[0] > 'z') return false;
  for (const char c : word.substr(1))
    if (c < 'A' || c > 'Z') return false;
  return true;
}

}  // namespace

// Subset construction over a tree of the parts: what begins alike is one branch. A place is a node, what is
// read so far; a state is a set of places.
class AutomatonBuilder {
 public:
  explicit AutomatonBuilder(const PhraseSet& set) : set_(set) {}

  Result<WordAutomaton> build() {
    if (set_.parts().empty()) return WordAutomaton();
    if (set_.words().size() > most_distinct_words)
      return Error{say("the terms hold more than 65,000 different words")};
    for (std::uint32_t part = 0; part < set_.parts().size(); ++part) plant(part);
    out_.states_.emplace_back();  // nowhere
    start();
    for (std::size_t at = 0; at < waiting_.size(); ++at) {
      if (out_.states_.size() > most_states) return Error{say("the terms need more than 200,000 states")};
      const Places* const places = waiting_[at];
      leave(static_cast<std::uint32_t>(at + 1), *places);
    }
    write_words();
    write_joined();
    write_edges();
    return std::move(out_);
  }

 private:
  using Place = std::uint32_t;
  using Places = std::vector<Place>;  // sorted, without doubles
  using WordId = WordAutomaton::WordId;
  struct Node {
    std::map<PhraseSet::Number, Place> next;  // by position
    std::vector<std::uint32_t> finds;
  };

  // 0 is a word that no phrase knows.
  static WordId id_of(PhraseSet::Number word) { return static_cast<WordId>(word + 1); }

  void plant(std::uint32_t part) {
    Place at = 0;
    for (const PhraseSet::Number position : set_.parts()[part]) {
      const auto [next, is_new] = nodes_[at].next.emplace(position, static_cast<Place>(nodes_.size()));
      at = next->second;
      if (is_new) nodes_.emplace_back();
    }
    nodes_[at].finds.push_back(part);
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
      for (const auto& [position, next] : nodes_[place].next)
        for (const PhraseSet::Number word : set_.positions()[position]) to[id_of(word)].push_back(next);
    return to;
  }

  void start() {
    out_.starts_.assign(set_.words().size() + 1, WordAutomaton::nowhere);
    for (auto& [word, places] : by_word({0})) out_.starts_[word] = state_of(std::move(places));
  }

  void leave(std::uint32_t from, const Places& places) {
    for (auto& [word, to] : by_word(places)) {
      edges_.push_back({from, state_of(std::move(to)), word});
      out_.states_[from].next |= std::uint64_t{1} << (word & 63);
    }
  }

  void write_words() {
    const std::size_t count = set_.words().size();
    out_.word_slots_.resize(slots_for(count));
    out_.word_mask_ = out_.word_slots_.size() - 1;
    out_.words_.resize(count + 1);
    for (PhraseSet::Number word = 0; word < count; ++word) {
      const std::string& text = set_.words()[word];
      const WordAutomaton::WordSlot slot{static_cast<std::uint32_t>(out_.word_text_.size()),
                                         static_cast<std::uint16_t>(text.size()), id_of(word)};
      out_.words_[slot.id] = slot;
      std::size_t at = hash_word(text) & out_.word_mask_;
      while (out_.word_slots_[at].length != 0) at = (at + 1) & out_.word_mask_;
      out_.word_slots_[at] = slot;
      out_.word_text_ += text;
      out_.longest_word_ = std::max(out_.longest_word_, text.size());
    }
  }

  // What is there already stays.
  void write_joined() {
    out_.joined_slots_.resize(slots_for(set_.joined()));
    out_.joined_mask_ = out_.joined_slots_.size() - 1;
    for (std::size_t which = 0; which < set_.joined(); ++which) {
      JoinedText joined;
      for (const PhraseSet::Number word : set_.joined(which)) joined.add(set_.words()[word]);
      const std::string_view text = joined.text();
      if (text.size() < fewest_joined_letters || text.size() > most_joined_letters) continue;
      if (!out_.find_word(text).empty() || !out_.find_joined(text).empty()) continue;
      const std::uint32_t hash = hash_joined(text);
      std::size_t at = hash & out_.joined_mask_;
      while (out_.joined_slots_[at].parts != 0) at = (at + 1) & out_.joined_mask_;
      out_.joined_slots_[at] = {hash, static_cast<std::uint32_t>(out_.parts_.size()),
                                static_cast<std::uint32_t>(set_.joined(which).size())};
      for (const PhraseSet::Number word : set_.joined(which)) out_.parts_.push_back(id_of(word));
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

  const PhraseSet& set_;
  std::vector<Node> nodes_ = std::vector<Node>(1);  // the first: nothing read yet
  std::map<Places, std::uint32_t> numbers_;
  std::vector<const Places*> waiting_;  // by state, without nowhere; map keys stay where they are
  std::vector<WordAutomaton::Edge> edges_;
  WordAutomaton out_;
};

Result<WordAutomaton> WordAutomaton::build(const PhraseSet& set) {
  return AutomatonBuilder(set).build();
}

WordAutomaton::Known WordAutomaton::find_word(std::string_view word) const noexcept {
  if (word.size() > longest_word_) return {};
  for (std::size_t slot = hash_word(word);; ++slot) {
    const WordSlot& known = word_slots_[slot & word_mask_];
    if (known.length == 0) return {};
    if (std::string_view(word_text_).substr(known.begin, known.length) == word) return {&known.id, 1};
  }
}

std::string_view WordAutomaton::text_of(WordId id) const noexcept {
  return std::string_view(word_text_).substr(words_[id].begin, words_[id].length);
}

WordAutomaton::Known WordAutomaton::find_joined(std::string_view word) const noexcept {
  if (word.size() < fewest_joined_letters || word.size() > most_joined_letters) return {};
  const std::uint32_t hash = hash_joined(word);
  for (std::size_t slot = hash;; ++slot) {
    const JoinedSlot& known = joined_slots_[slot & joined_mask_];
    if (known.parts == 0) return {};
    if (known.hash != hash) continue;
    const Known words = Known(parts_).subspan(known.first, known.parts);
    JoinedText joined;
    for (const WordId id : words) joined.add(text_of(id));
    if (joined.text() == word) return words;
  }
}

WordAutomaton::Known WordAutomaton::find_meant(std::string_view word, ReadWords how) const noexcept {
  TypingHabits habits;
  habits.read(word, how == ReadWords::typed_marks);
  for (const std::string_view reading : habits.readings()) {
    if (const Known known = find_word(reading); !known.empty()) return known;
    if (const Known known = find_joined(reading); !known.empty()) return known;
  }
  return {};
}

// "t ự t ử" is "tự tử" written as one, spelled out: its key has one tone, at the end.
WordAutomaton::Known WordAutomaton::find_spelled(std::string_view text, std::size_t at,
                                                 std::size_t& end) const noexcept {
  constexpr std::size_t most_letters = 24;
  char joined[2 * most_letters + 1];
  std::size_t length = 0;
  char tone = 0;
  Known longest;
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
    const std::string_view word{joined, length + (tone != 0 ? 1 : 0)};
    Known known = find_word(word);
    if (known.empty()) known = find_joined(word);
    if (known.empty()) continue;
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
    Known known;
    if (how == ReadWords::spelled && alone > 0) known = find_spelled(text, begin, end);
    if (known.empty()) known = find_word(word);
    if (known.empty()) known = find_joined(word);
    const bool typed = how == ReadWords::typed_marks || how == ReadWords::typed_folded;
    if (known.empty() && typed) known = find_meant(word, how);
    if (known.empty()) out.push_back(0);
    out.insert(out.end(), known.begin(), known.end());
    begin = end + 1;
  }
  return letters;
}

}  // namespace schoolgate
