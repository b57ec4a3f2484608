// "Did you mean": the known word nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "rules/message.h"

namespace schoolgate {

// Damerau-Levenshtein distance over bytes (two adjacent letters swapped count as one), ASCII case apart.
// Words are compared up to 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known` within a third of the word's length (at least 1, at most 3); empty if none.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> known);

// The word of `known` that is meant, by a synonym or as nearest(); empty if none. Beside mistyped words it
// knows curly quotes, and what words of the configuration are called in Vietnamese and by other programs:
// "chặn" and "deny" are block.
[[nodiscard]] std::string_view meant_word(std::string_view word, std::span<const std::string> known);

// "did you mean "gambling"?", else `otherwise`.
[[nodiscard]] Message did_you_mean(std::string_view word, std::span<const std::string> known,
                                   Message otherwise = {});

// Without blanks and curly quotes around it.
[[nodiscard]] std::string_view without_curly_quotes(std::string_view text) noexcept;
// Whether a text begins or ends with a quote as word processors make it, which is none for YAML.
[[nodiscard]] bool has_curly_quotes(std::string_view text) noexcept;
// Small letters and digits without marks, words apart by one blank: "Trò chơi" is "tro choi".
[[nodiscard]] std::string plain_letters(std::string_view text);

// As messages show a text: in double quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

// "a, b, c"; at most `limit` words, then "and 12 more".
[[nodiscard]] Message join_words(std::span<const std::string> words, std::size_t limit = 12);
[[nodiscard]] Message join_messages(std::span<const Message> messages, std::size_t limit = 12);

}  // namespace schoolgate
