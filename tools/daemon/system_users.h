// The system's users and groups, and a socket for one of them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace schoolgate::tools {

struct SystemUser {
  std::string name;
  gid_t gid = 0;
};
[[nodiscard]] std::optional<SystemUser> user_of(uid_t uid);
[[nodiscard]] std::optional<gid_t> group_id(const char* group);
// By the user database, whatever groups a process still has.
[[nodiscard]] bool is_member(uid_t uid, const char* group);
// "uid 1001 (lan)", as events name who did something.
[[nodiscard]] std::string actor_text(uid_t uid);

// The socket's group, or where that is forbidden (no member of it, a sandbox without chown()) an entry of the
// group's own (acl(5)). False: errno says why.
[[nodiscard]] bool give_to_group(const std::string& path, gid_t group);

}  // namespace schoolgate::tools
