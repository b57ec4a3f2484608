// Whether anything in a school's own policy opens what is sealed: tried, not argued.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/snapshot.h"

namespace schoolgate {

struct FloorProof {
  std::uint64_t asked = 0;          // questions
  std::uint64_t sealed = 0;         // addresses that were sealed for it
  std::vector<std::string> opened;  // at most 20: what was asked and what was decided
  std::uint64_t opened_in_all = 0;
};

// In each round addresses are sealed that the policy itself names (what tiers, locks, help lines and bundles
// open) beside made-up ones; then overrides, closed rooms, exams, warnings that were continued, times, tiers
// and clients are thrown at them. Each answer must be the floor's. The same seed asks the same.
[[nodiscard]] FloorProof prove_floor(const Snapshot& snapshot, std::uint64_t seed, std::uint32_t rounds);

}  // namespace schoolgate
