// What people type as a code, and tier files that a line is put into: a code that is understood is a fixed
// point, and a file with one line more says just that more.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "config/policy/allow_line.h"
#include "config/text/yaml_reader.h"
#include "proxy/core/wishes.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  if (const std::string code = typed_code(text); !code.empty()) {
    require(typed_code(code) == code);
    require(code.size() == 9 || code.size() == 11);
  }
  const auto changed = with_allow_line(text, "a.vn", "why \"x\" \\");
  if (!changed) return 0;
  require(changed->size() > size);
  Diagnostics problems;
  const auto after = read_yaml(*changed, "tier", problems);
  if (!after) return 0;  // such a file is refused when it is tried
  const YamlNode* const allow = after->find("allow");
  if (allow == nullptr || allow->kind != YamlNode::Kind::sequence) return 0;
  require(!allow->children.empty());
  return 0;
}
