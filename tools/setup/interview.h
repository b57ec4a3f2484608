// Asks the questions of setup one after another, on a terminal or from a file.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "tools/console/console.h"
#include "tools/setup/answers.h"

namespace schoolgate::tools {

// `answers` begins with what is known, and each of it is offered: Enter takes it. A wrong answer is asked for
// again, with what is wrong. From the first answer on it speaks that language. False: the input ended, and
// nothing may be done.
[[nodiscard]] bool interview(std::istream& in, Console& console, const SetupFacts& facts,
                             SetupAnswers& answers);

// Every answer read as its question wants it, `given` before `known` before what is usual. Errors name each
// flag that is wrong or missing, a line each, and the answers are of no use then.
[[nodiscard]] Result<SetupAnswers, std::vector<Message>> settled(const SetupAnswers& given,
                                                                 const SetupAnswers& known,
                                                                 const SetupFacts& facts);

// "yes" or "no", in whatever language; false at the end of the input.
[[nodiscard]] bool says_yes(std::istream& in);

}  // namespace schoolgate::tools
