// A backup, and what it says of itself: what is understood is written as the same, and names no file beyond
// its places.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/backup/archive.h"

using namespace schoolgate::tools;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view bytes(copy.get(), size);
  if (const auto manifest = parse_manifest(bytes, "9999.0.0")) {
    if (to_text(*manifest) != bytes) std::abort();
    for (const BackupFile& file : manifest->files)
      if (!is_backup_name(file.name) || file.name.find("..") == 0) std::abort();
  }
  constexpr BackupBounds small{1 << 20};
  const auto backup = read_backup(bytes, "9999.0.0", small);
  if (!backup) return 0;
  const auto written = write_backup(*backup, small);
  if (!written) std::abort();
  const auto again = read_backup(*written, "9999.0.0", small);
  if (!again || again->manifest != backup->manifest || again->contents != backup->contents) std::abort();
  return 0;
}
