#include "proxy/io/tls/revocation.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/proxy/io/tls_peer.h"

using namespace schoolgate;
using namespace schoolgate::test;

namespace {

using ListPtr = std::unique_ptr<X509_CRL, Releases<X509_CRL_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Releases<ASN1_TIME_free>>;

TimePtr seconds_from_now(long seconds) {
  return TimePtr(X509_gmtime_adj(nullptr, seconds));
}

SchoolCa authority_named(const std::string& name) {
  auto made = SchoolCa::create(name, std::time(nullptr));
  REQUIRE(made);
  return std::move(*made);
}

using Extensions = std::vector<std::pair<int, std::string>>;

// A certificate of an authority, as the extensions say.
CertificatePtr issue(const SchoolCa& ca, EVP_PKEY* key, const Extensions& extensions) {
  const std::time_t now = std::time(nullptr);
  CertificatePtr made = begin_certificate(key, now - one_day, now + one_day);
  REQUIRE(made);
  REQUIRE(X509_set_issuer_name(made.get(), X509_get_subject_name(ca.certificate())) == 1);
  for (const auto& [nid, value] : extensions)
    REQUIRE(add_extension(made.get(), ca.certificate(), nid, value));
  REQUIRE(X509_sign(made.get(), ca.key(), EVP_sha256()) > 0);
  return made;
}

CertificatePtr issue_site(const SchoolCa& ca, EVP_PKEY* key, bool promises_status = false) {
  Extensions extensions{{NID_subject_alt_name, "DNS:site.test"}};
  if (promises_status) extensions.emplace_back(NID_tlsfeature, "status_request");
  return issue(ca, key, extensions);
}

// An authority's list, good from and until so many seconds from now.
ListPtr list_of(const SchoolCa& ca, const std::vector<X509*>& revoked, long from = -100,
                long until = 10'000) {
  ListPtr list(X509_CRL_new());
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(ca.certificate()));
  X509_CRL_set1_lastUpdate(list.get(), seconds_from_now(from).get());
  X509_CRL_set1_nextUpdate(list.get(), seconds_from_now(until).get());
  for (X509* const certificate : revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate));
    X509_REVOKED_set_revocationDate(entry, seconds_from_now(-200).get());
    REQUIRE(X509_CRL_add0_revoked(list.get(), entry) == 1);
  }
  X509_CRL_sort(list.get());
  REQUIRE(X509_CRL_sign(list.get(), ca.key(), EVP_sha256()) > 0);
  return list;
}

std::string pem_of(X509_CRL* list) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_X509_CRL(out.get(), list) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string der_of(X509_CRL* list) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_CRL(list, &bytes);
  REQUIRE(size > 0);
  const std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

// A folder of lists that goes away.
struct ListFolder {
  ListFolder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~ListFolder() { std::filesystem::remove_all(path); }
  ListFolder(const ListFolder&) = delete;
  ListFolder& operator=(const ListFolder&) = delete;
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path + "/" + name, std::ios::binary) << bytes;
  }
  std::string path = "/tmp/schoolgate-crl-XXXXXX";
};

int lists_in(X509_STORE* store) {
  int lists = 0;
  STACK_OF(X509_OBJECT)* const all = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(all); ++i)
    lists += X509_OBJECT_get_type(sk_X509_OBJECT_value(all, i)) == X509_LU_CRL ? 1 : 0;
  return lists;
}

// A connection to a site, as Origin makes it: verified, and asked for a stapled status.
struct TlsVisit {
  TlsVisit(const SchoolCa& trusted, X509* leaf, EVP_PKEY* key, const std::string& stapled = {},
           int version = TLS1_3_VERSION)
      : staple(stapled), server(SSL_CTX_new(TLS_server_method())), client(SSL_CTX_new(TLS_client_method())) {
    for (SSL_CTX* const context : {server.get(), client.get()}) {
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
    }
    REQUIRE(SSL_CTX_use_certificate(server.get(), leaf) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(server.get(), key) == 1);
    SSL_CTX_set_tlsext_status_cb(server.get(), put_staple);
    SSL_CTX_set_tlsext_status_arg(server.get(), &staple);
    const StorePtr roots(X509_STORE_new());
    X509_STORE_add_cert(roots.get(), trusted.certificate());
    SSL_CTX_set1_cert_store(client.get(), roots.get());
    SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_tlsext_status_type(client.get(), TLSEXT_STATUSTYPE_ocsp);
  }
  [[nodiscard]] X509_STORE* roots() const { return SSL_CTX_get_cert_store(client.get()); }
  // True when the client is content. A session of before is resumed.
  bool shake(SSL_SESSION* session = nullptr) {
    SslPtr end = tls_end(client.get(), false);
    SSL_set1_host(end.get(), "site.test");
    if (session != nullptr) SSL_set_session(end.get(), session);
    ours.emplace(std::move(end), pair.ours);
    TlsPeer site(tls_end(server.get(), true), pair.theirs);
    for (int turns = 0; turns < 100 && !ours->shake(); ++turns) site.shake();
    site.shake();
    return ours->good();
  }
  static int put_staple(SSL* ssl, void* staple) {
    const std::string& bytes = *static_cast<const std::string*>(staple);
    if (bytes.empty()) return SSL_TLSEXT_ERR_NOACK;
    void* const copy = OPENSSL_memdup(bytes.data(), bytes.size());
    SSL_set_tlsext_status_ocsp_resp(ssl, static_cast<unsigned char*>(copy), static_cast<long>(bytes.size()));
    return SSL_TLSEXT_ERR_OK;
  }

  std::string staple;
  SslContextPtr server, client;
  SocketPair pair;
  std::optional<TlsPeer> ours;
};

struct StatusSaid {
  int status = V_OCSP_CERTSTATUS_GOOD;
  long from = -100, until = 10'000;  // seconds from now
};

// What a responder says of `about`, a certificate of `ca`.
std::string ocsp_answer(X509* about, const SchoolCa& ca, X509* signer, EVP_PKEY* key, StatusSaid says) {
  const std::unique_ptr<OCSP_BASICRESP, Releases<OCSP_BASICRESP_free>> basic(OCSP_BASICRESP_new());
  const std::unique_ptr<OCSP_CERTID, Releases<OCSP_CERTID_free>> id(
      OCSP_cert_to_id(nullptr, about, ca.certificate()));
  const TimePtr from = seconds_from_now(says.from), until = seconds_from_now(says.until),
                revoked = seconds_from_now(-200);
  const bool is_revoked = says.status == V_OCSP_CERTSTATUS_REVOKED;
  REQUIRE(OCSP_basic_add1_status(basic.get(), id.get(), says.status,
                                 is_revoked ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0,
                                 is_revoked ? revoked.get() : nullptr, from.get(), until.get()) != nullptr);
  // The authority's own certificate is at hand; then the answer ends with its signature.
  const unsigned long flags = signer == ca.certificate() ? OCSP_NOCERTS : 0;
  REQUIRE(OCSP_basic_sign(basic.get(), signer, key, EVP_sha256(), nullptr, flags) == 1);
  const std::unique_ptr<OCSP_RESPONSE, Releases<OCSP_RESPONSE_free>> response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(response.get(), &bytes);
  REQUIRE(size > 0);
  const std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

}  // namespace

TEST_CASE("revocation: every file of the folder counts, in either form, one list or several",
          "[io][revocation]") {
  const SchoolCa ca = authority_named("A"), other = authority_named("B"), third = authority_named("C");
  const ListFolder folder;
  const StorePtr store(X509_STORE_new());
  CHECK(add_revocation_lists(*store, folder.path).ok());  // an empty one is no fault
  CHECK(lists_in(store.get()) == 0);
  folder.write("a.pem", "words before\n" + pem_of(list_of(ca, {}).get()));
  folder.write("b.crl", der_of(list_of(other, {}).get()));
  folder.write(".hidden", "no list\n");
  CHECK(add_revocation_lists(*store, folder.path).ok());
  CHECK(lists_in(store.get()) == 2);
  const StorePtr many(X509_STORE_new());
  folder.write("a.pem", pem_of(list_of(ca, {}).get()) + pem_of(list_of(third, {}).get()));
  CHECK(add_revocation_lists(*many, folder.path).ok());
  CHECK(lists_in(many.get()) == 3);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("revocation: a file that cannot be read is named, and nothing goes on without it",
          "[io][revocation]") {
  const SchoolCa ca = authority_named("A");
  const std::string good = pem_of(list_of(ca, {}).get()), der = der_of(list_of(ca, {}).get());
  std::string broken = good;
  broken[good.size() / 2] = '!';
  struct Row {
    const char* name;
    std::string bytes;
  };
  const Row rows[] = {
      {"empty", ""},
      {"words", "no list at all\n"},
      {"a certificate", to_pem(ca.certificate())},
      {"a broken list", broken},
      {"a good one before a broken one", good + broken},
      {"DER, cut", der.substr(0, der.size() / 2)},
      {"PEM, cut", good.substr(0, good.size() / 2)},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const ListFolder folder;
      folder.write("a-good.pem", good);
      folder.write("b.crl", row.bytes);
      const StorePtr store(X509_STORE_new());
      const Result<void> added = add_revocation_lists(*store, folder.path);
      REQUIRE(added.failed());
      CHECK_THAT(added.error().message.english(),
                 Catch::StartsWith("https.crl_dir: " + folder.path + "/b.crl holds no"));
    }
  const StorePtr store(X509_STORE_new());
  const Result<void> missing = add_revocation_lists(*store, "/nonexistent/crl");
  REQUIRE(missing.failed());
  CHECK_THAT(missing.error().message.english(), Catch::Contains("/nonexistent/crl"));
}

TEST_CASE("revocation: an origin must not stand in its authority's list", "[io][revocation]") {
  const SchoolCa ca = authority_named("A"), stranger = authority_named("B");
  const KeyPtr key = make_p256_key();
  const CertificatePtr leaf = issue_site(ca, key.get()), neighbour = issue_site(ca, key.get());
  struct Row {
    const char* name;
    ListPtr list;
    bool good;
  };
  Row rows[] = {
      {"no list", nullptr, true},  // an authority without one is not asked for it
      {"an empty list", list_of(ca, {}), true},
      {"another one stands in it", list_of(ca, {neighbour.get()}), true},
      {"it stands in it", list_of(ca, {neighbour.get(), leaf.get()}), false},
      {"an old list without it", list_of(ca, {}, -10'000, -5'000), true},
      {"an old list with it", list_of(ca, {leaf.get()}, -10'000, -5'000), false},
      {"a list that is not good yet", list_of(ca, {}, 5'000, 10'000), false},  // whose clock is wrong?
      {"another authority's list with its number", list_of(stranger, {leaf.get()}), true},
  };
  for (Row& row : rows) DYNAMIC_SECTION(row.name) {
      TlsVisit visit(ca, leaf.get(), key.get());
      if (row.list) REQUIRE(X509_STORE_add_crl(visit.roots(), row.list.get()) == 1);
      ask_revocation_lists(*visit.client);
      CHECK(visit.shake() == row.good);
      const long verified = SSL_get_verify_result(visit.ours->ssl());
      CHECK((verified == X509_V_OK) == row.good);
    }
}

TEST_CASE("revocation: who asks lists still wants an authority and a name", "[io][revocation]") {
  const SchoolCa ca = authority_named("A"), stranger = authority_named("B");
  const KeyPtr key = make_p256_key();
  const CertificatePtr leaf = issue_site(ca, key.get()),
                       other = issue(ca, key.get(), {{NID_subject_alt_name, "DNS:other.test"}});
  TlsVisit unknown(stranger, leaf.get(), key.get());
  ask_revocation_lists(*unknown.client);
  CHECK_FALSE(unknown.shake());
  TlsVisit misnamed(ca, other.get(), key.get());
  ask_revocation_lists(*misnamed.client);
  CHECK_FALSE(misnamed.shake());
}

TEST_CASE("revocation: what a stapled status is worth", "[io][revocation]") {
  const SchoolCa ca = authority_named("A"), stranger = authority_named("B");
  const KeyPtr key = make_p256_key(), delegate_key = make_p256_key();
  const CertificatePtr delegate = issue(ca, delegate_key.get(), {{NID_ext_key_usage, "OCSPSigning"}});
  const StatusSaid good, revoked{V_OCSP_CERTSTATUS_REVOKED}, unknown{V_OCSP_CERTSTATUS_UNKNOWN};
  const StatusSaid old_good{V_OCSP_CERTSTATUS_GOOD, -20'000, -10'000};
  const StatusSaid old_revoked{V_OCSP_CERTSTATUS_REVOKED, -20'000, -10'000};
  const StatusSaid early{V_OCSP_CERTSTATUS_GOOD, 10'000, 20'000};
  enum class By { the_authority, its_delegate, the_site, a_stranger, nobody };
  enum class Fault { none, taken_back, missing };  // missing: only where a status was promised
  struct Row {
    const char* name;
    By signer;
    StatusSaid says;
    Fault want;
    bool about_another = false;
  };
  const Row rows[] = {
      {"none", By::nobody, good, Fault::missing},
      {"good", By::the_authority, good, Fault::none},
      {"revoked", By::the_authority, revoked, Fault::taken_back},
      {"unknown there", By::the_authority, unknown, Fault::missing},
      {"good, but old", By::the_authority, old_good, Fault::missing},
      {"good, but not yet", By::the_authority, early, Fault::missing},
      {"revoked, and old: it stays so", By::the_authority, old_revoked, Fault::taken_back},
      {"good, by whom the authority named", By::its_delegate, good, Fault::none},
      {"revoked, by whom the authority named", By::its_delegate, revoked, Fault::taken_back},
      {"good, by its own word", By::the_site, good, Fault::missing},
      {"revoked, by its own word", By::the_site, revoked, Fault::missing},
      {"good, by another authority", By::a_stranger, good, Fault::missing},
      {"revoked, by another authority", By::a_stranger, revoked, Fault::missing},
      {"good, of another certificate", By::the_authority, good, Fault::missing, true},
      {"revoked, of another certificate", By::the_authority, revoked, Fault::missing, true},
  };
  for (const bool promised : {false, true}) {
    const CertificatePtr leaf = issue_site(ca, key.get(), promised), neighbour = issue_site(ca, key.get());
    for (const Row& row : rows) DYNAMIC_SECTION(row.name << (promised ? ", promised" : "")) {
        X509* const about = row.about_another ? neighbour.get() : leaf.get();
        const auto said = [&](X509* signer, EVP_PKEY* with) {
          return ocsp_answer(about, ca, signer, with, row.says);
        };
        std::string staple;
        if (row.signer == By::the_authority) staple = said(ca.certificate(), ca.key());
        if (row.signer == By::its_delegate) staple = said(delegate.get(), delegate_key.get());
        if (row.signer == By::the_site) staple = said(leaf.get(), key.get());
        if (row.signer == By::a_stranger) staple = said(stranger.certificate(), stranger.key());
        TlsVisit visit(ca, leaf.get(), key.get(), staple);
        REQUIRE(visit.shake());
        const auto checked = check_stapled_status(*visit.ours->ssl());
        if (row.want == Fault::taken_back) {
          REQUIRE(checked.failed());
          CHECK(checked.error() == "certificate: revoked (OCSP)");
        } else if (row.want == Fault::missing && promised) {
          REQUIRE(checked.failed());
          CHECK(checked.error() == "certificate: promised status is missing");
        } else {
          CHECK(checked.ok());
        }
        CHECK(ERR_peek_error() == 0);
      }
  }
}

TEST_CASE("revocation: a status of other bytes is none", "[io][revocation]") {
  const SchoolCa ca = authority_named("A");
  const KeyPtr key = make_p256_key();
  const CertificatePtr leaf = issue_site(ca, key.get(), true);
  const std::unique_ptr<OCSP_RESPONSE, Releases<OCSP_RESPONSE_free>> later(
      OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, nullptr));
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(later.get(), &bytes);
  const std::string try_later(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  const std::string good = ocsp_answer(leaf.get(), ca, ca.certificate(), ca.key(), {});
  std::string altered = good;
  altered[altered.size() - 5] ^= 1;  // of the signature
  for (const std::string& staple : {std::string("?"), try_later, good.substr(0, good.size() / 2), altered}) {
    TlsVisit visit(ca, leaf.get(), key.get(), staple);
    REQUIRE(visit.shake());
    CHECK(check_stapled_status(*visit.ours->ssl()).failed());
  }
}

TEST_CASE("revocation: a session that is resumed was asked when it began", "[io][revocation]") {
  const SchoolCa ca = authority_named("A");
  const KeyPtr key = make_p256_key();
  const CertificatePtr leaf = issue_site(ca, key.get(), true);
  TlsVisit first(ca, leaf.get(), key.get(), {}, TLS1_2_VERSION);
  REQUIRE(first.shake());
  CHECK(check_stapled_status(*first.ours->ssl()).failed());
  const SslSessionPtr session(SSL_get1_session(first.ours->ssl()));
  SSL_set_shutdown(first.ours->ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  first.ours.reset();
  REQUIRE(first.shake(session.get()));
  REQUIRE(SSL_session_reused(first.ours->ssl()) == 1);
  CHECK(check_stapled_status(*first.ours->ssl()).ok());
}
