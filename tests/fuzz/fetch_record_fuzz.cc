// What is known of a fetched list: what is understood is written as the same, and nothing else is.
#include <cstdint>
#include <cstring>
#include <memory>

#include "config/lists/fetched_list.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  if (const auto record = parse_fetch_record(text)) require(to_text(*record) == text);
  const std::string header = recordable(text);  // a server's: it makes no line of its own
  require(header.find_first_of("\r\n") == std::string::npos);
  const FetchRecord record{"https://a.example/l", header, header, "ab"};
  require(parse_fetch_record(to_text(record)) == record);
  return 0;
}
