// Files that the proxy keeps for itself, believed only where nobody else may have written them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

// No link, not to be written by others, in a folder where others cannot swap it. `private_to_user`: this
// user's (root, who only looks, takes anybody's), and nobody else may look into it; else also of whoever owns
// the folder that it is in. Error: why not.
[[nodiscard]] Result<void> check_own_folder(const std::string& folder, bool private_to_user);
// Made with that mode where there is none; then as check_own_folder().
[[nodiscard]] Result<void> make_own_folder(const std::string& folder, bool private_to_user);
// A file of its folder's owner, or root's, whose bytes are those that `digest` (SHA-256, hex) names. Errors
// say why not, without the path.
[[nodiscard]] Result<std::string> read_own_file(const std::string& path, const std::string& digest,
                                                std::uint64_t max_bytes);
// All names in a folder; none where it cannot be read.
[[nodiscard]] std::vector<std::string> names_in_folder(const std::string& folder);
// "/a/b" of "b"; the path as it is where the system does not say where it stands.
[[nodiscard]] std::string absolute_path(const std::string& path);

}  // namespace schoolgate
