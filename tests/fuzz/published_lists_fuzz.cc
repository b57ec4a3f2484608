// The catalogue of published lists: what is taken without a word becomes an entry of lists.d that says the
// same, and nothing beside it.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/list_enable.h"
#include "config/main/lists_reader.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  ConfigTexts texts;
  texts.files["list-catalogue.yaml"] = std::string(copy.get(), size);
  LoadContext context("/school/schoolgate.yaml", &texts);
  CategoryCatalogue categories;
  categories.ids = {"gambling", "games"};
  categories.categories.resize(2);
  const PublishedLists all = read_published_lists("/school/list-catalogue.yaml", categories, context);
  for (const PublishedList& list : all.lists) {
    ConfigTexts entry;
    entry.files["one.yaml"] = enable_text(list);
    LoadContext one("/school/schoolgate.yaml", &entry);
    std::vector<ListEntry> entries;
    read_list_file("/school/one.yaml", one, entries);
    require(one.diagnostics.empty());
    require(entries.size() == 1);
    require(entries[0].name == list.name && entries[0].category == list.category);
    require(entries[0].format == list.format && entries[0].update == list.update);
  }
  return 0;
}
