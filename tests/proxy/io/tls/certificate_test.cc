#include "proxy/io/tls/certificate.h"

#include <openssl/x509v3.h>

#include <catch2/catch.hpp>
#include <set>

#include "proxy/io/tls/school_ca.h"

namespace schoolgate {
namespace {

constexpr std::time_t begin_2026 = 1'767'225'600;  // 2026-01-01

std::string serial_of(const X509* certificate) {
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
          static_cast<std::size_t>(ASN1_STRING_length(serial))};
}

}  // namespace

TEST_CASE("certificate: of version 3, for this key and these days", "[io][certificate]") {
  const KeyPtr key = make_p256_key(), other = make_p256_key();
  REQUIRE(key);
  CHECK(EVP_PKEY_get_bits(key.get()) == 256);
  CHECK(EVP_PKEY_eq(key.get(), other.get()) != 1);
  const CertificatePtr certificate = begin_certificate(key.get(), begin_2026, begin_2026 + 90 * one_day);
  REQUIRE(certificate);
  CHECK(X509_get_version(certificate.get()) == X509_VERSION_3);
  CHECK(not_before(certificate.get()) == begin_2026);
  CHECK(not_after(certificate.get()) == begin_2026 + 90 * one_day);
  CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
  CHECK(X509_check_private_key(certificate.get(), other.get()) != 1);
  CHECK_FALSE(begin_certificate(nullptr, begin_2026, begin_2026));
}

TEST_CASE("certificate: days from 2050 on are told, too", "[io][certificate]") {  // as GeneralizedTime
  constexpr std::time_t in_2056 = 2'713'996'800;
  const KeyPtr key = make_p256_key();
  const CertificatePtr certificate = begin_certificate(key.get(), begin_2026, in_2056);
  REQUIRE(certificate);
  CHECK(not_after(certificate.get()) == in_2056);
}

TEST_CASE("certificate: serial numbers are random, positive and of one length", "[io][certificate]") {
  const KeyPtr key = make_p256_key();
  std::set<std::string> serials;
  for (int i = 0; i < 100; ++i) {
    const CertificatePtr certificate = begin_certificate(key.get(), begin_2026, begin_2026 + one_day);
    REQUIRE(certificate);
    CHECK(ASN1_STRING_type(X509_get0_serialNumber(certificate.get())) == V_ASN1_INTEGER);  // not negative
    const std::string serial = serial_of(certificate.get());
    CHECK(serial.size() == 16);
    CHECK((static_cast<unsigned char>(serial[0]) & 0x80) == 0);
    serials.insert(serial);
  }
  CHECK(serials.size() == 100);
}

TEST_CASE("certificate: an extension is there as asked, or it is said that it is not", "[io][certificate]") {
  const KeyPtr key = make_p256_key();
  const CertificatePtr certificate = begin_certificate(key.get(), begin_2026, begin_2026 + one_day);
  REQUIRE(certificate);
  X509* const c = certificate.get();
  CHECK(add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  CHECK(add_extension(c, c, NID_subject_key_identifier, "hash"));
  CHECK_FALSE(add_extension(c, c, NID_basic_constraints, "CA:MAYBE"));
  CHECK_FALSE(add_extension(c, c, NID_key_usage, "no such use"));
  CHECK(X509_get_ext_count(c) == 2);  // nothing by halves
  REQUIRE(X509_sign(c, key.get(), EVP_sha256()) > 0);
  CHECK(X509_check_ca(c) == 1);
  CHECK(X509_get_pathlen(c) == 0);
}

TEST_CASE("certificate: the first characters of a name, none cut in two", "[io][certificate]") {
  struct Row {
    const char* text;
    std::size_t count;
    const char* want;
  };
  const Row rows[] = {
      {"Trường", 0, ""},
      {"Trường", 2, "Tr"},
      {"Trường", 3, "Trư"},
      {"Trường", 4, "Trườ"},
      {"Trường", 6, "Trường"},
      {"Trường", 100, "Trường"},
      {"", 3, ""},
      {"\xF0\x9F\x98\x80x", 1, "\xF0\x9F\x98\x80"},
      {"e\xCC\x81", 1, "e"},  // a sign of its own, as the limit of a common name counts
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text << ' ' << row.count) {
      CHECK(first_characters(row.text, row.count) == row.want);
    }
}

TEST_CASE("certificate: a fingerprint is SHA-256 of the whole, as people compare it", "[io][certificate]") {
  const KeyPtr key = make_p256_key();
  const CertificatePtr first = begin_certificate(key.get(), begin_2026, begin_2026 + one_day),
                       second = begin_certificate(key.get(), begin_2026, begin_2026 + one_day);
  for (const CertificatePtr* one : {&first, &second})
    REQUIRE(X509_sign(one->get(), key.get(), EVP_sha256()) > 0);
  const std::string text = fingerprint(first.get());
  REQUIRE(text.size() == 32 * 3 - 1);
  for (std::size_t i = 0; i < text.size(); ++i)
    CHECK((i % 3 == 2 ? text[i] == ':' : std::string("0123456789ABCDEF").find(text[i]) != std::string::npos));
  CHECK(fingerprint(first.get()) == text);
  CHECK(fingerprint(second.get()) != text);
  // Of the bytes that devices are given.
  unsigned char digest[EVP_MAX_MD_SIZE];
  const std::string der = to_der(first.get());
  REQUIRE(EVP_Digest(der.data(), der.size(), digest, nullptr, EVP_sha256(), nullptr) == 1);
  char hex[3];
  std::snprintf(hex, sizeof hex, "%02X", digest[0]);
  CHECK(text.substr(0, 2) == hex);
}

}  // namespace schoolgate
