// What `schoolgate policy history` and `diff` print of accepted policies.
#pragma once

#include <string>
#include <vector>

#include "config/kept_sets.h"
#include "config/main/local_time.h"
#include "config/text/config_texts.h"
#include "rules/message.h"

namespace schoolgate::tools {

// `entries`: the newest first; at most `limit` of them are told (0 = all).
[[nodiscard]] std::string history_text(const std::vector<KeptSets::Entry>& entries, std::size_t limit,
                                       const TimeZone& zone, Catalogue catalogue);
[[nodiscard]] std::string history_json(const std::vector<KeptSets::Entry>& entries, std::size_t limit,
                                       const TimeZone& zone);

// From one accepted policy to another, file by file. Lines of the floor are not shown: it names what nobody
// should read.
struct PolicyDiff {
  const ConfigTexts &before, &after;
  std::vector<std::string> floors;  // names of files whose lines are not shown
};
// Which names of files the floor has, or may have, in these texts.
[[nodiscard]] std::vector<std::string> floors_of(const std::string& config_file, const ConfigTexts& texts);
// diff_text() of two of them, for the staff's pages.
[[nodiscard]] std::string difference_for_pages(const std::string& config_file, const ConfigTexts& before,
                                               const ConfigTexts& after, Catalogue catalogue);
[[nodiscard]] std::string diff_text(const PolicyDiff& diff, Catalogue catalogue, bool colour);
[[nodiscard]] std::string diff_json(const PolicyDiff& diff, std::uint64_t from, std::uint64_t to);

}  // namespace schoolgate::tools
