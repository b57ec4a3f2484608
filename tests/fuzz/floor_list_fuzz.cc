// Lists of authorities. The first byte says what the rest is called: text, CSV or, by its own begin, a
// workbook. No cap is exceeded, and every address that is taken can be sealed or is refused.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/floor/floor_build.h"
#include "config/floor/plain_list.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto copy = std::make_unique<char[]>(size - 1);  // exact size: ASan sees over-reads
  if (size > 1) std::memcpy(copy.get(), data + 1, size - 1);
  const std::string_view bytes(copy.get(), size - 1);
  const char* const name = (data[0] & 1) != 0 ? "list.csv" : "list.txt";
  const auto tables = read_list(bytes, name);
  if (!tables) return 0;
  for (const ListTable& table : *tables) {
    require(table.rows.size() <= ListCaps::rows);
    for (const ListTable::Row& row : table.rows) {
      require(row.cells.size() <= ListCaps::cells_in_row);
      for (const std::string& cell : row.cells) require(cell.size() <= ListCaps::cell_bytes);
    }
  }
  FloorBuilder builder(FloorSalt{1});
  const auto taken = builder.take(bytes, name, FloorKind::csam, "");
  const SealedFile file = builder.finish(0);
  if (taken) require(file.floor.entries.size() <= taken->entries);
  const auto read = parse_sealed_file(to_text(file));
  require(static_cast<bool>(read));
  require(to_text(*read) == to_text(file));
  return 0;
}
