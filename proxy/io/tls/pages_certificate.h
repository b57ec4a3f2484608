// The certificate of the staff's pages: an authority of its own, which signs nothing else, for the names and
// addresses of these pages alone (RFC 5280 4.2.1.10, critical): whoever steals its key can pass for these
// pages and for no other site. The authority of inspection (school_ca.h) never signs them.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "proxy/io/conn/openssl_types.h"
#include "proxy/io/tls/school_ca.h"
#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate {

struct ServedNames {
  std::vector<std::string> hosts;  // canonical
  std::vector<IpAddress> addresses;
};

// As SchoolCa::create(), named "... Schoolgate Pages CA". Without hosts it may sign for addresses alone, and
// the other way round.
[[nodiscard]] Result<SchoolCa> create_pages_ca(const std::string& school_name, const ServedNames& names,
                                               std::time_t now);

struct PagesCertificate {
  static constexpr int life_days = 800;  // Apple's devices refuse more than 825
  KeyPtr key;
  CertificatePtr certificate;
  // Writes `key_path` (0600) and `certificate_path` (0644, the authority's behind it).
  [[nodiscard]] Result<void> save(const SchoolCa& ca, const std::string& certificate_path,
                                  const std::string& key_path, int owner, int group) const;
};
// A new key for the pages, and a certificate of it; whether anybody takes that, may_sign() says.
[[nodiscard]] Result<PagesCertificate> sign_pages(const SchoolCa& ca, const ServedNames& names,
                                                  std::time_t now);
// As a browser would look at it: names, dates, and what the authority may sign for.
[[nodiscard]] bool may_sign(const SchoolCa& ca, const PagesCertificate& made, std::time_t now);

}  // namespace schoolgate
