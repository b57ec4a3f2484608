// H2Connection: the life of the connection and of its streams.
#include "proxy/io/h2/h2_connection.h"

#include <utility>

namespace schoolgate {
namespace {

constexpr int reads_per_turn = 16;
// Frames that make up a TLS record; with the last of them they fit a large block.
constexpr std::size_t batch_bytes = 15 * 1024;

}  // namespace

H2Connection::H2Connection(Stream& client, Executor executor, BufferPool& pool, Host& host,
                           const H2Limits& limits)
    : client_(client),
      executor_(executor),
      pool_(pool),
      host_(host),
      limits_(limits),
      output_(executor),
      ended_(executor),
      faults_left_(limits.faults),
      faults_since_(std::chrono::steady_clock::now()) {
  start_session();
}

H2Connection::~H2Connection() = default;

// The Session whose read or write this is in may be where nothing can be thrown: what fails ends the
// connection.
void H2Stream::on_taken(std::size_t payload) {
  try {
    connection_.credit(*this, payload);
  } catch (...) {
    connection_.fail();
  }
}

void H2Stream::on_written() {
  try {
    connection_.advance(*this);
  } catch (...) {
    connection_.fail();
  }
}

// Both directions beside each other; the end of either ends the other.
Task<void> H2Connection::run() {
  using asio::experimental::awaitable_operators::operator&&;
  Task<void> reading = guarded(read_loop());
  Task<void> writing = guarded(write_loop());
  Task<void> both = std::move(reading) && std::move(writing);
  co_await std::move(both);
  lose_client();
  while (serving_ > 0) {
    if (!ended_.ready()) co_await ended_.wait();
    ended_.clear();
  }
  if (failure_) std::rethrow_exception(failure_);
}

// A bug of ours, or no memory: the streams that are open refer to us, and must end first.
Task<void> H2Connection::guarded(Task<void> loop) {
  try {
    co_await std::move(loop);
  } catch (...) {
    fail();
  }
}

void H2Connection::fail() {
  failure_ = std::current_exception();
  lost_ = true;
  output_.notify();
  error_code ignored;
  client_.cancel(ignored);
}

bool H2Connection::over() const noexcept {
  return lost_ ||
         (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0);
}

// What is idle holds no buffer. It cannot outrun the sessions: meanwhile their windows do not open.
Task<void> H2Connection::read_loop() {
  Buffer in(pool_);
  for (int turn = 1; !over() && client_.is_open(); ++turn) {
    const asio::mutable_buffer space = in.prepare(1, BufferPool::large);
    std::size_t got = 0;
    const Stream::Read read = client_.try_read(static_cast<char*>(space.data()), space.size(), got);
    if (read == Stream::Read::some) {
      receive({static_cast<const char*>(space.data()), got});
      settle();
      if (terminated_) break;
      if (turn % reads_per_turn == 0) {
        const asio::use_awaitable_t<Executor> token{};
        co_await asio::post(executor_, token);
      }
      continue;
    }
    in.drop();
    if (read != Stream::Read::again) break;
    const auto [waited] = co_await client_.async_wait(Socket::wait_read, use_result);
    if (waited) break;
  }
  // Unless a goodbye of ours is on its way.
  if (!terminated_) lost_ = true;
  output_.notify();
}

void H2Connection::receive(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  output_.notify();
  if (taken >= 0) return;
  const bool flood = taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
  terminate(flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
}

Task<void> H2Connection::write_loop() {
  Buffer out(pool_);
  while (!lost_ && client_.is_open()) {
    while (out.size() < batch_bytes) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
      if (size < 0) lost_ = true;
      if (size <= 0) break;
      if (out.empty()) static_cast<void>(out.prepare(1, BufferPool::large));
      out.append({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    }
    settle();
    if (out.empty()) {
      if (over()) break;
      out.drop();
      if (!output_.ready()) co_await output_.wait();
      output_.clear();
      continue;
    }
    const iovec part = io_part(out.view());
    const WriteResult sent = client_.try_write({&part, 1});
    if (sent.error != 0) break;
    out.consume(sent.bytes);
    if (out.empty()) continue;
    const auto [waited] = co_await client_.async_wait(Socket::wait_write, use_result);
    if (waited) break;
  }
  lost_ = true;
  error_code ignored;
  if (client_.is_open()) client_.cancel(ignored);
}

// What nghttp2 told while it was at work, where nothing may be begun or ended.
void H2Connection::settle() {
  while (!touched_.empty()) {
    const std::vector<std::int32_t> ids = std::exchange(touched_, {});
    for (const std::int32_t id : ids)
      if (H2Stream* const stream = find(id)) settle(*stream);
  }
}

void H2Connection::settle(H2Stream& stream) {
  if (stream.head_done_ && !stream.opened_ && !stream.closed_) {
    const bool room = host_.open(stream);
    stream.opened_ = true;
    if (room) {
      ++serving_;
    } else {
      stream.served_ = true;
      reset(stream, NGHTTP2_REFUSED_STREAM);
    }
    return;
  }
  if (!stream.closed_) return;
  if (stream.served_ || !stream.opened_) {
    streams_.erase(stream.id_);
  } else if (!std::exchange(stream.abandoned_, true)) {
    stream.pipe.lose_peer();
    if (!stream.response_ended_) host_.abandon(stream);  // it may be served, and gone, at once
  }
}

void H2Connection::served(H2Stream& stream) {
  stream.session = nullptr;
  stream.served_ = true;
  stream.pipe.close();
  try {
    touched_.push_back(stream.id_);
    settle();
  } catch (...) {
    fail();
  }
  output_.notify();
  if (--serving_ > 0) return;
  ended_.notify();
  host_.on_idle();
}

// Takes no memory: what is being served refers to us.
void H2Connection::lose_client() {
  lost_ = true;
  for (bool again = true; again;) {
    again = false;
    for (auto& [id, stream] : streams_) {
      if (stream->closed_ && stream->abandoned_) continue;
      stream->closed_ = again = true;
      settle(*stream);  // may forget it, and others
      break;
    }
  }
}

void H2Connection::drain() {
  const std::int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
  output_.notify();
}

void H2Connection::terminate(std::uint32_t error) {
  if (std::exchange(terminated_, true)) return;
  nghttp2_session_terminate_session(session_.get(), error);
  output_.notify();
  host_.on_goodbye();
}

// The client's windows open by what was taken; nghttp2 gathers it into frames.
void H2Connection::credit(const H2Stream& stream, std::size_t payload) {
  if (stream.closed_)
    nghttp2_session_consume_connection(session_.get(), payload);
  else
    nghttp2_session_consume(session_.get(), stream.id_, payload);
  output_.notify();
}

}  // namespace schoolgate
