// The index of what commands laid over the files: what is understood is written as the same, and names no
// file beyond the folder.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/text/overlay.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const auto index = parse_overlay({copy.get(), size});
  if (!index) return 0;
  if (parse_overlay(to_text(*index)) != index) std::abort();
  for (const auto& [name, file] : index->files)
    if (!can_be_laid(name) || name.front() == '/' || name.find("..") == 0) std::abort();
  return 0;
}
