// What a teacher's page of the log is answered over web.sock: what was blocked or warned in this lesson and
// the last, of the rooms and tiers that delegation.yaml gives the account. Pseudonyms do not leave: in their
// place stands the label of the device or its room, as who: has it.
#pragma once

#include <cstdint>

#include "config/snapshot.h"
#include "config/web_question.h"
#include "proxy/audit/access_log.h"
#include "rules/message.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

inline constexpr std::size_t most_lesson_rows = 200;  // the newest

// Fields of the question: account; since, until (UTC ms; within the lessons); tier, action ("block", "warn"),
// category, host, code, each narrowing it further.
//
//   > lesson\taccount=lan\tlang=vi\n
//   < span\t1764378300000\t1\n                 since when, and whether by lessons
//   < own\troom\tPhòng máy 1\n                 or: own\ttier\tthcs; none of both: nothing is hers
//   < row\tTIME\tCODE\tTIER\tACTION\tHOST\tPATH\tCATEGORY\tRULE\tCOUNT\tCONNECT\tPLACE\n    the newest first
[[nodiscard]] Reply lesson_rows(const AccessLog& log, const Snapshot& snapshot, const WebQuestion& asked,
                                std::int64_t now_ms, std::int64_t clock_doubted_until_ms,
                                Catalogue catalogue);

}  // namespace schoolgate::tools
