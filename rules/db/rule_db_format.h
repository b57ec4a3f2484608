// The file around the sections: a header, a table of sections, the sections. Drawn in rules/db/README.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace schoolgate {

// Like PNG's: a byte over 127, a word, and the line ends that a transfer as text would change.
inline constexpr std::array<char, 8> db_magic{'\x89', 'S', 'G', 'D', 'B', '\r', '\n', '\x1a'};
inline constexpr std::uint32_t db_version = 7;
// Read as well, so that lists compiled by an older program are the measure of new ones. Those before
// `networks_version` have a shorter header, without the last two sections, and no count of networks; those
// before `lookalikes_version` lack the last section.
inline constexpr std::uint32_t oldest_db_version = 4, networks_version = 6, lookalikes_version = 7;
inline constexpr std::size_t db_alignment = 64;

// In the order of the file.
enum class Section : std::uint8_t {
  domain_buckets,
  domain_records,
  name_endings,
  tag_sets,
  urls,
  patterns,
  pattern_rules,
  sources,
  networks,
  lookalikes,
};
inline constexpr std::size_t section_count = 10;

// A section begins where the one before it ends, rounded up to 64; the zero bytes between belong to the
// former and are under its checksum.
struct SectionEntry {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t sum = 0;  // checksum() to the next section's offset
};

struct DbHeader {
  std::array<char, 8> magic = db_magic;
  std::uint32_t version = db_version;
  std::uint32_t flags = 0;
  std::uint64_t header_sum = 0;  // checksum() of this struct with zero here
  std::uint64_t file_size = 0;
  std::uint64_t homes = 0;  // buckets of the domain index that are homes
  std::uint64_t domains = 0, url_prefixes = 0, patterns = 0;
  std::array<SectionEntry, section_count> sections{};
  std::array<std::uint64_t, 2> unused{};

  static constexpr std::uint32_t path_patterns = 1;  // some pattern is asked about more than the host
};
static_assert(sizeof(DbHeader) % db_alignment == 0 && sizeof(DbHeader) == 64 + 24 * section_count + 16);

// How much of it a version has.
struct DbShape {
  std::size_t header, sections;
};
[[nodiscard]] constexpr DbShape shape_of(std::uint32_t version) noexcept {
  if (version < networks_version) return {64 + 24 * 8, 8};
  // The ninth entry was followed by forty bytes of zero: no look-alikes.
  return {sizeof(DbHeader), version < lookalikes_version ? 9 : section_count};
}

[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t size) noexcept {
  return (size + db_alignment - 1) / db_alignment * db_alignment;
}

}  // namespace schoolgate
