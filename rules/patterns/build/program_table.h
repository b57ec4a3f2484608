// Automata -> the words of match/program.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "rules/patterns/build/dfa.h"
#include "rules/patterns/match/program.h"

namespace schoolgate::pattern {

// Collects programs while an index is built; equal ones are stored once.
class ProgramTable {
 public:
  ProgramTable();
  ProgramId add(const Dfa& dfa);  // of remainder_dfa; ask_re2 if it is too large to be stored
  // `ids` of outputs. Nullopt if its rows cannot be named by 16 bits.
  std::optional<ProgramId> add_scanner(const Dfa& dfa, std::span<const std::uint32_t> ids,
                                       Direction direction);

  Word set_id(const SymbolSet& set);

  std::vector<Word> words;
  std::vector<SymbolSet> sets;

 private:
  std::vector<Word> sparse(const Dfa& dfa);
  std::vector<Word> dense(const Dfa& dfa);
  ProgramId store(const std::vector<Word>& program);

  std::map<SymbolSet, Word> known_sets_;
  std::map<std::vector<Word>, ProgramId> known_programs_;
};

}  // namespace schoolgate::pattern
