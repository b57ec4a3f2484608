#include "rules/domain_index.h"

#include <bit>

namespace schoolgate {

std::size_t DomainLine::used() const noexcept {
  const std::uint32_t free = equal(0);
  return free == 0 ? tag_count : static_cast<std::size_t>(std::countr_zero(free));
}

bool DomainIndex::open(std::span<const std::byte> lines, std::uint64_t homes,
                       std::span<const std::byte> records, std::span<const std::byte> endings) {
  if (reinterpret_cast<std::uintptr_t>(lines.data()) % sizeof(DomainLine) != 0) return false;
  if (lines.size() % sizeof(DomainLine) != 0) return false;
  lines_ = reinterpret_cast<const DomainLine*>(lines.data());
  count_ = lines.size() / sizeof(DomainLine);
  homes_ = homes;
  records_ = records;
  return homes_ <= count_ && names_.open(endings);
}

std::span<const std::byte> DomainIndex::record_bytes(const DomainLine& line,
                                                     std::size_t slot) const noexcept {
  const std::size_t used = line.used();
  if (slot >= used || line.block > records_.size() || records_.size() - line.block < used) return {};
  const auto block = records_.subspan(line.block);
  std::size_t at = used;
  for (std::size_t i = 0;; ++i) {
    std::size_t size = static_cast<std::uint8_t>(block[i]);
    if (size == long_record) {
      if (at > block.size() || block.size() - at < 4) return {};
      size = load<std::uint32_t>(block.data() + at);
      if (size < 4) return {};
      if (i == slot) {
        at += 4;
        size -= 4;
      }
    }
    if (at > block.size() || block.size() - at < size) return {};
    if (i == slot) return block.subspan(at, size);
    at += size;
  }
}

DomainIndex::Found DomainIndex::find_from(std::uint64_t at, std::uint64_t hash, std::string_view name,
                                          DomainRecord& record) const noexcept {
  for (; at < count_; ++at) {
    const DomainLine& line = lines_[at];
    for (std::uint32_t left = line.equal(DomainLine::tag(hash)); left != 0; left &= left - 1) {
      ByteReader in(record_bytes(line, static_cast<std::size_t>(std::countr_zero(left))));
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
    if ((line.spilled & DomainLine::spill_bit(hash)) == 0) return Found::no;
  }
  return Found::damaged;  // the last line spills nothing
}

}  // namespace schoolgate
