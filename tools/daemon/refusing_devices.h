// Devices that do not trust the school's certificate, as `status` names them: by the pseudonym that the log
// has of them this month and the network that who: puts them in. Their addresses stay with those who may ask
// for them (`schoolgate log --reveal`): beside the times of rows they would tie the log to a device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "proxy/core/certificate_refusals.h"

namespace schoolgate::tools {

struct RefusingName {
  std::string client;  // "HS-7K3Q2F9A"; "" where this month has no key
  std::string label;   // of its line of who:, "Phòng máy 1", or its network; "" = of none
  std::uint64_t refused = 0;
};
[[nodiscard]] std::vector<RefusingName> name_devices(const std::vector<RefusingDevice>& devices,
                                                     const Config& config, const std::string& key_file,
                                                     std::int64_t now_ms);

}  // namespace schoolgate::tools
