// Files that this program writes: whole or not at all.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>

#include "rules/result.h"

namespace schoolgate {

struct FileAccess {
  mode_t mode;                 // whatever the umask says
  int owner = -1, group = -1;  // -1 = as the process makes it
};

// All of `bytes`, in as many writes as it takes.
[[nodiscard]] Result<void, std::error_code> write_all(int fd, std::string_view bytes) noexcept;

// The parts one after another as the file at `path`, in place of what is there. Written beside it, synced and
// renamed: nobody sees half a file or one with other rights, and a power cut leaves the old or the new. The
// folder must exist. Errors name the file and the reason.
[[nodiscard]] Result<void> write_whole_file(const std::string& path,
                                            std::initializer_list<std::string_view> parts, FileAccess access);

}  // namespace schoolgate
