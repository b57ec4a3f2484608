// What a worker judges by between two reloads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/snapshot.h"
#include "proxy/io/address_policy.h"

namespace schoolgate {

struct TlsMaterial;

// Made by Server off the hot path, one per worker; an exchange holds the one it began with to its end. Every
// worker's `snapshot` has a control block of its own: one shared by two threads costs ten times as much to
// copy.
struct Generation {
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<Judge> judge;
  std::shared_ptr<const TlsMaterial> tls;  // null: no authority, nothing can be opened
  AddressPolicy addresses;
  std::vector<std::optional<TierId>> listener_tiers;  // by listener; nullopt = by the client's address

  // Whether many people stand behind this address (`shared: true` in `who`; the narrowest network speaks).
  [[nodiscard]] bool is_shared(const IpAddress& client) const noexcept {
    const ClientNetwork* narrowest = nullptr;
    for (const ClientNetwork& line : snapshot->config.who)
      if (line.network.contains(client) &&
          (narrowest == nullptr || line.network.bits > narrowest->network.bits))
        narrowest = &line;
    return narrowest != nullptr && narrowest->shared;
  }
};

}  // namespace schoolgate
