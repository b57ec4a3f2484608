// The CNAME records of a DNS answer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace schoolgate {

// Adds the names that CNAME records (RFC 1035 3.3.1) of the answer section point to, each once. False if the
// message is malformed or leads through more than max_aliases names: what cannot be judged whole is no
// answer. (c-ares gives a chain without its last name.)
inline constexpr std::size_t max_aliases = 16;
[[nodiscard]] bool add_dns_aliases(const unsigned char* message, int length,
                                   std::vector<std::string>& aliases);

}  // namespace schoolgate
