// schoolgate.yaml and lists.d/*.yaml -> Config, with the places that later checks need.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "config/main/https_reader.h"
#include "config/text/load_context.h"

namespace schoolgate {

// One entry of `lists:`, before folder trees are opened and categories are known.
struct ListEntry {
  std::string name, path;
  std::optional<std::string> category;  // absent in a tree
  bool tree = false;                    // format: squidguard
  bool suffixes = false;                // its public suffixes are meant
  ListFormat format = ListFormat::domains;
  std::optional<Effect> own;
  std::map<std::string, std::pair<std::string, Place>> map;  // tree: folder -> category, or "skip"
  Place where, category_where;
};

struct MainFile {
  Config config;  // lists, hotlines still empty
  std::vector<ListEntry> lists;
  std::string lists_folder;                      // lists.d
  std::vector<Place> who_places, listen_places;  // beside config.who, config.listen: the tier's name
  Place unknown_tier_place;
  NeverInspect never_inspect;
  Place https_place;  // of the key `https`; no line: not there
  struct {
    Place categories, tiers, locked, help, floor, terms,
        search;  // of the key that names the file; no line: not named
  } named;
};

// Nullopt when the file is no YAML map at all; otherwise everything that could be read, errors in the
// context.
[[nodiscard]] std::optional<MainFile> read_main_file(LoadContext& context);

// Ids of categories, tiers: a-z, 0-9, "_", at most 32 bytes, a letter first.
[[nodiscard]] bool is_id(std::string_view text) noexcept;

}  // namespace schoolgate
