#include "proxy/io/conn/h2_pipe.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/support/run_task.h"

using namespace schoolgate;
using namespace schoolgate::test;
using PipeRead = H2Pipe::Read;

namespace {

// The connection's side: counts what it is told.
struct Carrier final : H2Pipe::Peer {
  void on_taken(std::size_t payload) override { taken += payload; }
  void on_written() override { ++written; }
  std::size_t taken = 0;
  int written = 0;
};

struct Piped {
  explicit Piped(std::size_t head_room = H2Pipe::capacity)
      : pipe(io.get_executor(), pool, carrier, head_room) {
    pipe.end_head();
  }
  // All that can be read now, in pieces of so many bytes; `last` says how it ended.
  std::string read(std::size_t piece = 1'000'000) {
    std::string all, space(piece, '\0');
    std::size_t got = 0;
    while ((last = pipe.read(space.data(), space.size(), got)) == PipeRead::some) all.append(space, 0, got);
    return all;
  }
  WriteResult write(std::string_view text) {
    const iovec part = io_part(text);
    return pipe.write({&part, 1});
  }
  // Begins to wait; `result` is set when it is over.
  void wait(Task<H2Pipe::WaitDone> waiting) {
    over.reset();
    asio::co_spawn(io, std::move(waiting), [this](std::exception_ptr failure, H2Pipe::WaitDone done) {
      if (failure) std::rethrow_exception(failure);
      over = std::get<0>(done);
    });
    turn();
  }
  void turn() {
    io.restart();
    io.poll();
  }

  asio::io_context io{1};
  BufferPool pool;
  Carrier carrier;
  H2Pipe pipe;
  PipeRead last = PipeRead::again;
  std::optional<error_code> over;
};

}  // namespace

TEST_CASE("h2 pipe: a body is read as it was fed, and each byte told to who holds the window", "[io][pipe]") {
  Piped p;
  CHECK(p.read().empty());
  CHECK(p.last == PipeRead::again);
  p.pipe.feed("hello");
  CHECK(p.carrier.taken == 0);  // fed is not taken
  char two[2];
  std::size_t got = 0;
  CHECK(p.pipe.read(two, 2, got) == PipeRead::some);
  CHECK(std::string(two, got) == "he");
  CHECK(p.carrier.taken == 2);
  CHECK(p.read() == "llo");
  CHECK(p.carrier.taken == 5);
  CHECK(p.last == PipeRead::again);
  p.pipe.feed("!");
  p.pipe.feed_end();
  CHECK(p.read() == "!");
  CHECK(p.last == PipeRead::end);
}

TEST_CASE("h2 pipe: chunks are framed as they are read, whatever the pieces", "[io][pipe]") {
  const std::size_t piece = GENERATE(1u, 2u, 3u, 7u, 1'000u);
  Piped p;
  p.pipe.set_chunked();
  CHECK(p.read(piece).empty());  // nothing is there: no empty chunk, which would be the end
  p.pipe.feed("hello");
  p.pipe.feed(", world");  // one chunk for all that is there
  CHECK(p.read(piece) == "c\r\nhello, world\r\n");
  CHECK(p.last == PipeRead::again);
  p.pipe.feed("x");
  p.pipe.feed_end();
  CHECK(p.read(piece) == "1\r\nx\r\n0\r\n\r\n");
  CHECK(p.last == PipeRead::end);
  CHECK(p.carrier.taken == 13);  // framing is no payload
}

TEST_CASE("h2 pipe: what comes into a chunk that is half read waits for the next", "[io][pipe]") {
  Piped p;
  p.pipe.set_chunked();
  p.pipe.feed("abcd");
  char five[5];
  std::size_t got = 0;
  CHECK(p.pipe.read(five, 5, got) == PipeRead::some);
  CHECK(std::string(five, got) == "4\r\nab");
  p.pipe.feed("efg");
  CHECK(p.read() == "cd\r\n3\r\nefg\r\n");
}

TEST_CASE("h2 pipe: an empty body ends at once, chunked or not", "[io][pipe]") {
  Piped plain, chunked;
  plain.pipe.feed_end();
  CHECK(plain.read().empty());
  CHECK(plain.last == PipeRead::end);
  chunked.pipe.set_chunked();
  chunked.pipe.feed_end();
  CHECK(chunked.read() == "0\r\n\r\n");
  CHECK(chunked.last == PipeRead::end);
}

TEST_CASE("h2 pipe: a body goes out as far as there is room, and on when some is free", "[io][pipe]") {
  Piped p;
  const std::string body(H2Pipe::capacity + 10, 'b');
  CHECK(p.write("").bytes == 0);
  CHECK(p.carrier.written == 0);  // nothing was written
  CHECK(p.write(body).bytes == H2Pipe::capacity);
  CHECK(p.carrier.written == 1);
  CHECK(p.pipe.is_full());
  const WriteResult full = p.write("more");
  CHECK(full.bytes == 0);
  CHECK(full.error == 0);  // not now is no error
  p.wait(p.pipe.async_wait(Socket::wait_write));
  CHECK_FALSE(p.over);
  p.pipe.consume_output(3);
  p.turn();
  REQUIRE(p.over);
  CHECK_FALSE(*p.over);
  CHECK(p.write("more").bytes == 3);
  CHECK(p.pipe.output().substr(H2Pipe::capacity - 3) == "mor");
}

TEST_CASE("h2 pipe: several parts stand behind each other, the last as far as it fits", "[io][pipe]") {
  Piped p;
  const std::string filler(H2Pipe::capacity - 4, 'f');
  REQUIRE(p.write(filler).bytes == filler.size());
  const iovec parts[] = {io_part("ab"), io_part(""), io_part("cdef"), io_part("gh")};
  CHECK(p.pipe.write(parts).bytes == 4);
  CHECK(p.pipe.output().substr(filler.size()) == "abcd");
}

TEST_CASE("h2 pipe: a head is taken whole where it may be larger than a body's piece", "[io][pipe]") {
  Piped p;
  H2Pipe pipe(p.io.get_executor(), p.pool, p.carrier, 2 * H2Pipe::capacity);
  const std::string head(2 * H2Pipe::capacity + 1, 'h');
  const iovec part = io_part(head);
  CHECK(pipe.write({&part, 1}).bytes == 2 * H2Pipe::capacity);
  pipe.consume_output(H2Pipe::capacity);
  CHECK_FALSE(pipe.is_full());
  pipe.end_head();  // from here on a body
  CHECK(pipe.is_full());
}

TEST_CASE("h2 pipe: the end of the response is told once, and nothing goes out after it", "[io][pipe]") {
  Piped p;
  REQUIRE(p.write("last").bytes == 4);
  p.pipe.finish_writing();
  p.pipe.finish_writing();
  CHECK(p.carrier.written == 2);
  CHECK(p.pipe.finished_writing());
  CHECK(p.write("x").error == EPIPE);
  CHECK(p.pipe.output() == "last");  // what was written goes all the same
  p.pipe.feed("late");               // nobody will read it: the window opens again
  CHECK(p.carrier.taken == 4);
  CHECK(p.read().empty());
  CHECK(p.last == PipeRead::end);
}

TEST_CASE("h2 pipe: a session that closes gives back what it did not read", "[io][pipe]") {
  Piped p;
  p.pipe.feed("unread");
  p.pipe.close();
  p.pipe.close();
  CHECK(p.carrier.taken == 6);
  CHECK(p.carrier.written == 1);
  CHECK_FALSE(p.pipe.is_open());
  CHECK(p.pipe.finished_writing());
  p.pipe.feed("late");
  CHECK(p.carrier.taken == 10);
  CHECK(p.read().empty());
  CHECK(p.last == PipeRead::failed);
  CHECK(p.write("x").error == EPIPE);
}

TEST_CASE("h2 pipe: a close that must not look complete is a reset", "[io][pipe]") {
  Piped p;
  CHECK_FALSE(p.pipe.was_reset());
  p.pipe.reset_on_close();
  CHECK(p.pipe.will_reset());
  CHECK_FALSE(p.pipe.was_reset());  // not yet
  p.pipe.close();
  CHECK(p.pipe.was_reset());
  Piped whole;
  whole.pipe.close();
  CHECK_FALSE(whole.pipe.was_reset());
}

TEST_CASE("h2 pipe: a client that is gone fails every read and write, and frees what waited", "[io][pipe]") {
  Piped p;
  p.pipe.feed("unread");
  REQUIRE(p.write("unsent").bytes == 6);
  p.wait(p.pipe.async_drained());
  p.pipe.lose_peer();
  p.turn();
  REQUIRE(p.over);  // who waits is woken
  CHECK(p.pipe.peer_gone());
  CHECK(p.pipe.output().empty());
  CHECK(p.read().empty());
  CHECK(p.last == PipeRead::failed);
  CHECK(p.write("x").error == EPIPE);
  p.pipe.feed("late");
  CHECK(p.carrier.taken == 4);
  char space[8];
  const auto [error, got] = run_task(p.io, p.pipe.async_read_some(asio::buffer(space)));
  CHECK(error == asio::error::connection_reset);
  CHECK(got == 0);
}

TEST_CASE("h2 pipe: a read waits for bytes or the end", "[io][pipe]") {
  Piped p;
  char space[8];
  std::optional<H2Pipe::ReadDone> read;
  const auto begin = [&] {
    read.reset();
    asio::co_spawn(p.io, p.pipe.async_read_some(asio::buffer(space)),
                   [&](std::exception_ptr failure, H2Pipe::ReadDone done) {
                     if (failure) std::rethrow_exception(failure);
                     read = done;
                   });
    p.turn();
  };
  begin();
  CHECK_FALSE(read);
  p.pipe.feed("abc");
  CHECK_FALSE(read);  // it goes on later, not inside the call
  p.turn();
  REQUIRE(read);
  CHECK_FALSE(std::get<0>(*read));
  CHECK(std::get<1>(*read) == 3);
  begin();
  p.pipe.feed_end();
  p.turn();
  REQUIRE(read);
  CHECK(std::get<0>(*read) == asio::error::eof);
}

TEST_CASE("h2 pipe: what is cancelled ends, and the next wait is not", "[io][pipe]") {
  Piped p;
  p.wait(p.pipe.async_wait(Socket::wait_read));
  CHECK_FALSE(p.over);
  p.pipe.cancel();
  p.turn();
  REQUIRE(p.over);
  CHECK(*p.over == asio::error::operation_aborted);
  p.pipe.cancel();  // while nobody waits: the next one looks for itself
  p.pipe.feed("x");
  p.wait(p.pipe.async_wait(Socket::wait_read));
  REQUIRE(p.over);
  CHECK_FALSE(*p.over);
  CHECK(p.read() == "x");
}

TEST_CASE("h2 pipe: a close ends who waits for either way", "[io][pipe]") {
  for (const auto what : {Socket::wait_read, Socket::wait_write}) {
    Piped p;
    REQUIRE(p.write(std::string(H2Pipe::capacity, 'f')).bytes == H2Pipe::capacity);
    p.wait(p.pipe.async_wait(what));
    CHECK_FALSE(p.over);
    p.pipe.close();
    p.turn();
    REQUIRE(p.over);
    CHECK(*p.over == asio::error::operation_aborted);
  }
}

TEST_CASE("h2 pipe: drained is when the client was sent some of it", "[io][pipe]") {
  Piped p;
  p.wait(p.pipe.async_drained());
  REQUIRE(p.over);  // nothing is there
  REQUIRE(p.write("abc").bytes == 3);
  CHECK(p.pipe.unsent() == 3);
  p.wait(p.pipe.async_drained());
  CHECK_FALSE(p.over);
  p.pipe.consume_output(0);  // nothing went
  p.turn();
  CHECK_FALSE(p.over);
  p.pipe.consume_output(1);
  p.turn();
  REQUIRE(p.over);
  CHECK_FALSE(*p.over);
  CHECK(p.pipe.unsent() == 2);
}
