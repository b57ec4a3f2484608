// What schoolgate.yaml and lists.d/*.yaml say, with the places that later checks need.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/main/config.h"
#include "config/text/load_context.h"

namespace schoolgate {

struct NeverInspect {
  // What stands for `categories` while the file does not say: those of these that the school's catalogue has.
  static constexpr std::array standard{"finance", "health", "government"};
  bool named = false;  // the file says which categories
  std::vector<std::pair<std::string, Place>> categories;
  std::vector<std::string> hosts;  // canonical, of `hosts` and `lists`; "*." in front makes no difference
  std::vector<Network> networks;   // of `hosts` and `lists`: addresses and networks
};

// One entry of `lists:`, before folder trees are opened and categories are known.
struct ListEntry {
  std::string name, path;
  std::optional<std::string> category;  // absent in a tree
  bool tree = false;                    // format: squidguard
  bool suffixes = false;                // its public suffixes are meant
  bool reaches_category = false;        // reach: category
  ListFormat format = ListFormat::domains;
  std::optional<Effect> own;
  std::optional<ListUpdate> update;                          // then `path` is the program's own
  std::map<std::string, std::pair<std::string, Place>> map;  // tree: folder -> category, or "skip"
  Place where, category_where;
};

struct MainFile {
  Config config;  // lists, hotlines still empty
  std::vector<ListEntry> lists;
  std::string lists_folder;                      // lists.d
  std::vector<Place> who_places, listen_places;  // beside config.who, config.listen: the tier's name
  std::vector<Place> hole_places;                // beside config.gateway.open: the tier's name
  // Holes that lead to what a bundle names; open_to_bundles() (config/policy) adds its networks to theirs.
  struct HoleBundle {
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);  // that line is wrong otherwise
    std::size_t hole = nowhere;                                           // index in config.gateway.open
    Placed<std::string> id;
  };
  std::vector<HoleBundle> hole_bundles;
  std::vector<Place> admin_places;  // beside config.admin->clients
  Place unknown_tier_place;
  NeverInspect never_inspect;
  Place https_place;  // of the key `https`; no line: not there
  struct {
    Place categories, tiers, locked, help, floor, terms, search, periods,
        bundles;  // of the key that names the file; no line: not named
  } named;
};

}  // namespace schoolgate
