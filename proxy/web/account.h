// An account of the pages, and where accounts are kept (joined by tools/web).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/web/roles.h"
#include "rules/result.h"

namespace schoolgate::web {

struct Account {
  std::string name;  // [a-z0-9._-], as delegation.yaml names it
  Role role = Role::teacher;
  bool locked = false;
  std::string password;          // as crypt(5) writes it; "" = none yet: only the one-time link lets in
  std::string totp;              // base32; "" = not asked for
  std::uint64_t totp_last = 0;   // the step of the last code that was taken: none is taken twice
  std::string link;              // SHA-256 hex of the one-time link's code; "" = none
  std::int64_t link_until = 0;   // UTC seconds
  std::uint32_t generation = 0;  // counts what ends all sessions: password, role, lock
};

inline constexpr std::size_t most_accounts = 500;
inline constexpr std::size_t shortest_password = 12;
inline constexpr std::size_t longest_password = 200;
inline constexpr std::int64_t link_seconds = 24 * 3600;

// 1 to 32 of a to z, 0 to 9 and . _ -, a letter first.
[[nodiscard]] bool is_account_name(std::string_view name) noexcept;

// Threads: any.
class AccountBook {
 public:
  virtual ~AccountBook() = default;
  [[nodiscard]] virtual std::optional<Account> find(std::string_view name) = 0;
  [[nodiscard]] virtual std::vector<Account> all() = 0;
  // Put in place of the account of that name, or added. Error: not kept, and then nothing has changed.
  [[nodiscard]] virtual Result<void> put(const Account& account) = 0;
};

enum class Checked : std::uint8_t { right, wrong, busy };

// Passwords cost a quarter of a second of a core; at most two at a time. Threads: any.
class Passwords {
 public:
  virtual ~Passwords() = default;
  // "" = none could be made: out of memory, or too many at once.
  [[nodiscard]] virtual std::string hash(std::string_view password) = 0;
  // Against "" it takes as long as against any other, and is wrong.
  [[nodiscard]] virtual Checked check(std::string_view password, const std::string& hash) = 0;
};

}  // namespace schoolgate::web
