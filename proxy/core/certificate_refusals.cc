#include "proxy/core/certificate_refusals.h"

#include <algorithm>

namespace schoolgate {

void CertificateRefusals::refused(const IpAddress& client, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  auto device = std::find_if(devices_.begin(), devices_.end(),
                             [&](const RefusingDevice& one) { return one.address == client; });
  if (device == devices_.end() && devices_.size() >= max_) {
    device = std::min_element(
        devices_.begin(), devices_.end(),
        [](const RefusingDevice& a, const RefusingDevice& b) { return a.last_ms < b.last_ms; });
    if (device == devices_.end()) return;
    *device = {.address = client};
  } else if (device == devices_.end()) {
    device = devices_.insert(devices_.end(), RefusingDevice{.address = client});
  }
  ++device->refused;
  device->last_ms = now_ms;
}

void CertificateRefusals::accepted(const IpAddress& client) {
  const MutexLock lock(mutex_);
  std::erase_if(devices_, [&](const RefusingDevice& one) { return one.address == client; });
}

std::vector<RefusingDevice> CertificateRefusals::all() const {
  std::vector<RefusingDevice> all;
  {
    const MutexLock lock(mutex_);
    all = devices_;
  }
  std::erase_if(all, [](const RefusingDevice& one) { return one.refused < told; });
  std::sort(all.begin(), all.end(),
            [](const RefusingDevice& a, const RefusingDevice& b) { return a.last_ms > b.last_ms; });
  return all;
}

}  // namespace schoolgate
