// The bytes of a pattern index. Little-endian; every table begins at a multiple of 64.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/patterns/match/filter.h"
#include "rules/patterns/match/program.h"

namespace schoolgate::pattern {

struct Range {
  std::uint32_t offset = 0;  // bytes from the beginning
  std::uint32_t count = 0;   // elements
};

// Everything that is asked about one kind of subject.
struct Tables {
  Range filter;    // 32-bit words, see GramFilter
  Range slots;     // Slot: gram -> records
  Range scanners;  // ScannerEntry: programs that read every subject
  Range always;    // pattern ids that RE2 must be asked about every time
  std::uint32_t slots_log2 = 0;
  std::uint32_t unused = 0;
};

struct ScannerEntry {
  ProgramId program = 0;
  std::uint32_t shortest = 0;  // symbols of the shortest text that it accepts, sentinels included
};

inline constexpr std::uint32_t index_magic = 0x54504753;  // "SGPT"
inline constexpr std::uint32_t index_version = 8;
// What is asked about: the subjects of PatternTarget, by its values; and the front of an address,
// "https://host/", for those patterns of whole addresses that may hold every address of some host.
inline constexpr std::size_t target_count = 4;
inline constexpr std::size_t front_subject = 4;
inline constexpr std::size_t subject_count = 5;
inline constexpr std::size_t max_scanners = 4;  // of one subject

struct Header {
  std::uint32_t magic = index_magic;
  std::uint32_t version = index_version;
  Range entries, texts, sets, words, records, refs;
  Tables tables[subject_count];
};

// A pattern.
struct Entry {
  static constexpr std::uint8_t case_sensitive = 1;
  static constexpr std::uint8_t exact = 2;  // what our automata accept on a plain text needs no RE2
  static constexpr std::uint8_t weak = 4;
  static constexpr std::uint8_t front = 8;  // in the tables of front_subject too

  std::uint32_t text = 0;  // offset into the texts
  std::uint16_t text_size = 0;
  std::uint8_t target = 0;
  std::uint8_t flags = 0;

  [[nodiscard]] bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

// A gram and the records to try where it occurs: the one record of that number, if `first` is marked as the
// last; else `refs` from `first` on, up to and including the one that is so marked. Most grams that occur
// are not what their records look for; the symbols next to them say so before a record is fetched.
struct Slot {
  static constexpr std::uint32_t empty = 0xffffffff;
  std::uint32_t gram = 0;
  std::uint32_t first = empty;
  // Bit neighbour_bit(s): some record may match where s stands before the gram, or behind it.
  std::uint32_t before = 0, after = 0;
};
inline constexpr std::uint32_t last_ref = 0x80000000;
[[nodiscard]] constexpr std::uint32_t neighbour_bit(Symbol s) noexcept {
  return s & 31u;
}

// One place in one pattern that a found gram may be: the sixteen symbols around it, then what lies beyond.
// Offsets count from the gram's first symbol.
struct Record {
  static constexpr int window_size = 16;
  std::uint64_t value[2] = {}, mask[2] = {};
  std::uint32_t pattern = 0;
  ProgramId forward = always, backward = always;
  Word forward_state = 0, backward_state = 0;
  std::int8_t window = 0;           // where the window begins
  std::int8_t left = 0, right = 0;  // the outermost symbols already known to fit
  std::uint8_t only_folded = 0;     // 1: reads U+017F or U+212A where a plain text would have s or k
  Word after = 0, before = 0;       // sets the symbols right of `right` and left of `left` must be in
  std::uint16_t min_after = 0, min_before = 0;  // symbols there must be at least, sentinels included
  std::uint8_t unused[4] = {};
};
static_assert(sizeof(Record) == 64 && sizeof(Slot) == 16 && sizeof(Entry) == 8);

[[nodiscard]] constexpr std::uint32_t slot_hash(std::uint32_t gram) noexcept {
  return (gram ^ gram >> 15) * 0x85ebca6bu;
}

// Checked views on an index's bytes: what PatternIndex::open hands out.
struct TablesView {
  std::span<const std::uint32_t> filter_words;
  GramFilter filter;
  std::span<const Slot> slots;
  std::span<const ScannerEntry> scanners;
  std::span<const std::uint32_t> always;
  std::uint32_t slots_log2 = 0;

  [[nodiscard]] bool has_grams() const noexcept { return !filter_words.empty(); }
  [[nodiscard]] bool asks_nothing() const noexcept {
    return filter_words.empty() && scanners.empty() && always.empty();
  }
};

struct IndexView {
  std::span<const Entry> entries;
  std::string_view texts;
  std::span<const SymbolSet> sets;
  std::span<const Word> words;
  std::span<const Record> records;
  std::span<const std::uint32_t> refs;
  TablesView tables[subject_count];
};

}  // namespace schoolgate::pattern
