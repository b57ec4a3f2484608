// Bytes between two connections, both ways, until both ends have finished: a small callback state machine.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/core/tls/hello_retry.h"
#include "proxy/io/conn/stream.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/event.h"
#include "proxy/io/net/pipe_pool.h"

namespace schoolgate {
// Two coroutines per tunnel cost 6 KiB of memory each; this has no frame. A FIN is passed on as a FIN
// (half-close), an error as a reset on both sides. Bytes that the receiver does not take at once are copied
// to the heap, and nothing more is read in that direction until they are gone. A direction that moves much
// goes through a pipe in the kernel, while bytes come and where nobody reads along (TLS of ours, a second
// hello): what is in the pipe counts as neither passed on nor lost.
class TunnelPump {
 public:
  class Watcher {
   public:
    virtual void on_progress() noexcept = 0;  // bytes moved

   protected:
    ~Watcher() = default;
  };

  // `retry`: of a tunnel whose ClientHello was judged.
  TunnelPump(Stream& client, Stream& upstream, TunnelScratch& scratch, PipePool& pipes, Watcher& watcher,
             std::unique_ptr<HelloRetry> retry) noexcept
      : scratch_(scratch),
        pipes_(pipes),
        watcher_(watcher),
        retry_(std::move(retry)),
        up_{client, upstream},
        down_{upstream, client} {}

  // Starts both directions. done() is set when both have ended and no operation is pending. The sockets stay
  // open unless one failed or abort() was called.
  void start() noexcept;
  [[nodiscard]] Event& done() noexcept { return done_; }
  // Resets both sides; done() follows soon.
  void abort() noexcept;

  // hello_changed: the client named another host when it was asked for a second hello.
  enum class End : std::uint8_t { finished, client_failed, upstream_failed, aborted, hello_changed };
  [[nodiscard]] End end() const noexcept { return end_; }
  // A bug of ours, or no memory: why it was aborted.
  [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }
  [[nodiscard]] std::uint64_t bytes_up() const noexcept { return up_.bytes; }
  [[nodiscard]] std::uint64_t bytes_down() const noexcept { return down_.bytes; }

 private:
  static constexpr std::size_t first_piece = 64 * 1024;
  static constexpr int rounds = 16;  // of one direction before others have their turn

  struct Direction {
    Stream& from;
    Stream& to;
    std::uint64_t bytes = 0;
    std::size_t piece = first_piece;  // how much is read at once; grows while the receiver keeps up
    std::uint8_t full_pieces = 0;
    std::unique_ptr<std::vector<char>> rest = {};  // not yet taken by `to`
    std::size_t rest_begin = 0;
    PipePool::Lent pipe = {};  // while bytes come fast
    bool may_splice = true;    // the kernel has not refused yet
  };

  void wait_readable(Direction& direction);
  void wait_writable(Direction& direction);
  void go_on(Direction& direction);
  void on_writable(Direction& direction);
  void move_bytes(Direction& direction);
  // Whether `direction` has a pipe now, for it moves much.
  [[nodiscard]] bool has_pipe(Direction& direction);
  void splice_bytes(Direction& direction);
  // False: the receiver does not take all now, or is gone; what happens next is arranged.
  [[nodiscard]] bool empty_pipe(Direction& direction);
  // False: `bytes` were not passed as they came, and what happens next is arranged.
  [[nodiscard]] bool heed_retry(Direction& direction, std::string_view bytes);
  void adapt(Direction& direction, std::size_t got, bool all_sent) noexcept;
  void finish_direction(Direction& direction);
  template <class Step>
  void do_step(Step step);
  void give_up() noexcept;
  void fail(const Direction& direction, bool reading) noexcept;
  void resume_if_idle();

  TunnelScratch& scratch_;
  PipePool& pipes_;
  Watcher& watcher_;
  std::unique_ptr<HelloRetry> retry_;  // until it is over
  Direction up_, down_;
  Event done_;
  std::uint8_t pending_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
  End end_ = End::finished;
};

}  // namespace schoolgate
