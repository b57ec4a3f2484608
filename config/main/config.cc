#include "config/main/config.h"

#include <algorithm>

namespace schoolgate {

bool HttpsSettings::excepts(std::string_view host, std::int64_t now) const noexcept {
  return std::any_of(exceptions.begin(), exceptions.end(), [&](const CertificateException& exception) {
    return exception.host == host && now < exception.until;
  });
}

const ClientNetwork* Config::narrowest(const IpAddress& client) const noexcept {
  const ClientNetwork* best = nullptr;
  for (const ClientNetwork& line : who)
    if (line.network.contains(client) && (best == nullptr || line.network.bits > best->network.bits))
      best = &line;
  return best;
}

bool Config::shares_address(const IpAddress& client) const noexcept {
  const ClientNetwork* const line = narrowest(client);
  return line != nullptr && line->shared;
}

bool Config::people_change(const IpAddress& client) const noexcept {
  const ClientNetwork* const line = narrowest(client);
  return line != nullptr && (line->shared || line->seats_shared);
}

std::string Config::place_of(const IpAddress& client) const {
  const ClientNetwork* const line = narrowest(client);
  return line != nullptr ? line->label : std::string();
}

}  // namespace schoolgate
