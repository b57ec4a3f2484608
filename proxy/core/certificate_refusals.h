// Devices whose handshakes fail on the certificates that the school's authority makes: it is not installed
// there, or an app trusts its own alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/core/mutex.h"
#include "rules/url/ip.h"

namespace schoolgate {

struct RefusingDevice {
  IpAddress address;
  std::uint64_t refused = 0;  // handshakes since it last went through with one
  std::int64_t last_ms = 0;   // UTC
};

// In memory only, of at most `max` devices: the one that refused longest ago makes room. Hosts are not kept:
// the log has them. Threads: any; one lock, taken once a connection that is opened.
class CertificateRefusals {
 public:
  explicit CertificateRefusals(std::size_t max = 256) : max_(max) {}
  void refused(const IpAddress& client, std::int64_t now_ms);
  void accepted(const IpAddress& client);
  // Those with at least `told` refusals, the latest first: fewer are an app that trusts its own alone.
  static constexpr std::uint64_t told = 3;
  [[nodiscard]] std::vector<RefusingDevice> all() const;

 private:
  const std::size_t max_;
  mutable Mutex mutex_;
  std::vector<RefusingDevice> devices_ SG_GUARDED_BY(mutex_);
};

}  // namespace schoolgate
