// Session: HTTP/2 on a connection that we opened. Each of its streams is served by a Session of its own,
// which judges, forwards, answers and logs it as it would a request in HTTP/1.1.
#include <utility>

#include "proxy/io/h2/h2_connection.h"
#include "proxy/io/session/points_at.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr std::chrono::seconds goodbye_time{2};

}  // namespace

class Session::StreamHost final : public H2Connection::Host {
 public:
  explicit StreamHost(Session& session) : session_(session) {}

  // A stream counts as a connection while it is served.
  bool open(H2Stream& stream) override {
    Worker& worker = session_.worker_;
    ClientInfo info = session_.info_;
    session_.patience_.note_moved();
    info.entry = worker.take_place(info.address, info.shared).entry;
    if (info.entry == nullptr) return false;
    worker.mutable_counters().connections.add();
    ++session_.requests_inside_;
    session_.patience_.rest();
    try {
      asio::post(worker.executor(), [this, &worker, &stream, info] { begin(worker, stream, info); });
    } catch (...) {  // no memory
      worker.give_place_back(info.address, info.entry, nullptr);
      return false;
    }
    return true;
  }

  void abandon(H2Stream& stream) override {
    if (stream.session == nullptr) return;
    if (session_.is_shut_down()) stream.session->leaving_ = Leaving::now;
    stream.session->abandon();
  }

  // What a client says without asking for anything does not keep its connection open.
  void on_idle() override {
    if (goodbye_) return;
    if (session_.leaving()) session_.h2_->drain();
    session_.patience_.arm(Wait::next_stream, session_.worker_.config().timeouts.keep_alive);
  }

  void on_goodbye() override {
    goodbye_ = true;
    session_.patience_.arm(Wait::linger, goodbye_time);
  }

  void begin(Worker& worker, H2Stream& stream, const ClientInfo& info) noexcept {
    Ended ended(session_, worker, stream);
    try {
      asio::co_spawn(worker.executor(), Session::serve_stream(session_, stream, info), std::move(ended));
    } catch (...) {  // it has not begun
      worker.give_place_back(info.address, info.entry, nullptr);
      worker.note_failure(std::current_exception());
    }
  }

  [[nodiscard]] bool said_goodbye() const noexcept { return goodbye_; }

 private:
  // What comes after a stream's coroutine: called at its end, or only destroyed where Asio, out of memory,
  // takes the coroutine down.
  class Ended {
   public:
    Ended(Session& session, Worker& worker, H2Stream& stream) noexcept
        : session_(&session), worker_(&worker), stream_(&stream) {}
    Ended(Ended&& other) noexcept
        : session_(std::exchange(other.session_, nullptr)), worker_(other.worker_), stream_(other.stream_) {}
    Ended& operator=(Ended&&) = delete;
    ~Ended() { serve_end(); }
    void operator()(std::exception_ptr failure) {
      worker_->note_failure(std::move(failure));
      serve_end();
    }

   private:
    void serve_end() {
      if (Session* const session = std::exchange(session_, nullptr)) session->h2_->served(*stream_);
    }
    Session* session_;
    Worker* worker_;
    H2Stream* stream_;
  };

  Session& session_;
  bool goodbye_ = false;
};

Task<void> Session::serve_h2() {
  H2Limits limits;
  limits.head_bytes = worker_.config().limits.head_bytes;
  StreamHost host(*this);
  H2Connection connection(client_, worker_.executor(), worker_.buffers, host, limits);
  {
    const PointsAt speaking(h2_, connection);
    host.on_idle();
    Task<void> running = connection.run();
    co_await std::move(running);
  }
  if (host.said_goodbye()) co_await linger();
}

// One request, from its head, which is there in whole, to the last byte of its answer.
Task<void> Session::serve_stream(Session& connection, H2Stream& stream, ClientInfo info) {
  Session session(connection.worker_, Stream(stream.pipe, connection.worker_.executor()), info);
  session.opened_ = Opened::inspect;
  session.patience_.ride_on(connection.seat_);
  if (stream.pipe.peer_gone()) session.peer_ = Peer::took_back;
  const PointsAt serving(stream.session, session);
  {
    ExchangeLease lease(session.worker_.exchanges);
    if (stream.head_read().failed()) {
      const HeadError error = stream.head_read().error();
      co_await session.refuse_stream(*lease, error, connection.authority_.get());
    } else {
      session.in_.append(stream.head_text());
      co_await session.exchange(*lease, connection.authority_.get());
    }
    // In HTTP/1.1 such a request costs its sender the connection.
    if ((stream.head_read().failed() || (*lease).is_too_many()) && connection.h2_ != nullptr)
      connection.h2_->note_fault();
  }
  co_await session.hand_over();
  error_code ignored;
  session.client_.close(ignored);
}

// A head that is none: its answer, and its row.
Task<Session::Next> Session::refuse_stream(Exchange& x, HeadError error, const Url* authority) {
  begin(x);
  const Finish finish{*this, x};
  worker_.mutable_counters().requests.add();
  static_cast<void>(take_turn(x));
  if (x.is_too_many()) co_return co_await answer_too_many(x);
  x.detail = error.what;
  const std::string_view no_head;
  read_refused_host(x, no_head, authority);
  co_return co_await refuse(x, page_of(error), error.status, error.what);
}

// The client takes the end of the answer no slower than its middle.
Task<void> Session::hand_over() {
  H2Pipe& pipe = *client_.pipe();
  if (pipe.will_reset()) co_return;
  patience_.arm(Wait::body, worker_.config().timeouts.body);
  for (std::size_t before = pipe.unsent(); before > 0 && !patience_.expired(); before = pipe.unsent()) {
    const auto [waited] = co_await pipe.async_drained();
    if (waited || !moved(before - pipe.unsent())) break;
  }
  if (pipe.unsent() > 0) client_.reset_on_close();
}

// The client has taken this request back: what it waits for ends now.
void Session::abandon() noexcept {
  peer_ = Peer::took_back;
  stop_waiting();
}

}  // namespace schoolgate
