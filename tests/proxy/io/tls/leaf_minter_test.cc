#include "proxy/io/tls/leaf_minter.h"

#include <openssl/x509v3.h>

#include <catch2/catch.hpp>
#include <set>

#include "proxy/io/tls/certificate.h"

namespace schoolgate {
namespace {

constexpr std::time_t now_2026 = 1'795'600'000;

std::shared_ptr<const SchoolCa> minting_ca(std::time_t now) {
  auto made = SchoolCa::create("Trường THCS Lê Lợi", now);
  REQUIRE(made);
  return std::make_shared<const SchoolCa>(std::move(*made));
}

// Verified as a browser does: chain, time, purpose, name.
long verify(X509* leaf, X509* ca, const std::string& host, std::time_t when) {
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), ca);
  const std::unique_ptr<X509_STORE_CTX, Releases<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf, nullptr);
  X509_VERIFY_PARAM* const with = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(with, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(with, when);
  X509_VERIFY_PARAM_set_flags(with, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_auth_level(with, 2);
  X509_VERIFY_PARAM_set1_host(with, host.c_str(), host.size());
  X509_VERIFY_PARAM_set_hostflags(with, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, Releases<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const ASN1_IA5STRING* text = sk_GENERAL_NAME_value(names.get(), i)->d.dNSName;
    out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return out;
}

}  // namespace

TEST_CASE("what a certificate may be made for", "[io][minter]") {
  const std::string label63(63, 'a');
  struct Row {
    std::string name;
    bool mintable;
  };
  const Row rows[] = {
      {"example.vn", true},
      {"localhost", true},
      {"a_b.example.vn", true},
      {"xn--bcher-kva.de", true},
      {label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b'), true},
      {label63 + "." + label63 + "." + label63 + "." + std::string(62, 'b'), false},
      {label63 + "a.vn", false},
      {"", false},
      {".", false},
      {"a..b", false},
      {".a", false},
      {"a.", false},
      {"*", false},
      {"*.example.vn", false},
      {"a*.example.vn", false},
      {"1.2.3.4", false},
      {"a.1", false},
      {"::1", false},
      {"Example.vn", false},
      {"a b.vn", false},
      {"a,DNS:bank.vn", false},
      {std::string("bank.vn\0.evil.vn", 16), false},
      {"b\xc3\xbc"
       "cher.de",
       false},
  };
  LeafMinter minter(minting_ca(now_2026), nullptr);
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(mintable(row.name) == row.mintable);
    if (!row.mintable) CHECK(minter.leaf(row.name, now_2026) == nullptr);
  }
}

TEST_CASE("a leaf names exactly its host, and verifies today and in ten years", "[io][minter]") {
  const auto ca = minting_ca(now_2026);
  const KeyPtr key = make_p256_key();
  LeafMinter minter(ca, key.get());
  for (const std::time_t now : {now_2026, now_2026 + 3640 * one_day}) {
    X509* const leaf = minter.leaf("www.example.vn", now);
    REQUIRE(leaf != nullptr);
    CHECK(verify(leaf, ca->certificate(), "www.example.vn", now) == X509_V_OK);
    CHECK(verify(leaf, ca->certificate(), "example.vn", now) == X509_V_ERR_HOSTNAME_MISMATCH);
    CHECK(verify(leaf, ca->certificate(), "a.www.example.vn", now) == X509_V_ERR_HOSTNAME_MISMATCH);
    CHECK(names_of(leaf) == std::vector<std::string>{"www.example.vn"});
    CHECK(X509_check_ca(leaf) == 0);
    CHECK(X509_get_extended_key_usage(leaf) == XKU_SSL_SERVER);
    CHECK(not_before(leaf) == now - one_day);
    CHECK(not_after(leaf) <= not_after(ca->certificate()));
    CHECK(not_after(leaf) - not_before(leaf) <= 91 * one_day);
  }
  const std::string long_name = std::string(63, 'a') + "." + std::string(63, 'b') + ".vn";
  X509* const leaf = minter.leaf(long_name, now_2026);
  REQUIRE(leaf != nullptr);
  CHECK(verify(leaf, ca->certificate(), long_name, now_2026) == X509_V_OK);
}

TEST_CASE("leaves are kept, within bounds, and renewed in time", "[io][minter]") {
  const auto ca = minting_ca(now_2026);
  const KeyPtr key = make_p256_key();
  LeafMinter minter(ca, key.get(), 3);
  X509* const first = minter.leaf("a.vn", now_2026);
  const std::string serial = fingerprint(first);
  CHECK(fingerprint(minter.leaf("a.vn", now_2026 + 29 * one_day)) == serial);
  CHECK(minter.minted() == 1);
  for (const char* name : {"b.vn", "c.vn"}) CHECK(minter.leaf(name, now_2026) != nullptr);
  CHECK(fingerprint(minter.leaf("a.vn", now_2026)) == serial);  // and so b.vn is the oldest
  CHECK(minter.leaf("d.vn", now_2026) != nullptr);
  CHECK(minter.size() == 3);
  CHECK(fingerprint(minter.leaf("a.vn", now_2026)) == serial);
  CHECK(minter.minted() == 4);
  CHECK(fingerprint(minter.leaf("a.vn", now_2026 + 30 * one_day)) != serial);
  CHECK(fingerprint(minter.leaf("a.vn", now_2026 - 2 * one_day)) != serial);  // the clock was set back
}

TEST_CASE("a leaf is for its key and purpose alone, and signed by the authority", "[io][minter]") {
  const auto ca = minting_ca(now_2026);
  const KeyPtr key = make_p256_key();
  LeafMinter minter(ca, key.get());
  X509* const leaf = minter.leaf("a.vn", now_2026);
  REQUIRE(leaf != nullptr);
  CHECK(minter.key() == key.get());
  CHECK(X509_check_private_key(leaf, key.get()) == 1);
  CHECK(X509_verify(leaf, ca->key()) == 1);
  CHECK(X509_get_key_usage(leaf) == KU_DIGITAL_SIGNATURE);
  CHECK(X509_NAME_cmp(X509_get_issuer_name(leaf), X509_get_subject_name(ca->certificate())) == 0);
  CHECK(subject_name(leaf) == "a.vn");
  // A common name holds 64 characters; what is longer stands in subjectAltName alone.
  CHECK(subject_name(minter.leaf(std::string(60, 'a') + ".vnn", now_2026)) == std::string(60, 'a') + ".vnn");
  CHECK(subject_name(minter.leaf(std::string(60, 'a') + ".vnnn.vn", now_2026)) == "see subjectAltName");
}

TEST_CASE("no two leaves have one serial number", "[io][minter]") {
  const KeyPtr key = make_p256_key();
  LeafMinter minter(minting_ca(now_2026), key.get(), 1);  // each is made anew
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    X509* const leaf = minter.leaf(i % 2 == 0 ? "a.vn" : "b.vn", now_2026);
    REQUIRE(leaf != nullptr);
    const ASN1_INTEGER* const serial = X509_get0_serialNumber(leaf);
    serials.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                    static_cast<std::size_t>(ASN1_STRING_length(serial)));
  }
  CHECK(serials.size() == 20);
  CHECK(minter.minted() == 20);
  CHECK(minter.size() == 1);
}

TEST_CASE("a clock that is a little wrong makes no new leaf", "[io][minter]") {
  const KeyPtr key = make_p256_key();
  LeafMinter minter(minting_ca(now_2026), key.get());
  for (const std::time_t when : {now_2026, now_2026 - one_day / 2, now_2026 + 30 * one_day - 1, now_2026})
    CHECK(minter.leaf("a.vn", when) != nullptr);
  CHECK(minter.minted() == 1);
  CHECK(minter.leaf("a.vn", now_2026 - one_day / 2 - 1) != nullptr);
  CHECK(minter.minted() == 2);
}

TEST_CASE("a name that is refused takes no place, and an authority without a key makes nothing",
          "[io][minter]") {
  const KeyPtr key = make_p256_key();
  LeafMinter minter(minting_ca(now_2026), key.get(), 1);
  CHECK(minter.leaf("a.vn", now_2026) != nullptr);
  CHECK(minter.leaf("*.vn", now_2026) == nullptr);
  CHECK(minter.leaf("a.vn", now_2026) != nullptr);
  CHECK(minter.minted() == 1);
  LeafMinter keyless(minting_ca(now_2026), nullptr);
  CHECK(keyless.leaf("a.vn", now_2026) == nullptr);
  CHECK(keyless.size() == 0);
}

}  // namespace schoolgate
