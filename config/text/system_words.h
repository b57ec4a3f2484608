// Why the operating system refused something, for people.
#pragma once

#include <system_error>

#include "rules/message.h"

namespace schoolgate {

// Of an errno. The usual ones are sentences of ours, in English the same as strerror()'s; the rest are its
// words.
[[nodiscard]] Message system_words(int error);
// Of an error of the category generic or system, which are errnos; the words of any other.
[[nodiscard]] Message system_words(const std::error_code& error);

}  // namespace schoolgate
