// Signatures in minisign's format (https://jedisct1.github.io/minisign/): Ed25519 over BLAKE2b-512 of the
// file
// ("ED", prehashed). Older signatures over the file itself ("Ed", `minisign -S -l`) are refused.
//
//   untrusted comment: <anything>                    believed by nobody
//   base64("ED" <8 bytes key id> <64 bytes>)         over BLAKE2b-512(file)
//   trusted comment: <anything>
//   base64(<64 bytes>)                               over the 64 bytes above and the trusted comment
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

using MinisignKeyId = std::array<std::uint8_t, 8>;
// As minisign prints it: "BF9087D5AEA04D4C".
[[nodiscard]] std::string to_text(const MinisignKeyId& id);

struct MinisignKey {
  std::string name;  // the comment in front of it; may be empty
  MinisignKeyId id{};
  std::array<std::uint8_t, 32> key{};
};

struct MinisignSignature {
  MinisignKeyId key{};
  std::array<std::uint8_t, 64> of_file{}, of_comment{};
  std::string comment;  // the trusted one
};

// Public keys as minisign writes them, one after another: a line "untrusted comment: ..." and one of base64.
// Empty lines and lines that begin with "#" count for nothing. Errors name the line.
[[nodiscard]] Result<std::vector<MinisignKey>> parse_minisign_keys(std::string_view text);

inline constexpr std::size_t most_minisign_bytes = 16 * 1024;
[[nodiscard]] Result<MinisignSignature> parse_minisign_signature(std::string_view text);

// BLAKE2b-512 (RFC 7693).
using Blake2bDigest = std::array<std::uint8_t, 64>;
[[nodiscard]] Blake2bDigest blake2b(std::string_view bytes);
// Whether the file with this digest, and the comment, were signed with that key.
[[nodiscard]] bool is_signed_by(const MinisignSignature& signature, const MinisignKey& key,
                                const Blake2bDigest& file);

}  // namespace schoolgate
