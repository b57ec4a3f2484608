// Old policies end on a thread of their own: unmapping hundreds of megabytes would stall a worker.
#pragma once

#include <condition_variable>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/core/mutex.h"

namespace schoolgate {

class Reaper {
 public:
  Reaper() : thread_([this] { run(); }) {}
  ~Reaper() {
    {
      const MutexLock lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Any thread. `object` is destroyed soon, elsewhere; here, if there is no memory to keep it.
  void bury(std::unique_ptr<const void, void (*)(const void*)> object) noexcept {
    try {
      const MutexLock lock(mutex_);
      dead_.push_back(std::move(object));
    } catch (...) {
      return;
    }
    wake_.notify_one();
  }

 private:
  void run() {
    MutexLock lock(mutex_);
    for (;;) {
      while (!stop_ && dead_.empty()) lock.wait(wake_);
      auto dead = std::exchange(dead_, {});
      if (dead.empty()) return;
      lock.unlock();
      dead.clear();
      lock.lock();
    }
  }

  Mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<const void, void (*)(const void*)>> dead_ SG_GUARDED_BY(mutex_);
  bool stop_ SG_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace schoolgate
