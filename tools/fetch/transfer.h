// The conversation with a server, in the process that does nothing else.
#pragma once

#include "rules/result.h"
#include "tools/fetch/fetch_order.h"

namespace schoolgate::tools {

// Over https alone, through no proxy, to addresses that pass the policy; the body goes to `fd`.
[[nodiscard]] Result<Fetched> transfer(const FetchOrder& order, int fd);

}  // namespace schoolgate::tools
