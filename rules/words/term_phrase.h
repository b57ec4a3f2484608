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
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

// The phrases that a term stands for: thousands, made of a few words, so each word is held once.
struct TermPhrases {
  struct Word {
    std::string telex, folded;  // its keys, see text_fold.h
  };
  struct Unit {
    std::uint32_t gap = 0;   // instead of a word: up to so many, whatever they are
    std::uint32_t word = 0;  // in words, where gap is 0
    friend bool operator==(const Unit&, const Unit&) = default;
  };
  struct Phrase {
    std::size_t begin, end;  // in units
    bool at_end;
  };
  std::vector<Word> words;
  std::vector<Phrase> phrases;
  std::vector<Unit> units;  // of one phrase after the other

  [[nodiscard]] std::span<const Unit> units_of(const Phrase& phrase) const noexcept {
    return std::span(units).subspan(phrase.begin, phrase.end - phrase.begin);
  }
};

inline constexpr std::size_t term_gap_words = 10;  // of a "*"
inline constexpr std::size_t most_near_words = 2;

// `near`: how many words may stand between parts. Errors say what is wrong in words for the author of the
// term: unbalanced, empty, a gap at an end, more than 4,096 phrases.
[[nodiscard]] Result<TermPhrases> parse_term(std::string_view term, std::size_t near = most_near_words);

}  // namespace schoolgate
