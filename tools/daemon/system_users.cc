#include "tools/daemon/system_users.h"

#include <grp.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <pwd.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace schoolgate::tools {
namespace {

constexpr std::size_t entry_bytes = 64 * 1024;  // of the user database

}  // namespace

std::optional<gid_t> group_id(const char* group_name) {
  std::vector<char> buffer(entry_bytes);
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(group_name, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->gr_gid;
}

std::optional<SystemUser> user_of(uid_t uid) {
  std::vector<char> buffer(entry_bytes);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return SystemUser{found->pw_name, found->pw_gid};
}

bool is_member(uid_t uid, const char* group_name) {
  const auto wanted = group_id(group_name);
  const auto user = user_of(uid);
  if (!wanted || !user) return false;
  int count = 1024;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (::getgrouplist(user->name.c_str(), user->gid, groups.data(), &count) < 0) return false;
  groups.resize(static_cast<std::size_t>(count));
  return std::find(groups.begin(), groups.end(), *wanted) != groups.end();
}

std::string actor_text(uid_t uid) {
  const auto user = user_of(uid);
  return "uid " + std::to_string(uid) + (user ? " (" + user->name + ")" : "");
}

bool give_to_group(const std::string& path, gid_t group) {
  if (::chown(path.c_str(), static_cast<uid_t>(-1), group) == 0) return true;
  const auto nobody = static_cast<std::uint32_t>(ACL_UNDEFINED_ID);
  constexpr std::uint16_t both = ACL_READ | ACL_WRITE;
  const struct {
    posix_acl_xattr_header header{POSIX_ACL_XATTR_VERSION};
    posix_acl_xattr_entry entries[5];
  } list{.entries = {{ACL_USER_OBJ, both, nobody},
                     {ACL_GROUP_OBJ, 0, nobody},
                     {ACL_GROUP, both, group},
                     {ACL_MASK, both, nobody},
                     {ACL_OTHER, 0, nobody}}};
  static_assert(sizeof list == 4 + 5 * 8 && std::endian::native == std::endian::little);
  return ::setxattr(path.c_str(), "system.posix_acl_access", &list, sizeof list, 0) == 0;
}

}  // namespace schoolgate::tools
