// Responses, head and body: any split of the bytes gives the same answer; what passes is written in a form
// that passes again with the same end of the body.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "proxy/core/http/body.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

struct Body {
  std::string payload;
  std::size_t consumed = 0;
  BodyReader::Status end = BodyReader::Status::need_more;
  bool proper_end = false;
};

Body read_body(const ResponseHead& head, std::string_view bytes, std::size_t cut) {
  BodyReader reader;
  reader.start(head.framing, head.content_length, true);
  Body body;
  for (std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    for (bool more = true; more;) {
      const auto copy = std::make_unique<char[]>(piece.size());  // exact size: ASan sees over-reads
      std::memcpy(copy.get(), piece.data(), piece.size());
      const auto step = reader.next({copy.get(), piece.size()});
      require(step.consumed <= piece.size());
      body.payload += step.payload;
      body.consumed += step.consumed;
      piece.remove_prefix(step.consumed);
      body.end = step.status;
      more = step.status == BodyReader::Status::payload;
      require(!more || step.consumed > 0);
    }
    if (body.end != BodyReader::Status::need_more) break;
  }
  body.proper_end = reader.finish_at_eof();
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 16 * 1024) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const char* const methods[] = {"GET", "HEAD", "POST", "CONNECT"};
  const std::string_view method = methods[data[0] & 3];
  const bool asked_websocket = (data[0] & 4) != 0;

  const std::size_t end = find_head_end(bytes, 0);
  if (end == 0) return 0;
  std::string text(bytes.substr(0, end));
  ResponseHead head;
  if (const auto parsed = parse_response_head(text, method, head, asked_websocket); parsed.failed()) {
    require(parsed.error().status == 502 && !parsed.error().what.empty());
    return 0;
  }
  require(text.size() == end);
  const std::string_view rest = bytes.substr(end);
  const Body whole = read_body(head, rest, rest.size());
  const Body split = read_body(head, rest, data[1] * rest.size() / 256);
  require(whole.payload == split.payload && whole.proper_end == split.proper_end);
  require(whole.end == BodyReader::Status::bad || whole.consumed == split.consumed);
  require((whole.end == BodyReader::Status::bad) == (split.end == BodyReader::Status::bad));
  if (head.framing == Framing::none) require(whole.payload.empty());
  if (head.framing == Framing::length) require(whole.payload.size() <= head.content_length);

  std::string once;
  write_response_head(head, "gate", "now", true, true, once);
  ResponseHead again;
  require(parse_response_head(once, method, again, asked_websocket, max_written_fields).ok());
  require(again.status == head.status && again.interim == head.interim &&
          again.keep_length == head.keep_length);
  const Framing expected = head.framing == Framing::until_close ? Framing::chunked : head.framing;
  require(again.framing == expected && again.framing != Framing::until_close);
  if (head.framing == Framing::length) require(again.content_length == head.content_length);
  for (const HeaderField& field : again.fields) {
    require(field.kind != FieldKind::hop_by_hop && field.kind != FieldKind::alt_svc);
    for (const char c : field.value) require(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
  }
  return 0;
}
