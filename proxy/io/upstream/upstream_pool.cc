#include "proxy/io/upstream/upstream_pool.h"

#include <algorithm>

#include "proxy/io/net/net.h"

namespace schoolgate {

std::optional<Stream> UpstreamPool::take(std::string_view origin) {
  for (;;) {
    const auto found = origins_.find(origin);
    if (found == origins_.end()) return std::nullopt;
    // The newest: the least likely to have been closed meanwhile.
    const List::iterator entry = found->second.back();
    Stream stream = std::move(entry->stream);
    erase(entry);
    if (stream.is_quiet()) return stream;
  }
}

void UpstreamPool::give(std::string_view origin, Stream stream) {
  if (options_.per_origin == 0 || options_.total == 0) return;
  auto found = origins_.find(origin);
  if (found == origins_.end()) found = origins_.try_emplace(std::string(origin)).first;
  auto& same = found->second;
  try {
    if (same.capacity() == same.size()) same.reserve(2 * same.size() + 1);
    same.push_back(idle_.insert(idle_.end(), Idle{&*found, std::move(stream), now_}));
  } catch (...) {  // no memory: nothing is half kept
    if (same.empty()) origins_.erase(found);
    throw;
  }
  if (idle_.size() > options_.total) erase(idle_.begin());
}

void UpstreamPool::erase(List::iterator entry) {
  auto& same = entry->origin->second;
  // From the back: take() removes the newest.
  same.erase(std::next(std::find(same.rbegin(), same.rend(), entry)).base());
  if (same.empty()) origins_.erase(entry->origin->first);
  idle_.erase(entry);
}

void UpstreamPool::tick() {
  ++now_;
  while (!idle_.empty() && now_ - idle_.front().since > options_.idle_seconds) erase(idle_.begin());
  // More than per_origin are only too many when nobody has wanted them for a moment: in a burst each is taken
  // again at once, and closing it would cost three times what keeping it does.
  for (auto entry = idle_.begin(); entry != idle_.end() && now_ - entry->since >= burst_seconds;) {
    const auto next = std::next(entry);
    if (entry->origin->second.size() > options_.per_origin) erase(entry);
    entry = next;
  }
  // A part of them each time: an origin's close must not leave descriptors behind for long.
  if (cursor_ >= idle_.size()) cursor_ = 0;
  auto entry = std::next(idle_.begin(), static_cast<std::ptrdiff_t>(cursor_));
  for (std::size_t looked = 0; looked < looked_at_per_tick && entry != idle_.end(); ++looked) {
    const auto next = std::next(entry);
    if (entry->stream.is_quiet()) {
      ++cursor_;
    } else {
      erase(entry);
    }
    entry = next;
  }
}

void UpstreamPool::clear() {
  idle_.clear();
  origins_.clear();
}

}  // namespace schoolgate
