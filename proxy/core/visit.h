// Whether a request is a page that somebody opened, or a part of one: so that a blocked page counts as one.
// No I/O; threads: any.
#pragma once

#include <cstdint>

#include "proxy/core/http/http_head.h"

namespace schoolgate {

// `of_burst`: nothing tells; the log takes the first of a burst to one site by one client (proxy/audit).
enum class Visit : std::uint8_t { no, yes, of_burst };

// By what the browser says of it (Fetch Metadata, Sec-Fetch-Dest): a document or a frame in one. Over plain
// http browsers send no such field: there Upgrade-Insecure-Requests marks what is opened, and a Referer what
// a page asked for.
[[nodiscard]] Visit visit_of(const RequestHead& head) noexcept;

}  // namespace schoolgate
