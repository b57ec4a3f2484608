// The first flight of a TLS client, read without decrypting (RFC 8446 4.1.2, RFC 6066 3, RFC 5246;
// draft-ietf-tls-esni).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

inline constexpr std::size_t tls_record_header = 5;  // bytes (RFC 8446 5.1)

struct ClientHello {
  std::uint8_t names = 0;  // host_name entries over all server_name extensions; 255 = more
  std::string name;        // the first, raw bytes
  bool duplicate_extension = false;
  bool ech = false;  // encrypted_client_hello (0xfe0d) present, GREASE or not
  bool alpn_h2 = false, alpn_http11 = false;
  std::size_t size = 0;  // of the records that hold it; more may follow
};

// Reassembles the handshake message over records of any size. Feed the bytes of the tunnel from its start,
// growing; at most max_bytes are ever needed.
enum class HelloStatus : std::uint8_t { need_more, ok, not_tls, bad };
inline constexpr std::size_t max_hello_bytes = 32 * 1024;
[[nodiscard]] HelloStatus parse_client_hello(std::string_view bytes, ClientHello& out);

}  // namespace schoolgate
