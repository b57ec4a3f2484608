// Old policies end on a thread of their own: unmapping hundreds of megabytes would stall a worker.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace schoolgate {

class Reaper {
 public:
  Reaper() : thread_([this] { run(); }) {}
  ~Reaper() {
    {
      const std::lock_guard lock(mutex_);
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
      const std::lock_guard lock(mutex_);
      dead_.push_back(std::move(object));
    } catch (...) {
      return;
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !dead_.empty(); });
      auto dead = std::exchange(dead_, {});
      if (dead.empty()) return;
      lock.unlock();
      dead.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<const void, void (*)(const void*)>> dead_;
  bool stop_ = false;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace schoolgate
