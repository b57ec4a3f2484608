// While somebody tests a device (http://schoolgate.internal/test): what the gateway's firewall counts of QUIC
// and DNS over TLS, looked at once a second.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/core/device_tests.h"
#include "tools/daemon/rounds.h"

namespace schoolgate::tools {

// As the counters stand, with the moment of each last packet. Pure.
[[nodiscard]] std::vector<RefusedTries> refused_tries(std::string_view table, std::int64_t now_ms);

class RefusedWatch {
 public:
  // `tests` outlives this.
  RefusedWatch(DeviceTests& tests, std::string control_socket)
      : tests_(tests), control_socket_(std::move(control_socket)) {}

  void start();
  // What start() does every second: nothing, unless a test waits for it.
  void look();

 private:
  DeviceTests& tests_;
  const std::string control_socket_;
  Rounds rounds_;  // ends before all that it looks at
};

}  // namespace schoolgate::tools
