// The first byte says how long pieces are, the rest is an archive. Cut anywhere it gives the same, and what
// it gives was in it.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "config/lists/archived_file.h"
#include "config/text/names.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

std::string read_in_pieces(std::string_view archive, const std::string& wanted, std::size_t piece) {
  std::string text;
  ArchivedFile file(wanted, [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    return {};
  });
  for (; !archive.empty(); archive.remove_prefix(std::min(piece, archive.size())))
    if (const auto taken = file.take(archive.substr(0, piece)); taken.failed())
      return "error: " + taken.error().message.english();
  const auto finished = file.finish();
  return finished.failed() ? "error: " + finished.error().message.english() : text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto copy = std::make_unique<char[]>(size - 1);  // exact size: ASan sees over-reads
  if (size > 1) std::memcpy(copy.get(), data + 1, size - 1);
  const std::string_view archive(copy.get(), size - 1);
  for (const std::string wanted : {"", "gambling/domains"}) {
    const std::string whole = read_in_pieces(archive, wanted, size);
    require(read_in_pieces(archive, wanted, data[0] + 1U) == whole);
    if (!whole.starts_with("error: ")) require(archive.find(whole) != std::string_view::npos);
  }
  const std::string_view path = archive.substr(0, archive.find('\n'));
  if (is_inner_path(path))
    require(path.find("..") == std::string_view::npos || path.find("/../") == std::string_view::npos);
  return 0;
}
