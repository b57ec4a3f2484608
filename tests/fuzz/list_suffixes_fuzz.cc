// What is kept of public suffixes beside the compiled lists: what is understood is written as the same, and
// every entry names a host.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/lists/list_suffixes.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const auto read = read_suffixes({copy.get(), size});
  if (!read) return 0;
  const auto again = read_suffixes(to_text(*read));
  require(again.has_value(), "what is written can be read");
  require(again->left_out == read->left_out && again->kept == read->kept && again->hoster == read->hoster,
          "the counts come back");
  require(again->entries.size() == read->entries.size(), "so do the entries");
  for (std::size_t i = 0; i < read->entries.size(); ++i) {
    const SuffixEntry &a = read->entries[i], &b = again->entries[i];
    require(!a.host.empty(), "an entry names a host");
    require(a.fate == b.fate && a.line == b.line && a.host == b.host, "each entry as it was");
  }
  return 0;
}
