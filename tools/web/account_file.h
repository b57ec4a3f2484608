// The accounts of the staff's pages in a file of their own user (0600), written whole at each change
// (proxy/web/account_text.h).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/core/mutex.h"
#include "proxy/web/account_text.h"

namespace schoolgate::tools {

// The pages and the command `user` may change it at the same time: a lock file stands beside it.
class AccountFile : public web::AccountBook {
 public:
  explicit AccountFile(std::string path) : path_(std::move(path)) {}
  // What keeps it from being used: damaged, or not to be read. None there yet is no error.
  [[nodiscard]] Result<void> look();

  [[nodiscard]] std::optional<web::Account> find(std::string_view name) override;
  [[nodiscard]] std::vector<web::Account> all() override;
  [[nodiscard]] Result<void> put(const web::Account& account) override;

 private:
  [[nodiscard]] Result<void> refresh() SG_REQUIRES(mutex_);

  const std::string path_;
  Mutex mutex_;
  std::vector<web::Account> accounts_ SG_GUARDED_BY(mutex_);
  struct Seen {
    dev_t device = 0;
    ino_t node = 0;
    std::int64_t changed_ns = -1;
    friend bool operator==(const Seen&, const Seen&) = default;
  } seen_ SG_GUARDED_BY(mutex_);
};

}  // namespace schoolgate::tools
