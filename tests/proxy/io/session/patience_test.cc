// Time is the ticks that a test makes of the worker's table; nothing here waits for a second.
#include "proxy/io/session/patience.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>

#include "proxy/io/worker/worker.h"

using namespace schoolgate;
using namespace std::chrono_literals;

namespace {

struct NoLog final : LogSink {
  bool write(LogRecord&&) override { return true; }
  bool has_room() const noexcept override { return true; }
  void policy_loaded(std::shared_ptr<const Snapshot>) override {}
  void event(std::string, std::string, std::string) override {}
};

// A session that counts how often it heard of a deadline, and does at it what Session does.
struct Waiting final : Expirable {
  Waiting()
      : shared(log, std::string(32, 'k'), "via", 1),
        worker(shared, nullptr, 0, 1, 0),
        patience(worker, seat, *this) {}

  void on_deadline() noexcept override {
    ++heard;
    if (patience.waits_for() == Wait::response && patience.look_again()) return;
    patience.expire();
    if (stream != nullptr) {
      error_code ignored;
      stream->cancel(ignored);
    }
  }
  // The tick at which the deadline came, 0 = none within `ticks`.
  int expires_within(int ticks) {
    for (int tick = 1; tick <= ticks; ++tick) {
      worker.deadlines.tick();
      if (patience.expired()) return tick;
    }
    return 0;
  }

  NoLog log;
  Shared shared;
  Worker worker;
  Seat seat, carrier;
  Patience patience;
  Stream* stream = nullptr;  // ended at a deadline
  int heard = 0;
};

// A stream whose peer takes nothing until the test reads: its socket is full.
struct FullStream {
  FullStream() : io(1) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    Socket socket(io.get_executor());
    socket.assign(tcp::v4(), ends[0]);
    stream = std::make_unique<Stream>(std::move(socket));
    peer = ends[1];
    const std::string block(64 * 1024, 'f');
    while (::send(ends[0], block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
  }
  ~FullStream() {
    if (peer >= 0) ::close(peer);
  }
  FullStream(const FullStream&) = delete;
  FullStream& operator=(const FullStream&) = delete;
  // Everything that is there.
  std::string read() const {
    std::string all;
    char bytes[65'536];
    for (ssize_t got; (got = ::recv(peer, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      all.append(bytes, static_cast<std::size_t>(got));
    return all;
  }

  asio::io_context io;
  std::unique_ptr<Stream> stream;
  int peer = -1;
};

// Begins a flush of `text`; `result` is set when it is over.
void begin_flush(FullStream& full, Waiting& session, std::string_view text, iovec& part,
                 std::optional<bool>& result) {
  part = io_part(text);
  asio::co_spawn(full.io, session.patience.flush(*full.stream, {&part, 1}),
                 [&result](std::exception_ptr failure, bool sent) {
                   if (failure) std::rethrow_exception(failure);
                   result = sent;
                 });
  full.io.poll();
}

}  // namespace

TEST_CASE("patience: a deadline comes at the first tick that is not early, and once", "[io][patience]") {
  Waiting session;
  CHECK(session.patience.waits_for() == Wait::nothing);
  session.patience.arm(Wait::head, 3s);
  CHECK(session.patience.waits_for() == Wait::head);
  CHECK(session.expires_within(10) == 4);  // the second in which it was armed may have been almost over
  CHECK(session.heard == 1);
  CHECK(session.expires_within(1) == 1);  // it stays so until the next wait
  CHECK(session.heard == 1);
  session.patience.arm(Wait::body, 1s);
  CHECK_FALSE(session.patience.expired());
  CHECK(session.expires_within(10) == 2);
}

TEST_CASE("patience: what moves begins the deadline anew, but does not take one back", "[io][patience]") {
  Waiting session;
  session.patience.arm(Wait::body, 2s);
  for (int i = 0; i < 5; ++i) {
    CHECK(session.expires_within(2) == 0);
    session.patience.touch();
  }
  CHECK(session.expires_within(10) == 3);
  session.patience.touch();  // too late
  for (int tick = 0; tick < 10; ++tick) session.worker.deadlines.tick();
  CHECK(session.patience.expired());
  CHECK(session.heard == 1);
}

TEST_CASE("patience: who rests has no deadline; one that was none is forgiven", "[io][patience]") {
  Waiting session;
  session.patience.arm(Wait::hello, 1s);
  session.patience.rest();
  CHECK(session.patience.waits_for() == Wait::nothing);
  CHECK(session.expires_within(10) == 0);
  CHECK(session.heard == 0);
  session.patience.arm(Wait::hello, 0s);
  CHECK(session.expires_within(10) == 1);
  session.patience.forgive();
  CHECK_FALSE(session.patience.expired());
}

TEST_CASE("patience: of a response the owner hears each second, until it is due", "[io][patience]") {
  Waiting session;
  session.patience.arm(Wait::response, 4s);
  CHECK(session.expires_within(3) == 0);
  CHECK(session.heard >= 1);  // to look whether the client is still there
  const int before = session.heard;
  CHECK(session.expires_within(10) > 0);
  CHECK(session.heard > before);
  // Neither earlier than any other deadline, nor more than a look later.
  Waiting other;
  other.patience.arm(Wait::response, 4s);
  const int at = other.expires_within(20);
  CHECK(at >= 5);
  CHECK(at <= 7);
}

TEST_CASE("patience: bytes that come too slowly count as none, over a whole limit", "[io][patience]") {
  Waiting session;
  const std::uint32_t least = session.worker.config().limits.min_bytes_per_second;
  REQUIRE(least > 0);
  // A limit of ten seconds, a piece in each.
  const auto seconds_until_given_up = [&](std::size_t bytes, int seconds) {
    session.patience.arm(Wait::body, 10s);
    for (int second = 1; second <= seconds; ++second) {
      session.worker.deadlines.tick();
      if (!session.patience.moved(bytes)) return second;
    }
    return 0;
  };
  CHECK(seconds_until_given_up(least, 100) == 0);
  CHECK(seconds_until_given_up(least - 1, 100) == 11);
  CHECK(session.patience.expired());
  CHECK(seconds_until_given_up(1, 10) == 0);  // for a while anybody may be slow
  CHECK(session.heard == 0);                  // the deadline itself never came

  // What was quick before does not pay for what dribbles now.
  session.patience.arm(Wait::body, 10s);
  bool good = session.patience.moved(1'000'000);
  for (int second = 1; second <= 11; ++second) {
    session.worker.deadlines.tick();
    good = session.patience.moved(1) && good;
  }
  CHECK(good);
  int dribbled = 0;
  for (bool on = true; on && dribbled < 100; ++dribbled) {
    session.worker.deadlines.tick();
    on = session.patience.moved(1);
  }
  CHECK(dribbled == 11);
}

TEST_CASE("patience: in bulk after many steps, and then it counts anew", "[io][patience]") {
  Waiting session;
  session.patience.arm(Wait::tunnel, 10s);
  for (int round = 0; round < 2; ++round) {
    int steps = 0;
    while (!session.patience.in_bulk()) {
      session.patience.touch();
      REQUIRE(++steps < 1'000);
    }
    CHECK(steps == 32);
  }
  CHECK_FALSE(session.patience.in_bulk());
}

TEST_CASE("patience: a stream of HTTP/2 has two seats, and gives way with either", "[io][patience]") {
  Waiting session;
  CHECK_FALSE(session.patience.gave_way());
  session.carrier.given_up = true;
  CHECK_FALSE(session.patience.gave_way());  // nobody rides on it yet
  session.patience.ride_on(session.carrier);
  CHECK(session.patience.gave_way());
  session.carrier.given_up = false;
  CHECK_FALSE(session.patience.gave_way());
  session.seat.given_up = true;
  CHECK(session.patience.gave_way());
}

TEST_CASE("patience: every step is a movement of both seats", "[io][patience]") {
  Waiting session;
  session.patience.ride_on(session.carrier);
  const std::uint32_t now = session.worker.second();
  const auto moves = [&](auto step) {
    session.seat.moved_at = session.carrier.moved_at = now + 1;
    step();
    return session.seat.moved_at == now && session.carrier.moved_at == now;
  };
  CHECK(moves([&] { session.patience.arm(Wait::body, 1s); }));
  CHECK(moves([&] { session.patience.touch(); }));
  CHECK(moves([&] { (void)session.patience.moved(1); }));
  CHECK(moves([&] { session.patience.note_moved(); }));
  CHECK_FALSE(moves([&] { session.patience.rest(); }));
}

TEST_CASE("patience: whoever is gone hears no deadline, and its slot serves the next", "[io][patience]") {
  Waiting session;
  Seat seat;
  for (int i = 0; i < 3; ++i) {
    Patience another(session.worker, seat, session);
    another.arm(Wait::head, 0s);
  }
  CHECK(session.expires_within(3) == 0);
  CHECK(session.heard == 0);
}

TEST_CASE("patience: a flush waits for room and writes all", "[io][patience]") {
  Waiting session;
  FullStream full;
  session.stream = full.stream.get();
  const std::string text(300'000, 't');
  iovec part;
  std::optional<bool> sent;
  begin_flush(full, session, text, part, sent);
  CHECK_FALSE(sent);  // the socket is full
  CHECK(session.patience.waits_for() == Wait::body);
  std::string read;
  for (int turns = 0; !sent && turns < 10'000; ++turns) {
    read += full.read();
    full.io.poll();
  }
  REQUIRE(sent);
  CHECK(*sent);
  read += full.read();
  CHECK(read.ends_with(text));
  CHECK_FALSE(session.patience.expired());
}

TEST_CASE("patience: a flush to a peer that takes nothing ends at its deadline", "[io][patience]") {
  Waiting session;
  FullStream full;
  session.stream = full.stream.get();
  iovec part;
  std::optional<bool> sent;
  begin_flush(full, session, "late", part, sent);
  const auto limit = static_cast<int>(session.worker.config().timeouts.body.count());
  CHECK(session.expires_within(limit) == 0);
  CHECK_FALSE(sent);
  CHECK(session.expires_within(1) == 1);
  full.io.poll();
  REQUIRE(sent);
  CHECK_FALSE(*sent);
}

TEST_CASE("patience: a flush to a peer that is gone fails, and raises no signal", "[io][patience]") {
  Waiting session;
  FullStream full;
  ::close(std::exchange(full.peer, -1));
  iovec part;
  std::optional<bool> sent;
  begin_flush(full, session, "nobody", part, sent);
  for (int turns = 0; !sent && turns < 100; ++turns) full.io.poll();
  REQUIRE(sent);
  CHECK_FALSE(*sent);
  CHECK_FALSE(session.patience.expired());
}

TEST_CASE("patience: a flush of nothing is over at once", "[io][patience]") {
  Waiting session;
  FullStream full;
  iovec part;
  std::optional<bool> sent;
  begin_flush(full, session, "", part, sent);
  // An empty part is nothing, too: it is written at the first chance.
  for (int turns = 0; !sent && turns < 10'000; ++turns) {
    (void)full.read();
    full.io.poll();
  }
  REQUIRE(sent);
  CHECK(*sent);
}
