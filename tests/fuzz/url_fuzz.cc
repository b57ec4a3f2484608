// A URL, or after a leading "@" the authority of a CONNECT request: either is refused without a trace, or
// all laws of tests/support/url_laws.h hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/support/url_laws.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  const std::string law = text.starts_with('@') ? schoolgate::broken_authority_law(text.substr(1))
                                                : schoolgate::broken_url_law(text);
  if (law.empty()) return 0;
  std::fprintf(stderr, "broken: %s\n", law.c_str());
  std::abort();
}
