// One-time codes of a phone's app (RFC 6238: HMAC-SHA-1, 30 s, six digits).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate::web {

inline constexpr std::size_t totp_secret_bytes = 20;  // RFC 4226 R6

// RFC 4648 6, without padding.
[[nodiscard]] std::string to_base32(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);  // blanks are left out, any case

// The code of a step of 30 s: "287082".
[[nodiscard]] std::string totp_code(std::string_view secret, std::uint64_t step);
// The step of which `code` is: now's, the one before or the one after, and later than `last`. Nullopt: wrong.
[[nodiscard]] std::optional<std::uint64_t> totp_step(const std::string& base32, std::string_view code,
                                                     std::int64_t now_seconds, std::uint64_t last);
// What an app reads out of a picture or takes as a link.
[[nodiscard]] std::string totp_address(const std::string& school, const std::string& account,
                                       const std::string& base32);

}  // namespace schoolgate::web
