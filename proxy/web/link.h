// One-time links, by which everybody gets a first password and a lost one back.
#pragma once

#include <string>

#include "proxy/web/account.h"
#include "proxy/web/sources.h"

namespace schoolgate::web {

// 64 hex digits of chance.
[[nodiscard]] std::string new_secret(const Surroundings& around);
// A new one-time link for `account`: changed there; the link's path and code, "/first?code=...".
[[nodiscard]] std::string give_link(Account& account, const Surroundings& around);

}  // namespace schoolgate::web
