// Accounts as a text that is read again whole, or not at all:
//
//   schoolgate accounts 1
//   account lan teacher open 3
//   password $y$...
//   totp JBSWY3DPEHPK3PXP 58823412
//   link 5e88... 1764415045
//   sum <SHA-256 hex of all above>
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/web/account.h"

namespace schoolgate::web {

// Nullopt: not as to_text() wrote it.
[[nodiscard]] std::optional<std::vector<Account>> parse_accounts(std::string_view text);
[[nodiscard]] std::string to_text(const std::vector<Account>& accounts);

}  // namespace schoolgate::web
