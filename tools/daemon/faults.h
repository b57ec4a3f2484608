// What is wrong with the running proxy, one sentence each: for the pages, in red.
#pragma once

#include <vector>

#include "rules/message.h"
#include "tools/daemon/gateway_text.h"

namespace schoolgate::tools {

[[nodiscard]] std::vector<Message> faults_of(const StatusFacts& facts, std::int64_t now_seconds);

}  // namespace schoolgate::tools
