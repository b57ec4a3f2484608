// Patterns of every syntactic shape RE2 knows, and texts to ask them about.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate::testing {

// A few hundred, made from pieces: some may be refused by check_pattern.
[[nodiscard]] std::vector<Pattern> pattern_corpus();

// A small random pattern; check_pattern may refuse it.
[[nodiscard]] std::string random_pattern(std::mt19937& random);

// Addresses and oddities: long, short, with upper case, with bytes beyond ASCII, with broken UTF-8.
[[nodiscard]] std::vector<std::string> pattern_subjects();

// A text that `pattern` may well match, made from its source by a reader that shares nothing with the one
// under test and takes no care to be right: RE2 says afterwards whether the text matches.
[[nodiscard]] std::string text_like(const std::string& pattern, std::mt19937& random);

// The text with one small change.
[[nodiscard]] std::string spoilt(std::string text, std::mt19937& random);

}  // namespace schoolgate::testing
