// The addresses of this machine, as they are now: a dial-up line or a lease brings and takes them at any
// time.
#pragma once

#include <chrono>
#include <vector>

#include "proxy/io/upstream/address_policy.h"

namespace schoolgate {

// One thread.
class LocalAddresses {
 public:
  LocalAddresses() noexcept;
  ~LocalAddresses();
  LocalAddresses(const LocalAddresses&) = delete;
  LocalAddresses& operator=(const LocalAddresses&) = delete;

  // Of all interfaces, at most a millisecond old. The kernel tells of changes (rtnetlink(7)) before an
  // address can be reached; it is asked once a millisecond, and only after a change they are read again.
  // Throws if they cannot be read: nobody may connect to what cannot be checked.
  [[nodiscard]] const std::vector<LocalAddress>& now();

 private:
  [[nodiscard]] bool told_of_change() noexcept;

  int fd_;  // negative: the kernel tells nothing, and they are read each time
  bool known_ = false;
  std::chrono::steady_clock::time_point asked_;
  std::vector<LocalAddress> addresses_;
};

}  // namespace schoolgate
