// "Did you mean": the known word nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace schoolgate {

// Damerau-Levenshtein distance over bytes (two adjacent letters swapped count as one), ASCII case apart.
// Words are compared up to 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known` within a third of the word's length (at least 1, at most 3); empty if none.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> known);

// "did you mean "gambling"?", else `otherwise`.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known,
                                       std::string otherwise = {});

// "a, b, c"; at most `limit` words, then "and 12 more".
[[nodiscard]] std::string join_words(std::span<const std::string> words, std::size_t limit = 12);

}  // namespace schoolgate
