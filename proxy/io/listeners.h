// Listening sockets: opened here, or handed over by systemd or by the process that an upgrade replaces.
#pragma once

#include <cstdint>
#include <vector>

#include "config/main/config.h"
#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate {

// One address to listen on, with a socket per worker (SO_REUSEPORT), or fewer that workers share. Each of
// them has a queue of its own in the kernel: all are accepted from.
struct ListeningSocket {
  IpAddress address;
  std::uint16_t port = 0;  // as bound, where 0 was asked for
  std::vector<int> fds;    // closed by Server
  Entrance entrance = Entrance::proxy;
  bool tproxy = false;
};

// Whether another process may listen on the same address: nobody, or the one that an upgrade replaces.
enum class Beside : std::uint8_t { nobody, replaced_process };

// Binds before privileges are dropped. Error: which address, and why; that it is served already is one.
// Addresses of `listeners` may overlap (0.0.0.0 and 127.0.0.1). All or none. Those with `tproxy` take what
// goes to any address: that takes CAP_NET_RAW.
[[nodiscard]] Result<std::vector<ListeningSocket>> open_listeners(const std::vector<Listener>& listeners,
                                                                  unsigned workers,
                                                                  Beside beside = Beside::nobody);

// Sockets that are bound and listening already, in the order of `listeners`; what is missing is opened.
struct AdoptedListeners {
  std::vector<ListeningSocket> sockets;
  std::vector<ListeningSocket>
      left_over;  // `listeners` does not name them: closed (who waits there is reset)
};
// The descriptors are taken over, whatever comes out. Error: one is no listening TCP socket, or as
// open_listeners.
[[nodiscard]] Result<AdoptedListeners> adopt_listeners(const std::vector<int>& fds,
                                                       const std::vector<Listener>& listeners,
                                                       unsigned workers, Beside beside = Beside::nobody);

}  // namespace schoolgate
