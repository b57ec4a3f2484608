// Lines of hosts(5): an address, and the names it is said to have.
#pragma once

#include <string_view>

#include "rules/lists/entry_maker.h"

namespace schoolgate {

// "0.0.0.0", "::1", "fe80::1%lo0", and the "0" that some lists write.
[[nodiscard]] bool is_hosts_address(std::string_view word) noexcept;
// As hosts(5) says: "#" begins a comment wherever it stands.
[[nodiscard]] std::string_view hosts_without_comment(std::string_view line) noexcept;
void read_hosts(std::string_view line, EntryMaker& make, ListLineSink& sink);

}  // namespace schoolgate
