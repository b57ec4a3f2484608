// A list in rows and cells, and how large one may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace schoolgate {

struct ListTable {
  struct Row {
    std::uint32_t number = 0;  // from 1, as people count them
    std::vector<std::string> cells;
  };
  std::string sheet;      // of a workbook; "" otherwise
  bool one_cell = false;  // text: every row is an entry, and there is no head
  std::vector<Row> rows;  // without the empty ones
};

// What one file may hold at most. Beyond it the file is refused, never cut.
struct ListCaps {
  static constexpr std::uint64_t file_bytes = 64ull * 1024 * 1024;
  static constexpr std::size_t rows = 2'000'000, cells_in_row = 256, cell_bytes = 64 * 1024;
};

}  // namespace schoolgate
