// From a host name to the record of what is said about it: one 64-byte bucket is read to say "nothing",
// a second place only to say "this", after comparing the whole name. The bytes are drawn in
// rules/db/README.md.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rules/bytes/byte_io.h"
#include "rules/bytes/fetch_ahead.h"
#include "rules/bytes/hash.h"
#include "rules/db/name_codec.h"

namespace schoolgate {

// One line of the cache: 29 tags (16 bits of a host's hash, 0 = free, filled from the left), and where the
// records of those hosts lie, one after another. Bit i of `spilled`: a host that belongs here found no room
// and lies in a bucket further on; i is taken from its hash, so that most who look for a host that is nowhere
// stop here.
struct alignas(64) DomainBucket {
  static constexpr std::size_t tag_count = 29;

  std::uint32_t block = 0;  // offset in the records section
  std::uint16_t spilled = 0;
  std::uint16_t tags[tag_count] = {};

  [[nodiscard]] static std::uint64_t home(std::uint64_t hash, std::uint64_t homes) noexcept {
    return mul_high(hash, homes);
  }
  [[nodiscard]] static std::uint16_t tag(std::uint64_t hash) noexcept {
    const auto low = static_cast<std::uint16_t>(hash);
    return low == 0 ? std::uint16_t{1} : low;
  }
  [[nodiscard]] static std::uint16_t spill_bit(std::uint64_t hash) noexcept {
    return static_cast<std::uint16_t>(1u << ((hash >> 16) & 15));
  }
  [[nodiscard]] bool may_have_spilled(std::uint64_t hash) const noexcept {
    return (spilled & spill_bit(hash)) != 0;
  }
  [[nodiscard]] std::uint32_t equal(std::uint16_t wanted) const noexcept;  // bit i: tags[i] == wanted
  [[nodiscard]] std::size_t used() const noexcept;                         // tags that are not free
};
static_assert(sizeof(DomainBucket) == 64);

#if defined(__SSE2__)
inline std::uint32_t DomainBucket::equal(std::uint16_t wanted) const noexcept {
  const auto* quarter = reinterpret_cast<const __m128i*>(this);
  const __m128i all = _mm_set1_epi16(static_cast<short>(wanted));
  const auto half = [&](int i) {
    const __m128i a = _mm_cmpeq_epi16(_mm_load_si128(quarter + i), all);
    const __m128i b = _mm_cmpeq_epi16(_mm_load_si128(quarter + i + 1), all);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(a, b)));
  };
  return (half(0) | half(2) << 16) >> 3;  // three 16-bit lanes precede the tags
}
#else
inline std::uint32_t DomainBucket::equal(std::uint16_t wanted) const noexcept {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < tag_count; ++i) bits |= std::uint32_t{tags[i] == wanted} << i;
  return bits;
}
#endif

// A block is a size byte for each used tag of the bucket, then the records. A record too long for a size byte
// has a stub there: `far_record` in place of the ending's number, then its offset and size in the section, 4
// bytes each.
inline constexpr std::uint8_t far_record = 255;
inline constexpr std::size_t longest_near_record = 255;
// The records section ends in this many bytes of nothing, so that size bytes can be read 32 at a time.
inline constexpr std::size_t records_padding = 32;

// What is said about one host.
struct DomainRecord {
  std::uint32_t tag_set = 0;           // its domain rules: a list of the tag sets, 0 = none
  std::uint32_t url_group = 0;         // its URL rules, 0 = none
  std::span<const std::byte> lines{};  // a varint for each number in the set: the rule's line in its source
};

// Threads: immutable. A view on bytes that outlive it.
class DomainIndex {
 public:
  enum class Found : std::uint8_t { no, yes, damaged };

  DomainIndex() = default;
  // `buckets` is a whole number of DomainBucket, 64-byte aligned, the first `homes` of which are homes.
  // Nullopt: the bytes are no such sections.
  [[nodiscard]] static std::optional<DomainIndex> open(std::span<const std::byte> buckets,
                                                       std::uint64_t homes,
                                                       std::span<const std::byte> records,
                                                       std::span<const std::byte> endings);

  // A look-up in three steps, so that a caller with several names, or with other work, need not wait for
  // memory: ask for the bucket; read it, and ask for the record if there may be one; compare the name.
  void prefetch(std::uint64_t hash) const noexcept {
    if (homes_ != 0) fetch_ahead(&buckets_[DomainBucket::home(hash, homes_)]);
  }
  // False: the name is not there.
  [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept {
    if (homes_ == 0) return false;
    const DomainBucket& bucket = buckets_[DomainBucket::home(hash, homes_)];
    const std::uint32_t same_tag = bucket.equal(DomainBucket::tag(hash));
    if (same_tag != 0) prefetch_record(bucket, static_cast<std::size_t>(std::countr_zero(same_tag)));
    return same_tag != 0 || bucket.may_have_spilled(hash);
  }
  // `name` is_packable() and `hash` the one it was stored with. Exact: yes means that very name.
  [[nodiscard]] Found find(std::uint64_t hash, std::string_view name, DomainRecord& record) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return homes_ == 0; }
  [[nodiscard]] std::size_t hot_bytes() const noexcept { return count_ * sizeof(DomainBucket); }

 private:
  Found find_from(std::uint64_t at, std::uint64_t hash, std::string_view name,
                  DomainRecord& record) const noexcept;
  // The block begins in one cache line and the record lies in another: asked for together they arrive
  // together.
  void prefetch_record(const DomainBucket& bucket, std::size_t slot) const noexcept {
    constexpr std::size_t usual_block = 22, usual_record = 20;
    const auto block = reinterpret_cast<std::uintptr_t>(records_.data()) + bucket.block;
    fetch_ahead(reinterpret_cast<const void*>(block));
    fetch_ahead(reinterpret_cast<const void*>(block + usual_block + slot * usual_record));
  }
  std::span<const std::byte> record_bytes(const DomainBucket& bucket, std::size_t slot) const noexcept;

  const DomainBucket* buckets_ = nullptr;
  std::uint64_t count_ = 0, homes_ = 0;
  std::span<const std::byte> records_;
  NameUnpacker names_;
};

}  // namespace schoolgate
