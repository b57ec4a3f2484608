// What `schoolgate policy` and `schoolgate pin` ask the running proxy over the control socket: a line of
// fields with a tab between them.
//
//   policy\trollback\tnumber=12\twhy=too strict\n
//   policy\tdrop\tname=tiers.d/thcs.yaml\n
//   policy\tpin\turl=https://zalo.me/\ttier=thcs\tat=T2 08:30\twhy=homework\n
//   policy\tunpin\turl=https://zalo.me/\ttier=thcs\n
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct PolicyQuestion {
  enum class Verb : std::uint8_t { rollback, drop, pin, unpin } verb = Verb::rollback;
  std::uint64_t number = 0;  // rollback
  std::string name;          // drop: a file, relative to the folder of the configuration
  std::string url, tier;     // pin, unpin
  std::string at;            // pin: of which moment the verdict is; "" = now
  std::string was;           // pin: what was decided then, as a row says it; "" = whatever it is
  std::string why;           // of a pin; else may be empty
  bool accept_shrunk = false, json = false, colour = false;
  friend bool operator==(const PolicyQuestion&, const PolicyQuestion&) = default;
};

// Nullopt: no such verb, a field that it does not have, one that it lacks, one twice, what cannot be seen.
[[nodiscard]] std::optional<PolicyQuestion> parse_policy_question(std::string_view line);
// Nullopt: what parse_policy_question() would not take.
[[nodiscard]] std::optional<std::string> to_text(const PolicyQuestion& question);

}  // namespace schoolgate
