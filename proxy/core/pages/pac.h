// The proxy configuration that browsers fetch (/proxy.pac, /wpad.dat).
#pragma once

#include <string>
#include <string_view>

#include "config/main/config.h"

namespace schoolgate {

// A script that sends everything to `settings.proxies`, or to `asked`, the address under which this proxy was
// asked. Addresses of the local network and the names of `settings.direct` are direct; nothing is ever looked
// up to decide that, and DIRECT is never what is left when no proxy answers. In the JavaScript of WinHTTP
// (ECMAScript 3).
[[nodiscard]] std::string pac_text(const PacSettings& settings, std::string_view asked);

}  // namespace schoolgate
