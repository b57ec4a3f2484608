// The bytes of a pattern index; little-endian, every table aligned to 8.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/pattern_index.h"

namespace schoolgate::pattern_format {

inline constexpr std::uint32_t magic = 0x54504753;  // "SGPT"
inline constexpr std::uint32_t version = 1;

struct Header {
  std::uint32_t magic = pattern_format::magic;
  std::uint32_t version = pattern_format::version;
  std::uint32_t patterns = 0;
  std::uint32_t text_bytes = 0;
};

inline constexpr std::uint8_t flag_case_sensitive = 1;

struct Entry {
  std::uint32_t text = 0;  // offset into the texts
  std::uint16_t text_size = 0;
  std::uint8_t target = 0;
  std::uint8_t flags = 0;
};

// What PatternIndex::open hands out: checked views.
struct PatternData : PatternIndex {
  std::span<const Entry> entries;
  std::string_view texts;
};

}  // namespace schoolgate::pattern_format
