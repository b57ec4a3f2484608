// list-catalogue.yaml: lists that others publish and a school may fetch, as facts about each. Nothing of it
// rules: `schoolgate lists enable NAME` makes an entry of lists.d.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"
#include "config/policy/category_reader.h"
#include "config/text/load_context.h"

namespace schoolgate {

struct PublishedList {
  enum class School : std::uint8_t { yes, ask, no };  // what its licence says to a school

  std::string name;  // of the entry that it becomes
  std::string purpose_vi, purpose_en;
  std::string category;
  ListFormat format = ListFormat::domains;
  ListUpdate update;
  std::uint32_t entries = 0;  // roughly
  std::string licence, maintainer;
  School school = School::ask;
  std::string note_vi, note_en;  // what to know before; may be empty
  bool checked = false;          // the address was fetched and what came was read
};
[[nodiscard]] std::string_view to_string(PublishedList::School school) noexcept;

// Lists that go well together, enabled by one name.
struct PublishedSet {
  std::string name;
  std::string purpose_vi, purpose_en;
  std::vector<std::string> lists;  // names in the catalogue
};

struct PublishedLists {
  std::vector<PublishedList> lists;  // in the order of the file
  std::vector<PublishedSet> sets;    // likewise
  [[nodiscard]] const PublishedList* find(std::string_view name) const noexcept;
  [[nodiscard]] const PublishedSet* find_set(std::string_view name) const noexcept;
};

// Beside the main file. Empty: there is none, and then there is nothing to enable.
[[nodiscard]] std::string published_lists_file(const LoadContext& context);

// What could be read; errors in the context. `categories`: those of the school.
[[nodiscard]] PublishedLists read_published_lists(const std::string& path,
                                                  const CategoryCatalogue& categories, LoadContext& context);

}  // namespace schoolgate
