// What is wrong with the running proxy, one sentence each: for the pages, in red.
#pragma once

#include <vector>

#include "rules/message.h"
#include "tools/daemon/gateway_text.h"

namespace schoolgate::tools {

[[nodiscard]] std::vector<Message> faults_of(const StatusFacts& facts, std::int64_t now_seconds);
// Why messages do not go out, a sentence each: mail of an alert and mail of a seal say the same.
[[nodiscard]] std::vector<Message> unsent_of(const StatusFacts& facts);

}  // namespace schoolgate::tools
