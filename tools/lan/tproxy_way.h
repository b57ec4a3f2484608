// What the firewall hands over by TPROXY is on its way to another machine: a mark and a rule of routing keep
// it on this one. The numbers that the firewall's table, the unit which loads it and `schoolgate doctor`
// share.
#pragma once

#include <string>

#include "config/main/config.h"

namespace schoolgate::tools {

inline constexpr unsigned tproxy_mark = 0x5347;        // of a packet; nobody else's, we hope: "SG"
inline constexpr unsigned tproxy_table = tproxy_mark;  // of routes
inline constexpr char tproxy_mark_text[] = "0x5347";   // as nft and ip(8) take it
inline constexpr char tproxy_drop_in[] = "/etc/systemd/system/schoolgate.service.d/tproxy.conf";

[[nodiscard]] bool uses_tproxy(const Config& config);  // some listener does

}  // namespace schoolgate::tools
