// What the process may do: as many descriptors as the system grants, and no more rights than it needs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "rules/result.h"

namespace schoolgate::tools {

// Raises RLIMIT_NOFILE to its hard limit; the limit that now holds.
std::uint64_t raise_descriptor_limit() noexcept;

// Started as root: becomes `user` for good. Otherwise nothing happens. Error: no such user, or it cannot be
// done.
[[nodiscard]] Result<void> drop_root(const std::string& user);

// What is in memory (pupils' requests, the authority's key, the key of the pseudonyms) stays there: no core
// file, and no other process of the same user reads it. Except under a sanitizer, whose leak check reads it
// so.
[[nodiscard]] Result<void> forbid_dumps();

// What `work` answers and writes in a child process that is `user` for good. Error: it cannot become that
// user, or the child died.
struct Done {
  int exit_code = 0;
  std::string out, err;
};
[[nodiscard]] Result<Done> do_as(uid_t user, const std::function<Done()>& work);
[[nodiscard]] std::optional<uid_t> uid_of(const std::string& user);
[[nodiscard]] std::string name_of(uid_t user);  // its number where it has no name

}  // namespace schoolgate::tools
