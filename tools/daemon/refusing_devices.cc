#include "tools/daemon/refusing_devices.h"

#include "proxy/audit/month.h"
#include "proxy/audit/pseudonym.h"

namespace schoolgate::tools {
namespace {

// The narrowest line that holds it.
std::string network_label(const Config& config, const IpAddress& address) {
  const ClientNetwork* nearest = nullptr;
  for (const ClientNetwork& line : config.who)
    if (line.network.contains(address) && (nearest == nullptr || line.network.bits > nearest->network.bits))
      nearest = &line;
  if (nearest == nullptr) return {};
  return nearest->label.empty() ? nearest->network.to_string() : nearest->label;
}

}  // namespace

std::vector<RefusingName> name_devices(const std::vector<RefusingDevice>& devices, const Config& config,
                                       const std::string& key_file, std::int64_t now_ms) {
  std::vector<RefusingName> names;
  if (devices.empty()) return names;
  const auto keys = audit::PseudonymKeys::load(key_file);
  const audit::PseudonymKey* key = nullptr;
  if (keys) {
    const auto found = keys->all().find(audit::Month::of(now_ms));
    if (found != keys->all().end()) key = &found->second;
  }
  for (const RefusingDevice& device : devices)
    names.push_back({key == nullptr ? std::string() : audit::pseudonym(*key, device.address),
                     network_label(config, device.address), device.refused});
  return names;
}

}  // namespace schoolgate::tools
