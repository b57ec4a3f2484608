// The sealed floor of a load: the signed one, or what floor.txt holds while none was signed yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/floor/signed_floor.h"
#include "config/main/config.h"
#include "config/text/load_context.h"
#include "rules/policy/floor.h"

namespace schoolgate {

// One digest a line. Of what is wrong the first 20 lines are told.
[[nodiscard]] std::vector<FloorEntry> read_floor_file(const std::string& path, LoadContext& context,
                                                      const Place& named);

// floor.sealed of that path, as it is today, signed by a trusted key and no older than the one that was
// accepted last. Nullopt after it was said why not.
[[nodiscard]] std::optional<SignedFloor> read_signed_floor(const std::string& path, LoadContext& context);

struct FloorOfLoad {
  std::vector<FloorEntry> plain;
  std::optional<SaltedFloor> sealed;
  FloorStanding standing;
};
// Of files: a signed one alone, where there is one. Else floor.txt, which must hold what it held when it was
// accepted before. Of kept texts: as they were accepted.
[[nodiscard]] FloorOfLoad read_floor(const PolicyFiles& files, LoadContext& context, const Place& named);

// Of the files alone, without the rest of the configuration. Nullopt: it is refused, or the main file cannot
// be read.
[[nodiscard]] std::optional<FloorStanding> look_at_floor(const std::string& config_file);

}  // namespace schoolgate
