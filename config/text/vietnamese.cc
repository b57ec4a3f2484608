#include "config/text/vietnamese.h"

#include <array>
#include <unordered_map>

namespace schoolgate {

std::span<const std::span<const Translation>> vietnamese_tables() noexcept {
  static const std::array tables{
      vietnamese_of_files(),    vietnamese_of_policy(),     vietnamese_of_lists(),
      vietnamese_of_commands(), vietnamese_of_reports(),    vietnamese_of_overrides(),
      vietnamese_of_clock(),    vietnamese_of_lookalikes(), vietnamese_of_rooms(),
      vietnamese_of_setup(),    vietnamese_of_fetching(),   vietnamese_of_inspection(),
      vietnamese_of_history(),  vietnamese_of_pages(),      vietnamese_of_cases(),
      vietnamese_of_wishes(),   vietnamese_of_staff(),      vietnamese_of_devices(),
      vietnamese_of_gateway(),  vietnamese_of_backup(),     vietnamese_of_editors(),
      vietnamese_of_floor(),    vietnamese_of_record(),     vietnamese_of_times(),
      vietnamese_of_seals(),    vietnamese_of_events(),     vietnamese_of_desk()};
  return tables;
}

std::string_view vietnamese(std::string_view english) noexcept {
  static const auto by_english = [] {
    std::unordered_map<std::string_view, std::string_view> all;
    for (const auto& table : vietnamese_tables())
      for (const Translation& one : table) all.emplace(one.english, one.vietnamese);
    return all;
  }();
  const auto found = by_english.find(english);
  return found == by_english.end() ? std::string_view() : found->second;
}

}  // namespace schoolgate
