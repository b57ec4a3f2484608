#include "proxy/io/tls/school_ca.h"

#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/leaf_minter.h"

namespace schoolgate {
namespace {

constexpr std::time_t november_2026 = 1'795'600'000;

struct Folder {
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() {
    ::unlink((path + "/ca/ca.key").c_str());
    ::unlink((path + "/ca/ca.crt").c_str());
    ::rmdir((path + "/ca").c_str());
    ::rmdir(path.c_str());
  }
  std::string path = "/tmp/schoolgate-ca-XXXXXX";
};

SchoolCa make_ca(std::time_t now = november_2026) {
  auto made = SchoolCa::create("Trường THCS Lê Lợi", now);
  REQUIRE(made);
  return std::move(*made);
}

std::shared_ptr<const SchoolCa> shared_ca(std::time_t now = november_2026) {
  return std::make_shared<const SchoolCa>(make_ca(now));
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

TEST_CASE("the authority says what it is, and no more", "[io][ca]") {
  const SchoolCa ca = make_ca();
  X509* const certificate = ca.certificate();
  CHECK(subject_name(certificate) == "Trường THCS Lê Lợi Schoolgate CA");
  CHECK(X509_check_ca(certificate) == 1);
  CHECK(X509_get_pathlen(certificate) == 0);
  CHECK(X509_get_key_usage(certificate) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  CHECK(X509_get_extended_key_usage(certificate) == XKU_SSL_SERVER);
  CHECK(X509_self_signed(certificate, 1) == 1);
  CHECK(not_before(certificate) == november_2026 - day);
  CHECK(not_after(certificate) == november_2026 + 3650 * day);
  CHECK(fingerprint(certificate).size() == 32 * 3 - 1);
}

TEST_CASE("a school's name of any length and script makes a valid authority", "[io][ca]") {
  std::string endless;
  for (int i = 0; i < 40; ++i) endless += "Trường ";
  for (const std::string& name :
       {std::string(), std::string("A"), endless, std::string("O=x, CN=*/evil\n")}) {
    DYNAMIC_SECTION(name.substr(0, 8)) {
      const auto ca = SchoolCa::create(name, november_2026);
      REQUIRE(ca);
      CHECK_THAT(subject_name(ca->certificate()), Catch::EndsWith("Schoolgate CA"));
    }
  }
}

TEST_CASE("saved with a key that only its owner reads, and loaded again", "[io][ca]") {
  const Folder folder;
  const std::string place = folder.path + "/ca";
  const SchoolCa ca = make_ca();
  REQUIRE(ca.save(place, false).ok());
  struct stat key {
  }, certificate{};
  REQUIRE(::stat((place + "/ca.key").c_str(), &key) == 0);
  REQUIRE(::stat((place + "/ca.crt").c_str(), &certificate) == 0);
  CHECK((key.st_mode & 07777) == 0600);
  CHECK((certificate.st_mode & 07777) == 0644);
  const auto loaded = SchoolCa::load(place);
  REQUIRE(loaded);
  CHECK(fingerprint(loaded->certificate()) == fingerprint(ca.certificate()));

  SECTION("never written over without force") {
    const auto refused = make_ca().save(place, false);
    REQUIRE(refused.failed());
    CHECK_THAT(refused.error().message, Catch::Contains("exists"));
    CHECK(fingerprint(SchoolCa::load(place)->certificate()) == fingerprint(ca.certificate()));
    const SchoolCa other = make_ca();
    CHECK(other.save(place, true).ok());
    CHECK(fingerprint(SchoolCa::load(place)->certificate()) == fingerprint(other.certificate()));
  }
  SECTION("a key of another authority is refused") {
    const Folder second;
    REQUIRE(make_ca().save(second.path + "/ca", false).ok());
    REQUIRE(::rename((second.path + "/ca/ca.key").c_str(), (place + "/ca.key").c_str()) == 0);
    CHECK_FALSE(SchoolCa::load(place));
  }
  SECTION("without its key there is only the certificate") {
    REQUIRE(::unlink((place + "/ca.key").c_str()) == 0);
    CHECK_FALSE(SchoolCa::load(place));
    CHECK(SchoolCa::load_certificate(place));
  }
}

TEST_CASE("what a certificate may be made for", "[io][ca]") {
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
  LeafMinter minter(shared_ca(), nullptr);
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(mintable(row.name) == row.mintable);
    if (!row.mintable) CHECK(minter.leaf(row.name, november_2026) == nullptr);
  }
}

TEST_CASE("a leaf names exactly its host, and verifies today and in ten years", "[io][ca]") {
  const auto ca = shared_ca();
  const KeyPtr key = make_p256_key();
  LeafMinter minter(ca, key.get());
  for (const std::time_t now : {november_2026, november_2026 + 3640 * day}) {
    X509* const leaf = minter.leaf("www.example.vn", now);
    REQUIRE(leaf != nullptr);
    CHECK(verify(leaf, ca->certificate(), "www.example.vn", now) == X509_V_OK);
    CHECK(verify(leaf, ca->certificate(), "example.vn", now) == X509_V_ERR_HOSTNAME_MISMATCH);
    CHECK(verify(leaf, ca->certificate(), "a.www.example.vn", now) == X509_V_ERR_HOSTNAME_MISMATCH);
    CHECK(names_of(leaf) == std::vector<std::string>{"www.example.vn"});
    CHECK(X509_check_ca(leaf) == 0);
    CHECK(X509_get_extended_key_usage(leaf) == XKU_SSL_SERVER);
    CHECK(not_before(leaf) == now - day);
    CHECK(not_after(leaf) <= not_after(ca->certificate()));
    CHECK(not_after(leaf) - not_before(leaf) <= 91 * day);
  }
  const std::string long_name = std::string(63, 'a') + "." + std::string(63, 'b') + ".vn";
  X509* const leaf = minter.leaf(long_name, november_2026);
  REQUIRE(leaf != nullptr);
  CHECK(verify(leaf, ca->certificate(), long_name, november_2026) == X509_V_OK);
}

TEST_CASE("leaves are kept, within bounds, and renewed in time", "[io][ca]") {
  const auto ca = shared_ca();
  const KeyPtr key = make_p256_key();
  LeafMinter minter(ca, key.get(), 3);
  X509* const first = minter.leaf("a.vn", november_2026);
  const std::string serial = fingerprint(first);
  CHECK(fingerprint(minter.leaf("a.vn", november_2026 + 29 * day)) == serial);
  CHECK(minter.minted() == 1);
  for (const char* name : {"b.vn", "c.vn"}) CHECK(minter.leaf(name, november_2026) != nullptr);
  CHECK(fingerprint(minter.leaf("a.vn", november_2026)) == serial);  // and so b.vn is the oldest
  CHECK(minter.leaf("d.vn", november_2026) != nullptr);
  CHECK(minter.size() == 3);
  CHECK(fingerprint(minter.leaf("a.vn", november_2026)) == serial);
  CHECK(minter.minted() == 4);
  CHECK(fingerprint(minter.leaf("a.vn", november_2026 + 30 * day)) != serial);
  CHECK(fingerprint(minter.leaf("a.vn", november_2026 - 2 * day)) != serial);  // the clock was set back
}

}  // namespace schoolgate
