// What the log may keep of a decision, decided here alone: who makes a record asks keeps_path() before it
// copies a path, who stores one lets it be made ordinary or safeguarding first. No I/O; threads: any.
#pragma once

#include "proxy/core/log_record.h"

namespace schoolgate {

// True if the record has a row in the safeguarding file, and whether it has one in the ordinary log. What has
// none in the ordinary log is in no counter that others see either.
[[nodiscard]] bool is_private(const LogRecord& record) noexcept;
[[nodiscard]] bool is_ordinary(const LogRecord& record) noexcept;

// Whether its ordinary row holds the path, by `verdict` and `ended`: of what was warned of or blocked; not of
// what was allowed, nor of what was refused before it was judged.
[[nodiscard]] bool keeps_path(const LogRecord& record) noexcept;

// For the ordinary log: of a hit on the sealed floor neither host, port nor path; else the path only where it
// is kept, and never the query. Nothing is invented: what must not be read there has no row.
void make_ordinary(LogRecord& record);

// For the safeguarding file: who, when, which host, which rule. The words asked for are not kept there
// either.
void make_safeguarding(LogRecord& record);

}  // namespace schoolgate
