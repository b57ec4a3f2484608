// HTTP/2 towards one client (RFC 9113), over nghttp2: frames, HPACK, windows. Each stream becomes an H2Pipe
// and the text of an HTTP/1.1 head; who serves it is the Host's affair.
#pragma once

#include <nghttp2/nghttp2.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/core/http/h2_request.h"
#include "proxy/core/http/h2_response.h"
#include "proxy/io/conn/h2_pipe.h"
#include "proxy/io/conn/stream.h"
#include "rules/result.h"

namespace schoolgate {

class H2Connection;
class Session;

// How much longer than an origin's head ours to the client may be: a blank after each name's colon, Date, Via
// and what speaks of framing and connection.
inline constexpr std::size_t max_head_growth = 4 * 1024;

// What one client may make us hold and do. proxy/io/h2/README.md has the table.
struct H2Limits {
  std::uint32_t streams = 100;  // at a time
  std::size_t head_bytes = 64 * 1024;
  std::int32_t window = 64 * 1024 - 1;           // of a stream: payload that nobody has read yet
  std::int32_t connection_window = 1024 * 1024;  // of all streams together
  std::uint32_t faults = 200;                    // requests taken back, and frames that are wrong: at once,
  std::uint32_t faults_per_second = 50;          // and regained
};

// One stream. It lives until both its Session and nghttp2 are done with it.
class H2Stream final : private H2Pipe::Peer {
 public:
  H2Stream(H2Connection& connection, std::int32_t id, Executor executor, BufferPool& pool,
           std::size_t head_limit)
      : pipe(executor, pool, *this, head_limit + max_head_growth),
        connection_(connection),
        id_(id),
        head_(head_limit) {}

  H2Pipe pipe;
  Session* session = nullptr;  // while one serves it
  // The HTTP/1.1 head, or why there is none.
  [[nodiscard]] const std::string& head_text() const noexcept { return head_.text(); }
  [[nodiscard]] const Result<void, HeadError>& head_read() const noexcept { return head_read_; }

 private:
  friend class H2Connection;
  void on_taken(std::size_t payload) override;
  void on_written() override;

  H2Connection& connection_;
  std::int32_t id_;
  H2RequestHead head_;
  Result<void, HeadError> head_read_;
  std::optional<H2ResponseReader> response_;
  std::uint64_t body_ = 0;  // bytes received
  std::size_t trailer_size_ = 0;
  bool head_done_ = false, bad_trailer_ = false, request_ended_ = false;
  bool head_sent_ = false, response_ended_ = false;
  bool opened_ = false, abandoned_ = false, served_ = false;  // what the Host knows of it
  bool closed_ = false;                                       // nghttp2 has forgotten it
  bool reset_by_us_ = false;
};

// Lives in its Session's coroutine; one thread.
class H2Connection final {
 public:
  class Host {
   public:
    // Begins to serve it: served() is called once that has ended, and not before this returns. False: there
    // is no place for it.
    [[nodiscard]] virtual bool open(H2Stream& stream) = 0;
    // Its client has taken the request back, or is gone: to be ended soon, served() is still called.
    virtual void abandon(H2Stream& stream) = 0;
    virtual void on_idle() = 0;     // no stream is being served any more
    virtual void on_goodbye() = 0;  // GOAWAY is on its way: a client that does not take it must not hold us
   protected:
    ~Host() = default;
  };

  H2Connection(Stream& client, Executor executor, BufferPool& pool, Host& host, const H2Limits& limits);
  ~H2Connection();
  H2Connection(const H2Connection&) = delete;
  H2Connection& operator=(const H2Connection&) = delete;

  // Until the connection has ended and every stream was served; what failed meanwhile is thrown then.
  [[nodiscard]] Task<void> run();
  void served(H2Stream& stream);
  // No new streams; ends once those that are open have.
  void drain();
  // GOAWAY with this code, and the end; what is open is abandoned.
  void terminate(std::uint32_t error);
  // The client did what only costs us: over its allowance the connection ends.
  void note_fault();
  [[nodiscard]] std::size_t serving() const noexcept { return serving_; }

 private:
  friend class H2Stream;
  struct Callbacks;  // h2_frames.cc: what nghttp2 calls
  struct Free {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };

  // h2_connection.cc
  Task<void> guarded(Task<void> loop);
  Task<void> read_loop();
  Task<void> write_loop();
  void receive(std::string_view bytes);
  [[nodiscard]] bool over() const noexcept;
  void settle();
  void settle(H2Stream& stream);
  void lose_client();
  void fail();
  void credit(const H2Stream& stream, std::size_t payload);

  // h2_frames.cc
  void start_session();
  [[nodiscard]] H2Stream* find(std::int32_t id) const noexcept;
  void begin_request(std::int32_t id);
  void add_field(H2Stream& stream, std::string_view name, std::string_view value);
  void add_trailer(H2Stream& stream, std::string_view name, std::string_view value);
  void end_head(H2Stream& stream, bool ends);
  void end_request(H2Stream& stream);
  void take_body(H2Stream& stream, std::string_view payload);
  void close_stream(H2Stream& stream);
  void reset(H2Stream& stream, std::uint32_t error);
  void advance(H2Stream& stream);
  void send_head(H2Stream& stream, bool interim);
  [[nodiscard]] bool send_trailers(const H2Stream& stream);
  [[nodiscard]] ssize_t next_payload(H2Stream& stream, std::uint8_t* to, std::size_t size,
                                     std::uint32_t& flags);

  Stream& client_;
  Executor executor_;
  BufferPool& pool_;
  Host& host_;
  H2Limits limits_;
  std::unique_ptr<nghttp2_session, Free> session_;
  std::unordered_map<std::int32_t, std::unique_ptr<H2Stream>> streams_;
  std::size_t serving_ = 0;
  std::vector<std::int32_t> touched_;  // streams about which settle() has something to do
  Signal output_, ended_;              // something to send; a stream is served
  bool lost_ = false, terminated_ = false;
  std::exception_ptr failure_;
  std::uint32_t faults_left_;
  std::chrono::steady_clock::time_point faults_since_;
};

}  // namespace schoolgate
