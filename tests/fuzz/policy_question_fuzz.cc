// What is asked over the control socket to change the policy: what is understood is written as the same.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/policy_question.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const auto question = parse_policy_question({copy.get(), size});
  if (!question) return 0;
  const auto text = to_text(*question);
  if (!text || parse_policy_question(*text) != question) std::abort();
  return 0;
}
