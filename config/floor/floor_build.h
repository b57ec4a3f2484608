// Lists of authorities -> the entries of a sealed floor. Of what they hold nothing is kept but digests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/floor/plain_list.h"
#include "config/floor/sealed_file.h"
#include "rules/message.h"

namespace schoolgate {

class FloorBuilder {
 public:
  // `salt`: new bytes of chance, unless the entries go to those of a file that has one.
  explicit FloorBuilder(const FloorSalt& salt) { file_.floor.salt = salt; }
  explicit FloorBuilder(SealedFile beside) : file_(std::move(beside)) {}

  struct Taken {
    std::uint64_t entries = 0;         // addresses that were sealed
    std::uint64_t www_alone = 0;       // of these "www.x" whose "x" is not sealed by them
    std::uint64_t wrong = 0;           // rows that could not be sealed
    std::vector<Message> first_wrong;  // the first of them, by row, without what stands there
    static constexpr std::size_t most_told = 20;
  };
  // One file: its bytes, what its name ends with, which column. Error: it cannot be read, or holds nothing.
  [[nodiscard]] Result<Taken> take(std::string_view bytes, std::string_view name, FloorKind kind,
                                   std::string_view column);
  // What was taken so far, in order.
  [[nodiscard]] SealedFile finish(std::int64_t now);

 private:
  void take_row(const ListTable& table, const ListTable::Row& row, std::size_t column, FloorKind kind,
                Taken& taken);
  SealedFile file_;
};

}  // namespace schoolgate
