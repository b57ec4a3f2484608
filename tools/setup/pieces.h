// What setup writes beside the configuration: files of other programs, whole. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/main/config.h"
#include "rules/message.h"
#include "tools/setup/answers.h"

namespace schoolgate::tools {

struct PlannedFile {
  std::string path, text;
  bool edited = false;  // an edit of what is there: keeps its mode and owner; else it is setup's own
};

inline constexpr char gateway_rules_file[] = "/etc/schoolgate/gateway.nft";
inline constexpr char gateway_unit[] = "schoolgate-gateway.service", dhcp_unit[] = "schoolgate-dhcp.service";

// The firewall and the unit that loads it before it switches forwarding on; the service's right to take what
// TPROXY hands over (taken back where it is no longer needed); the resolver; DHCP and its unit;
// router advertisements; what is pasted into the router. Only what these answers need. `rules`: nft_table()
// of `config`, which is the main file as it will be.
[[nodiscard]] std::vector<PlannedFile> pieces(const SetupAnswers& answers, const SetupFacts& facts,
                                              const Config& config, const std::string& rules);

// Debian's packages that these need, each with a program of it.
struct NeededPackage {
  std::string name, program;
};
[[nodiscard]] std::vector<NeededPackage> needed_packages(const SetupAnswers& answers, const Config& config);

// How a pupil gets around the filter all the same, of this topology: said as it is. `went_out`: holes_in() of
// the firewall that was in force until now; nullopt: not known.
[[nodiscard]] std::vector<Message> ways_around(
    const SetupAnswers& answers, const Config& config,
    const std::optional<std::map<std::string, std::uint64_t>>& went_out = std::nullopt);

}  // namespace schoolgate::tools
