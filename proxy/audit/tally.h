// What was put into a month's file since the totals were last added to, so that nothing need be read back.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "proxy/audit/revision_names.h"
#include "proxy/core/log_record.h"

namespace schoolgate::audit {

// Threads: belongs to the writer thread.
class Tally {
 public:
  struct Line {
    std::int64_t hour = 0;  // UTC, hours since 1970
    int action = 0, seen = 0;
    std::string tier, category;  // "" = none
    std::uint64_t requests = 0;
    std::uint64_t visits = 0;  // of these
  };

  // A row that has just been inserted as `id`. Ids follow each other; where they do not, another process
  // wrote in between, and what was before is forgotten.
  void add(std::int64_t id, const LogRecord& record, const RevisionNames* names);
  void forget() noexcept;

  // It knows of each row from first() to last(), and of no other; 0: of none.
  [[nodiscard]] std::int64_t first() const noexcept { return first_; }
  [[nodiscard]] std::int64_t last() const noexcept { return last_; }
  template <class Take>
  void each(Take&& take) const {
    for (const auto& [key, line] : lines_) take(line);
  }

 private:
  struct Key {
    std::uint64_t serial = 0;
    std::int64_t hour = 0;
    std::uint32_t tier = 0, category = 0;
    int action = 0, seen = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  std::int64_t first_ = 0, last_ = 0;
  std::unordered_map<Key, Line, Hash> lines_;
};

}  // namespace schoolgate::audit
