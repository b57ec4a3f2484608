// Makes the sections that DomainIndex reads, from millions of rules in little memory.
//
// Rules are kept as compact records in 256 partitions by the first bits of the host's hash; build() takes one
// partition after the other, sorts it in the cache, joins the rules of equal names, writes them, and frees
// it. Since buckets are in the order of the hash, the whole table is written from front to back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/bytes/byte_io.h"
#include "rules/db/domain_index.h"
#include "rules/db/name_codec.h"

namespace schoolgate {

// One rule about a host.
struct DomainRule {
  std::uint32_t member = 0;  // domain rules: what its tag set holds; URL rules: the number of the rule
  std::uint32_t line = 0;    // domain rules: in its source
  bool is_url = false;
};

struct DomainSections {
  Bytes buckets, records, endings;
  Bytes tag_sets;  // NumberLists; 0 is empty
  std::uint64_t homes = 0;
  std::uint64_t domains = 0;  // distinct hosts with domain rules
  std::vector<std::uint32_t>
      group_begin;  // URL group g (from 1) owns group_rules[group_begin[g-1], group_begin[g])
  std::vector<std::uint32_t> group_rules;  // numbers of URL rules
  bool too_big = false;                    // over 4 GiB of records
};

class DomainIndexBuilder {
 public:
  // `hash` is hash_host(name), an argument so that tests can make names collide.
  void add(std::uint64_t hash, std::string_view name, const DomainRule& rule);  // is_packable(name)
  [[nodiscard]] DomainSections build();

 private:
  // Records of one partition, appended to chunks that double up to a limit, so that a small database stays
  // small.
  struct Partition {
    std::vector<std::unique_ptr<std::byte[]>> chunks;
    std::vector<std::size_t> used;  // bytes of each chunk
    std::size_t capacity = 0;       // of the last chunk
    std::size_t records = 0;
  };
  struct Ref;
  struct Writer;
  static std::vector<Ref> sorted(const Partition& partition);

  std::array<Partition, 256> partitions_;
};

}  // namespace schoolgate
