// What the log may keep of a decision, decided here; only that a request which was refused unjudged has no
// path is decided by who hands it over (write_row in proxy/io/session/request.cc).
#pragma once

#include "proxy/core/log_record.h"

namespace schoolgate::audit {

// True if the record has a row in the safeguarding file, and whether it has one in the ordinary log.
[[nodiscard]] bool is_private(const LogRecord& record) noexcept;
[[nodiscard]] bool is_ordinary(const LogRecord& record) noexcept;

// For the ordinary log: of what was allowed the host alone; of what was warned of or blocked the path too,
// without query. Nothing is invented: what must not be read there has no row.
void make_ordinary(LogRecord& record);

// For the safeguarding file: who, when, which host, which rule. The words asked for are not kept there
// either.
void make_safeguarding(LogRecord& record);

}  // namespace schoolgate::audit
