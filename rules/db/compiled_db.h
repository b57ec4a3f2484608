// What rule_db.cc, matcher.cc and nobody else knows of an opened database.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/db/domain_index.h"
#include "rules/db/number_lists.h"
#include "rules/db/rule_info.h"
#include "rules/db/url_index.h"
#include "rules/patterns/match/index.h"

namespace schoolgate {

// A domain rule's tag and whether it is an exception, as one number of a tag set.
[[nodiscard]] constexpr std::uint32_t domain_member(Tag tag, bool exception) noexcept {
  return tag << 1 | std::uint32_t{exception};
}
inline constexpr Tag max_tag = 0x7fffffff;

// The rules of a pattern lie in a list of numbers, three to a rule: tag, line, exception.
inline constexpr std::size_t numbers_per_pattern_rule = 3;

// The sections of an opened database.
class CompiledDb {
 public:
  // Calls take(tag, exception, line) for each domain rule of a record; false if the record is damaged.
  template <class Take>
  [[nodiscard]] bool domain_rules(const DomainRecord& record, Take&& take) const {
    if (record.tag_set == 0) return true;
    const auto members = tag_sets[record.tag_set];
    ByteReader lines(record.lines);
    for (const std::uint32_t member : members) take(member >> 1, (member & 1) != 0, lines.varint());
    return lines.ok() && !members.empty();
  }

  DomainIndex domains;
  NumberLists tag_sets;
  UrlIndex urls;
  std::shared_ptr<const PatternIndex> patterns;  // null if there are none
  NumberLists pattern_rules;
  bool path_patterns = false;
  std::vector<SourceInfo> sources;
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
