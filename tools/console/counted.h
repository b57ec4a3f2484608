// How many of what, as people say it: "1 error", "5 errors".
#pragma once

#include <cstdint>

#include "rules/message.h"

namespace schoolgate::tools::counted {

[[nodiscard]] Message errors(std::uint64_t n);
[[nodiscard]] Message warnings(std::uint64_t n);
[[nodiscard]] Message tiers(std::uint64_t n);
[[nodiscard]] Message lists(std::uint64_t n);
[[nodiscard]] Message domains(std::uint64_t n);
[[nodiscard]] Message url_rules(std::uint64_t n);
[[nodiscard]] Message patterns(std::uint64_t n);
[[nodiscard]] Message networks(std::uint64_t n);
[[nodiscard]] Message lines(std::uint64_t n);
[[nodiscard]] Message descriptors(std::uint64_t n);
[[nodiscard]] Message days(std::uint64_t n);
[[nodiscard]] Message months(std::uint64_t n);
[[nodiscard]] Message connections(std::uint64_t n);
[[nodiscard]] Message clients(std::uint64_t n);
[[nodiscard]] Message tunnels(std::uint64_t n);
[[nodiscard]] Message requests(std::uint64_t n);
[[nodiscard]] Message failures(std::uint64_t n);
[[nodiscard]] Message rows(std::uint64_t n);

}  // namespace schoolgate::tools::counted
