// Long work beside workers that serve.
#pragma once

#include <chrono>
#include <functional>

namespace schoolgate::tools {

// One thread at a time.
class Background {
 public:
  // Does `work` on a thread of its own and waits for it; what it throws is thrown here. That thread runs only
  // where nothing else wants the processor (SCHED_IDLE, sched(7)): a worker that wakes takes its place at
  // once, and not at the kernel's next tick. At most for half as long again as the longest work so far took
  // of a processor, and 20 s: then it competes like any other, so that a busy gateway has its new policy,
  // too.
  //
  // Only where a thread may be put back (`LimitNICE=+0` in the unit, or CAP_SYS_NICE); elsewhere it competes
  // from the beginning.
  void run(const std::function<void()>& work);

 private:
  std::chrono::nanoseconds longest_{};
};

}  // namespace schoolgate::tools
