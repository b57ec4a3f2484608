// The file of a signed floor, "floor.sealed": digests alone, with the kind of each. Text, so that its
// signature and its size can be looked at with ordinary tools:
//
//   schoolgate floor 1
//   made 2026-11-29T14:00:00Z
//   salt 00112233445566778899aabbccddeeff
//   csam 1
//   terrorism 0
//   intimate 0
//   unlawful 1
//   csam <32 hex>                  a host and every name below it
//   unlawful <32 hex> <32 hex>     its host, then "host/path" (rules/policy/floor.h)
//
// The four counts say how many lines follow; these are sorted by kind and digest, each once. What differs
// from that in one byte is no such file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/policy/floor.h"
#include "rules/result.h"

namespace schoolgate {

enum class FloorKind : std::uint8_t { csam, terrorism, intimate, unlawful };
inline constexpr std::size_t floor_kinds = 4;
// As in the file and on the command line: "csam".
[[nodiscard]] std::string_view to_string(FloorKind kind) noexcept;
// For people: "child sexual abuse".
[[nodiscard]] Message name_of(FloorKind kind);
using FloorCounts = std::array<std::uint64_t, floor_kinds>;

struct SealedFile {
  std::int64_t made = 0;  // UTC seconds
  SaltedFloor floor;      // of each entry `where.line` is its line; the source is the caller's
  FloorCounts counts{};
  std::vector<FloorKind> kinds;  // beside floor.entries

  static constexpr std::uint64_t most_bytes = 256ull * 1024 * 1024;
};

// Sorts the entries, leaves out what is there twice, counts, and numbers their lines.
void put_in_order(SealedFile& file);
// Of one in order.
[[nodiscard]] std::string to_text(const SealedFile& file);
// Only what to_text() writes. Errors name the line.
[[nodiscard]] Result<SealedFile> parse_sealed_file(std::string_view text);

// "2026-11-29T14:00:00Z" of the years 1970 to 9999.
[[nodiscard]] std::string utc_second_text(std::int64_t seconds);

}  // namespace schoolgate
