// The pages' socket: a question that is understood is one text and no other.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "config/web_question.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const auto question = parse_web_question({copy.get(), size});
  if (question) {
    const auto text = to_text(*question);
    require(text.has_value());
    const auto again = parse_web_question(*text);
    require(again && again->verb == question->verb && again->fields == question->fields);
    require(text->find('\n') == std::string::npos);
  }
  for (const auto& row : web_rows({copy.get(), size})) require(web_rows(web_row(row)).size() <= 1);
  return 0;
}
