// What the numbers of a snapshot's verdicts stand for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.h"

namespace schoolgate::audit {

struct RevisionNames {
  std::uint64_t serial = 0;  // unique in this process, from 1
  std::uint64_t revision = 0;
  std::string digest;
  std::int64_t loaded_ms = 0;
  std::vector<std::string> tiers, categories, sources;
  std::weak_ptr<const Snapshot> used{};  // expired: nobody is judged by that snapshot any more
  bool unused = false;                   // and so it was when the rows of before were stored
};

}  // namespace schoolgate::audit
