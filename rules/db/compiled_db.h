// What rule_db.cc, matcher.cc and nobody else knows of an opened database.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/db/domain_index.h"
#include "rules/db/network_index.h"
#include "rules/db/number_lists.h"
#include "rules/db/rule_info.h"
#include "rules/db/url_index.h"
#include "rules/lookalike/model.h"
#include "rules/patterns/match/index.h"

namespace schoolgate {

// What a domain rule says beside its host. As a number of a tag set these bits stand around the tag's, so
// that the sets of version 4, which knew the first bit alone, read the same.
struct DomainFlags {
  static constexpr std::uint32_t exception = 1, important = 1U << 31, not_below = 1U << 30,
                                 not_itself = 1U << 29;
  static constexpr std::uint32_t all = exception | important | not_below | not_itself;
};
inline constexpr Tag max_tag = ~DomainFlags::all >> 1;
[[nodiscard]] constexpr std::uint32_t domain_member(Tag tag, std::uint32_t flags) noexcept {
  return tag << 1 | flags;
}

// The rules of a pattern lie in a list of numbers, three to a rule: tag, line, flags.
inline constexpr std::size_t numbers_per_pattern_rule = 3;
struct PatternFlags {
  static constexpr std::uint32_t exception = 1, important = 2;
};

// The sections of an opened database.
class CompiledDb {
 public:
  // Calls take(tag, flags, line) for each domain rule of a record; false if the record is damaged.
  template <class Take>
  [[nodiscard]] bool domain_rules(const DomainRecord& record, Take&& take) const {
    if (record.tag_set == 0) return true;
    const auto members = tag_sets[record.tag_set];
    ByteReader lines(record.lines);
    for (const std::uint32_t member : members)
      take((member & ~DomainFlags::all) >> 1, member & DomainFlags::all, lines.varint());
    return lines.ok() && !members.empty();
  }

  DomainIndex domains;
  NumberLists tag_sets;
  UrlIndex urls;
  NetworkIndex networks;
  std::shared_ptr<const PatternIndex> patterns;  // null if there are none
  NumberLists pattern_rules;
  bool path_patterns = false;
  std::vector<SourceInfo> sources;
  LookalikeModels lookalikes;
  RuleCounts counts{};

  // Bytes that do not lie on a border of 64 are read from a copy that does.
  [[nodiscard]] std::span<const std::byte> aligned_copy(std::span<const std::byte> bytes);

 private:
  struct alignas(64) Block {
    std::byte bytes[64];
  };
  std::vector<Block> copy_;
};

// "example.com/games" as its author may have written it.
[[nodiscard]] std::string url_rule_text(std::string_view key, bool www, std::string_view rest);

}  // namespace schoolgate
