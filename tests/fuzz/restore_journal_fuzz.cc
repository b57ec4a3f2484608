// The journal of a restore: what is understood is written as the same, and moves nothing beyond its folders.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/backup/swap.h"

using namespace schoolgate::tools;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const auto moves = parse_moves({copy.get(), size});
  if (!moves) return 0;
  if (parse_moves(to_text(*moves)) != moves) std::abort();
  for (const SwapMove& move : *moves)
    for (const std::string* path : {&move.live, &move.aside})
      if (!path->starts_with(move.folder + "/") || path->find("/../") != std::string::npos) std::abort();
  return 0;
}
