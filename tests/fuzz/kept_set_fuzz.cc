// The index of a kept configuration: what is understood is written as the same, and nothing else is.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/kept_sets.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const auto index = parse_kept_set({copy.get(), size});
  if (index && parse_kept_set(to_text(*index)) != index) std::abort();
  return 0;
}
