// How other threads wake the main one and hand it work.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <future>
#include <vector>

#include "proxy/core/mutex.h"

namespace schoolgate::tools {

// A descriptor that one thread makes readable to wake another.
class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Bell() { ::close(fd_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  void ring() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
  }
  void silence() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

// Work that only the main thread may do, asked for by others.
class MainThread {
 public:
  // Waits until `task` is done; false if the main thread is on its way out, or it threw (no memory).
  [[nodiscard]] bool run(std::function<void()> task) {
    std::packaged_task<void()> packaged(std::move(task));
    std::future<void> done = packaged.get_future();
    {
      const MutexLock lock(mutex_);
      if (closed_) return false;
      tasks_.push_back(std::move(packaged));
    }
    bell_.ring();
    try {
      done.get();
      return true;
    } catch (...) {
      return false;
    }
  }
  [[nodiscard]] int fd() const noexcept { return bell_.fd(); }
  void work() {
    bell_.silence();
    std::vector<std::packaged_task<void()>> now;
    {
      const MutexLock lock(mutex_);
      now.swap(tasks_);
    }
    for (auto& task : now) task();
  }
  void close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    tasks_.clear();  // who waits for one is told by its broken promise
  }

 private:
  Bell bell_;
  Mutex mutex_;
  std::vector<std::packaged_task<void()>> tasks_ SG_GUARDED_BY(mutex_);
  bool closed_ SG_GUARDED_BY(mutex_) = false;
};

}  // namespace schoolgate::tools
