// What every fuzz target holds its parser to: a law that is broken ends the run, which keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace schoolgate {

inline void require(bool holds, const char* law = "", const char* file = __builtin_FILE(),
                    int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: broken law %s\n", file, line, law);
  std::abort();
}

}  // namespace schoolgate
