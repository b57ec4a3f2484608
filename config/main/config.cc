#include "config/main/config.h"

#include <algorithm>

namespace schoolgate {

bool HttpsSettings::excepts(std::string_view host, std::int64_t now) const noexcept {
  return std::any_of(exceptions.begin(), exceptions.end(), [&](const CertificateException& exception) {
    return exception.host == host && now < exception.until;
  });
}

bool Config::shares_address(const IpAddress& client) const noexcept {
  const ClientNetwork* narrowest = nullptr;
  for (const ClientNetwork& line : who)
    if (line.network.contains(client) &&
        (narrowest == nullptr || line.network.bits > narrowest->network.bits))
      narrowest = &line;
  return narrowest != nullptr && narrowest->shared;
}

}  // namespace schoolgate
