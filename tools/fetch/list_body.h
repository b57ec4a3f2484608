// The bytes of a list as they come, plain or gzip, written to a file: bounded in every way before anything
// reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "rules/result.h"

namespace schoolgate::tools {

struct BodyLimits {
  std::uint64_t bytes = 64ull << 20;      // as they come
  std::uint64_t expanded = 256ull << 20;  // as text
  std::uint64_t lines = 8'000'000;
};

class ListBody {
 public:
  // `fd`: where the text goes; the caller's.
  ListBody(int fd, BodyLimits limits);
  ~ListBody();
  ListBody(const ListBody&) = delete;
  ListBody& operator=(const ListBody&) = delete;

  // After an error nothing more is taken.
  [[nodiscard]] Result<void> take(std::string_view bytes);
  // Error: compressed bytes that end before they should, or nothing at all.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Inflate;
  [[nodiscard]] Result<void> expand(std::string_view bytes);
  [[nodiscard]] Result<void> write(std::string_view text);

  const int fd_;
  const BodyLimits limits_;
  std::uint64_t bytes_ = 0, expanded_ = 0, lines_ = 0;
  bool begun_ = false;
  std::unique_ptr<Inflate> inflate_;  // null: plain text
};

}  // namespace schoolgate::tools
