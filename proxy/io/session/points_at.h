// A pointer to something in a coroutine's frame, for those who may have to end it from outside.
#pragma once

namespace schoolgate {

// `place` points to `what` for as long as this lives, however the wait in between ends.
template <class T>
class PointsAt {
 public:
  PointsAt(T*& place, T& what) noexcept : place_(place) { place = &what; }
  ~PointsAt() { place_ = nullptr; }
  PointsAt(const PointsAt&) = delete;
  PointsAt& operator=(const PointsAt&) = delete;

 private:
  T*& place_;
};

}  // namespace schoolgate
