#include "config/lists/held_lists.h"

#include <map>

namespace schoolgate {

void HeldLists::match(std::span<const ListSource> now) {
  before_.assign(now.size(), none);
  continued_.assign(lists_.size(), false);
  const auto pair_by = [&](auto key) {
    std::multimap<std::string_view, std::size_t> then;
    for (std::size_t i = 0; i < lists_.size(); ++i)
      if (!continued_[i]) then.emplace(key(lists_[i].source), i);
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (before_[i] != none) continue;
      const auto found = then.find(key(now[i]));
      if (found == then.end()) continue;
      before_[i] = found->second;
      continued_[found->second] = true;
      then.erase(found);
    }
  };
  pair_by([](const ListSource& source) { return std::string_view(source.name); });
  pair_by([](const ListSource& source) { return std::string_view(source.path); });
}

std::size_t HeldLists::before(std::size_t index) const noexcept {
  return index < before_.size() ? before_[index] : none;
}

std::vector<std::size_t> HeldLists::gone() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < continued_.size(); ++i)
    if (!continued_[i]) out.push_back(i);
  return out;
}

HeldLists::Standing HeldLists::standing(std::string_view name) const noexcept {
  Standing out = Standing::unknown;
  for (const HeldList& list : lists_) {
    if (!belongs(list.source.name, name)) continue;
    if (list.accepted != 0) return Standing::filled;
    out = Standing::emptied;
  }
  return out;
}

std::uint64_t HeldLists::entries(std::string_view name) const noexcept {
  std::uint64_t sum = 0;
  for (const HeldList& list : lists_)
    if (belongs(list.source.name, name)) sum += list.blocking;
  return sum;
}

bool HeldLists::belongs(std::string_view list, std::string_view name) noexcept {
  return list.compare(0, name.size(), name) == 0 && (list.size() == name.size() || list[name.size()] == '/');
}

}  // namespace schoolgate
