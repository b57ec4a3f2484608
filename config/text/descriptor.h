// A file descriptor that is closed with its owner.
#pragma once

#include <unistd.h>

namespace schoolgate {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}  // negative: none
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace schoolgate
