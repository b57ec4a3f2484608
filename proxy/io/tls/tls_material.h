// What TLS of our own needs: the authority and keys that all workers share, and each worker's contexts.
#pragma once

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/main/config.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/io/conn/openssl_types.h"
#include "proxy/io/conn/tls_stream.h"
#include "proxy/io/tls/leaf_minter.h"
#include "proxy/io/tls/school_ca.h"

namespace schoolgate {

// Read from the authority's folder at each load of the configuration, never changed. Threads: any.
struct TlsMaterial {
  std::shared_ptr<const SchoolCa> ca;
  KeyPtr leaf_key;                              // of all leaves
  std::array<unsigned char, 80> ticket_keys{};  // one for all workers: a client may come back to another
  StorePtr roots;  // whom origins' certificates lead to: the system's, and upstream.extra_ca, with the lists
                   // of https.crl_dir; null: no tier inspects
  bool has_revocation_lists = false;
  CaFacts facts;  // for the page that helps to install the certificate

  // Error: no authority there, or it cannot be used, or a file of upstream.extra_ca or https.crl_dir cannot.
  [[nodiscard]] static Result<std::shared_ptr<const TlsMaterial>> load(const Config& config);
  // What load() would say of upstream.extra_ca and https.crl_dir alone, whoever may read the authority's key.
  [[nodiscard]] static Result<void> check_trust(const Config& config);
};

// Contexts and minted certificates of one worker. Threads: that worker's.
class TlsContexts {
 public:
  explicit TlsContexts(std::shared_ptr<const TlsMaterial> material);

  // Our side towards a client that asked for `name`: TLS 1.2 or 1.3, http/1.1 and, if `offer_h2`, h2, tickets
  // for resumption under that name. Null when no certificate may be made for that name.
  [[nodiscard]] SslPtr accept(std::string_view name, std::time_t now, bool offer_h2);
  // Our side towards the origin `host`: TLS 1.2 or 1.3, http/1.1; unless `verified` is false its certificate
  // must lead to a root, be of today, name exactly this host in subjectAltName, and be of a strength of 112
  // bits. A session of before is resumed. Null when no tier inspects.
  [[nodiscard]] SslPtr connect(const std::string& host, std::uint16_t port, bool verified);
  // Keeps the session of a verified connection for the next one to the same origin, once.
  void remember(const std::string& host, std::uint16_t port, const TlsStream& stream);

 private:
  std::shared_ptr<const TlsMaterial> material_;
  SslContextPtr server_;
  LeafMinter minter_;
  SslContextPtr client_;  // null: no tier inspects
  static constexpr std::size_t max_sessions = 512;
  std::unordered_map<std::string, SslSessionPtr> sessions_;  // by "host:port"
};

}  // namespace schoolgate
