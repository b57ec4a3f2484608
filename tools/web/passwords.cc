#include "tools/web/passwords.h"

#include <crypt.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "proxy/core/hmac.h"

namespace schoolgate::tools {
namespace {

constexpr unsigned at_once = 2, may_wait = 8;
constexpr std::chrono::seconds longest_wait{10};

// Of the whole process: what is bounded is the machine.
class Turnstile {
 public:
  bool enter() {
    std::unique_lock lock(mutex_);
    if (waiting_ >= may_wait) return false;
    ++waiting_;
    const bool free = free_.wait_for(lock, longest_wait, [this] { return busy_ < at_once; });
    --waiting_;
    if (free) ++busy_;
    return free;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --busy_;
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  unsigned busy_ = 0, waiting_ = 0;
};

Turnstile& turnstile() {
  static Turnstile one;
  return one;
}

// "" on failure, which crypt_r() tells by null or by a text that begins with "*".
std::string crypted(std::string_view password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB; zeroed
  const std::string phrase(password);
  const char* const made = ::crypt_r(phrase.c_str(), setting.c_str(), data.get());
  return made == nullptr || made[0] == '*' ? std::string() : std::string(made);
}

std::string crypted_anew(std::string_view password, unsigned long cost) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  const char* const made =
      ::crypt_gensalt_rn("$y$", cost, nullptr, 0, setting, static_cast<int>(sizeof setting));
  return made == nullptr ? std::string() : crypted(password, made);
}

}  // namespace

YescryptPasswords::YescryptPasswords(unsigned long cost)
    : cost_(cost), nobody_(crypted_anew("nobody has this password", cost)) {}

std::string YescryptPasswords::hash(std::string_view password) {
  if (password.empty() || password.find('\0') != std::string_view::npos || !turnstile().enter()) return {};
  std::string made = crypted_anew(password, cost_);
  turnstile().leave();
  return made;
}

web::Checked YescryptPasswords::check(std::string_view password, const std::string& hash) {
  if (password.size() > web::longest_password || password.find('\0') != std::string_view::npos)
    return web::Checked::wrong;
  if (!turnstile().enter()) return web::Checked::busy;
  const std::string& against = hash.empty() ? nobody_ : hash;
  const std::string made = crypted(password, against);
  turnstile().leave();
  const bool same = !made.empty() && equal_in_constant_time(made, against);
  return same && !hash.empty() ? web::Checked::right : web::Checked::wrong;
}

}  // namespace schoolgate::tools
