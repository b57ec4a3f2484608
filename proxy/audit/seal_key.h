// The key that seals are signed with, and signatures in the format of minisign (its "prehashed" one, ED:
// Ed25519 over the BLAKE2b-512 of the text, RFC 8032 and 7693), so that `minisign -V` verifies what this
// program signed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/result.h"

namespace schoolgate::audit {

// What verifies a signature. As text it is minisign's public key: the base64 of "Ed", number and key.
struct SealPublicKey {
  std::array<unsigned char, 8> number{};
  std::array<unsigned char, 32> bytes{};

  [[nodiscard]] std::string name() const;  // the number, as minisign prints it: "1F2E3D4C5B6A7988"
  [[nodiscard]] std::string base64() const;
  // The file of two lines that `minisign -V -p` takes.
  [[nodiscard]] std::string file() const;
  // That file, or its second line alone. Error: it is neither.
  [[nodiscard]] static Result<SealPublicKey> parse(std::string_view text);
  friend bool operator==(const SealPublicKey&, const SealPublicKey&) = default;
};

// Threads: belongs to the writer's.
class SealKey {
 public:
  // Reads the 0600 file at `path`, or makes it with a new key. Errors: others may read it, it is no such
  // file, it cannot be written.
  [[nodiscard]] static Result<SealKey> load(const std::string& path);
  [[nodiscard]] const SealPublicKey& public_key() const noexcept { return public_; }
  // Four lines, as minisign writes them; `trusted` is the comment that is signed too: one line.
  [[nodiscard]] Result<std::string> sign(std::string_view text, std::string_view trusted) const;

 private:
  std::array<unsigned char, 32> seed_{};
  SealPublicKey public_;
};

// True: `signature` (four lines) is that key's of this text, and its trusted comment is signed too. False:
// it is not, or is no signature.
[[nodiscard]] bool verify_seal(const SealPublicKey& key, std::string_view text, std::string_view signature);

}  // namespace schoolgate::audit
