#include "proxy/io/net/deadline_table.h"

namespace schoolgate {

DeadlineTable::Slot DeadlineTable::add(Expirable& owner) {
  if (!free_.empty()) {
    const Slot slot = free_.back();
    free_.pop_back();
    owners_[slot] = &owner;
    return slot;
  }
  const auto slot = static_cast<Slot>(due_.size());
  // First what may throw; free_ has room for all, so that remove() cannot.
  if (free_.capacity() <= due_.size()) free_.reserve(2 * due_.size() + 16);
  if (owners_.capacity() == owners_.size()) owners_.reserve(2 * owners_.size() + 16);
  due_.push_back(never);
  owners_.push_back(&owner);
  return slot;
}

void DeadlineTable::remove(Slot slot) noexcept {
  due_[slot] = never;
  owners_[slot] = nullptr;
  free_.push_back(slot);
}

void DeadlineTable::tick() noexcept {
  ++now_;
  for (Slot slot = 0; slot < due_.size(); ++slot) {
    if (due_[slot] > now_) continue;
    due_[slot] = never;
    owners_[slot]->on_deadline();
  }
}

}  // namespace schoolgate
