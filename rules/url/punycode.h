// Punycode (RFC 3492) with the parameters of IDNA; one label, without its "xn--".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

// Nullopt: not the Punycode of anything (a bad digit, an overflow, a surrogate). Upper-case digits count.
[[nodiscard]] std::optional<std::u32string> punycode_decode(std::string_view text);
// Nullopt: too long for a label of a DNS name (RFC 1035: 63 bytes with "xn--").
[[nodiscard]] std::optional<std::string> punycode_encode(std::u32string_view label);

}  // namespace schoolgate
