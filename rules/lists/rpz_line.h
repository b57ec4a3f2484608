// Records of a response policy zone (RPZ) in the text form of zone files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rules/lists/entry_maker.h"

namespace schoolgate {

// What a record owes to others of its file: of what zone it is, and whether a passthru reaches over it.
class RpzZone {
 public:
  RpzZone() = default;
  explicit RpzZone(std::string_view text);

  // Whether the line has no owner of its own: it goes on with the record before.
  [[nodiscard]] bool continues(std::string_view line) const noexcept;
  // The name that the owner of a record stands for, without the zone's; empty: the zone itself. False: it
  // lies outside.
  [[nodiscard]] bool name_of(std::string_view line, std::string_view owner, std::string& out) const;
  // Whether "*.parent CNAME rpz-passthru." is in the file for some parent of `name`.
  [[nodiscard]] bool is_passed(std::string_view name) const;

 private:
  [[nodiscard]] std::string_view origin_at(std::size_t offset) const noexcept;

  std::string_view text_;
  std::vector<std::pair<std::size_t, std::string_view>> origins_;  // from where on; by place
  std::string zone_;
  std::unordered_set<std::string> passed_;
};

void read_rpz(std::string_view line, const RpzZone& zone, EntryMaker& make, ListLineSink& sink);

}  // namespace schoolgate
