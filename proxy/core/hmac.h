// HMAC-SHA256 (RFC 2104) by nettle, for tokens that the proxy gives to clients and gets back, and for
// pseudonyms.
#pragma once

#include <string_view>

#include "rules/bytes/sha256.h"

namespace schoolgate {

[[nodiscard]] Sha256Digest hmac_sha256(std::string_view key, std::string_view message) noexcept;

// Takes the same time wherever the two differ; false at once when the lengths differ, which tells nothing
// secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace schoolgate
