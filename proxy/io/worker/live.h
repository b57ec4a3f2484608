// What a worker knows of a connection that it serves.
#pragma once

#include <cstddef>
#include <optional>

#include "config/main/config.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/net.h"
#include "proxy/io/worker/client_table.h"
#include "rules/url/ip.h"

namespace schoolgate {

class Worker;

// Who connected, and where.
struct ClientInfo {
  IpAddress address;
  std::size_t listener = 0;
  ClientTable::Entry* entry = nullptr;
  bool shared = false;  // many people behind this address: no limit of requests
  Entrance entrance = Entrance::proxy;
  bool tproxy = false;                     // its own end of the connection is where it was going
  std::optional<Destination> destination;  // of one that was redirected here, once it is known
};

// Called on the worker's thread, from its tick and messages.
class Live {
 public:
  virtual void drain() noexcept = 0;                // an idle one ends now, a busy one after its exchange
  virtual void shut_down() noexcept = 0;            // ends now
  virtual void end_if_given_up() noexcept = 0;      // another client's connection has its place
  virtual void on_new_policy() noexcept = 0;        // what was opened by the old one ends as in drain()
  virtual void judge_or_end_tunnel() noexcept = 0;  // closes the tunnel if it is now blocked
  std::size_t place = 0, tunnel_place = 0;          // in the worker's lists

 protected:
  ~Live() = default;
};

// Serves a connection from its first byte to its last.
using Serve = Task<void> (*)(Worker& worker, Socket client, ClientInfo info);

}  // namespace schoolgate
