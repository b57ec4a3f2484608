// How much of a test of random cases is run.
#pragma once

namespace schoolgate::test {

// All; a quarter under sanitizers, which make a case ten times as long and look for mistakes that a few
// thousand show as well.
constexpr int draws(int all) {
#if defined(SCHOOLGATE_SANITIZED)
  return all / 4;
#else
  return all;
#endif
}

}  // namespace schoolgate::test
