// ClientHello: an answer once given does not change when more bytes come; the same message cut into other
// records says the same.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "proxy/core/tls/client_hello.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

bool same(const ClientHello& a, const ClientHello& b) {
  return a.names == b.names && a.name == b.name && a.duplicate_extension == b.duplicate_extension &&
         a.ech == b.ech && a.alpn_h2 == b.alpn_h2 && a.alpn_http11 == b.alpn_http11;
}

HelloStatus parse(std::string_view bytes, ClientHello& out) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  return parse_client_hello({copy.get(), bytes.size()}, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 40 * 1024) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  ClientHello whole, part;
  const HelloStatus status = parse(bytes, whole);
  const HelloStatus before = parse(bytes.substr(0, data[0] * bytes.size() / 256), part);
  if (before != HelloStatus::need_more) {
    require(before == status);
    if (before == HelloStatus::ok) require(same(whole, part));
  }
  if (bytes.size() >= max_hello_bytes) require(status != HelloStatus::need_more);
  if (status != HelloStatus::ok || bytes.size() < 5) return 0;

  // Put the message together again and cut it into records of another size.
  std::string message;
  for (std::size_t at = 0; at + 5 <= bytes.size() && bytes[at] == 0x16;) {
    const std::size_t length = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at + 3])) << 8 |
                               static_cast<std::uint8_t>(bytes[at + 4]);
    message += bytes.substr(at + 5, length);
    at += 5 + length;
    if (message.size() < 4) continue;
    const std::size_t wanted = 4 + (static_cast<std::size_t>(static_cast<std::uint8_t>(message[1])) << 16 |
                                    static_cast<std::size_t>(static_cast<std::uint8_t>(message[2])) << 8 |
                                    static_cast<std::uint8_t>(message[3]));
    if (message.size() >= wanted) break;
  }
  const std::size_t piece = 1 + data[1];
  if (message.size() + message.size() / piece * 5 + 5 > max_hello_bytes) return 0;
  std::string cut;
  for (std::size_t at = 0; at < message.size(); at += piece) {
    const std::string_view part_of = std::string_view(message).substr(at, piece);
    cut += {'\x16', '\x03', '\x01', static_cast<char>(part_of.size() >> 8),
            static_cast<char>(part_of.size() & 0xff)};
    cut += part_of;
  }
  ClientHello again;
  require(parse(cut, again) == HelloStatus::ok && same(whole, again));
  return 0;
}
