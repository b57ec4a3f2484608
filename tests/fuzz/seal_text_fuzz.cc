// A seal's text is taken exactly as it is written or not at all; a signature or a key that is none is
// refused; a list of ids comes back as it was.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "proxy/audit/seal_key.h"
#include "proxy/audit/seal_text.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;
using namespace schoolgate::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  if (const auto seal = parse_seal(text)) {
    require(seal_text(*seal) == text);
    require(seal->root == seal_root(seal->tables));
  }
  require(!verify_seal(SealPublicKey(), text, text));
  if (const auto key = SealPublicKey::parse(text)) {
    const auto again = SealPublicKey::parse(key->file());
    require(again && *again == *key);
  }
  const auto ids = unpack_ids(text);
  require(unpack_ids(pack_ids(ids)) == ids);
  return 0;
}
