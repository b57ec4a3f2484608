#include "tools/report/counts.h"

#include <algorithm>
#include <set>

namespace schoolgate::tools {

Folded Counts::sum(Deed done, const std::optional<std::string>& tier,
                   const std::optional<std::string>& category) const {
  Folded all;
  for (const auto& [key, n] : cells_) {
    const auto& [what, of_tier, of_category] = key;
    if (what == done && (!tier || *tier == of_tier) && (!category || *category == of_category)) all.add(n);
  }
  return all;
}

bool Counts::told(Deed done, const std::string& tier, const std::string& category) const {
  const auto cell = cells_.find({done, tier, category});
  return cell != cells_.end() && cell->second >= fewest_told;
}

std::vector<std::string> Counts::categories(Deed done) const {
  std::map<std::string, Folded> found;
  for (const auto& [key, n] : cells_) {
    if (std::get<0>(key) == done && n != 0) found[std::get<2>(key)].add(n);
  }
  std::vector<std::string> names;
  for (const auto& [name, sum] : found) names.push_back(name);
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return found[a].sum > found[b].sum; });
  return names;
}

std::vector<std::string> Counts::tiers() const {
  std::set<std::string> names;
  for (const auto& [key, n] : cells_) {
    if (n != 0) names.insert(std::get<1>(key));
  }
  return {names.begin(), names.end()};
}

}  // namespace schoolgate::tools
