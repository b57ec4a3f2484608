// The accounts' file: what is taken is what to_text() wrote.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/web/account_text.h"
#include "rules/bytes/sha256.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string body(copy.get(), size);
  for (const std::string& text : {body, body + "sum " + to_hex(sha256(body)) + "\n"})
    if (const auto accounts = web::parse_accounts(text)) {
      const std::string written = web::to_text(*accounts);
      const auto again = web::parse_accounts(written);
      require(again && web::to_text(*again) == written);
    }
  return 0;
}
