// An evaluator that follows the text of "How a verdict is made" (rules/judge/README.md) line by line and asks
// every rule one after the other. Slow, and simple enough to be believed; tests compare the Judge with it. It
// knows no wrappers (translate.goog): tests do not use their names with it.
#pragma once

#include "rules/judge/judge.h"
#include "tests/support/policy_text.h"

namespace schoolgate::testing {

// `without_help`: as if there were no rule whose action is help.
[[nodiscard]] Verdict reference_verdict(const World& world, const JudgeRequest& request,
                                        bool without_help = false);

}  // namespace schoolgate::testing
