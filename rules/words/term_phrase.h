// A term as people write it, taken apart into the phrases it stands for.
//
//   kèo (châu á|tài xỉu)      alternatives
//   link (vào )?nhà cái       what may be left out; a space inside belongs to it
//   uống bao nhiêu * chết     "*": up to ten words, whatever they are
//   em muốn tự tử$            "$": only at the end of the text
//
// Everything else is letters, digits and spaces; other characters separate words. Alternatives inside a word
// ("unblock(ed)?") are fine.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

struct Phrase {
  struct Word {
    std::string telex, folded;  // its keys, see text_fold.h
    bool gap = false;           // "*" instead of a word
  };
  std::vector<Word> words;
  bool at_end = false;
};

inline constexpr std::size_t term_gap_words = 10;

// Errors say what is wrong in words for the author of the term: unbalanced, empty, a gap at an end, more than
// 4,096 phrases.
[[nodiscard]] Result<std::vector<Phrase>> parse_term(std::string_view term);

}  // namespace schoolgate
