#include "proxy/core/tls/hello_retry.h"

#include <algorithm>

#include "proxy/core/tls/client_hello.h"

namespace schoolgate {
namespace {

// Types of records: from change_cipher_spec to heartbeat (RFC 8446 B.1, RFC 6520), and of handshake messages
// (RFC 8446 B.3).
constexpr char first_type = 20, handshake = 22, last_type = 24;
constexpr char server_hello = 2;
constexpr std::size_t message_header = 4, version = 2;
// By its random a ServerHello says that it is a HelloRetryRequest (RFC 8446 4.1.3).
constexpr std::string_view retry_random =
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
    "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
constexpr std::size_t random_at = tls_record_header + message_header + version;
constexpr std::size_t enough = random_at + retry_random.size();

std::size_t size_of_record(std::string_view header) noexcept {
  const auto high = static_cast<std::uint8_t>(header[3]), low = static_cast<std::uint8_t>(header[4]);
  return tls_record_header + (static_cast<std::size_t>(high) << 8) + low;
}

}  // namespace

void HelloRetry::server_said(std::string_view bytes) {
  if (asked_ || settled_) return;
  start_ += bytes.substr(0, enough - start_.size());
  const bool other = (!start_.empty() && start_[0] != handshake) ||
                     (start_.size() > tls_record_header && start_[tls_record_header] != server_hello);
  if (!other && start_.size() < enough) return;
  asked_ = !other && std::string_view(start_).substr(random_at) == retry_random;
  settled_ = !asked_;
}

bool HelloRetry::client_said(std::string_view bytes) {
  said_.erase(0, passed_);
  said_ += bytes;
  passed_ = 0;
  while (!settled_) {
    const std::size_t skipped = std::min(to_skip_, said_.size() - passed_);
    passed_ += skipped;
    to_skip_ -= skipped;
    const std::string_view rest = std::string_view(said_).substr(passed_);
    if (rest.empty()) return true;
    if (rest[0] < first_type || rest[0] > last_type) {
      settled_ = true;  // no TLS: no server goes on with a handshake after it
    } else if (rest[0] != handshake) {
      if (rest.size() < tls_record_header) return true;
      to_skip_ = size_of_record(rest);  // early data (RFC 8446 4.2.10) and whatever a server may ignore
    } else {
      ClientHello hello;
      const HelloStatus status = parse_client_hello(rest, hello);
      if (status == HelloStatus::need_more) return true;  // up to max_hello_bytes
      if (status != HelloStatus::ok || hello.names != names_ || hello.name != name_) return false;
      passed_ += hello.size;
      settled_ = asked_;
    }
  }
  passed_ = said_.size();
  return true;
}

}  // namespace schoolgate
