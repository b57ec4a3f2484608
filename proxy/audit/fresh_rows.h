// What this process wrote into a month's file since the last seal, hashed as it was written, so that a seal
// reads none of it back. Where anything else may have changed the file it knows nothing, and the file tells.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy/audit/seal_bytes.h"

namespace schoolgate::audit {

// The columns of a row of `access` after its id, in their order, and what the tables beside it hold of it.
struct StoredRow {
  static constexpr std::size_t numbers_before_ended = 13;
  std::array<std::int64_t, numbers_before_ended> numbers{};  // ts_ms to duration_ms
  std::optional<std::int64_t> ended;
  std::optional<std::string_view> path;
  std::optional<std::string_view> cause;  // `detail`
  std::optional<std::int64_t> count;      // `summed`
};

// Threads: belongs to the writer thread.
class FreshRows {
 public:
  struct Taken {
    HashedRows rows;
    std::vector<EndRow> ends;  // as they came
  };

  // Both as they have just been inserted; what is rolled back must be forgotten.
  void add(std::int64_t id, const StoredRow& row);
  void add_end(const EndRow& end);
  // The file was changed in another way.
  void forget() noexcept;

  // What came since the last call, if that is all that came: `version` is the file's data_version, which
  // changes with what other connections write. Between transactions.
  [[nodiscard]] std::optional<Taken> take(std::int64_t version);

 private:
  bool known_ = false;  // that was all since the last take()
  std::int64_t version_ = 0;
  Taken fresh_;
};

}  // namespace schoolgate::audit
