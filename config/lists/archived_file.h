// One file out of a tar archive as its bytes come, in pieces of any size. Nothing of an archive is ever laid
// out on a disk: a name in it is only compared, so that neither links nor ".." lead anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

// How much of the begin of a text is needed to know whether it is an archive.
inline constexpr std::size_t tar_block = 512;
[[nodiscard]] bool begins_tar(std::string_view first_block) noexcept;

class ArchivedFile {
 public:
  static constexpr std::size_t most_entries = 10'000;
  using Take = std::function<Result<void>(std::string_view)>;

  // `wanted`: an inner path (names.h); empty: the only file that there is. `take` is given its bytes; an
  // error of it ends the reading.
  ArchivedFile(std::string wanted, Take take);

  // Error: not tar, over most_entries, a name that leads out of the archive, a link where the file should be,
  // several files where none is named. After an error nothing more is taken.
  [[nodiscard]] Result<void> take(std::string_view bytes);
  // Error: the archive ends before its end, or the file is not in it.
  [[nodiscard]] Result<void> finish() const;

 private:
  enum class Data : std::uint8_t { skipped, wanted, name };  // what the bytes behind a head are

  [[nodiscard]] Result<void> head();
  [[nodiscard]] Result<void> entry(char type, const std::string& name);
  [[nodiscard]] Result<void> data(std::string_view bytes);
  [[nodiscard]] Result<void> named();  // what name_data_ says of the entry that follows

  const std::string wanted_;
  const Take take_;
  std::string block_;          // a head that is not whole yet
  std::uint64_t left_ = 0;     // bytes of data that are still to come
  std::uint64_t padding_ = 0;  // and of padding behind them
  Data what_ = Data::skipped;
  char name_type_ = 0;  // 'L', 'x': of name_data_
  std::string name_data_, next_name_;
  std::size_t entries_ = 0;
  std::vector<std::string> seen_;  // some of the files, for a person who named none of them
  bool found_ = false, ended_ = false;
};

}  // namespace schoolgate
