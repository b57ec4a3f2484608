// The sheets of an Excel workbook (.xlsx, ECMA-376 part 1: 18.2 workbook, 18.3 worksheets, 18.4 shared
// strings) as rows of texts. libzip opens the archive in memory, expat reads the parts as they come out of
// it. Nothing is laid out on a disk; a part that declares a document type is refused, so no entity is ever
// expanded or fetched.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/floor/list_table.h"
#include "rules/result.h"

namespace schoolgate {

struct WorkbookCaps {
  static constexpr std::uint64_t entries = 2'000;                     // of the archive
  static constexpr std::uint64_t unpacked = 256ull * 1024 * 1024;     // all parts that are read, together
  static constexpr std::uint64_t ratio = 200, ratio_from = 1u << 20;  // of a part that is larger than that
  static constexpr std::size_t sheets = 64, depth = 64;               // depth: of elements in each other
};

// Every sheet that holds anything, in the workbook's order; of a formula its last value. Error: no workbook,
// damaged, with a password, over a cap of this or of ListCaps.
[[nodiscard]] Result<std::vector<ListTable>> read_workbook(std::string_view bytes);

}  // namespace schoolgate
