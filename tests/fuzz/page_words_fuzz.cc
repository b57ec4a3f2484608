// pages.yaml: any bytes are words or told; what was taken keeps its bounds, names no value that its page does
// not know, and makes a page that is still a whole one.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/policy/pages_reader.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

const PageTextKind* kind_of_key(std::string_view key) {
  for (const PageTextKind& kind : page_text_kinds())
    if (key.substr(0, key.find('.')) == kind.page) return &kind;
  return nullptr;
}

void check_text(const PageTextKind& kind, std::string_view text) {
  require(!text.empty() && text.size() <= 4 * most_sentence);
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string_view place = text.substr(at + 1, end - at - 1);
    require(std::find(kind.may.begin(), kind.may.end(), place) != kind.may.end());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  ConfigTexts texts;
  texts.files["pages.yaml"] = std::string(copy.get(), size);
  LoadContext context("/school/schoolgate.yaml", &texts);
  std::vector<Tier> tiers(2);
  tiers[0].id = "thcs";
  tiers[1].id = "tieu_hoc";
  tiers[1].voice = Voice::small_children;
  const PageWords words = read_pages_file("/school/pages.yaml", context, tiers);
  for (const PageWordsOf& all : words.by_language)
    for (const auto& [key, list] : all) {
      const PageTextKind* const kind = kind_of_key(key);
      require(kind != nullptr);
      require(!list.empty() && list.size() <= most_sentences);
      for (const std::string& text : list) check_text(*kind, text);
    }
  return 0;
}
