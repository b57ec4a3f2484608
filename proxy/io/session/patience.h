// How long a session goes on waiting: the one deadline of its present wait, in the worker's table.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "proxy/io/conn/stream.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/deadline_table.h"
#include "proxy/io/worker/client_table.h"

namespace schoolgate {

class Worker;

// What a session waits for, and so what its deadline means.
enum class Wait : std::uint8_t {
  nothing,
  first_bytes,
  head,
  resolving,
  connecting,
  response,
  body,
  hello,
  handshake,           // TLS with the client
  upstream_handshake,  // TLS with the origin
  next_stream,         // of HTTP/2
  tunnel,
  linger,
};

// A member of its session, on the worker's thread. Deadlines are one-shot and up to a second late: a loop
// that reads on must look at expired(). Times are whole seconds, or ticks of the table, which are as long.
class Patience {
 public:
  // `owner` is told of deadlines. Whoever is silent for longest gives its `seat` up first.
  Patience(Worker& worker, Seat& seat, Expirable& owner);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  // Before each wait. Of Wait::response the owner hears every second or two, to look after the client
  // meanwhile.
  void arm(Wait wait, std::chrono::seconds limit) noexcept;
  // Nothing is waited for that has a deadline.
  void rest() noexcept;
  // Something moved: the deadline begins anew.
  void touch() noexcept;
  // Bytes moved in a body: touch(). False: they come so slowly that the peer only wants to hold the
  // connection; that counts as expired.
  [[nodiscard]] bool moved(std::size_t bytes) noexcept;
  // It is not silent, whatever its deadline.
  void note_moved() noexcept;
  // Writes all of `parts`, waiting as often as needed. False: the peer is gone, or took nothing for too long.
  [[nodiscard]] Task<bool> flush(Stream& to, std::span<iovec> parts);

  [[nodiscard]] Wait waits_for() const noexcept { return wait_; }
  // The last wait ended by its deadline.
  [[nodiscard]] bool expired() const noexcept { return expired_; }
  // What ended the wait was not its deadline after all.
  void forgive() noexcept { expired_ = false; }
  // Many steps of a body or a tunnel were moved since this was last true: in bulk a megabyte or more.
  [[nodiscard]] bool in_bulk() noexcept;

  // For the owner, at a deadline. look_again(): of a response; false when it is due.
  [[nodiscard]] bool look_again() noexcept;
  void expire() noexcept { expired_ = true; }

  // A stream of HTTP/2: the connection that carries it moves when it does.
  void ride_on(Seat& carrier) noexcept { carrier_ = &carrier; }
  // Its place is another's already, or its carrier's is.
  [[nodiscard]] bool gave_way() const noexcept;

 private:
  Worker& worker_;
  Seat& seat_;
  Seat* carrier_ = nullptr;
  std::uint64_t window_bytes_ = 0;
  std::uint32_t window_began_ = 0;  // tick; what moves in a body is counted over its limit
  std::uint32_t limit_ = 0;         // seconds; what touch() starts again
  std::uint32_t response_due_ = 0;  // tick until which a response must have begun
  std::uint32_t steps_ = 0;         // of bodies and tunnels, since in_bulk() was true
  const DeadlineTable::Slot slot_;
  Wait wait_ = Wait::nothing;
  bool expired_ = false;
};

}  // namespace schoolgate
