// Continue: a person read the warning and goes on. The page carries a token that only we can make; giving it
// back opens that category on that host for that client for a while.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/core/mutex.h"
#include "rules/policy/policy.h"
#include "rules/url/ip.h"

namespace schoolgate {

// Whom a Continue is for, and what it lifts: `warn` of one category on one host. Names, not numbers, so that
// a reload neither moves a grant to another category nor takes it from the class that just got it.
struct GrantSubject {
  IpAddress client;
  std::string tier;      // Tier::id
  std::string host;      // Host::text
  std::string category;  // Category::id; "" for warnings that a line of the policy gives; help_rule()
  static constexpr std::string_view help_prefix = "help.";  // in no Category::id
  static constexpr std::string_view wish_prefix = "wish.";  // nor is this
  // The button that says "blocked wrongly": nothing is lifted by it.
  [[nodiscard]] bool of_wish() const noexcept { return category.starts_with(wish_prefix); }
  // The button of a help page: nothing is lifted by it, the page is only not shown again.
  [[nodiscard]] bool of_help() const noexcept { return category.starts_with(help_prefix); }
  friend auto operator<=>(const GrantSubject&, const GrantSubject&) = default;
};

// Threads: any. Times are milliseconds of one clock, UTC.
class Grants {
 public:
  static constexpr std::int64_t token_life_ms =
      30 * 60 * 1000;  // a page left open over the break still works
  static constexpr std::int64_t grant_life_ms = 15 * 60 * 1000;
  static constexpr std::size_t default_max_grants = 20'000;

  // `key`: at least 32 random bytes, new for each process; a shorter one is our own bug (invalid_argument).
  // When `max_grants` are held the oldest makes room: its page is shown again, nothing opens.
  explicit Grants(std::string key, std::size_t max_grants = default_max_grants);

  // For a page about a verdict of `warn`: "expiry~category~host~mac", safe in HTML, in a URL and in a form.
  [[nodiscard]] std::string make_token(const GrantSubject& subject, std::int64_t now_ms) const;

  // What a token that `client`, now in `tier`, gave back stands for. Nullopt if it is forged, expired, or was
  // made for another client or tier. The grant holds from now on; one of_help() is HelpWatch's to keep, and
  // of one of_wish() nothing is kept here.
  [[nodiscard]] std::optional<GrantSubject> redeem(std::string_view token, const IpAddress& client,
                                                   std::string_view tier, std::int64_t now_ms);

  // JudgeRequest::granted: the categories (no_category stands for lines) of `policy` that this client
  // continued on `host`. `out` is cleared first. Costs one atomic load while nobody has a grant.
  void categories(const IpAddress& client, const Policy& policy, TierId tier, std::string_view host,
                  std::int64_t now_ms, std::vector<CategoryId>& out) const;
  [[nodiscard]] std::size_t size() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  struct Grant {
    std::int64_t until_ms;
    const GrantSubject* subject;  // the key in grants_
  };
  using ByAge = std::list<Grant>;

  void drop_oldest_while(std::int64_t now_ms) SG_REQUIRES(mutex_);

  const std::string key_;
  const std::size_t max_grants_;
  std::atomic<std::size_t> count_ = 0;
  mutable Mutex mutex_;
  std::map<GrantSubject, ByAge::iterator> grants_ SG_GUARDED_BY(mutex_);
  ByAge by_age_ SG_GUARDED_BY(mutex_);  // all live equally long: the oldest, in front, ends first
};

}  // namespace schoolgate
