// Requests: whatever arrives in pieces is delimited as if it arrived at once; what passes is sent on in a
// form that passes again, says the same, and holds no byte that could be read as another message.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "proxy/core/http/http_head.h"
#include "proxy/core/plan.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void check_written(const RequestHead& head, const Url& url) {
  constexpr std::size_t added = 4;  // Host, Via, framing, an upgrade
  if (head.fields.size() + added > max_fields) return;
  std::string once;
  write_request_head(head, url, "gate", once);
  require(find_head_end(once, 0) == once.size());
  RequestHead again;
  require(parse_request_head(once, again).ok());
  require(again.method == head.method && again.framing == head.framing);
  require(again.content_length == head.content_length && again.upgrade_websocket == head.upgrade_websocket);
  require(again.field("host") == url.authority());
  require(via_names(again, "gate"));
  for (const HeaderField& field : again.fields) {
    require(field.kind != FieldKind::hop_by_hop);
    for (const char c : field.value) require(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16 * 1024) return 0;
  // The first byte chooses where the input is cut in two.
  const std::size_t cut = 1 + data[0] * (size - 1) / 256;
  const auto copy = std::make_unique<char[]>(size);
  std::memcpy(copy.get(), data, size);
  const std::string_view buffer(copy.get() + 1, size - 1);

  const std::size_t end = find_head_end(buffer, 0);
  const std::size_t first = find_head_end(buffer.substr(0, cut - 1), 0);
  require(end == (first != 0 ? first : find_head_end(buffer, cut - 1)));
  if (end == 0) {
    (void)hopeless_request(buffer);
    return 0;
  }
  std::string escaped(buffer.substr(0, end));
  if (escape_target(escaped).ok()) {
    std::string again = escaped;
    require(escape_target(again).ok() && again == escaped);
    RequestHead parsed;
    // What passes as it came passes unchanged: only what would be refused is rewritten.
    if (parse_request_head(buffer.substr(0, end), parsed).ok()) require(escaped == buffer.substr(0, end));
  }
  const auto head_bytes = std::make_unique<char[]>(end);
  std::memcpy(head_bytes.get(), buffer.data(), end);
  RequestHead head;
  if (const auto parsed = parse_request_head({head_bytes.get(), end}, head); parsed.failed()) {
    require(parsed.error().status >= 400 && !parsed.error().what.empty());
    const std::string host = host_of_refused({head_bytes.get(), end});
    Url read;
    require(host.empty() ||
            read.parse("http://" + (host.find(':') == host.npos ? host : "[" + host + "]") + "/").ok());
    return 0;
  }
  require(!hopeless_request(buffer.substr(0, end)));  // never refuses early what passes
  (void)wants_page(head);
  Url url;
  if (head.form == RequestHead::Form::absolute && url.parse(head.target).ok()) check_written(head, url);
  if (head.form == RequestHead::Form::origin && url.parse("http://a.vn" + std::string(head.target)).ok())
    check_written(head, url);
  return 0;
}
