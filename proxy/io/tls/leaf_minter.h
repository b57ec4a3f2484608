// Certificates for the sites whose connections we answer ourselves, signed by the school's authority.
#pragma once

#include <ctime>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/io/conn/openssl_types.h"
#include "proxy/io/tls/school_ca.h"

namespace schoolgate {

// True if a certificate may be made for exactly this name: a canonical host name (lower case, RFC 1035
// lengths), letters, digits, "-" and "_" only, no wildcard, no address. What it refuses is never put into a
// certificate.
[[nodiscard]] bool mintable(std::string_view name) noexcept;

// Threads: one minter per worker; the authority and the leaves' key are shared, read only. Making one costs
// two tenths of a millisecond, finding it again nothing.
class LeafMinter {
 public:
  static constexpr std::size_t default_capacity = 1024;
  static constexpr std::time_t life_days = 90;  // browsers accept 398; Apple's 825 for own authorities
  static constexpr std::time_t remint_days = 30;

  // `key` is the one key of all leaves of this process.
  LeafMinter(std::shared_ptr<const SchoolCa> ca, EVP_PKEY* key, std::size_t capacity = default_capacity)
      : ca_(std::move(ca)), key_(key), capacity_(capacity) {}

  // The certificate for `name`, its only subjectAltName: valid from a day before its making to 90 days after,
  // never longer than its authority; made anew after 30 days, or when the clock was set back behind its
  // beginning. Null when the name is not mintable, or OpenSSL fails. Owned here until the next call.
  [[nodiscard]] X509* leaf(std::string_view name, std::time_t now);

  [[nodiscard]] EVP_PKEY* key() const noexcept { return key_; }
  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }
  [[nodiscard]] std::uint64_t minted() const noexcept { return minted_; }

 private:
  struct Kept {
    std::string name;
    CertificatePtr certificate;
    std::time_t made;
  };
  [[nodiscard]] CertificatePtr mint(std::string_view name, std::time_t now) const;

  std::shared_ptr<const SchoolCa> ca_;
  EVP_PKEY* key_;
  std::size_t capacity_;
  std::uint64_t minted_ = 0;
  std::list<Kept> kept_;                                                     // the latest used first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_name_;  // keys view into kept_
};

}  // namespace schoolgate
