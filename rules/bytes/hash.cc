#include "rules/bytes/hash.h"

#include <array>

namespace schoolgate {

std::uint64_t checksum(std::span<const std::byte> blocks) noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  std::array<std::uint64_t, 8> lanes{1, 2, 3, 4, 5, 6, 7, 8};
  const std::byte* p = blocks.data();
  for (std::size_t left = blocks.size() / 64; left > 0; --left, p += 64) {
    for (std::size_t i = 0; i < lanes.size(); ++i)
      lanes[i] = std::rotl((lanes[i] ^ load<std::uint64_t>(p + 8 * i)) * odd, 29);
  }
  std::uint64_t sum = blocks.size();
  for (const std::uint64_t lane : lanes) sum = std::rotl((sum ^ lane) * odd, 29);
  sum ^= sum >> 32;
  return sum * odd;
}

}  // namespace schoolgate
