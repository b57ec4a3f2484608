// Reports of wrong blocks: whatever an account sends, a question that is understood is one text and no other,
// and asks nothing beyond its verbs.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "config/wish_question.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const auto question = parse_wish_question({copy.get(), size});
  if (!question) return 0;
  const auto text = to_text(*question);
  require(text.has_value());
  require(parse_wish_question(*text) == question);
  require(text->find('\n') == std::string::npos);
  return 0;
}
