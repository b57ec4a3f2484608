// Host names packed: a common ending (".com", ".blogspot.com") as one byte, the rest three characters to a
// 16-bit word, for the 40 characters a canonical host can hold. About 60 % of the plain text; comparing a
// packed name with a plain one needs no unpacking.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/bytes/byte_io.h"

namespace schoolgate {

// Only characters of a canonical host: a-z 0-9 - _ . and : (IPv6), 1 to 253 of them.
[[nodiscard]] bool is_packable(std::string_view name) noexcept;

// Packed name: ending number (1 byte, 0 = none), length of the rest (1 byte), its words.
class NamePacker {
 public:
  static constexpr std::size_t max_endings = 254;  // 255 is taken: far_record

  // Counts the endings of one name of the sample from which choose() takes the best.
  void sample(std::string_view name);
  void choose();

  void pack(std::string_view name, Bytes& out) const;  // is_packable(name)
  [[nodiscard]] Bytes endings() const;                 // the section that NameUnpacker reads

 private:
  std::unordered_map<std::string, std::uint32_t> counts_;
  std::vector<std::string> chosen_;
  std::unordered_map<std::string_view, std::uint8_t> number_;  // views into chosen_
};

class NameUnpacker {
 public:
  NameUnpacker() = default;
  // Nullopt: the bytes are no endings section.
  [[nodiscard]] static std::optional<NameUnpacker> open(std::span<const std::byte> endings);

  // Reads one packed name; true if it is `name`. A wrong ending number turns `in` bad.
  [[nodiscard]] bool equals(ByteReader& in, std::string_view name) const noexcept;
  [[nodiscard]] std::string unpack(ByteReader& in) const;

 private:
  std::array<std::string_view, NamePacker::max_endings + 1> endings_{};
  std::size_t count_ = 1;
};

}  // namespace schoolgate
