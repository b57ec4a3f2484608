#include "proxy/io/tls/pages_certificate.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "config/text/whole_file.h"
#include "proxy/io/tls/certificate.h"

namespace schoolgate {
namespace {

// Reserved, so that nobody has it (RFC 6761 6.4, RFC 5737 3): where a school names nothing of a kind, the
// authority may sign nothing of that kind. A kind that is not named at all would be free.
constexpr char no_host[] = "pages.invalid";
constexpr char no_address[] = "192.0.2.0";
constexpr char whole_v4[] = "/255.255.255.255";
constexpr char whole_v6[] = "/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

std::string constraints_of(const ServedNames& names) {
  std::string out = "critical";
  for (const std::string& host : names.hosts) out += ",permitted;DNS:" + host;
  if (names.hosts.empty()) out += std::string(",permitted;DNS:") + no_host;
  for (const IpAddress& address : names.addresses)
    out += ",permitted;IP:" + address.to_string() + (address.is_v4() ? whole_v4 : whole_v6);
  if (names.addresses.empty()) out += std::string(",permitted;IP:") + no_address + whole_v4;
  // Kinds that no browser asks for: none at all.
  return out + ",permitted;email:" + no_host + ",permitted;URI:" + no_host;
}

std::string alternative_names(const ServedNames& names) {
  std::string out;
  for (const std::string& host : names.hosts) out += (out.empty() ? "DNS:" : ",DNS:") + host;
  for (const IpAddress& address : names.addresses)
    out += (out.empty() ? "IP:" : ",IP:") + address.to_string();
  return out;
}

// Letters that cannot end a value of openssl.cnf.
bool plain_host(const std::string& host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

Result<void> can_be_served(const ServedNames& names) {
  if (names.hosts.empty() && names.addresses.empty())
    return Error{say("the pages have neither name nor address")};
  for (const std::string& host : names.hosts)
    if (!plain_host(host)) return Error{say("{} cannot stand in a certificate", host)};
  return {};
}

bool add_common_name(X509_NAME* subject, std::string_view text) {
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

}  // namespace

Result<SchoolCa> create_pages_ca(const std::string& school_name, const ServedNames& names, std::time_t now) {
  if (const auto served = can_be_served(names); served.failed()) return served.error();
  return SchoolCa::create(school_name, now, " Schoolgate Pages CA", constraints_of(names));
}

Result<PagesCertificate> sign_pages(const SchoolCa& ca, const ServedNames& names, std::time_t now) {
  if (const auto served = can_be_served(names); served.failed()) return served.error();
  X509* const issuer = ca.certificate();
  PagesCertificate out;
  out.key = make_p256_key();
  const std::time_t end = std::min(now + PagesCertificate::life_days * one_day, not_after(issuer));
  if (out.key) out.certificate = begin_certificate(out.key.get(), now - one_day, end);
  X509* const leaf = out.certificate.get();
  const bool made = leaf != nullptr && add_common_name(X509_get_subject_name(leaf), "Schoolgate") &&
                    X509_set_issuer_name(leaf, X509_get_subject_name(issuer)) == 1 &&
                    add_extension(leaf, issuer, NID_subject_alt_name, alternative_names(names)) &&
                    add_extension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(leaf, issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(leaf, issuer, NID_ext_key_usage, "serverAuth") &&
                    add_extension(leaf, issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(leaf, issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_sign(leaf, ca.key(), EVP_sha256()) > 0;
  if (!made) return Error{say("cannot make a certificate: {}", Message::foreign(openssl_error()))};
  return out;
}

bool may_sign(const SchoolCa& ca, const PagesCertificate& made, std::time_t now) {
  const std::unique_ptr<X509_STORE, Releases<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Releases<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (!store || !context || X509_STORE_add_cert(store.get(), ca.certificate()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), made.certificate.get(), nullptr) != 1)
    return false;
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(wanted, now);
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  const bool good = X509_verify_cert(context.get()) == 1;
  openssl_error();  // what was refused is not the next one's error
  return good;
}

Result<void> PagesCertificate::save(const SchoolCa& ca, const std::string& certificate_path,
                                    const std::string& key_path, int owner, int group) const {
  const std::string pem = key_pem(key.get());
  if (pem.empty()) return Error{say("cannot write the key: {}", Message::foreign(openssl_error()))};
  const auto written = write_whole_file(key_path, {pem}, {0600, owner, group});
  if (written.failed()) return written.error();
  return write_whole_file(certificate_path, {to_pem(certificate.get()), to_pem(ca.certificate())},
                          {0644, owner, group});
}

}  // namespace schoolgate
