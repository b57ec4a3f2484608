#include "proxy/core/tls/client_hello.h"

#include <algorithm>
#include <bitset>

namespace schoolgate {

namespace {

constexpr std::uint8_t record_handshake = 22, handshake_client_hello = 1, tls_major = 3, newest_minor = 4;
constexpr std::size_t handshake_header = 4, max_record = 16 * 1024;
constexpr std::uint16_t ext_server_name = 0, ext_alpn = 16, ext_ech = 0xfe0d;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::size_t u16_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::size_t>(byte_at(bytes, at)) << 8 | byte_at(bytes, at + 1);
}

// Takes fixed numbers and length-prefixed vectors (RFC 8446 3.4) from the front. The first that does not fit
// makes good() false for ever and everything after it empty.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

  std::string_view bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::size_t number(std::size_t width) noexcept {
    std::size_t value = 0;
    for (const char c : bytes(width)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string_view vector(std::size_t width) noexcept { return bytes(number(width)); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// Letters of host names and of addresses. RFC 6066 3 wants A-labels: a name with any other byte would be read
// in one way here and in another there.
bool is_name_text(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  });
}

// This and those below fill a part of `out`. False: it is malformed.
// RFC 6066 3: a list of {type, name}; only host_name (0) was ever defined.
bool read_server_names(std::string_view data, ClientHello& out) {
  Cursor extension(data);
  Cursor list(extension.vector(2));
  if (!extension.good() || !extension.empty() || list.empty()) return false;
  while (!list.empty()) {
    const std::size_t type = list.number(1);
    const std::string_view name = list.vector(2);
    if (!list.good() || type != 0 || name.empty() || !is_name_text(name)) return false;
    if (out.names == 0) out.name = name;
    if (out.names < 255) ++out.names;
  }
  return true;
}

bool read_alpn(std::string_view data, ClientHello& out) {
  Cursor extension(data);
  Cursor list(extension.vector(2));
  if (!extension.good() || !extension.empty() || list.empty()) return false;
  while (!list.empty()) {
    const std::string_view protocol = list.vector(1);
    if (!list.good() || protocol.empty()) return false;
    if (protocol == "h2") out.alpn_h2 = true;
    if (protocol == "http/1.1") out.alpn_http11 = true;
  }
  return true;
}

bool read_extensions(Cursor& list, ClientHello& out) {
  std::bitset<0x10000> met;
  while (!list.empty()) {
    const std::size_t type = list.number(2);
    const std::string_view data = list.vector(2);
    if (!list.good()) return false;
    if (met.test(type)) out.duplicate_extension = true;
    met.set(type);
    if (type == ext_server_name && !read_server_names(data, out)) return false;
    if (type == ext_alpn && !read_alpn(data, out)) return false;
    if (type == ext_ech) out.ech = true;
  }
  return true;
}

// The handshake message without its header (RFC 8446 4.1.2).
bool read_hello(std::string_view message, ClientHello& out) {
  Cursor hello(message);
  const std::size_t version = hello.number(2);
  hello.bytes(32);  // random
  const std::string_view session = hello.vector(1);
  const std::string_view suites = hello.vector(2);
  const std::string_view compressions = hello.vector(1);
  if (!hello.good() || version >> 8 != tls_major || (version & 0xff) > newest_minor) return false;
  if (session.size() > 32 || suites.size() < 2 || suites.size() % 2 != 0 || compressions.empty())
    return false;
  if (hello.empty()) return true;  // before TLS 1.2 extensions were optional
  Cursor list(hello.vector(2));
  return hello.good() && hello.empty() && read_extensions(list, out);
}

// What the header of the record at `at` says (RFC 8446 5.1). ok: it is whole, and the record may be read.
HelloStatus check_record(std::string_view rest, std::size_t at) noexcept {
  const HelloStatus otherwise = at == 0 ? HelloStatus::not_tls : HelloStatus::bad;
  if (byte_at(rest, 0) != record_handshake) return otherwise;
  if (rest.size() > 1 && byte_at(rest, 1) != tls_major) return otherwise;
  if (rest.size() > 2 && byte_at(rest, 2) > newest_minor) return HelloStatus::bad;
  if (rest.size() < tls_record_header) return HelloStatus::need_more;
  const std::size_t length = u16_at(rest, 3);
  if (length == 0 || length > max_record) return HelloStatus::bad;  // no empty fragments
  return at + tls_record_header + length > max_hello_bytes ? HelloStatus::bad : HelloStatus::ok;
}

}  // namespace

HelloStatus parse_client_hello(std::string_view bytes, ClientHello& out) {
  out = ClientHello{};
  std::string message;  // the handshake message, its pieces put together
  std::size_t wanted = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view rest = bytes.substr(at);
    const HelloStatus record = check_record(rest, at);
    if (record == HelloStatus::need_more) break;
    if (record != HelloStatus::ok) return record;
    const std::size_t length = u16_at(rest, 3);
    message.append(rest.substr(tls_record_header, length));
    if (message.empty()) break;
    if (byte_at(message, 0) != handshake_client_hello) return HelloStatus::bad;
    if (wanted == 0 && message.size() >= handshake_header) {
      wanted = handshake_header + (static_cast<std::size_t>(byte_at(message, 1)) << 16 | u16_at(message, 2));
      if (wanted > max_hello_bytes) return HelloStatus::bad;
    }
    if (wanted != 0 && message.size() > wanted)
      return HelloStatus::bad;  // nothing may follow in the same record
    if (rest.size() < tls_record_header + length) break;
    out.size = at + tls_record_header + length;
    if (wanted != 0 && message.size() == wanted)
      return read_hello(std::string_view(message).substr(handshake_header), out) ? HelloStatus::ok
                                                                                 : HelloStatus::bad;
    at += tls_record_header + length;
  }
  return bytes.size() >= max_hello_bytes ? HelloStatus::bad : HelloStatus::need_more;
}

}  // namespace schoolgate
