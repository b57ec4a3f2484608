// What TLS of our own needs: the authority and keys that all workers share, and each worker's contexts.
#pragma once

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "config/config.h"
#include "proxy/core/own_site.h"
#include "proxy/io/leaf_minter.h"
#include "proxy/io/openssl_types.h"
#include "proxy/io/school_ca.h"

namespace schoolgate {

// Read from the authority's folder at each load of the configuration, never changed. Threads: any.
struct TlsMaterial {
  std::shared_ptr<const SchoolCa> ca;
  KeyPtr leaf_key;                              // of all leaves
  std::array<unsigned char, 80> ticket_keys{};  // one for all workers: a client may come back to another
  CaFacts facts;                                // for the page that helps to install the certificate

  // Error: no authority there, or it cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<const TlsMaterial>> load(const Config& config);
};

// Contexts and minted certificates of one worker. Threads: that worker's.
class TlsContexts {
 public:
  explicit TlsContexts(std::shared_ptr<const TlsMaterial> material);

  // Our side towards a client that asked for `name`: TLS 1.2 or 1.3, http/1.1, tickets for resumption. Null
  // when no certificate may be made for that name.
  [[nodiscard]] SslPtr accept(std::string_view name, std::time_t now);
  [[nodiscard]] const TlsMaterial& material() const noexcept { return *material_; }

 private:
  std::shared_ptr<const TlsMaterial> material_;
  SslContextPtr server_;
  LeafMinter minter_;
};

}  // namespace schoolgate
