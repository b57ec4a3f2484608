#include "rules/db/domain_index_builder.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

#include "rules/db/number_lists.h"

namespace schoolgate {
namespace {

constexpr std::size_t first_chunk = 1024, last_chunk = 256 * 1024;
constexpr std::size_t mean_fill = 22;  // tags a bucket, of 29: about 6 % of the buckets spill
constexpr std::size_t sample_step = 8;

// A rule as it lies in a chunk, followed by the name.
struct Packed {
  std::uint64_t hash;
  std::uint32_t member, line;
  std::uint8_t is_url, length;
};
constexpr std::size_t packed_size = 18;  // without the padding of the struct

Packed unpack(const std::byte* from) noexcept {
  Packed p;
  std::memcpy(&p, from, packed_size);
  return p;
}

}  // namespace

// A rule while its partition is sorted.
struct DomainIndexBuilder::Ref {
  std::uint64_t hash;
  const std::byte* at;

  [[nodiscard]] std::string_view name() const noexcept {
    return {reinterpret_cast<const char*>(at) + packed_size, static_cast<std::uint8_t>(at[packed_size - 1])};
  }
};

void DomainIndexBuilder::add(std::uint64_t hash, std::string_view name, const DomainRule& rule) {
  Partition& p = partitions_[hash >> 56];
  const std::size_t size = packed_size + name.size();
  if (p.chunks.empty() || p.capacity - p.used.back() < size) {
    p.capacity = p.chunks.empty() ? first_chunk : std::min(2 * p.capacity, last_chunk);
    p.chunks.emplace_back(new std::byte[p.capacity]);
    p.used.push_back(0);
  }
  std::byte* to = p.chunks.back().get() + p.used.back();
  const Packed packed{hash, rule.member, rule.line, rule.is_url, static_cast<std::uint8_t>(name.size())};
  std::memcpy(to, &packed, packed_size);
  std::memcpy(to + packed_size, name.data(), name.size());
  p.used.back() += size;
  ++p.records;
}

std::vector<DomainIndexBuilder::Ref> DomainIndexBuilder::sorted(const Partition& partition) {
  std::vector<Ref> refs;
  refs.reserve(partition.records);
  for (std::size_t i = 0; i < partition.chunks.size(); ++i) {
    const std::byte* at = partition.chunks[i].get();
    for (const std::byte* end = at + partition.used[i]; at < end;) {
      const Packed p = unpack(at);
      refs.push_back({p.hash, at});
      at += packed_size + p.length;
    }
  }
  // Stable: rules of one name stay in the order of add().
  std::stable_sort(refs.begin(), refs.end(), [](const Ref& a, const Ref& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.name() < b.name();
  });
  return refs;
}

// Takes the hosts in the order of their hashes and writes bucket after bucket.
struct DomainIndexBuilder::Writer {
  struct Pending {
    std::uint64_t hash;
    Bytes record;
  };

  DomainSections out;
  NamePacker packer;
  std::unordered_map<std::string, std::uint32_t> set_numbers;
  std::vector<std::uint32_t> set_offsets{0, 0}, set_members;  // set 0 is empty
  std::deque<Pending> pending;
  std::vector<Bytes> spare;                                    // buffers of written records
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rules;  // of one host: member, line
  std::uint64_t bucket = 0;                                    // the next one

  std::uint32_t set_of_rules() {
    if (rules.empty()) return 0;
    std::string key;
    for (const auto& [member, unused] : rules)
      key.append(reinterpret_cast<const char*>(&member), sizeof member);
    const auto [at, is_new] =
        set_numbers.try_emplace(key, static_cast<std::uint32_t>(set_offsets.size() - 1));
    if (is_new) {
      for (const auto& [member, unused] : rules) set_members.push_back(member);
      set_offsets.push_back(static_cast<std::uint32_t>(set_members.size()));
    }
    return at->second;
  }

  // All rules of one host, in the order of add().
  void add_host(std::span<const Ref> refs) {
    const std::size_t group_rules_before = out.group_rules.size();
    rules.clear();
    for (const Ref& ref : refs) {
      const Packed p = unpack(ref.at);
      if (p.is_url != 0)
        out.group_rules.push_back(p.member);
      else
        rules.emplace_back(p.member, p.line);
    }
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    if (!rules.empty()) ++out.domains;
    const bool has_urls = out.group_rules.size() > group_rules_before;

    Bytes record = take_buffer();
    packer.pack(refs.front().name(), record);
    put_varint(record, set_of_rules() << 1 | std::uint32_t{has_urls});
    if (has_urls) {
      out.group_begin.push_back(static_cast<std::uint32_t>(out.group_rules.size()));
      put_varint(record, static_cast<std::uint32_t>(out.group_begin.size() - 1));
    }
    for (const auto& [unused, source_line] : rules) put_varint(record, source_line);

    const std::uint64_t hash = refs.front().hash;
    for (const std::uint64_t home = DomainBucket::home(hash, out.homes); bucket < home;) write_bucket();
    if (record.size() > longest_near_record) move_far(record);
    pending.push_back({hash, std::move(record)});
  }

  // A record too long for a size byte goes between two blocks; its stub takes its place.
  void move_far(Bytes& record) {
    const auto offset = static_cast<std::uint32_t>(out.records.size()),
               size = static_cast<std::uint32_t>(record.size());
    put_bytes(out.records, record);
    record.clear();
    put(record, far_record);
    put(record, offset);
    put(record, size);
  }

  void write_bucket() {
    DomainBucket written;
    written.block = static_cast<std::uint32_t>(out.records.size());
    const std::size_t count = std::min(pending.size(), DomainBucket::tag_count);
    for (std::size_t i = 0; i < count; ++i) {
      written.tags[i] = DomainBucket::tag(pending[i].hash);
      out.records.push_back(static_cast<std::byte>(pending[i].record.size()));
    }
    for (std::size_t i = 0; i < count; ++i) {
      Bytes& record = pending.front().record;
      put_bytes(out.records, record);
      record.clear();
      spare.push_back(std::move(record));
      pending.pop_front();
    }
    for (const Pending& p : pending) written.spilled |= DomainBucket::spill_bit(p.hash);
    put(out.buckets, written);
    ++bucket;
  }

  Bytes take_buffer() {
    if (spare.empty()) return {};
    Bytes buffer = std::move(spare.back());
    spare.pop_back();
    return buffer;
  }

  DomainSections finish() {
    while (bucket < out.homes || !pending.empty()) write_bucket();
    out.records.resize(out.records.size() + records_padding);
    out.endings = packer.endings();
    out.tag_sets = number_lists(set_offsets, set_members);
    out.too_big = out.records.size() > 0xffffffff;
    return std::move(out);
  }
};

DomainSections DomainIndexBuilder::build() {
  Writer writer;
  writer.out.group_begin.push_back(0);

  // First round: how many hosts there are, and which endings are common.
  std::uint64_t hosts = 0, name_bytes = 0;
  for (const Partition& partition : partitions_) {
    std::uint64_t last = 0;
    for (const Ref& ref : sorted(partition)) {
      if (hosts != 0 && ref.hash == last) continue;
      last = ref.hash;
      if (hosts++ % sample_step == 0) writer.packer.sample(ref.name());
      name_bytes += ref.name().size();
    }
  }
  writer.packer.choose();
  writer.out.homes = hosts == 0 ? 0 : hosts / mean_fill + 1;
  writer.out.buckets.reserve((writer.out.homes + 16) * sizeof(DomainBucket));
  writer.out.records.reserve(name_bytes * 7 / 10 + hosts * 8);

  for (Partition& partition : partitions_) {
    const std::vector<Ref> refs = sorted(partition);
    for (std::size_t begin = 0, end = 0; begin < refs.size(); begin = end) {
      while (end < refs.size() && refs[end].hash == refs[begin].hash &&
             refs[end].name() == refs[begin].name())
        ++end;
      writer.add_host(std::span(refs).subspan(begin, end - begin));
    }
    partition = Partition();
  }
  return writer.finish();
}

}  // namespace schoolgate
