// Mutexes that the compiler looks at: which one guards a member, and which one a function wants held, stands
// at the declaration, and clang refuses code that forgets it (Thread Safety Analysis, clang's documentation;
// -Wthread-safety, on in the fuzz build). Other compilers see plain std::mutex.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define SG_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define SG_THREAD_SAFETY(attribute)
#endif
#define SG_GUARDED_BY(mutex) SG_THREAD_SAFETY(guarded_by(mutex))
#define SG_REQUIRES(mutex) SG_THREAD_SAFETY(requires_capability(mutex))

namespace schoolgate {

class SG_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  void lock() SG_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() SG_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a mutex to the end of its scope. Waiting has no predicate: what it would look at is guarded, and a
// loop around the wait may be checked where a lambda is not.
class SG_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SG_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() SG_THREAD_SAFETY(release_capability()) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() SG_THREAD_SAFETY(release_capability()) { lock_.unlock(); }
  void lock() SG_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }

  void wait(std::condition_variable& changed) { changed.wait(lock_); }
  // False when the time is over.
  [[nodiscard]] bool wait_until(std::condition_variable& changed,
                                std::chrono::steady_clock::time_point limit) {
    return changed.wait_until(lock_, limit) == std::cv_status::no_timeout;
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace schoolgate
