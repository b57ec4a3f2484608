// A database with bytes changed and every checksum made right again is opened or refused, and whatever is
// asked of an opened one, no read leaves it. The input as a file of its own is refused.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "rules/bytes/hash.h"
#include "rules/db/matcher.h"
#include "rules/db/rule_db.h"
#include "rules/db/rule_db_builder.h"
#include "rules/db/rule_db_format.h"
#include "rules/rule.h"

using namespace schoolgate;

namespace {

RuleEntry rule(RuleKind kind, std::string text, bool exception = false) {
  RuleEntry entry;
  entry.kind = kind;
  entry.text = std::move(text);
  entry.exception = exception;
  entry.line = static_cast<std::uint32_t>(entry.text.size());
  return entry;
}

std::vector<std::byte> database() {
  RuleDbBuilder builder;
  builder.add_source({"category", "name", "file"});
  for (int i = 0; i < 40; ++i)
    builder.add(0, rule(RuleKind::domain, "n" + std::to_string(i) + ".example.com"));
  for (Tag tag = 0; tag < 90; ++tag) builder.add(tag, rule(RuleKind::domain, "many.example.com"));
  builder.add(1, rule(RuleKind::domain, "fine.example.com", true));
  RuleEntry special = rule(RuleKind::domain, "special.example.com");
  special.important = true;
  special.itself = false;
  builder.add(1, special);
  for (const char* text : {"site.com/a", "site.com/a/b", "www.site.com/", "n1.example.com/?q"})
    builder.add(2, rule(RuleKind::url, text));
  for (const char* text : {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32", "::/0"})
    builder.add(1, rule(RuleKind::network, text, *text == ':'));
  auto built = builder.build();
  if (!built) std::abort();
  return *built;
}

void make_sums_right(std::vector<std::byte>& bytes) {
  DbHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::uint64_t offset = sizeof header;
  for (SectionEntry& entry : header.sections) {
    if (entry.offset != offset || aligned(entry.size) > bytes.size() - offset) break;
    entry.sum = checksum(std::span(bytes).subspan(offset, aligned(entry.size)));
    offset += aligned(entry.size);
  }
  header.header_sum = 0;
  header.header_sum = checksum(std::as_bytes(std::span(&header, 1)));
  std::memcpy(bytes.data(), &header, sizeof header);
}

void ask(std::span<const std::byte> bytes) {
  const auto opened = RuleDb::open(bytes);
  if (!opened) return;
  Matcher matcher(*opened);
  Url url;
  Matches out;
  for (const char* text :
       {"http://n1.example.com/?q", "http://x.many.example.com/", "http://fine.example.com/",
        "http://www.site.com/a/b?c", "http://www-many-example-com.translate.goog/", "http://other.vn/",
        "http://10.1.2.3/", "http://[2001:db8::1]/"}) {
    if (url.parse(text).failed()) std::abort();
    for (const Stage stage : {Stage::request, Stage::host}) {
      matcher.match(url, stage, out);
      (void)matcher.explain(url, stage);
    }
    (void)(*opened)->search(url.host().text);
  }
  (void)(*opened)->counts();
}

}  // namespace

// The input: changes of four bytes each, where (2 bytes) and to what (2 bytes).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::byte> good = database();
  std::vector<std::byte> bytes = good;
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    const std::size_t at = load<std::uint16_t>(data + i) % (bytes.size() - 1);
    std::memcpy(bytes.data() + at, data + i + 2, 2);
  }
  if (bytes != good && RuleDb::open(bytes)) std::abort();  // some checksum is wrong
  make_sums_right(bytes);
  ask(bytes);
  if (RuleDb::open(std::as_bytes(std::span(data, size)))) std::abort();
  return 0;
}
