#include "proxy/io/conn/h2_pipe.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proxy/core/http/body.h"

namespace schoolgate {

// What comes next of the coding around the payload. False: nothing for now.
bool H2Pipe::next_framing() {
  if (!chunked_ || chunk_left_ > 0) return false;
  framing_.clear();
  framing_taken_ = 0;
  if (!in_.empty()) {
    chunk_left_ = in_.size();
    write_chunk_head(chunk_left_, framing_);
    return true;
  }
  if (!ended_ || last_chunk_) return false;
  last_chunk_ = true;
  framing_ = last_chunk;
  return true;
}

H2Pipe::Read H2Pipe::read(char* to, std::size_t size, std::size_t& got) {
  got = 0;
  if (!open_ || peer_gone_) return Read::failed;
  if (finished_) return Read::end;
  std::size_t payload = 0;
  while (got < size) {
    if (framing_taken_ < framing_.size()) {
      const std::size_t count = framing_.copy(to + got, size - got, framing_taken_);
      framing_taken_ += count;
      got += count;
      continue;
    }
    if (next_framing()) continue;
    const std::size_t there = chunked_ ? chunk_left_ : in_.size();
    const std::size_t count = std::min(size - got, there);
    if (count == 0) break;
    std::memcpy(to + got, in_.view().data(), count);
    in_.consume(count);
    got += count;
    payload += count;
    if (!chunked_ || (chunk_left_ -= count) > 0) continue;
    framing_ = "\r\n";
    framing_taken_ = 0;
  }
  in_.drop_if_empty();
  if (payload > 0) peer_.on_taken(payload);
  if (got > 0) return Read::some;
  return ended_ ? Read::end : Read::again;
}

WriteResult H2Pipe::write(std::span<const iovec> parts) {
  if (!open_ || finished_ || peer_gone_) return {0, EPIPE};
  std::size_t written = 0;
  for (const iovec& part : parts) {
    const std::size_t count = std::min(part.iov_len, room_ - std::min(out_.size(), room_));
    if (count == 0) continue;
    const asio::mutable_buffer space = out_.prepare(count, capacity);
    std::memcpy(space.data(), part.iov_base, count);
    out_.commit(count);
    written += count;
  }
  if (written > 0) peer_.on_written();
  return {written, 0};
}

Task<H2Pipe::WaitDone> H2Pipe::wait_for(Signal& signal, bool& cancelled) {
  cancelled = false;
  if (!signal.ready()) co_await signal.wait();
  signal.clear();
  error_code error;
  if (cancelled || !open_) error = asio::error::operation_aborted;
  const WaitDone done(error);
  co_return done;
}

Task<H2Pipe::ReadDone> H2Pipe::async_read_some(asio::mutable_buffer space) {
  error_code error;
  std::size_t got = 0;
  for (;;) {
    const Read read_now = read(static_cast<char*>(space.data()), space.size(), got);
    if (read_now == Read::end) error = asio::error::eof;
    if (read_now == Read::failed) error = asio::error::connection_reset;
    if (read_now != Read::again) break;
    Task<WaitDone> waiting = wait_for(readable_, read_cancelled_);
    const auto [waited] = co_await std::move(waiting);
    error = waited;
    if (error) break;
  }
  const ReadDone done(error, got);
  co_return done;
}

Task<H2Pipe::WaitDone> H2Pipe::async_wait(Socket::wait_type what) {
  error_code error;
  while (!error && open_ && !peer_gone_) {
    if (what == Socket::wait_write ? !is_full() : !in_.empty() || ended_) break;
    const bool writing = what == Socket::wait_write;
    Task<WaitDone> waiting =
        wait_for(writing ? writable_ : readable_, writing ? write_cancelled_ : read_cancelled_);
    const auto [waited] = co_await std::move(waiting);
    error = waited;
  }
  if (!open_) error = asio::error::operation_aborted;
  const WaitDone done(error);
  co_return done;
}

Task<H2Pipe::WaitDone> H2Pipe::async_drained() {
  writable_.clear();
  if (out_.empty() || peer_gone_) co_return WaitDone();
  Task<WaitDone> waiting = wait_for(writable_, write_cancelled_);
  const auto [waited] = co_await std::move(waiting);
  const WaitDone done(waited);
  co_return done;
}

void H2Pipe::cancel() noexcept {
  read_cancelled_ = write_cancelled_ = true;
  readable_.notify();
  writable_.notify();
}

void H2Pipe::finish_writing() noexcept {
  if (std::exchange(finished_, true)) return;
  readable_.notify();
  peer_.on_written();
}

void H2Pipe::close() noexcept {
  if (!std::exchange(open_, false)) return;
  finished_ = true;
  cancel();
  if (const std::size_t left = drop_input(); left > 0) peer_.on_taken(left);
  peer_.on_written();
}

void H2Pipe::feed(std::string_view payload) {
  if (!open_ || finished_ || peer_gone_) return peer_.on_taken(payload.size());
  in_.append(payload);
  readable_.notify();
}

void H2Pipe::feed_end() noexcept {
  ended_ = true;
  readable_.notify();
}

void H2Pipe::lose_peer() noexcept {
  peer_gone_ = true;
  out_.drop();
  readable_.notify();
  writable_.notify();
}

std::size_t H2Pipe::drop_input() noexcept {
  const std::size_t left = in_.size();
  in_.drop();
  return left;
}

void H2Pipe::consume_output(std::size_t bytes) noexcept {
  if (bytes == 0) return;
  out_.consume(bytes);
  out_.drop_if_empty();
  writable_.notify();
}

}  // namespace schoolgate
