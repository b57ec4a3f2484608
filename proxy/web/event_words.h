// Events of the log as people say them: what happened, who did it, and its details with their names. What no
// sentence knows (an event of a newer version) is shown as the log has it. Internal to proxy/web.
#pragma once

#include <string>
#include <string_view>

#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {

// "policy_changed" -> "The policy was changed"; empty: no event that is known.
[[nodiscard]] Message event_sentence(std::string_view what);
// "web lan" -> "lan"; "uid 0" -> "user 0 of the machine".
[[nodiscard]] Message event_actor(std::string_view actor);
// The details, a line each, escaped.
[[nodiscard]] std::string event_details(const Visit& visit, const Names& names, const EventLine& event);

}  // namespace schoolgate::web
