#include "config/floor/minisign.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace schoolgate {
namespace {

constexpr std::string_view untrusted_begin = "untrusted comment: ", trusted_begin = "trusted comment: ";

// RFC 4648 4, padded, of exactly that many bytes; what a decoder would have to guess is none.
template <std::size_t bytes>
std::optional<std::array<std::uint8_t, bytes>> base64_of(std::string_view text) {
  if (text.size() != (bytes + 2) / 3 * 4) return std::nullopt;
  std::array<std::uint8_t, bytes> out{};
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::uint32_t six = 0;
    if (c >= 'A' && c <= 'Z')
      six = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      six = static_cast<std::uint32_t>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      six = static_cast<std::uint32_t>(c - '0') + 52;
    else if (c == '+')
      six = 62;
    else if (c == '/')
      six = 63;
    else if (c == '=' && at == bytes && i + 2 >= text.size())
      continue;
    else
      return std::nullopt;
    bits = bits << 6 | six;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (at == bytes) return std::nullopt;
    out[at++] = static_cast<std::uint8_t>(bits >> held);
    bits &= (1U << held) - 1;
  }
  if (at != bytes || bits != 0) return std::nullopt;
  return out;
}

std::string_view first_line_of(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool ed25519_holds(const std::array<std::uint8_t, 32>& key, const std::array<std::uint8_t, 64>& signature,
                   std::string_view message) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> known(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return known && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, known.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

template <class Bytes>
std::string_view as_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string to_text(const MinisignKeyId& id) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (auto byte = id.rbegin(); byte != id.rend(); ++byte) {
    out += digits[*byte >> 4];
    out += digits[*byte & 15];
  }
  return out;
}

Result<std::vector<MinisignKey>> parse_minisign_keys(std::string_view text) {
  std::vector<MinisignKey> keys;
  std::string name;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::string_view line = first_line_of(text);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with(untrusted_begin)) {
      name = line.substr(untrusted_begin.size());
      continue;
    }
    const auto bytes = base64_of<42>(line);
    if (!bytes || (*bytes)[0] != 'E' || (*bytes)[1] != 'd')
      return Error{say("line {} is no public key of minisign", number)};
    MinisignKey& key = keys.emplace_back();
    key.name = std::exchange(name, {});
    std::copy_n(bytes->begin() + 2, key.id.size(), key.id.begin());
    std::copy_n(bytes->begin() + 10, key.key.size(), key.key.begin());
  }
  return keys;
}

Result<MinisignSignature> parse_minisign_signature(std::string_view text) {
  if (text.size() > most_minisign_bytes) return Error{say("it is too large for a signature")};
  MinisignSignature out;
  const std::string_view untrusted = first_line_of(text), of_file = first_line_of(text),
                         trusted = first_line_of(text), of_comment = first_line_of(text);
  const auto bytes = base64_of<74>(of_file);
  const auto over_comment = base64_of<64>(of_comment);
  if (!untrusted.starts_with(untrusted_begin) || !bytes || !trusted.starts_with(trusted_begin) ||
      !over_comment || !text.empty())
    return Error{say("it is no signature of minisign")};
  if ((*bytes)[0] == 'E' && (*bytes)[1] == 'd')
    return Error{say("it is a signature of the old form; sign without -l")};
  if ((*bytes)[0] != 'E' || (*bytes)[1] != 'D') return Error{say("it is no signature of minisign")};
  std::copy_n(bytes->begin() + 2, out.key.size(), out.key.begin());
  std::copy_n(bytes->begin() + 10, out.of_file.size(), out.of_file.begin());
  out.of_comment = *over_comment;
  out.comment = trusted.substr(trusted_begin.size());
  return out;
}

Blake2bDigest blake2b(std::string_view bytes) {
  Blake2bDigest out{};
  unsigned size = out.size();
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_blake2b512(), nullptr) != 1)
    throw std::runtime_error("BLAKE2b is not to be had");
  return out;
}

bool is_signed_by(const MinisignSignature& signature, const MinisignKey& key, const Blake2bDigest& file) {
  if (signature.key != key.id || !ed25519_holds(key.key, signature.of_file, as_text(file))) return false;
  return ed25519_holds(key.key, signature.of_comment,
                       std::string(as_text(signature.of_file)) + signature.comment);
}

}  // namespace schoolgate
