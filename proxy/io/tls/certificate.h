// Certificates put together field by field: what the school's authority and its leaves have in common.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "proxy/io/conn/openssl_types.h"

namespace schoolgate {

inline constexpr std::time_t one_day = 24 * 60 * 60;

// A new P-256 key; null without memory or randomness.
[[nodiscard]] KeyPtr make_p256_key();

// A version 3 certificate with a random serial of 127 bits (RFC 5280 4.1.2.2: positive), valid from `begin`
// to `end`, holding the public half of `key`. Null when OpenSSL says no.
[[nodiscard]] CertificatePtr begin_certificate(EVP_PKEY* key, std::time_t begin, std::time_t end);

// One extension in the words of openssl.cnf: `value` must be a text of our own, or checked letter by letter.
// False when OpenSSL says no.
[[nodiscard]] bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value);

// The first `count` characters of UTF-8 text.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count) noexcept;

// "AB:CD:...": SHA-256 of the DER form.
[[nodiscard]] std::string fingerprint(const X509* certificate);

}  // namespace schoolgate
