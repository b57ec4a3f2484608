// When the manager is told that all is well: as long as every worker moves. A worker that does not is told
// once, and once more when it moves again.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace schoolgate::tools {

class WorkerWatch {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // `limit`: within which the manager wants to hear of us; nullopt: it does not ask.
  explicit WorkerWatch(std::optional<Milliseconds> limit) noexcept
      : stuck_after_(limit ? *limit / 2 : Milliseconds(15'000)) {}

  // So often that the manager never waits in vain for a proxy that is well.
  [[nodiscard]] Milliseconds look_every() const noexcept {
    return std::clamp(stuck_after_ / 3, Milliseconds(1), Milliseconds(5'000));
  }

  struct Seen {
    bool well = false;  // to be told to the manager
    bool got_stuck = false, moves_again = false;
  };
  // `silence`: of the worker that has not moved for longest.
  [[nodiscard]] Seen look(Milliseconds silence) noexcept {
    const bool was_stuck = stuck_;
    stuck_ = silence > stuck_after_;
    return {!stuck_, stuck_ && !was_stuck, was_stuck && !stuck_};
  }

 private:
  Milliseconds stuck_after_;
  bool stuck_ = false;
};

}  // namespace schoolgate::tools
