// What was reported as blocked wrongly, list by list.
#include <algorithm>

#include "proxy/audit/wish_book.h"
#include "tools/report/facts.h"

namespace schoolgate::tools {

Result<WishFacts> gather_wishes(const std::string& directory, const SchoolNames& names, std::int64_t from_ms,
                                std::int64_t to_ms) {
  const auto wishes = audit::read_wishes(directory, from_ms, to_ms);
  if (!wishes) return wishes.error();
  WishFacts facts;
  std::map<std::string, WishFacts::OfList> by_list;
  std::vector<std::int64_t> waits;
  std::uint64_t granted = 0, denied = 0;
  for (const Wish& wish : *wishes) {
    const bool answered = wish.state == WishState::granted || wish.state == WishState::denied;
    const std::string list = names.helps(wish.category) ? std::string() : wish.list;
    WishFacts::OfList& one = by_list[list];
    ++one.reported;
    if (answered) ++one.answered;
    if (wish.state == WishState::granted) ++one.granted, ++granted;
    if (wish.state == WishState::denied) ++denied;
    if (answered) waits.push_back(std::max<std::int64_t>(wish.answered_ms - wish.asked_ms, 0));
  }
  facts.granted = folded(granted);
  facts.denied = folded(denied);
  facts.others = folded(wishes->size() - granted - denied);
  for (auto& [list, figures] : by_list) {
    figures.list = list;
    facts.reported.add(figures.reported);
    facts.answered.add(figures.answered);
    facts.lists.push_back(figures);
  }
  std::stable_sort(facts.lists.begin(), facts.lists.end(),
                   [](const auto& a, const auto& b) { return a.reported > b.reported; });
  if (waits.size() >= fewest_told) {
    const auto middle = waits.begin() + static_cast<std::ptrdiff_t>((waits.size() - 1) / 2);
    std::nth_element(waits.begin(), middle, waits.end());
    facts.median_ms = *middle;
  }
  return facts;
}

}  // namespace schoolgate::tools
