// Whom the proxy runs as, for a command that root types: it does as that user what the proxy would do.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "tools/console/console.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {

// Who is `named`, or who wrote the proxy's files, or the user of the installed one. `state`: as for `run`.
// Nullopt: there is no such user, or nothing says who.
[[nodiscard]] std::optional<uid_t> proxys_user(const std::string& config_file, const std::string& state,
                                               const std::string& named);

// Says here what do_as() did there, or why it did not; the exit code.
[[nodiscard]] int tell(const Result<Done>& done, Console& console);

}  // namespace schoolgate::tools
