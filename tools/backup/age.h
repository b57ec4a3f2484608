// Encryption by Debian's `age`, a child process: what is secret goes through memory and pipes alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

// As `age` writes it, in bytes or in letters (--armor).
[[nodiscard]] bool is_age_file(std::string_view bytes) noexcept;

// To each of these: a public key ("age1...", "ssh-ed25519 ..."), or a file of such keys. None: to a
// passphrase, which `age` asks for on the terminal. Error: `age` is not installed, or what it said (on the
// error output).
[[nodiscard]] Result<std::string> age_encrypt(std::string_view bytes,
                                              const std::vector<std::string>& recipients);
// `identity`: the file of the private key; "" = a passphrase, asked for on the terminal. At most `most`
// bytes.
[[nodiscard]] Result<std::string> age_decrypt(std::string_view bytes, const std::string& identity,
                                              std::uint64_t most);

}  // namespace schoolgate::tools
