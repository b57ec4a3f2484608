// The authority of the staff's pages signs for their names and for nothing else.
#include "proxy/io/tls/pages_certificate.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "proxy/io/tls/certificate.h"

namespace schoolgate {
namespace {

constexpr std::time_t pages_day = 1'795'600'000;

ServedNames school_names() {
  return {{"gate.truong.edu.vn"}, {*IpAddress::parse("192.168.10.1"), *IpAddress::parse("fd00::1")}};
}

SchoolCa pages_ca(const ServedNames& names) {
  auto made = create_pages_ca("Trường THCS Lê Lợi", names, pages_day);
  REQUIRE(made);
  return std::move(*made);
}

// Whether a verifier takes what the stolen key of this authority signs for `names`: "DNS:evil.test".
bool taken(const SchoolCa& ca, const std::string& names) {
  const KeyPtr key = make_p256_key();
  CertificatePtr leaf = begin_certificate(key.get(), pages_day - one_day, pages_day + one_day);
  REQUIRE(X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.certificate())) == 1);
  REQUIRE(add_extension(leaf.get(), ca.certificate(), NID_subject_alt_name, names));
  REQUIRE(add_extension(leaf.get(), ca.certificate(), NID_ext_key_usage, "serverAuth"));
  REQUIRE(X509_sign(leaf.get(), ca.key(), EVP_sha256()) > 0);
  const std::unique_ptr<X509_STORE, Releases<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Releases<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  REQUIRE(X509_STORE_add_cert(store.get(), ca.certificate()) == 1);
  REQUIRE(X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr) == 1);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), pages_day);
  return X509_verify_cert(context.get()) == 1;
}

}  // namespace

TEST_CASE("the pages' authority signs for the pages", "[io][ca][pages]") {
  const SchoolCa ca = pages_ca(school_names());
  CHECK(subject_name(ca.certificate()) == "Trường THCS Lê Lợi Schoolgate Pages CA");
  const int place = X509_get_ext_by_NID(ca.certificate(), NID_name_constraints, -1);
  REQUIRE(place >= 0);
  CHECK(X509_EXTENSION_get_critical(X509_get_ext(ca.certificate(), place)) == 1);
  const auto made = sign_pages(ca, school_names(), pages_day);
  REQUIRE(made);
  X509* const leaf = made->certificate.get();
  CHECK(X509_check_host(leaf, "gate.truong.edu.vn", 0, 0, nullptr) == 1);
  CHECK(X509_check_ip_asc(leaf, "192.168.10.1", 0) == 1);
  CHECK(X509_check_ip_asc(leaf, "fd00::1", 0) == 1);
  CHECK(X509_check_ca(leaf) == 0);
  CHECK(not_after(leaf) == pages_day + PagesCertificate::life_days * one_day);
}

TEST_CASE("with its key stolen no other name passes", "[io][ca][pages]") {
  const SchoolCa ca = pages_ca(school_names());
  for (const char* own : {"DNS:gate.truong.edu.vn", "IP:192.168.10.1", "IP:fd00::1"}) CHECK(taken(ca, own));
  for (const char* other : {"DNS:google.com", "DNS:truong.edu.vn", "DNS:xgate.truong.edu.vn",
                            "DNS:*.truong.edu.vn", "IP:192.168.10.2", "IP:fd00::2", "email:a@b.vn",
                            "URI:http://google.com/", "DNS:gate.truong.edu.vn,DNS:google.com"})
    CHECK_FALSE(taken(ca, other));
  const SchoolCa addresses = pages_ca({{}, {*IpAddress::parse("192.168.10.1")}});
  CHECK(taken(addresses, "IP:192.168.10.1"));
  CHECK_FALSE(taken(addresses, "DNS:google.com"));
  CHECK_FALSE(taken(addresses, "IP:fd00::1"));
  const SchoolCa hosts = pages_ca({{"gate.truong.edu.vn"}, {}});
  CHECK_FALSE(taken(hosts, "IP:192.168.10.1"));
  CHECK_FALSE(taken(hosts, "IP:fd00::1"));
}

TEST_CASE("what the pages' authority may not sign is refused at once", "[io][ca][pages]") {
  const SchoolCa ca = pages_ca(school_names());
  const auto good = [&](const ServedNames& names, std::time_t now) {
    const auto made = sign_pages(ca, names, now);
    REQUIRE(made);
    return may_sign(ca, *made, now);
  };
  CHECK(good(school_names(), pages_day));
  CHECK_FALSE(good({{"other.truong.edu.vn"}, {}}, pages_day));
  CHECK_FALSE(good({{}, {*IpAddress::parse("192.168.10.2")}}, pages_day));
  CHECK_FALSE(good(school_names(), pages_day + 11 * 365 * one_day));  // it has ended
  CHECK(sign_pages(ca, {}, pages_day).failed());
  for (const char* host : {"", "a,DNS:google.com", "a;b", "A.vn", "a b", "a\nb"})
    CHECK(create_pages_ca("x", {{host}, {}}, pages_day).failed());
}

}  // namespace schoolgate
