// What the admin's report says of rules, lists and lines, over web.sock: the pages' process reads neither the
// lists nor what rules. No site, no client; nothing under five.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/snapshot.h"
#include "config/web_question.h"
#include "rules/message.h"
#include "tools/daemon/control.h"
#include "tools/report/report.h"

namespace schoolgate::tools {

//   > policy_facts\tkind=month\tperiod=2026-11\tlang=vi\n
//   < rule\ttiers.d/thcs.yaml:40\tgames\t1200\t1100\t100\n     requests, blocked, warned
//   < list\tut1-games\tgames\t1764378300\t0\t1\n               changed at, UTC seconds, "" = never; too old;
//   decided < idle\ttiers.d/thcs.yaml:41\n < tests\t12\n
[[nodiscard]] Reply policy_facts_reply(const Snapshot& snapshot, const WebQuestion& asked,
                                       std::int64_t now_ms, Catalogue catalogue);
// What such an answer says; lines that are none of these are left out.
[[nodiscard]] PolicyFacts policy_facts_in(std::string_view text);
// By the words of the pages: "month", "term", "year". Error: the text is none.
[[nodiscard]] Result<Period, Message> period_asked(std::string_view kind, std::string_view text,
                                                   const TimeZone& zone);

}  // namespace schoolgate::tools
