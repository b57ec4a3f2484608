#include "proxy/io/tls/revocation.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "config/text/system_words.h"

namespace schoolgate {
namespace {

constexpr long status_request = 5;  // the TLS feature of RFC 7633
constexpr long clock_skew_seconds = 300;
using ListPtr = std::unique_ptr<X509_CRL, Releases<X509_CRL_free>>;
struct FreesStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using IssuersPtr = std::unique_ptr<STACK_OF(X509), FreesStack>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Releases<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Releases<OCSP_BASICRESP_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, Releases<OCSP_CERTID_free>>;

Error unreadable(const std::string& file) {
  return Error{
      say("https.crl_dir: {} holds no revocation list that can be read: {}; remove it, or put the "
          "authority's list there again",
          file, Message::foreign(openssl_error()))};
}

Result<void> add_file(X509_STORE& store, const std::string& file) {
  const BioPtr in(BIO_new_file(file.c_str(), "rb"));
  if (!in) return unreadable(file);
  int lists = 0;
  for (;; ++lists) {
    const ListPtr list(PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr));
    if (!list) break;
    if (X509_STORE_add_crl(&store, list.get()) != 1) return unreadable(file);
  }
  // The end of the file reads as "no start line"; anything else is a list that is broken.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (lists > 0 && at_end) {
    ERR_clear_error();
    return {};
  }
  if (!at_end || BIO_seek(in.get(), 0) != 0) return unreadable(file);
  ERR_clear_error();
  const ListPtr list(d2i_X509_CRL_bio(in.get(), nullptr));
  if (!list || X509_STORE_add_crl(&store, list.get()) != 1) return unreadable(file);
  return {};
}

bool promises_status(X509* certificate) {
  auto* const features =
      static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr));
  bool promised = false;
  for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i)
    promised = promised || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == status_request;
  TLS_FEATURE_free(features);
  return promised;
}

// What the stapled answer says of the certificate: a V_OCSP_CERTSTATUS_..., -1 if there is none to believe.
int stapled_status(SSL& ssl, STACK_OF(X509) * chain) {
  const unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(&ssl, &bytes);
  if (size <= 0 || bytes == nullptr || sk_X509_num(chain) < 2) return -1;
  const ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &bytes, size));
  if (!response || OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) return -1;
  const BasicPtr basic(OCSP_response_get1_basic(response.get()));
  X509_STORE* const roots = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(&ssl));
  // Signed by one of the authorities above it, or by whom such a one has named; never by itself.
  const IssuersPtr issuers(sk_X509_dup(chain));
  if (!issuers || sk_X509_shift(issuers.get()) == nullptr) return -1;
  if (!basic || OCSP_basic_verify(basic.get(), issuers.get(), roots, OCSP_TRUSTOTHER) <= 0) return -1;
  const IdPtr id(OCSP_cert_to_id(nullptr, sk_X509_value(chain, 0), sk_X509_value(chain, 1)));
  int status = -1, reason = 0;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  if (!id || OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &revoked, &from, &until) != 1)
    return -1;
  // What was revoked stays so, however old the answer is.
  if (status != V_OCSP_CERTSTATUS_REVOKED && OCSP_check_validity(from, until, clock_skew_seconds, -1) != 1)
    return -1;
  return status;
}

int accept_without_list(int good, X509_STORE_CTX* context) noexcept {
  if (good == 1) return 1;
  const int error = X509_STORE_CTX_get_error(context);
  if (error != X509_V_ERR_UNABLE_TO_GET_CRL && error != X509_V_ERR_CRL_HAS_EXPIRED) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

}  // namespace

Result<void> add_revocation_lists(X509_STORE& store, const std::string& folder) {
  std::vector<std::string> files;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (open == nullptr)
    return Error{say("https.crl_dir: cannot read the folder {}: {}; make it, readable for the proxy's user",
                     folder, system_words(errno))};
  while (const dirent* entry = ::readdir(open.get()))
    if (entry->d_name[0] != '.') files.push_back(folder + "/" + entry->d_name);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    ERR_clear_error();
    if (const auto added = add_file(store, file); added.failed()) return added.error();
  }
  return {};
}

void ask_revocation_lists(SSL_CTX& context) {
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(&context),
                              X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, accept_without_list);
}

Result<void, std::string_view> check_stapled_status(SSL& ssl) {
  if (SSL_session_reused(&ssl) == 1) return {};
  STACK_OF(X509)* const chain = SSL_get0_verified_chain(&ssl);
  X509* const certificate = SSL_get0_peer_certificate(&ssl);
  if (chain == nullptr || certificate == nullptr) return {};
  const int status = stapled_status(ssl, chain);
  ERR_clear_error();
  if (status == V_OCSP_CERTSTATUS_REVOKED) return std::string_view("certificate: revoked (OCSP)");
  if (status != V_OCSP_CERTSTATUS_GOOD && promises_status(certificate))
    return std::string_view("certificate: promised status is missing");
  return {};
}

}  // namespace schoolgate
