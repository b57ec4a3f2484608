#include "rules/pattern_program.h"

#include <algorithm>
#include <cstring>

namespace schoolgate::pattern {
namespace {

constexpr std::size_t table_header = 4 + 128;  // words before `next` in dense programs and scanners
constexpr std::size_t max_sparse_ways = 5;     // from one state; with more a table is faster
constexpr std::size_t max_word = 0xffff;

void append_table(std::vector<Word>& out, const Dfa& dfa) {
  const std::size_t at = out.size();
  out.resize(at + 128);
  std::memcpy(out.data() + at, dfa.class_of.data(), dfa.class_of.size());
  for (const std::uint32_t state : dfa.next) out.push_back(static_cast<Word>(state));
}

// Symbols of each class, sentinels included.
std::vector<SymbolSet> class_sets(const Dfa& dfa) {
  std::vector<SymbolSet> out(dfa.classes);
  SymbolSet symbols = text_symbols();
  symbols.add(symbol::start);
  symbols.add(symbol::end);
  symbols.for_each([&](Symbol s) { out[dfa.class_of[s]].add(s); });
  return out;
}

// Ways on from `state`: target and the symbols that lead there.
std::map<std::uint32_t, SymbolSet> ways(const Dfa& dfa, const std::vector<SymbolSet>& sets,
                                        std::size_t state) {
  std::map<std::uint32_t, SymbolSet> out;
  for (std::size_t c = 0; c < dfa.classes; ++c)
    if (const std::uint32_t to = dfa.next[state * dfa.classes + c]; to != Dfa::dead && !sets[c].empty())
      out[to] |= sets[c];
  return out;
}

}  // namespace

Word ProgramTable::set_id(const SymbolSet& set) {
  const auto [it, fresh] = known_sets_.try_emplace(set, static_cast<Word>(sets.size()));
  if (fresh) sets.push_back(set);
  return it->second;
}

ProgramId ProgramTable::store(const std::vector<Word>& program) {
  const auto [it, fresh] = known_programs_.try_emplace(program, static_cast<ProgramId>(words.size()));
  if (fresh) words.insert(words.end(), program.begin(), program.end());
  return it->second;
}

// Empty if a state has too many ways or the program would be too long for its own offsets.
std::vector<Word> ProgramTable::sparse(const Dfa& dfa) {
  const std::vector<SymbolSet> by_class = class_sets(dfa);
  std::vector<Word> out{sparse_program, static_cast<Word>(dfa.states())}, entries;
  const std::size_t first_entry = dfa.states() + 1;
  for (std::size_t state = 2; state < dfa.states(); ++state) {
    const auto on = ways(dfa, by_class, state);
    if (on.size() > max_sparse_ways || first_entry + entries.size() > max_word / 2) return {};
    out.push_back(static_cast<Word>(first_entry + entries.size()));
    for (const auto& [to, set] : on) {
      entries.push_back(set_id(set));
      entries.push_back(static_cast<Word>(to));
    }
  }
  out.push_back(static_cast<Word>(first_entry + entries.size()));
  out.insert(out.end(), entries.begin(), entries.end());
  return out;
}

ProgramId ProgramTable::add(const Dfa& dfa) {
  const std::size_t known = sets.size();
  if (known < max_word - 4096) {
    const std::vector<Word> small = sparse(dfa);
    if (!small.empty()) return store(small);
  }
  std::vector<Word> out{dense_program, static_cast<Word>(dfa.states()), static_cast<Word>(dfa.classes), 0};
  append_table(out, dfa);
  return store(out);
}

ProgramId ProgramTable::add_scanner(const Dfa& dfa, std::span<const std::uint32_t> ids) {
  bool ends = dfa.outputs[0].empty();  // nothing can come any more once state 0 is met again
  text_symbols().for_each([&](Symbol s) { ends = ends && dfa.next[dfa.class_of[s]] == 0; });
  std::vector<Word> out{scanner_program, static_cast<Word>(dfa.states()), static_cast<Word>(dfa.classes),
                        static_cast<Word>(ends ? 1 : 0)};
  append_table(out, dfa);
  std::vector<Word> outputs;
  for (const auto& owners : dfa.outputs) {
    out.push_back(static_cast<Word>(outputs.size() / 2));
    for (const std::uint32_t owner : owners) {
      outputs.push_back(static_cast<Word>(ids[owner] & 0xffff));
      outputs.push_back(static_cast<Word>(ids[owner] >> 16));
    }
  }
  out.push_back(static_cast<Word>(outputs.size() / 2));
  out.insert(out.end(), outputs.begin(), outputs.end());
  return store(out);
}

namespace {

bool good_table(std::span<const Word> program, std::uint32_t states, std::uint32_t classes) {
  if (states == 0 || classes == 0 || classes > 256) return false;
  if (program.size() < table_header + std::size_t{states} * classes) return false;
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program.data() + 4);
  if (!std::all_of(class_of, class_of + 256, [&](std::uint8_t c) { return c < classes; })) return false;
  const auto next = program.subspan(table_header, std::size_t{states} * classes);
  return std::all_of(next.begin(), next.end(), [&](Word state) { return state < states; });
}

bool pad_is_dead(std::span<const Word> program, std::uint32_t states, std::uint32_t classes) {
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program.data() + 4);
  for (std::uint32_t s = 0; s < states; ++s)
    if (program[table_header + s * classes + class_of[symbol::pad]] != Dfa::dead) return false;
  return true;
}

bool good_sparse(std::span<const Word> program, std::size_t sets, std::uint32_t states) {
  if (states < 2 || program.size() < states + 1u) return false;
  const std::uint32_t end = program[states];
  if (end > program.size()) return false;
  for (std::uint32_t s = 2; s < states; ++s) {
    const std::uint32_t first = program[s], last = program[s + 1];
    if (first < states + 1u || first > last || last > end || (last - first) % 2 != 0) return false;
    for (std::uint32_t way = first; way < last; way += 2)
      if (program[way] >= sets || program[way + 1] >= states || program[way + 1] == Dfa::dead) return false;
  }
  return true;
}

}  // namespace

std::uint32_t checked_remainder(std::span<const Word> words, std::size_t sets, ProgramId id) {
  if (id >= words.size() || words.size() - id < 4) return 0;
  const auto program = words.subspan(id);
  const std::uint32_t states = program[1], classes = program[2];
  if (program[0] == sparse_program) return good_sparse(program, sets, states) ? states : 0;
  if (program[0] != dense_program || states < 2) return 0;
  return good_table(program, states, classes) && pad_is_dead(program, states, classes) ? states : 0;
}

std::uint32_t checked_scanner(std::span<const Word> words, ProgramId id, std::uint32_t patterns) {
  if (id >= words.size() || words.size() - id < 4) return 0;
  const auto program = words.subspan(id);
  const std::uint32_t states = program[1], classes = program[2];
  if (program[0] != scanner_program || !good_table(program, states, classes)) return 0;
  const auto outputs = program.subspan(table_header + std::size_t{states} * classes);
  if (outputs.size() < states + 1u || outputs.size() < states + 1u + 2u * outputs[states]) return 0;
  for (std::uint32_t s = 0; s < states; ++s)
    if (outputs[s] > outputs[s + 1]) return 0;
  for (std::uint32_t o = 0; o < outputs[states]; ++o) {
    const Word* word = outputs.data() + states + 1 + 2 * o;
    if ((std::uint32_t{word[0]} | std::uint32_t{word[1]} << 16) >= patterns) return 0;
  }
  return states;
}

}  // namespace schoolgate::pattern
