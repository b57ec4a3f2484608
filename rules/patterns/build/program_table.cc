#include "rules/patterns/build/program_table.h"

#include <algorithm>
#include <cstring>

namespace schoolgate::pattern {
namespace {

constexpr std::size_t max_sparse_ways = 5;  // from one state; with more a table is faster
constexpr std::size_t max_word = 0xffff;

void append_classes(std::vector<Word>& out, const Dfa& dfa) {
  const std::size_t at = out.size();
  out.resize(at + 128);
  std::memcpy(out.data() + at, dfa.class_of.data(), dfa.class_of.size());
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

ProgramTable::ProgramTable() {
  SymbolSet everything;
  for (int s = 0; s < 256; ++s) everything.add(static_cast<Symbol>(s));
  set_id(everything);
}

std::vector<Word> ProgramTable::dense(const Dfa& dfa) {
  const std::vector<SymbolSet> by_class = class_sets(dfa);
  std::vector<Word> out{dense_program, static_cast<Word>(dfa.states()), static_cast<Word>(dfa.classes),
                        static_cast<Word>(dfa.first_loop)};
  append_classes(out, dfa);
  const std::size_t width = dfa.classes + 1;
  for (std::size_t state = 0; state < dfa.states(); ++state) {
    for (std::size_t c = 0; c < dfa.classes; ++c)
      out.push_back(static_cast<Word>(dfa.next[state * dfa.classes + c] * width));
    const auto on = ways(dfa, by_class, state);
    const auto stay = on.find(static_cast<std::uint32_t>(state));
    out.push_back(state >= dfa.first_loop && stay != on.end() ? set_id(stay->second) : Word{0});
  }
  return out;
}

ProgramId ProgramTable::add(const Dfa& dfa) {
  if (sets.size() > max_word - 4096) return ask_re2;
  if (dfa.first_loop == dfa.states())  // a loop that takes most symbols is faster in a table
    if (const std::vector<Word> small = sparse(dfa); !small.empty()) return store(small);
  return dfa.states() * (dfa.classes + 1) <= max_word ? store(dense(dfa)) : ask_re2;
}

std::optional<ProgramId> ProgramTable::add_scanner(const Dfa& dfa, std::span<const std::uint32_t> ids,
                                                   Direction direction) {
  if (dfa.states() * dfa.classes > max_word) return std::nullopt;
  const auto outputs_begin =
      std::find_if(dfa.outputs.begin(), dfa.outputs.end(), [](const auto& o) { return !o.empty(); });
  const auto first_output = static_cast<std::size_t>(outputs_begin - dfa.outputs.begin());
  bool ends = first_output > 0;  // nothing can come any more once state 0 is met again
  text_symbols().for_each([&](Symbol s) { ends = ends && dfa.next[dfa.class_of[s]] == 0; });
  std::vector<Word> out{scanner_program, static_cast<Word>(dfa.states()), static_cast<Word>(dfa.classes), 0};
  if (direction == Direction::backward) out[3] |= scanner_backward;
  if (ends) out[3] |= scanner_ends;
  append_classes(out, dfa);
  for (const std::uint32_t state : dfa.next) out.push_back(static_cast<Word>(state * dfa.classes));
  out.push_back(static_cast<Word>(first_output));
  std::vector<Word> outputs;
  for (std::size_t state = first_output; state < dfa.states(); ++state) {
    out.push_back(static_cast<Word>(outputs.size() / 2));
    for (const std::uint32_t owner : dfa.outputs[state]) {
      outputs.push_back(static_cast<Word>(ids[owner] & 0xffff));
      outputs.push_back(static_cast<Word>(ids[owner] >> 16));
    }
  }
  out.push_back(static_cast<Word>(outputs.size() / 2));
  if (outputs.size() / 2 > max_word) return std::nullopt;
  out.insert(out.end(), outputs.begin(), outputs.end());
  return store(out);
}

}  // namespace schoolgate::pattern
