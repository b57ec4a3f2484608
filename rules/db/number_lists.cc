#include "rules/db/number_lists.h"

namespace schoolgate {

Bytes number_lists(std::span<const std::uint32_t> offsets, std::span<const std::uint32_t> numbers) {
  Bytes out;
  put(out, static_cast<std::uint32_t>(offsets.size() - 1));
  put_bytes(out, std::as_bytes(offsets));
  put_bytes(out, std::as_bytes(numbers));
  return out;
}

bool NumberLists::open(std::span<const std::byte> bytes) {
  offsets_ = numbers_ = {};
  if (bytes.empty()) return true;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 4 != 0 || bytes.size() < 8 || bytes.size() % 4 != 0)
    return false;
  const std::span words(reinterpret_cast<const std::uint32_t*>(bytes.data()), bytes.size() / 4);
  const std::size_t count = words[0];
  if (count > words.size() - 2) return false;
  const auto offsets = words.subspan(1, count + 1);
  const auto numbers = words.subspan(count + 2);
  for (std::size_t i = 0; i < count; ++i) {
    if (offsets[i] > offsets[i + 1]) return false;
  }
  if (offsets.back() > numbers.size()) return false;
  offsets_ = offsets;
  numbers_ = numbers;
  return true;
}

}  // namespace schoolgate
