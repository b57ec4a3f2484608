// Checks of stored programs, once, when an index is opened.
#include "rules/patterns/match/program.h"

#include <algorithm>

namespace schoolgate::pattern {
namespace {

// Rows of `width` words, the first `classes` of which name rows.
bool good_table(std::span<const Word> program, std::uint32_t states, std::uint32_t classes,
                std::uint32_t width) {
  if (states == 0 || classes == 0 || classes > 256) return false;
  if (program.size() < table_header + std::size_t{states} * width) return false;
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program.data() + table_begin);
  if (!std::all_of(class_of, class_of + 256, [&](std::uint8_t c) { return c < classes; })) return false;
  for (std::uint32_t s = 0; s < states; ++s)
    for (const Word row : program.subspan(table_header + std::size_t{s} * width, classes))
      if (row % width != 0 || row / width >= states) return false;
  return true;
}

// A pad leads to state 0 from everywhere, and the loops' sets hold none: set 0 alone does.
bool good_dense(std::span<const Word> program, std::size_t sets, std::uint32_t states,
                std::uint32_t classes) {
  const std::uint32_t width = classes + 1;
  if (states < 2 || !good_table(program, states, classes, width)) return false;
  const auto* class_of = reinterpret_cast<const std::uint8_t*>(program.data() + table_begin);
  for (std::uint32_t s = 0; s < states; ++s) {
    const auto row = program.subspan(table_header + std::size_t{s} * width, width);
    if (row[class_of[symbol::pad]] != dead_state) return false;
    if (s >= program[3] && (row[classes] == 0 || row[classes] >= sets)) return false;
  }
  return program[3] >= 2;
}

bool good_sparse(std::span<const Word> program, std::size_t sets, std::uint32_t states) {
  if (states < 2 || program.size() < states + 1u) return false;
  const std::uint32_t end = program[states];
  if (end > program.size()) return false;
  for (std::uint32_t s = 2; s < states; ++s) {
    const std::uint32_t first = program[s], last = program[s + 1];
    if (first < states + 1u || first > last || last > end || (last - first) % 2 != 0) return false;
    for (std::uint32_t way = first; way < last; way += 2)
      if (program[way] == 0 || program[way] >= sets || program[way + 1] >= states ||
          program[way + 1] == dead_state)
        return false;
  }
  return true;
}

}  // namespace

std::uint32_t checked_remainder(std::span<const Word> words, std::size_t sets, ProgramId id) {
  if (id >= words.size() || words.size() - id < 4) return 0;
  const auto program = words.subspan(id);
  const std::uint32_t states = program[1], classes = program[2];
  if (program[0] == sparse_program) return good_sparse(program, sets, states) ? states : 0;
  return program[0] == dense_program && good_dense(program, sets, states, classes) ? states : 0;
}

std::uint32_t checked_scanner(std::span<const Word> words, ProgramId id, std::uint32_t patterns) {
  if (id >= words.size() || words.size() - id < 4) return 0;
  const auto program = words.subspan(id);
  const std::uint32_t states = program[1], classes = program[2];
  if (program[0] != scanner_program || classes == 0 || !good_table(program, states, classes, classes))
    return 0;
  const auto outputs = program.subspan(table_header + std::size_t{states} * classes);
  if (outputs.empty() || outputs[0] > states) return 0;
  const std::size_t firsts = states - outputs[0] + 1u;
  if (outputs.size() < 1 + firsts || outputs.size() < 1 + firsts + 2u * outputs[firsts]) return 0;
  if (!std::is_sorted(outputs.begin() + 1, outputs.begin() + 1 + static_cast<std::ptrdiff_t>(firsts)))
    return 0;
  for (std::uint32_t o = 0; o < outputs[firsts]; ++o) {
    const Word* word = outputs.data() + 1 + firsts + 2 * o;
    if ((std::uint32_t{word[0]} | std::uint32_t{word[1]} << 16) >= patterns) return 0;
  }
  return states;
}

}  // namespace schoolgate::pattern
