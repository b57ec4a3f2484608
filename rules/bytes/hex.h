// What a hexadecimal digit stands for.
#pragma once

#include <array>
#include <cstdint>

namespace schoolgate {

namespace hex_detail {
inline constexpr std::array<std::int8_t, 256> hex_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::int8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
  for (std::int8_t i = 0; i < 6; ++i)
    values[static_cast<std::size_t>('a' + i)] = values[static_cast<std::size_t>('A' + i)] =
        static_cast<std::int8_t>(10 + i);
  return values;
}();
}  // namespace hex_detail

// 0 to 15, in either case; -1: `c` is no such digit.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  return hex_detail::hex_values[static_cast<unsigned char>(c)];
}

}  // namespace schoolgate
