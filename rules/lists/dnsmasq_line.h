// Lines of a configuration of dnsmasq: the names that it answers with nothing.
#pragma once

#include <string_view>

#include "rules/lists/entry_maker.h"

namespace schoolgate {

void read_dnsmasq(std::string_view line, EntryMaker& make, ListLineSink& sink);

// "0.0.0.0", "::" and the asking machine itself: an address behind which no site lies.
[[nodiscard]] bool leads_nowhere(std::string_view address) noexcept;

}  // namespace schoolgate
