// The file of a signed floor: what is understood is written as the same bytes, and nothing else is.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/floor/sealed_file.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  auto file = parse_sealed_file(text);
  if (!file) return 0;
  require(to_text(*file) == text);
  SealedFile again = *file;
  put_in_order(again);
  require(to_text(again) == text);
  const Floor floor({}, &file->floor);
  require(floor.empty() == file->floor.entries.empty());
  return 0;
}
