// The forms of a URL said slowly and plainly, to check the fast ones against.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate::reference {

// The forward form of a path and query without a fragment ("" or "/..." or "?...").
[[nodiscard]] std::string forward_target(std::string_view target);

// The match form of a target in forward form: of its path and, after "?", of its query.
[[nodiscard]] std::string match_target(std::string_view target);

// Match form to lower form.
[[nodiscard]] std::string lower(std::string_view match);

}  // namespace schoolgate::reference
