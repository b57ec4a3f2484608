// HelloRetry: what passes is what the client said, in order, and does not depend on how it was cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/core/tls/hello_retry.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

struct Outcome {
  std::string passed;
  bool refused = false, over = false;
};

// The input is a series of (who and how much, bytes): the first bit of a byte says who speaks.
Outcome run(std::string_view input, std::size_t piece) {
  Outcome outcome;
  std::string said;
  HelloRetry retry(1, "a.vn");
  while (input.size() > 2) {
    const bool client = (input[0] & 1) != 0;
    const std::size_t size = static_cast<std::uint8_t>(input[0]) * 8U + static_cast<std::uint8_t>(input[1]);
    std::string_view bytes = input.substr(2, size);
    input.remove_prefix(2 + bytes.size());
    for (; !bytes.empty() && !outcome.over; bytes.remove_prefix(std::min(piece, bytes.size()))) {
      const std::string_view part = bytes.substr(0, piece);
      if (client) {
        said += part;
        if (!retry.client_said(part)) {
          outcome.refused = true;
          return outcome;
        }
        outcome.passed += retry.passes();
        require(said.starts_with(outcome.passed));
      } else {
        retry.server_said(part);
      }
      outcome.over = retry.is_over();
    }
    if (outcome.over) break;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 80 * 1024) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = run(input, 1 << 20), cut = run(input, 1U + data[0]);
  require(whole.refused == cut.refused);
  // What comes in one piece with the end of the watch passes with it.
  if (!whole.refused) require(whole.over == cut.over && whole.passed.starts_with(cut.passed));
  return 0;
}
