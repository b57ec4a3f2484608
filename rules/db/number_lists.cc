#include "rules/db/number_lists.h"

namespace schoolgate {

Bytes number_lists(std::span<const std::uint32_t> offsets, std::span<const std::uint32_t> numbers) {
  Bytes out;
  put(out, static_cast<std::uint32_t>(offsets.size() - 1));
  put_bytes(out, std::as_bytes(offsets));
  put_bytes(out, std::as_bytes(numbers));
  return out;
}

std::optional<NumberLists> NumberLists::open(std::span<const std::byte> bytes) {
  NumberLists lists;
  if (bytes.empty()) return lists;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 4 != 0 || bytes.size() < 8 || bytes.size() % 4 != 0)
    return std::nullopt;
  const std::span words(reinterpret_cast<const std::uint32_t*>(bytes.data()), bytes.size() / 4);
  const std::size_t count = words[0];
  if (count > words.size() - 2) return std::nullopt;
  const auto offsets = words.subspan(1, count + 1);
  const auto numbers = words.subspan(count + 2);
  for (std::size_t i = 0; i < count; ++i) {
    if (offsets[i] > offsets[i + 1]) return std::nullopt;
  }
  if (offsets.back() > numbers.size()) return std::nullopt;
  lists.offsets_ = offsets;
  lists.numbers_ = numbers;
  return lists;
}

}  // namespace schoolgate
