// A term as people write it, taken apart into the phrases it stands for.
//
//   kèo (châu á|tài xỉu)      alternatives
//   link (vào )?nhà cái       what may be left out; a space inside belongs to it
//   uống bao nhiêu * chết     "*": up to ten words, whatever they are
//   em muốn tự tử$            "$": only at the end of the text
//   (mua|bán) & súng          "&": in either order; two at most, so three parts in any order
//
// Between the parts of a phrase, which are what brackets and "&" divide it into, a few words may stand:
// "kèo bóng đá hôm nay tài xỉu" is the first one too. Everything else is letters, digits and spaces; other
// characters separate words. Alternatives inside a word ("unblock(ed)?") are fine.
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
    std::size_t gap = 0;        // instead of a word: up to so many, whatever they are
  };
  std::vector<Word> words;
  bool at_end = false;
};

inline constexpr std::size_t term_gap_words = 10;  // of a "*"
inline constexpr std::size_t most_near_words = 2;

// `near`: how many words may stand between parts. Errors say what is wrong in words for the author of the
// term: unbalanced, empty, a gap at an end, more than 4,096 phrases.
[[nodiscard]] Result<std::vector<Phrase>> parse_term(std::string_view term,
                                                     std::size_t near = most_near_words);

}  // namespace schoolgate
