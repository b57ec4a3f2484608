// One request and its response in memory: what stands where a client's socket would, for a Session that
// serves one HTTP/2 stream. Both sides speak HTTP/1.1 here; HTTP/2 begins behind it.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "proxy/io/net/asio.h"
#include "proxy/io/net/buffer.h"
#include "proxy/io/net/event.h"
#include "proxy/io/net/net.h"

namespace schoolgate {

// Bounded both ways: what comes in by the window the client was given, which only opens as the session reads;
// what goes out by `capacity`, which only empties as the client's window allows; before that by what a head
// may be, which is taken as a whole. One thread; the session may wait for one read and one write at a time.
class H2Pipe {
 public:
  // Who holds the other side. Called from inside the session's reads and writes.
  class Peer {
   public:
    virtual void on_taken(
        std::size_t payload) = 0;   // the session has read, or thrown away, so much of the body
    virtual void on_written() = 0;  // more output, or its end
   protected:
    ~Peer() = default;
  };
  using ReadDone = std::tuple<error_code, std::size_t>;
  using WaitDone = std::tuple<error_code>;
  static constexpr std::size_t capacity = BufferPool::large;

  // `head_room`: the largest response head, as it is written.
  H2Pipe(Executor executor, BufferPool& pool, Peer& peer, std::size_t head_room = capacity)
      : peer_(peer),
        room_(std::max(capacity, head_room)),
        in_(pool),
        out_(pool),
        readable_(executor),
        writable_(executor) {}

  // --- the session's side: as a Stream ---
  enum class Read : std::uint8_t { some, again, end, failed };
  [[nodiscard]] Read read(char* to, std::size_t size, std::size_t& got);
  [[nodiscard]] WriteResult write(std::span<const iovec> parts);
  [[nodiscard]] Task<ReadDone> async_read_some(asio::mutable_buffer space);
  [[nodiscard]] Task<WaitDone> async_wait(Socket::wait_type what);
  [[nodiscard]] Task<WaitDone> async_drained();  // until the client was sent more of it, or all
  void cancel() noexcept;
  void finish_writing() noexcept;
  void close() noexcept;
  void reset_on_close() noexcept { reset_ = true; }
  [[nodiscard]] bool will_reset() const noexcept { return reset_; }
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] bool peer_gone() const noexcept { return peer_gone_; }
  [[nodiscard]] std::size_t unsent() const noexcept { return out_.size(); }

  // --- the connection's side ---
  // The body comes in chunks, whose framing is added when the session reads: one chunk for all that is there.
  void set_chunked() noexcept { chunked_ = true; }
  void feed(std::string_view payload);
  void feed_end() noexcept;
  void lose_peer() noexcept;  // reset, or the connection is gone: reads and writes fail from now on
  // Payload that nobody will read any more; it is forgotten.
  [[nodiscard]] std::size_t drop_input() noexcept;
  [[nodiscard]] std::string_view output() const noexcept { return out_.view(); }
  void consume_output(std::size_t bytes) noexcept;
  // The head is taken: from here on it is a body.
  void end_head() noexcept { room_ = capacity; }
  // No more is taken before something is consumed.
  [[nodiscard]] bool is_full() const noexcept { return out_.size() >= room_; }
  [[nodiscard]] bool finished_writing() const noexcept { return finished_; }
  [[nodiscard]] bool was_reset() const noexcept { return reset_ && !open_; }

 private:
  [[nodiscard]] Task<WaitDone> wait_for(Signal& signal, bool& cancelled);
  [[nodiscard]] bool next_framing();

  Peer& peer_;
  std::size_t room_;  // for what goes out
  Buffer in_, out_;   // payload of the body; HTTP/1.1 bytes of the response
  Signal readable_, writable_;
  std::string framing_;  // of chunks: to be read before more payload
  std::size_t framing_taken_ = 0, chunk_left_ = 0;
  bool chunked_ = false, ended_ = false, last_chunk_ = false;  // of the body
  bool open_ = true, finished_ = false, reset_ = false;        // the session's doing
  bool peer_gone_ = false;
  bool read_cancelled_ = false, write_cancelled_ = false;
};

}  // namespace schoolgate
