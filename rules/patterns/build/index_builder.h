// Patterns -> the bytes of an index (../match/format.h); and the steps that tests look at one by one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rules/patterns/match/pattern_re2.h"
#include "rules/result.h"

namespace schoolgate {

// Pattern ids are positions in `patterns`. Deterministic. Error: a pattern that check_pattern refuses.
[[nodiscard]] Result<std::vector<std::byte>> build_pattern_index(std::span<const Pattern> patterns);

namespace pattern {

// The index with RE2 left to decide about the patterns in `distrusted` alone, ascending ids.
[[nodiscard]] std::vector<std::byte> assemble_index(std::span<const Pattern> patterns,
                                                    std::span<const std::uint32_t> distrusted);

// Asks the index and RE2 the same questions: about texts made from each pattern's own automaton, and about
// those texts slightly spoilt. Returns the patterns they answered differently for, which should be none:
// our reading of a pattern is never trusted unseen.
[[nodiscard]] std::vector<std::uint32_t> disagreements(std::span<const Pattern> patterns,
                                                       std::span<const std::byte> index);

}  // namespace pattern
}  // namespace schoolgate
