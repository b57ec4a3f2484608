#include "proxy/web/totp.h"

#include <nettle/hmac.h>

#include <array>

#include "proxy/core/hmac.h"
#include "proxy/web/form.h"

namespace schoolgate::web {
namespace {

constexpr std::string_view base32_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::int64_t step_seconds = 30;

}  // namespace

std::string to_base32(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += base32_digits[(held >> (bits - 5)) & 31];
    held &= (1u << bits) - 1;
  }
  if (bits > 0) out += base32_digits[(held << (5 - bits)) & 31];
  return out;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (char c : text) {
    if (c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const std::size_t value = base32_digits.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 5) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((held >> bits) & 0xff);
    }
    held &= (1u << bits) - 1;
  }
  return out;
}

std::string totp_code(std::string_view secret, std::uint64_t step) {
  std::array<std::uint8_t, 8> message{};
  for (std::size_t i = 0; i < message.size(); ++i)
    message[i] = static_cast<std::uint8_t>(step >> (8 * (7 - i)));
  std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
  hmac_sha1_ctx context;
  hmac_sha1_set_key(&context, secret.size(), reinterpret_cast<const std::uint8_t*>(secret.data()));
  hmac_sha1_update(&context, message.size(), message.data());
  hmac_sha1_digest(&context, digest.size(), digest.data());
  const std::size_t at = digest.back() & 15u;
  const std::uint32_t number = ((digest[at] & 0x7fu) << 24) |
                               (static_cast<std::uint32_t>(digest[at + 1]) << 16) |
                               (static_cast<std::uint32_t>(digest[at + 2]) << 8) | digest[at + 3];
  std::string code = std::to_string(number % 1'000'000);
  return std::string(6 - code.size(), '0') + code;
}

std::optional<std::uint64_t> totp_step(const std::string& base32, std::string_view code,
                                       std::int64_t now_seconds, std::uint64_t last) {
  const auto secret = from_base32(base32);
  if (!secret || secret->empty() || now_seconds < step_seconds) return std::nullopt;
  std::string digits;
  for (const char c : code)
    if (c != ' ') digits += c;
  const auto step = static_cast<std::uint64_t>(now_seconds / step_seconds);
  std::optional<std::uint64_t> found;
  for (const std::uint64_t one : {step - 1, step, step + 1})
    if (equal_in_constant_time(totp_code(*secret, one), digits) && one > last && !found) found = one;
  return found;
}

std::string totp_address(const std::string& school, const std::string& account, const std::string& base32) {
  return "otpauth://totp/" + encode_value(school) + ":" + encode_value(account) + "?secret=" + base32 +
         "&issuer=" + encode_value(school);
}

}  // namespace schoolgate::web
