// Many short lists of numbers as bytes: a count, count + 1 offsets, the numbers of all lists one after
// another.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "rules/bytes/byte_io.h"

namespace schoolgate {

// List i is numbers[offsets[i], offsets[i + 1]).
[[nodiscard]] Bytes number_lists(std::span<const std::uint32_t> offsets,
                                 std::span<const std::uint32_t> numbers);

// Threads: immutable. A view on bytes that outlive it.
class NumberLists {
 public:
  // Nullopt: the bytes are no such section. Empty bytes are no lists at all.
  [[nodiscard]] static std::optional<NumberLists> open(std::span<const std::byte> bytes);
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  // Empty for a list that is none.
  [[nodiscard]] std::span<const std::uint32_t> operator[](std::size_t list) const noexcept {
    if (list >= size()) return {};
    return numbers_.subspan(offsets_[list], offsets_[list + 1] - offsets_[list]);
  }

 private:
  std::span<const std::uint32_t> offsets_, numbers_;
};

}  // namespace schoolgate
