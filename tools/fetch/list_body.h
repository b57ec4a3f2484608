// The bytes of a list as they come, plain or gzip, perhaps within an archive, written to a file: bounded in
// every way before anything reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/lists/archived_file.h"
#include "rules/result.h"

namespace schoolgate::tools {

struct BodyLimits {
  std::uint64_t bytes = 64ull << 20;      // as they come
  std::uint64_t expanded = 256ull << 20;  // as text, or as an archive
  std::uint64_t lines = 8'000'000;
};

class ListBody {
 public:
  // `fd`: where the text goes; the caller's. `inside`: which file of an archive it is; empty: no archive, or
  // one of a single file.
  ListBody(int fd, BodyLimits limits, std::string inside = {});
  ~ListBody();
  ListBody(const ListBody&) = delete;
  ListBody& operator=(const ListBody&) = delete;

  // After an error nothing more is taken.
  [[nodiscard]] Result<void> take(std::string_view bytes);
  // Error: compressed bytes or an archive that ends before it should, no such file in it, or nothing at all.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Inflate;
  [[nodiscard]] Result<void> expand(std::string_view bytes);
  [[nodiscard]] Result<void> unpack(std::string_view bytes);  // an archive, or the text itself
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> write(std::string_view text);

  const int fd_;
  const BodyLimits limits_;
  const std::string inside_;
  std::string first_;  // until it is known whether this is an archive
  bool decided_ = false;
  std::unique_ptr<ArchivedFile> archive_;  // null: none
  std::uint64_t bytes_ = 0, expanded_ = 0, lines_ = 0;
  bool begun_ = false;
  std::unique_ptr<Inflate> inflate_;  // null: plain text
};

}  // namespace schoolgate::tools
