// Times of the week as people type them: "Thứ 2 7h30", "T2, T4 07:00-08:00". A file has one spelling (see
// rules/policy/schedule.h); what is written otherwise is answered with that spelling.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rules/message.h"

namespace schoolgate {

struct TimeTrouble {
  std::size_t offset = 0, length = 0;  // the part that is wrong, in bytes
  Message message, hint;
};

// Of a text that Schedule::parse() refuses.
[[nodiscard]] TimeTrouble explain_schedule(std::string_view text);
// Of a text that parse_local_time() refuses.
[[nodiscard]] TimeTrouble explain_moment(std::string_view text);

}  // namespace schoolgate
