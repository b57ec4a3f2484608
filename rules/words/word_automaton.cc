#include "rules/words/word_automaton.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "rules/bytes/fetch_ahead.h"
#include "rules/bytes/hash.h"
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

// Up to eight letters, the first the lowest; zeros behind the last.
std::uint64_t first_letters(std::string_view word) noexcept {
  const char* const at = word.data();
  const std::size_t size = word.size();
  if (size >= 8) return load<std::uint64_t>(at);
  if (size >= 4)  // two halves, which overlap
    return load<std::uint32_t>(at) | static_cast<std::uint64_t>(load<std::uint32_t>(at + size - 4))
                                         << (8 * (size - 4));
  std::uint64_t letters = 0;
  for (std::size_t i = 0; i < size; ++i)
    letters |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return letters;
}

std::uint64_t hash_word(std::string_view word, std::uint64_t first) noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = mix(first ^ odd, word.size() ^ 0xd1b54a32d192ed03U);
  while (word.size() > 8) {
    word.remove_prefix(8);
    hash = mix(hash ^ first_letters(word), odd);
  }
  return hash;
}

std::uint32_t hash_joined(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32);  // the other half than the slots of words use
}

std::size_t end_of_word(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && text[at] != ' ') ++at;
  return at;
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
    length_ += word.copy(text_.data() + length_, text_.size() - 1 - length_);
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

// Subset construction over a graph of the parts, in which those that begin alike are one branch, and so are
// ends that are alike. A place is a node of it, what is read so far; a state is what a set of places leads
// to.
class AutomatonBuilder {
 public:
  AutomatonBuilder(const PhraseSet& set, std::span<const std::uint32_t> kinds) : set_(set), kinds_(kinds) {}

  Result<WordAutomaton> build() {
    if (set_.parts().empty()) return WordAutomaton();
    if (set_.words().size() > most_distinct_words)
      return Error{say("the terms hold more than 65,000 different words")};
    order_.resize(set_.parts().size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::sort(order_.begin(), order_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return set_.parts()[a] < set_.parts()[b]; });
    Node root = read(0, order_.size(), 0);
    nodes_.push_back(std::move(root));
    out_.states_.push_back(0);  // nowhere
    out_.starts_.assign(set_.words().size() + 1, WordAutomaton::nowhere);
    for (auto& [word, places] : by_word({static_cast<Place>(nodes_.size() - 1)}))
      out_.starts_[word] = state_of(std::move(places));
    if (sets_.size() > most_states) return Error{say("the terms need more than 200,000 states")};
    write_words();
    write_joined();
    write_edges();
    return std::move(out_);
  }

 private:
  using Place = std::uint32_t;
  using Places = PhraseSet::Numbers;  // sorted, without doubles
  using WordId = WordAutomaton::WordId;
  struct Node {
    std::vector<std::pair<PhraseSet::Number, Place>> next;  // by position
    std::vector<std::uint32_t> finds;
  };

  // 0 is a word that no phrase knows.
  static WordId id_of(PhraseSet::Number word) { return static_cast<WordId>(word + 1); }

  static void sort_once(auto& numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }

  // What the parts of order_ from `begin` to `end` say, which are one up to `depth`.
  Node read(std::size_t begin, std::size_t end, std::size_t depth) {
    Node node;
    for (; begin < end && set_.parts()[order_[begin]].size() == depth; ++begin)
      node.finds.push_back(kinds_[order_[begin]]);
    while (begin < end) {
      const PhraseSet::Number position = set_.parts()[order_[begin]][depth];
      std::size_t stop = begin + 1;
      while (stop < end && set_.parts()[order_[stop]][depth] == position) ++stop;
      const Place to = place_of(read(begin, stop, depth + 1));
      node.next.emplace_back(position, to);
      begin = stop;
    }
    return node;
  }

  Place place_of(Node node) {
    sort_once(node.finds);
    PhraseSet::Numbers key(node.finds.begin(), node.finds.end());
    key += UINT32_MAX;
    for (const auto& [position, to] : node.next) key += {position, to};
    const auto [at, is_new] = places_.try_emplace(std::move(key), static_cast<Place>(nodes_.size()));
    if (is_new) nodes_.push_back(std::move(node));
    return at->second;
  }

  std::map<WordId, Places> by_word(const Places& from) const {
    std::map<WordId, Places> to;
    for (const Place place : from)
      for (const auto& [position, next] : nodes_[place].next)
        for (const PhraseSet::Number word : set_.positions()[position]) to[id_of(word)].push_back(next);
    return to;
  }

  // As deep as the longest part.
  std::uint32_t state_of(Places places) {
    sort_once(places);
    if (const auto known = sets_.find(places); known != sets_.end()) return known->second;
    if (sets_.size() > most_states) return WordAutomaton::nowhere;  // an error in the end
    std::vector<std::uint32_t> finds;
    for (const Place place : places)
      finds.insert(finds.end(), nodes_[place].finds.begin(), nodes_[place].finds.end());
    sort_once(finds);
    std::vector<std::pair<WordId, std::uint32_t>> next;
    for (auto& [word, to] : by_word(places)) next.emplace_back(word, state_of(std::move(to)));
    const std::uint32_t state = state_saying(finds, next);
    sets_.emplace(std::move(places), state);
    return state;
  }

  std::uint32_t state_saying(const std::vector<std::uint32_t>& finds,
                             const std::vector<std::pair<WordId, std::uint32_t>>& next) {
    PhraseSet::Numbers key(finds.begin(), finds.end());
    key += UINT32_MAX;
    for (const auto& [word, to] : next) key += {word, to};
    const auto [at, is_new] =
        states_.try_emplace(std::move(key), static_cast<std::uint32_t>(out_.states_.size()));
    if (!is_new) return at->second;
    std::array<std::uint32_t, 2> bits{};
    for (const auto& [word, to] : next) bits[word >> 5 & 1] |= std::uint32_t{1} << (word & 31);
    std::vector<std::uint32_t>& out = out_.states_;
    out.push_back(static_cast<std::uint32_t>(finds.size() * WordAutomaton::one_find + next.size()));
    out.insert(out.end(), bits.begin(), bits.end());
    out.insert(out.end(), finds.begin(), finds.end());
    for (const auto& [word, to] : next) {
      if (next.size() <= WordAutomaton::few)
        out.insert(out.end(), {word, to});
      else
        edges_.push_back({at->second, to, word});
    }
    return at->second;
  }

  void write_words() {
    const std::size_t count = set_.words().size();
    out_.word_slots_.resize(slots_for(count));
    out_.word_mask_ = out_.word_slots_.size() - 1;
    out_.words_.resize(count + 1);
    for (PhraseSet::Number word = 0; word < count; ++word) {
      const std::string& text = set_.words()[word];
      const WordAutomaton::Sought sought(text);
      const WordAutomaton::WordSlot slot{sought.first, out_.starts_[id_of(word)],
                                         static_cast<std::uint16_t>(text.size()), id_of(word)};
      out_.words_[slot.id] = {static_cast<std::uint32_t>(out_.word_text_.size()), slot.length};
      std::size_t at = sought.hash & out_.word_mask_;
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
    out_.joined_bits_.resize(std::bit_ceil(set_.joined() / 16 + 1));
    for (std::size_t which = 0; which < set_.joined(); ++which) {
      std::size_t letters = 0;  // without tones, of which one is left
      for (const PhraseSet::Number word : set_.joined(which)) letters += set_.words()[word].size() - 1;
      if (letters > most_joined_letters) continue;
      JoinedText joined;
      for (const PhraseSet::Number word : set_.joined(which)) joined.add(set_.words()[word]);
      const std::string_view text = joined.text();
      if (text.size() < fewest_joined_letters || text.size() > most_joined_letters) continue;
      const WordAutomaton::Sought sought(text);
      if (!out_.find_either(sought).empty()) continue;
      const std::uint32_t hash = hash_joined(sought.hash);
      out_.joined_bits_[(hash >> 6) & (out_.joined_bits_.size() - 1)] |= std::uint64_t{1} << (hash & 63);
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
  const std::span<const std::uint32_t> kinds_;  // by part
  std::vector<std::uint32_t> order_;            // of the parts
  std::vector<Node> nodes_;                     // by place; the last: nothing read yet
  template <class Value>
  using Known = std::unordered_map<PhraseSet::Numbers, Value, PhraseSet::NumbersHash>;
  Known<Place> places_;          // by what they say
  Known<std::uint32_t> states_;  // by what they say
  Known<std::uint32_t> sets_;    // the state of each set of places
  std::vector<WordAutomaton::Edge> edges_;
  WordAutomaton out_;
};

Result<WordAutomaton> WordAutomaton::build(const PhraseSet& set, std::span<const std::uint32_t> kinds) {
  return AutomatonBuilder(set, kinds).build();
}

WordAutomaton::Sought::Sought(std::string_view word) noexcept
    : text(word), first(first_letters(word)), hash(hash_word(word, first)) {}

WordAutomaton::Known WordAutomaton::find_word(const Sought& word) const noexcept {
  if (word.text.size() > longest_word_) return {};
  for (std::size_t slot = word.hash;; ++slot) {
    const WordSlot& known = word_slots_[slot & word_mask_];
    if (known.length == 0) return {};
    if (known.first != word.first || known.length != word.text.size()) continue;
    if (known.length > 8 && text_of(known.id) != word.text) continue;
    fetch_ahead(states_.data() + known.start);
    return {&known.id, 1};
  }
}

std::string_view WordAutomaton::text_of(WordId id) const noexcept {
  return std::string_view(word_text_).substr(words_[id].begin, words_[id].length);
}

WordAutomaton::Known WordAutomaton::find_joined(const Sought& word) const noexcept {
  if (word.text.size() < fewest_joined_letters || word.text.size() > most_joined_letters) return {};
  const std::uint32_t hash = hash_joined(word.hash);
  if ((joined_bits_[(hash >> 6) & (joined_bits_.size() - 1)] >> (hash & 63) & 1) == 0) return {};
  for (std::size_t slot = hash;; ++slot) {
    const JoinedSlot& known = joined_slots_[slot & joined_mask_];
    if (known.parts == 0) return {};
    if (known.hash != hash) continue;
    const Known words = Known(parts_).subspan(known.first, known.parts);
    JoinedText joined;
    for (const WordId id : words) joined.add(text_of(id));
    if (joined.text() == word.text) return words;
  }
}

WordAutomaton::Known WordAutomaton::find_meant(std::string_view word, ReadWords how) const noexcept {
  TypingHabits habits;
  habits.read(word, how == ReadWords::typed_marks);
  for (const std::string_view reading : habits.readings()) {
    if (const Known known = find_either(Sought(reading)); !known.empty()) return known;
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
    const std::size_t stop = end_of_word(text, at);
    const std::string_view unit = text.substr(at, stop - at);
    if (!is_letter_alone(unit)) break;
    joined[length++] = unit[0];
    if (unit.size() > 1 && !is_tone_mark(unit[1])) joined[length++] = unit[1];
    if (is_tone_mark(unit.back())) tone = unit.back();
    at = stop + 1;
    if (letters < fewest_letters) continue;
    joined[length] = tone;
    const std::string_view word{joined, length + (tone != 0 ? 1 : 0)};
    const Known known = find_either(Sought(word));
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
    std::size_t end = end_of_word(text, begin);
    const std::string_view word = text.substr(begin, end - begin);
    alone = is_letter_alone(word) ? alone + 1 : 0;
    letters |= alone >= fewest_letters;
    Known known;
    if (how == ReadWords::spelled && alone > 0) known = find_spelled(text, begin, end);
    if (known.empty()) known = find_either(Sought(word));
    const bool typed = how == ReadWords::typed_marks || how == ReadWords::typed_folded;
    if (known.empty() && typed) known = find_meant(word, how);
    if (known.empty()) out.push_back(0);
    out.insert(out.end(), known.begin(), known.end());
    begin = end + 1;
  }
  return letters;
}

}  // namespace schoolgate
