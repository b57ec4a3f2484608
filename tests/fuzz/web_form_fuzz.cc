// What browsers send to the staff's pages: whatever comes, a form that is read is clean text, and one value
// written into an address comes back as it was.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/web/form.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  if (const auto form = web::parse_form(text)) {
    require(form->size() <= web::most_form_fields);
    for (const auto& [name, value] : *form) {
      const auto again = web::parse_form(web::encode_value(name) + "=" + web::encode_value(value));
      require(again.has_value());
      if (!name.empty() || !value.empty()) require(again->front() == std::pair(name, value));
    }
  }
  for (const auto& [name, value] : web::parse_cookies(text))
    require(!name.empty() && value.find(';') == value.npos);
  if (const auto path = web::decode_path(text)) require(path->size() <= size);
  return 0;
}
