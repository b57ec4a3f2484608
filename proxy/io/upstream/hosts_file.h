// hosts(5), read by ourselves: the system's resolver library would read it again for every look-up.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/url/ip.h"

namespace schoolgate {

using HostsTable = std::unordered_map<std::string, std::vector<IpAddress>>;

// Lines of "address name name...", '#' starts a comment. Names in lower case, without a trailing dot. Lines
// that do not read so are left out, as in the system's own reader.
[[nodiscard]] HostsTable parse_hosts(std::string_view text);
// An absent or unreadable file is an empty table.
[[nodiscard]] HostsTable read_hosts_file(const std::string& path);

}  // namespace schoolgate
