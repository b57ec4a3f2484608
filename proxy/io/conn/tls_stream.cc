#include "proxy/io/conn/tls_stream.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace schoolgate {
namespace {

// A BIO of our own: OpenSSL's writes without MSG_NOSIGNAL, and cannot begin with bytes that were read before.
int wire_read(BIO* bio, char* to, int size) {
  auto& wire = *static_cast<TlsStream::Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!wire.early.empty()) {
    const std::size_t count = std::min(static_cast<std::size_t>(size), wire.early.size() - wire.early_taken);
    std::memcpy(to, wire.early.data() + wire.early_taken, count);
    wire.early_taken += count;
    if (wire.early_taken == wire.early.size()) wire.early = {};
    return static_cast<int>(count);
  }
  for (;;) {
    const ssize_t got = ::recv(wire.fd, to, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got > 0) return static_cast<int>(got);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      BIO_set_retry_read(bio);
      return -1;
    }
    wire.ended = got == 0;
    return got == 0 ? 0 : -1;
  }
}

int wire_write(BIO* bio, const char* from, int size) {
  const auto& wire = *static_cast<TlsStream::Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const iovec part{const_cast<char*>(from), static_cast<std::size_t>(size)};
  const WriteResult sent = try_write(wire.fd, {&part, 1});
  if (sent.bytes > 0) return static_cast<int>(sent.bytes);
  if (sent.error == 0) BIO_set_retry_write(bio);
  return -1;
}

long wire_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<TlsStream::Wire*>(BIO_get_data(bio))->ended ? 1 : 0;
  return 0;
}

int wire_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "schoolgate socket");
    BIO_meth_set_read(made, wire_read);
    BIO_meth_set_write(made, wire_write);
    BIO_meth_set_ctrl(made, wire_control);
    BIO_meth_set_create(made, wire_create);
    return made;
  }();
  return method;
}

bool is_refusal(int reason) noexcept {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      return true;
    default:
      return false;
  }
}

}  // namespace

TlsStream::TlsStream(SslPtr ssl, int fd, std::string_view early) : ssl_(std::move(ssl)) {
  wire_.fd = fd;
  wire_.early = early;
  BIO* const bio = BIO_new(wire_method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &wire_);
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::Status TlsStream::status_of(int result) {
  if (result > 0) return Status::done;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Status::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Status::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Status::end;
    default:
      break;
  }
  usable_ = false;
  const unsigned long code = ERR_peek_error();
  certificate_refused_ = ERR_GET_LIB(code) == ERR_LIB_SSL && is_refusal(ERR_GET_REASON(code));
  protocol_refused_ =
      ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL;
  error_ = code == 0 ? "connection closed" : openssl_error();
  return Status::failed;
}

TlsStream::Status TlsStream::handshake() {
  if (!usable_) return Status::failed;
  ERR_clear_error();
  return status_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Status TlsStream::read(char* to, std::size_t size, std::size_t& got) {
  if (!usable_) return Status::failed;
  ERR_clear_error();
  return status_of(SSL_read_ex(ssl_.get(), to, size, &got));
}

WriteResult TlsStream::write(std::span<const iovec> parts) {
  WriteResult total;
  std::array<char, record_size> record;
  std::size_t inside = 0;  // of parts.front(): gone already
  while (!parts.empty()) {
    const iovec& first = parts.front();
    const char* from = static_cast<const char*>(first.iov_base) + inside;
    // A record at a time: given more, OpenSSL wants to see again what it took of it without saying so.
    std::size_t size = std::min(first.iov_len - inside, record.size());
    if (size < record.size() && parts.size() > 1) {
      std::memcpy(record.data(), from, size);
      for (const iovec& next : parts.subspan(1)) {
        const std::size_t room = std::min(next.iov_len, record.size() - size);
        std::memcpy(record.data() + size, next.iov_base, room);
        size += room;
      }
      from = record.data();
    }
    std::size_t sent = 0;
    if (size > 0) {
      if (!usable_) return {total.bytes, EPIPE};
      ERR_clear_error();
      const Status status = status_of(SSL_write_ex(ssl_.get(), from, size, &sent));
      if (status == Status::want_read || status == Status::want_write) return total;
      if (status != Status::done) return {total.bytes, EPIPE};
    }
    total.bytes += sent;
    inside += sent;
    while (!parts.empty() && inside >= parts.front().iov_len) {
      inside -= parts.front().iov_len;
      parts = parts.subspan(1);
    }
  }
  return total;
}

bool TlsStream::speaks_h2() const noexcept {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return size == 2 && name[0] == 'h' && name[1] == '2';
}

void TlsStream::say_goodbye() noexcept {
  if (!usable_ || wire_.fd < 0 || SSL_in_init(ssl_.get()) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace schoolgate
