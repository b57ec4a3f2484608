// Keys and signatures of minisign: nothing that was made up is ever signed by a key.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/floor/minisign.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  const auto keys = parse_minisign_keys(text);
  const auto signature = parse_minisign_signature(text);
  if (keys)
    for (const MinisignKey& key : *keys) require(to_text(key.id).size() == 16);
  if (!signature) return 0;
  MinisignKey key;
  key.id = signature->key;
  key.key.fill(
      0x66);  // the base point (RFC 8032 5.1): a key of small order would fit some signatures by chance
  key.key[0] = 0x58;
  require(!is_signed_by(*signature, key, blake2b(text)));
  return 0;
}
