// What must stay as it is: expect.yaml, which a school writes, and pins.yaml, which `schoolgate pin` writes.
//
//   must_work:                          pins:
//     - olm.vn                            - {url: "https://olm.vn/", tier: thcs, expect: allow, at: "T2
//     08:30",
//     - {host: azota.vn, tiers: [thcs]}      why: "homework", by: "uid 0 (root)"}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/policy/tier_reader.h"
#include "config/text/load_context.h"

namespace schoolgate {

struct MustWork {
  std::string host;  // canonical
  std::optional<std::vector<Placed<std::string>>>
      tiers;  // nullopt: those that let through what no list names
  Place where;
};
inline constexpr std::size_t most_must_work = 10'000;

// Errors go to the context; what has one is left out.
[[nodiscard]] std::vector<MustWork> read_expect_file(const std::string& path, LoadContext& context);
// The hosts alone, of the file beside this main file, whatever else cannot be read; none where there is none.
[[nodiscard]] std::vector<std::string> read_must_work(const std::string& config_file);

// A test of the policy: what was decided once, and shall be.
struct Pin {
  PolicyTest test;  // `at`: when it was decided
  Placed<std::string> tier;
  std::string why, by;
};
[[nodiscard]] std::vector<Pin> read_pins_file(const std::string& path, LoadContext& context);
// The file that read_pins_file() reads as these.
[[nodiscard]] std::string pins_text(const std::vector<Pin>& pins);

// Beside the main file; "" where there is none.
[[nodiscard]] std::string expect_file(const LoadContext& context);
[[nodiscard]] std::string pins_file(const LoadContext& context);

}  // namespace schoolgate
