// Session: connections that we answer in TLS ourselves, as the host the client asked for.
#include <ctime>

#include "proxy/core/privacy.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/session.h"
#include "proxy/io/tls/tls_material.h"

namespace schoolgate {

// A TLS handshake as `name`, whose first bytes are in in_; authority_ is then that name. False: no
// certificate may be made for that name, or the client does not want to: it does not trust the school's
// authority, or has gone.
Task<bool> Session::open_client(std::string name, std::uint16_t port, bool offer_h2) {
  TlsContexts* const tls = worker_.tls();
  if (tls == nullptr) co_return false;
  SslPtr ssl = tls->accept(name, std::time(nullptr), offer_h2);
  if (ssl == nullptr) co_return false;
  patience_.arm(Wait::handshake, worker_.config().timeouts.hello);
  Task<TlsStream::Status> starting = client_.start_tls(std::move(ssl), in_.view());
  const TlsStream::Status status = co_await std::move(starting);
  in_.drop();
  if (status == TlsStream::Status::done)
    worker_.shared.certificate_refusals.accepted(info_.address);
  else if (client_.tls() != nullptr && client_.tls()->certificate_refused())
    worker_.shared.certificate_refusals.refused(info_.address, wall_clock_ms());
  authority_ = std::make_unique<Url>();
  co_return status == TlsStream::Status::done &&
      authority_->parse_authority(name + ":" + std::to_string(port)).ok();
}

// https://schoolgate.internal/: the same pages as over http. Judged by nobody, and so written by nobody but
// request by request.
Task<void> Session::serve_own_pages() {
  origin_.close(false);
  const std::string name(own_host);
  const bool open = co_await open_client(name, 443, false);
  if (!open) co_return;
  opened_ = Opened::own;
  co_await exchange_loop(authority_.get());
}

// What is blocked, or warned about, is answered with its page: the requests in the tunnel are judged as the
// tunnel was, and nobody upstream is asked anything. Each answer closes the connection, so that the next
// request comes with a CONNECT that is judged anew. `row` is the tunnel's; it is written when no request came
// that has a row of its own: from a device that does not trust the school's authority.
Task<void> Session::show_page_inside(LogRecord row) {
  origin_.close(false);
  const bool open = co_await open_client(row.host, row.port, false);
  if (open) {
    worker_.mutable_counters().tls_opened.add();
    opened_ = Opened::page;
    co_await exchange_loop(authority_.get());
  }
  if (requests_inside_ > 0) co_return;
  row.part = LogRecord::Part::exchange;
  row.ended = Ended::blocked;
  worker_.mutable_counters().blocked.add(is_ordinary(row) ? 1 : 0);
  note_blocked(row);
  log_row(std::move(row), true);
}

// The tier inspects: every request inside is judged as a whole URL and sent on by the code that serves plain
// HTTP. `row` is the tunnel's; it is written when no request came. True: a WebSocket was opened inside, and
// from here bytes only pass.
Task<bool> Session::inspect(LogRecord row) {
  origin_.close(false);
  origin_.drop();
  bool open = co_await open_client(row.host, row.port, true);
  const bool outdated = open && tunnel_->epoch() != worker_.epoch();  // judged by another policy or hour
  open = open && !outdated;
  Next next = Next::close;
  if (open) {
    worker_.mutable_counters().tls_opened.add();
    opened_ = Opened::inspect;
  }
  if (open && client_.tls()->speaks_h2()) {
    co_await serve_h2();
  } else if (open) {
    next = co_await exchange_loop(authority_.get());
  }
  if (requests_inside_ == 0) {
    const bool refused = client_.tls() != nullptr && client_.tls()->certificate_refused();
    row.part = LogRecord::Part::exchange;
    row.ended = open                  ? Ended::done
                : outdated            ? Ended::policy_changed
                : refused             ? Ended::certificate_refused
                : is_shut_down()      ? ended_by_us()
                : patience_.expired() ? Ended::timed_out
                                      : Ended::client_gone;
    log_row(std::move(row), true);
  }
  co_return next == Next::pass_through;
}

}  // namespace schoolgate
