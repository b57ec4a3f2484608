// Entries of a list that name a public suffix: what is done with them, and how that is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/text/load_context.h"
#include "rules/rule.h"

namespace schoolgate {

struct SuffixEntry {
  enum class Fate : char {
    left_out = 'l',  // a registry's suffix: not compiled
    kept = 'k',      // the last good load had it, so that it stays until a person accepts its loss
    hoster = 'h',    // a private suffix: an entry like any other
  };
  Fate fate = Fate::left_out;
  std::uint32_t line = 0;
  std::string host;
};

struct ListSuffixes {
  std::vector<SuffixEntry> entries;  // the first most_suffixes of each fate
  std::uint64_t left_out = 0, kept = 0, hoster = 0;
  void add(SuffixEntry entry);
};
inline constexpr std::size_t most_suffixes = 20;

// An entry that names a public suffix: left out, or a hoster's. Nullopt: it names none.
[[nodiscard]] std::optional<SuffixEntry> suffix_of(const RuleEntry& entry);

// "2 0 1 12lcom.vn 14hgithub.io", for the file of compiled lists, and back; nullopt: not written by this.
[[nodiscard]] std::string to_text(const ListSuffixes& suffixes);
[[nodiscard]] std::optional<ListSuffixes> read_suffixes(std::string_view text);

// Warnings of the entries left out or kept, a note of the private ones. `file`: the list's path.
void tell_suffixes(const ListSuffixes& suffixes, const std::string& name, const std::string& file,
                   bool protecting, const Place& where, LoadContext& context);

}  // namespace schoolgate
