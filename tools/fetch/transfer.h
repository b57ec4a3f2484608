// The conversation with a server, in the process that does nothing else.
#pragma once

#include <string>

#include "rules/result.h"
#include "tools/fetch/fetch_order.h"

namespace schoolgate::tools {

// Over https alone, to addresses that pass the policy or through the order's parent; the bytes go to `raw` as
// they come, at most limits.body.bytes. What `raw` holds already is of `part_etag`, or of no use where that
// is empty: the server is asked for the rest of it. A download that is cut is gone on with at once, a few
// times; after an error `part_etag` says of what `raw` holds the begin, "" = of nothing that can be gone on
// with.
[[nodiscard]] Result<Fetched> transfer(const FetchOrder& order, int raw, std::string& part_etag,
                                       const FetchProgress& progress);

}  // namespace schoolgate::tools
