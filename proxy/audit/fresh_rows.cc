#include "proxy/audit/fresh_rows.h"

#include <algorithm>
#include <utility>

namespace schoolgate::audit {
namespace {

constexpr std::size_t most_fresh_ends = 500'000;  // 20 MB; more came only where nothing is sealed

}  // namespace

void FreshRows::add(std::int64_t id, const StoredRow& row) {
  if (!known_) return;
  HashedRows& rows = fresh_.rows;
  if (rows.count != 0 && id != rows.last + 1) return forget();
  const std::int64_t time_ms = row.numbers[0];
  if (rows.count == 0) rows.first = id;
  rows.from_ms = rows.from_ms == 0 ? time_ms : std::min(rows.from_ms, time_ms);
  rows.to_ms = std::max(rows.to_ms, time_ms);
  rows.last = id;
  ++rows.count;
  rows.hash.number(id);
  for (const std::int64_t number : row.numbers) rows.hash.number(number);
  row.ended ? rows.hash.number(*row.ended) : rows.hash.null();
  row.path ? rows.hash.text(*row.path) : rows.hash.null();
  row.cause ? rows.hash.text(*row.cause) : rows.hash.null();
  row.count ? rows.hash.number(*row.count) : rows.hash.null();
  rows.hash.end_row();
}

void FreshRows::add_end(const EndRow& end) {
  if (!known_) return;
  if (fresh_.ends.size() >= most_fresh_ends) return forget();
  fresh_.ends.push_back(end);
}

void FreshRows::forget() noexcept {
  known_ = false;
  fresh_.ends.clear();
}

std::optional<FreshRows::Taken> FreshRows::take(std::int64_t version) {
  const bool known = std::exchange(known_, true) && version == version_;
  version_ = version;
  Taken taken = std::exchange(fresh_, {});
  if (!known) return std::nullopt;
  return taken;
}

}  // namespace schoolgate::audit
