// What a worker judges by between two reloads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/snapshot.h"
#include "proxy/io/upstream/address_policy.h"

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
};

}  // namespace schoolgate
