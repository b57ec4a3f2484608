#include "rules/db/domain_index.h"

#include <algorithm>
#include <array>
#include <bit>

namespace schoolgate {

std::size_t DomainBucket::used() const noexcept {
  const std::uint32_t free = equal(0);
  return free == 0 ? tag_count : static_cast<std::size_t>(std::countr_zero(free));
}

std::optional<DomainIndex> DomainIndex::open(std::span<const std::byte> buckets, std::uint64_t homes,
                                             std::span<const std::byte> records,
                                             std::span<const std::byte> endings) {
  if (reinterpret_cast<std::uintptr_t>(buckets.data()) % sizeof(DomainBucket) != 0) return std::nullopt;
  if (buckets.size() % sizeof(DomainBucket) != 0) return std::nullopt;
  const std::uint64_t count = buckets.size() / sizeof(DomainBucket);
  const std::optional<NameUnpacker> names = NameUnpacker::open(endings);
  if (homes > count || !names) return std::nullopt;
  DomainIndex index;
  index.buckets_ = reinterpret_cast<const DomainBucket*>(buckets.data());
  index.count_ = count;
  index.homes_ = homes;
  index.records_ = records;
  index.names_ = *names;
  return index;
}

namespace {

// The sum of the first `count` (at most 29) of 32 readable bytes.
std::size_t sum_of(const std::byte* bytes, std::size_t count) noexcept {
#if defined(__SSE2__)
  alignas(16) static constexpr std::array<std::uint8_t, 64> ones_then_zeros = [] {
    std::array<std::uint8_t, 64> mask{};
    std::fill(mask.begin(), mask.begin() + 32, std::uint8_t{0xff});
    return mask;
  }();
  __m128i sum = _mm_setzero_si128();
  for (const std::size_t half : {0, 16}) {
    const auto* mask = reinterpret_cast<const __m128i*>(ones_then_zeros.data() + 32 - count + half);
    const auto* values = reinterpret_cast<const __m128i*>(bytes + half);
    const __m128i kept = _mm_and_si128(_mm_loadu_si128(values), _mm_loadu_si128(mask));
    sum = _mm_add_epi64(sum, _mm_sad_epu8(kept, _mm_setzero_si128()));
  }
  return static_cast<std::size_t>(_mm_extract_epi16(sum, 0) + _mm_extract_epi16(sum, 4));
#else
  std::size_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<std::uint8_t>(bytes[i]);
  return sum;
#endif
}

}  // namespace

std::span<const std::byte> DomainIndex::record_bytes(const DomainBucket& bucket,
                                                     std::size_t slot) const noexcept {
  const std::size_t used = bucket.used();
  if (slot >= used || bucket.block > records_.size() ||
      records_.size() - bucket.block < used + records_padding)
    return {};
  const auto block = records_.subspan(bucket.block);
  const std::size_t at = used + sum_of(block.data(), slot);
  const auto size = static_cast<std::uint8_t>(block[slot]);
  if (at > block.size() || block.size() - at < size) return {};
  const auto record = block.subspan(at, size);
  if (size == 0 || static_cast<std::uint8_t>(record[0]) != far_record) [[likely]]
    return record;

  ByteReader stub(record.subspan(1));
  const auto far_offset = stub.fixed<std::uint32_t>(), far_size = stub.fixed<std::uint32_t>();
  if (!stub.ok() || far_offset > records_.size() || records_.size() - far_offset < far_size) return {};
  return records_.subspan(far_offset, far_size);
}

DomainIndex::Found DomainIndex::find(std::uint64_t hash, std::string_view name,
                                     DomainRecord& record) const noexcept {
  if (homes_ == 0) return Found::no;
  for (std::uint64_t at = DomainBucket::home(hash, homes_); at < count_; ++at) {
    const DomainBucket& bucket = buckets_[at];
    for (std::uint32_t left = bucket.equal(DomainBucket::tag(hash)); left != 0; left &= left - 1) {
      ByteReader in(record_bytes(bucket, static_cast<std::size_t>(std::countr_zero(left))));
      const bool same = names_.equals(in, name);
      if (!in.ok()) return Found::damaged;
      if (!same) continue;
      const std::uint32_t head = in.varint();
      record.tag_set = head >> 1;
      record.url_group = (head & 1) != 0 ? in.varint() : 0;
      if (!in.ok()) return Found::damaged;
      record.lines = in.bytes(in.left());
      return Found::yes;
    }
    if (!bucket.may_have_spilled(hash)) return Found::no;
  }
  return Found::damaged;  // the last bucket spills nothing
}

}  // namespace schoolgate
