#include "proxy/io/tls/school_ca.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "proxy/io/tls/certificate.h"

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
  CHECK(not_before(certificate) == november_2026 - one_day);
  CHECK(not_after(certificate) == november_2026 + 3650 * one_day);
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
    CHECK_THAT(refused.error().message.english(), Catch::Contains("exists"));
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

}  // namespace schoolgate
