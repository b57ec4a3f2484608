#include "rules/db/domain_index.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "rules/db/domain_index_builder.h"
#include "rules/db/number_lists.h"
#include "rules/url/host_keys.h"

namespace schoolgate {
namespace {

using Hash = std::function<std::uint64_t(std::string_view)>;

std::uint64_t real_hash(std::string_view name) {
  return hash_host(name);
}

// Sections with the buckets where a database has them, on a border of 64.
struct Built {
  DomainSections sections;
  std::vector<DomainBucket> buckets;
  DomainIndex index;
  NumberLists sets;

  explicit Built(DomainIndexBuilder& builder) : sections(builder.build()) {
    buckets.resize(sections.buckets.size() / sizeof(DomainBucket));
    if (!buckets.empty())
      std::memcpy(static_cast<void*>(buckets.data()), sections.buckets.data(), sections.buckets.size());
    const auto opened = DomainIndex::open(std::as_bytes(std::span(buckets)), sections.homes, sections.records,
                                          sections.endings);
    REQUIRE(opened);
    index = *opened;
    const auto opened_sets = NumberLists::open(sections.tag_sets);
    REQUIRE(opened_sets);
    sets = *opened_sets;
  }
};

}  // namespace

TEST_CASE("domain index: every name is found and no other, however bad the hash", "[rules][domain_index]") {
  struct Row {
    const char* name;
    int names;
    Hash hash;
  };
  const Row table[] = {
      {"no name at all", 0, real_hash},
      {"one name", 1, real_hash},
      {"a full bucket", 29, real_hash},
      {"many buckets", 20000, real_hash},
      {"all names in one hash", 300, [](std::string_view) { return std::uint64_t{0x123456789abcdef0}; }},
      {"all names in hash zero", 100, [](std::string_view) { return std::uint64_t{0}; }},
      {"all names in the last hash", 100, [](std::string_view) { return ~std::uint64_t{0}; }},
      {"three bits of hash", 2000, [](std::string_view n) { return hash_host(n) << 61; }},
      {"good buckets, one tag", 5000,
       [](std::string_view n) { return hash_host(n) & ~std::uint64_t{0xfffff}; }},
      {"one bucket, good tags", 400, [](std::string_view n) { return hash_host(n) & 0xffffffff; }},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.name) {
      DomainIndexBuilder builder;
      const auto name = [](int i) {
        return "n" + std::to_string(i * 7919) + (i % 3 == 0 ? ".example.com" : ".vn");
      };
      for (int i = 0; i < r.names; ++i)
        builder.add(r.hash(name(i)), name(i),
                    {static_cast<std::uint32_t>(i % 50), static_cast<std::uint32_t>(i)});
      const Built built(builder);
      CHECK(built.sections.domains == static_cast<std::uint64_t>(r.names));
      int wrong = 0;
      for (int i = 0; i < 2 * r.names + 10; ++i) {
        DomainRecord record;
        const auto found = built.index.find(r.hash(name(i)), name(i), record);
        if (found == DomainIndex::Found::yes && !built.index.may_hold(r.hash(name(i)))) ++wrong;
        if (found != (i < r.names ? DomainIndex::Found::yes : DomainIndex::Found::no)) ++wrong;
        if (found != DomainIndex::Found::yes) continue;
        const auto set = built.sets[record.tag_set];
        ByteReader lines(record.lines);
        if (set.size() != 1 || set[0] != static_cast<std::uint32_t>(i % 50)) ++wrong;
        if (lines.varint() != static_cast<std::uint32_t>(i) || lines.left() != 0) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("domain index: all rules of a name stay, in more bytes than a size byte can say",
          "[rules][domain_index]") {
  DomainIndexBuilder builder;
  constexpr std::uint32_t rules = 400;
  for (std::uint32_t i = 0; i < rules; ++i) {
    builder.add(hash_host("many.example"), "many.example", {rules - i, 100000 + i});
    if (i % 40 == 0) builder.add(hash_host("few.example"), "few.example", {i, 5});
  }
  builder.add(hash_host("many.example"), "many.example", {7, 0, true});
  builder.add(hash_host("many.example"), "many.example", {9, 0, true});
  builder.add(hash_host("urls.example"), "urls.example", {11, 0, true});
  const Built built(builder);
  CHECK(built.sections.domains == 2);
  DomainRecord record;
  REQUIRE(built.index.find(hash_host("many.example"), "many.example", record) == DomainIndex::Found::yes);
  const auto set = built.sets[record.tag_set];
  REQUIRE(set.size() == rules);
  ByteReader lines(record.lines);
  bool good = true;
  for (const std::uint32_t member : set) good = good && lines.varint() == 100000 + rules - member;
  CHECK(good);
  CHECK(lines.left() == 0);
  REQUIRE(record.url_group != 0);
  const auto begin = built.sections.group_begin[record.url_group - 1],
             end = built.sections.group_begin[record.url_group];
  REQUIRE(end - begin == 2);
  CHECK(built.sections.group_rules[begin] == 7);
  CHECK(built.sections.group_rules[begin + 1] == 9);
  REQUIRE(built.index.find(hash_host("urls.example"), "urls.example", record) == DomainIndex::Found::yes);
  CHECK(record.tag_set == 0);
  CHECK(record.url_group != 0);
  REQUIRE(built.index.find(hash_host("few.example"), "few.example", record) == DomainIndex::Found::yes);
  CHECK(built.sets[record.tag_set].size() == 10);
}

TEST_CASE("domain index: damaged records are reported, never read past", "[rules][domain_index]") {
  DomainIndexBuilder builder;
  builder.add(hash_host("a.example"), "a.example", {1, 2});
  Built built(builder);
  for (std::size_t cut = 0; cut + records_padding < built.sections.records.size(); ++cut) {
    const auto index =
        DomainIndex::open(std::as_bytes(std::span(built.buckets)), 1,
                          std::span(built.sections.records).first(cut), built.sections.endings);
    REQUIRE(index);
    DomainRecord record;
    CHECK(index->find(hash_host("a.example"), "a.example", record) == DomainIndex::Found::damaged);
  }
  SECTION("a last bucket that says it spilled") {
    built.buckets.back().spilled = 0xffff;
    DomainRecord record;
    CHECK(built.index.find(hash_host("other"), "other", record) == DomainIndex::Found::damaged);
  }
}

TEST_CASE("domain bucket: equal() sees each tag and nothing else", "[rules][domain_index]") {
  DomainBucket bucket;
  bucket.block = 0x00070007;  // the lanes before the tags do not count
  bucket.spilled = 7;
  CHECK(bucket.equal(7) == 0);
  CHECK(bucket.used() == 0);
  for (std::size_t i = 0; i < DomainBucket::tag_count; ++i) {
    bucket.tags[i] = 7;
    CHECK(bucket.equal(7) == (std::uint32_t{2} << i) - 1);
    CHECK(bucket.used() == i + 1);
  }
  bucket.tags[3] = 8;
  CHECK(bucket.equal(8) == 8);
}

}  // namespace schoolgate
