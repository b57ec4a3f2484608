#include "proxy/audit/seal_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "rules/bytes/hex.h"

namespace schoolgate::audit {
namespace {

constexpr std::string_view untrusted = "untrusted comment: ", trusted_comment = "trusted comment: ";
constexpr std::size_t signature_bytes = 64;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, FreeKey>;
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using DigestOwner = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Of `size` bytes exactly, in the one form that they have; nullopt for anything else.
std::optional<std::string> from_base64(std::string_view text, std::size_t size) {
  if (text.size() != (size + 2) / 3 * 4) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                      static_cast<int>(text.size())) < 0)
    return std::nullopt;
  bytes.resize(size);
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

std::string blake2b_512(std::string_view text) {
  unsigned char digest[64];
  unsigned int size = sizeof digest;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_blake2b512(), nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(digest), size};
}

bool ed25519_holds(const SealPublicKey& key, std::string_view message, std::string_view signature) {
  const KeyOwner owner(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
  const DigestOwner context(EVP_MD_CTX_new());
  return owner && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, owner.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

std::optional<std::string> ed25519_sign(const std::array<unsigned char, 32>& seed, std::string_view message) {
  const KeyOwner owner(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  const DigestOwner context(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  std::size_t size = signature.size();
  if (!owner || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, owner.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(message), message.size()) != 1)
    return std::nullopt;
  return signature;
}

std::string hex_text(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

bool read_hex(std::string_view text, unsigned char* bytes, std::size_t size) {
  if (text.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return true;
}

std::vector<std::string_view> seal_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

// minisign reads the number as little-endian.
std::string SealPublicKey::name() const {
  std::string text;
  for (auto byte = number.rbegin(); byte != number.rend(); ++byte) {
    text += "0123456789ABCDEF"[*byte >> 4];
    text += "0123456789ABCDEF"[*byte & 15];
  }
  return text;
}

std::string SealPublicKey::base64() const {
  std::string raw = "Ed";
  raw.append(number.begin(), number.end()).append(bytes.begin(), bytes.end());
  return to_base64(raw);
}

std::string SealPublicKey::file() const {
  return std::string(untrusted) + "minisign public key " + name() + " of a Schoolgate log\n" + base64() +
         "\n";
}

Result<SealPublicKey> SealPublicKey::parse(std::string_view text) {
  SealPublicKey key;
  const auto lines = seal_lines(text);
  const std::size_t at = lines.size() == 2 && lines[0].starts_with(untrusted) ? 1 : 0;
  const auto raw = lines.size() == at + 1 ? from_base64(lines[at], 2 + key.number.size() + key.bytes.size())
                                          : std::nullopt;
  if (!raw || !raw->starts_with("Ed")) return Error{say("this is not a public key of minisign")};
  std::copy_n(raw->begin() + 2, key.number.size(), key.number.begin());
  std::copy_n(raw->begin() + 10, key.bytes.size(), key.bytes.begin());
  return key;
}

Result<SealKey> SealKey::load(const std::string& path) {
  SealKey key;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if ((info.st_mode & 077) != 0)
      return Error{say("the key file {} can be read by others: chmod 600 it", path)};
    std::ifstream in(path);
    std::string comment, line;
    std::getline(in, comment);
    std::getline(in, line);
    if (!in || line.size() != 16 + 1 + 64 || line[16] != ' ' ||
        !read_hex(std::string_view(line).substr(0, 16), key.public_.number.data(), 8) ||
        !read_hex(std::string_view(line).substr(17), key.seed_.data(), 32))
      return Error{say("{}: not a line of 16 and of 64 hex digits", path + ":2")};
  } else if (errno != ENOENT) {
    return Error{say("cannot read the key file {}: {}", path, system_words(errno))};
  } else {
    if (RAND_bytes(key.seed_.data(), 32) != 1 || RAND_bytes(key.public_.number.data(), 8) != 1)
      return Error{say("no random bytes for a key")};
    const std::string text = "# Schoolgate: the key that seals the access log. Keep this file secret.\n" +
                             hex_text(key.public_.number.data(), 8) + " " + hex_text(key.seed_.data(), 32) +
                             "\n";
    if (const auto saved = write_whole_file(path, {text}, {.mode = 0600}); saved.failed())
      return saved.error();
  }
  const KeyOwner owner(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.seed_.data(), key.seed_.size()));
  std::size_t size = key.public_.bytes.size();
  if (!owner || EVP_PKEY_get_raw_public_key(owner.get(), key.public_.bytes.data(), &size) != 1)
    return Error{say("{} holds no key of Ed25519", path)};
  return key;
}

Result<std::string> SealKey::sign(std::string_view text, std::string_view trusted) const {
  const auto over_text = ed25519_sign(seed_, blake2b_512(text));
  if (!over_text) return Error{say("the seal could not be signed")};
  const auto over_all = ed25519_sign(seed_, *over_text + std::string(trusted));
  if (!over_all) return Error{say("the seal could not be signed")};
  std::string raw = "ED";
  raw.append(public_.number.begin(), public_.number.end()).append(*over_text);
  return std::string(untrusted) + "signature by the key of a Schoolgate log\n" + to_base64(raw) + "\n" +
         std::string(trusted_comment) + std::string(trusted) + "\n" + to_base64(*over_all) + "\n";
}

bool verify_seal(const SealPublicKey& key, std::string_view text, std::string_view signature) {
  const auto lines = seal_lines(signature);
  if (lines.size() != 4 || !lines[0].starts_with(untrusted) || !lines[2].starts_with(trusted_comment))
    return false;
  const auto raw = from_base64(lines[1], 2 + key.number.size() + signature_bytes);
  const auto global = from_base64(lines[3], signature_bytes);
  if (!raw || !global || !raw->starts_with("ED")) return false;
  if (!std::equal(key.number.begin(), key.number.end(), raw->begin() + 2,
                  [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); }))
    return false;
  const std::string over_text = raw->substr(2 + key.number.size());
  return ed25519_holds(key, blake2b_512(text), over_text) &&
         ed25519_holds(key, over_text + std::string(lines[2].substr(trusted_comment.size())), *global);
}

}  // namespace schoolgate::audit
