#include "proxy/core/hmac.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>

namespace schoolgate {
namespace {

const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

Sha256Digest hmac_sha256(std::string_view key, std::string_view message) noexcept {
  hmac_sha256_ctx context;
  hmac_sha256_set_key(&context, key.size(), bytes_of(key));
  hmac_sha256_update(&context, message.size(), bytes_of(message));
  Sha256Digest digest;
  hmac_sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && memeql_sec(a.data(), b.data(), a.size()) != 0;
}

}  // namespace schoolgate
