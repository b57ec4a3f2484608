// What schoolgate.yaml ships with in the places that only the school can fill.
#pragma once

#include <string_view>
#include <vector>

#include "config/main/config.h"

namespace schoolgate {

// The keys below `school:` that still hold what was shipped: "name", "safeguarding: phone".
[[nodiscard]] std::vector<std::string_view> example_keys(const School& school);

// Empties the names, rooms and numbers of people that were shipped as examples. The school's name stays.
void forget_examples(School& school);

}  // namespace schoolgate
