// The school's own certificate authority: made once, kept in a folder, loaded by the proxy.
//
//   <folder>/ca.key   P-256 private key, PEM, 0600, owned by the service: whoever holds it can pass for every
//                     site on the school's devices
//   <folder>/ca.crt   the certificate, PEM, 0644: what devices are made to trust
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "proxy/io/conn/openssl_types.h"
#include "rules/result.h"

namespace schoolgate {

class SchoolCa {
 public:
  static constexpr int life_years = 10;

  // A new authority named after the school: self-signed ECDSA P-256 with SHA-256, valid from a day before
  // `now` (clocks differ) for ten years, CA:TRUE with pathlen 0, for TLS servers only.
  // `suffix` follows the school's name in its own; `constraints`: what it may sign for, in the words of
  // openssl.cnf and checked letter by letter; "" = every name.
  [[nodiscard]] static Result<SchoolCa> create(const std::string& school_name, std::time_t now,
                                               std::string_view suffix = " Schoolgate CA",
                                               const std::string& constraints = {});
  // Error: which file, and why; also when key and certificate do not belong together.
  [[nodiscard]] static Result<SchoolCa> load(const std::string& folder);
  // The certificate alone, for those who may not read the key.
  [[nodiscard]] static Result<CertificatePtr> load_certificate(const std::string& folder);

  // Writes both files; the folder is made if need be. Error when they exist, unless `force`: the old key is
  // lost then, and every device must be given the new certificate. `owner`, `group`: whom the files will
  // belong to, if given (-1 = leave).
  [[nodiscard]] Result<void> save(const std::string& folder, bool force, int owner = -1,
                                  int group = -1) const;

  [[nodiscard]] X509* certificate() const noexcept { return certificate_.get(); }
  [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }

 private:
  SchoolCa(KeyPtr key, CertificatePtr certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}
  KeyPtr key_;
  CertificatePtr certificate_;
};

[[nodiscard]] std::string to_pem(X509* certificate);
[[nodiscard]] std::string key_pem(EVP_PKEY* key);  // "": OpenSSL says no
[[nodiscard]] std::string to_der(X509* certificate);
[[nodiscard]] std::string subject_name(X509* certificate);  // the common name, UTF-8
[[nodiscard]] std::time_t not_before(const X509* certificate);
[[nodiscard]] std::time_t not_after(const X509* certificate);

}  // namespace schoolgate
