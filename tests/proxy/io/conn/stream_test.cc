// What TLS and an HTTP/2 stream do by themselves: tls_stream_test.cc, h2_pipe_test.cc. Here: that all three
// look alike to who reads from them and writes to them, and how each ends.
#include "proxy/io/conn/stream.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/proxy/io/tls_peer.h"
#include "tests/support/run_task.h"
#include "tests/support/sockets.h"

using namespace schoolgate;
using namespace schoolgate::test;
using StreamRead = Stream::Read;

namespace {

struct Unheard final : H2Pipe::Peer {
  void on_taken(std::size_t) override {}
  void on_written() override {}
};

Stream stream_on(asio::io_context& io, int fd) {
  Socket socket(io.get_executor());
  socket.assign(tcp::v4(), fd);
  return Stream(std::move(socket));
}

// In the clear, on half of a socketpair.
struct ClearEnds {
  ClearEnds() : stream(stream_on(io, std::exchange(pair.ours, -1))) {}
  [[nodiscard]] bool say(std::string_view text) const {
    return ::send(pair.theirs, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  // What came to the peer: "" = nothing yet, "end" = the end.
  [[nodiscard]] std::string heard() const {
    char bytes[1'000];
    const ssize_t got = ::recv(pair.theirs, bytes, sizeof bytes, MSG_DONTWAIT);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : got == 0 ? "end" : "";
  }

  SocketPair pair;
  asio::io_context io{1};
  Stream stream;
};

// In TLS, after the handshake; the peer is a client.
struct SecretEnds {
  SecretEnds()
      : our_context(tls_context(true)),
        their_context(tls_context(false)),
        stream(stream_on(io, std::exchange(pair.ours, -1))),
        peer(tls_end(their_context.get(), false), pair.theirs) {
    bool done = false;
    asio::co_spawn(io, stream.start_tls(tls_end(our_context.get(), true), {}),
                   [&done](std::exception_ptr failure, TlsStream::Status status) {
                     if (failure) std::rethrow_exception(failure);
                     done = status == TlsStream::Status::done;
                   });
    for (int turns = 0; !done && turns < 1'000; ++turns) {
      io.poll();
      peer.shake();
    }
    REQUIRE(done);
    while (!peer.shake()) continue;
    REQUIRE(peer.good());
    REQUIRE(peer.read().empty());  // a ticket
  }

  SocketPair pair;
  SslContextPtr our_context, their_context;
  asio::io_context io{1};
  Stream stream;
  TlsPeer peer;
};

struct ReadNow {
  StreamRead how;
  std::string text;
};

ReadNow read_now(Stream& stream) {
  char bytes[100];
  std::size_t got = 77;
  const StreamRead how = stream.try_read(bytes, sizeof bytes, got);
  if (how != StreamRead::some) CHECK(got == 0);
  return {how, std::string(bytes, got)};
}

bool write_now(Stream& stream, std::string_view text) {
  iovec part = io_part(text);
  std::span<iovec> parts(&part, 1);
  return write_some(stream, parts) && parts.empty();
}

}  // namespace

TEST_CASE("stream: in the clear it reads what is there, else says that it must wait", "[io][stream]") {
  ClearEnds c;
  CHECK(read_now(c.stream).how == StreamRead::again);
  REQUIRE(c.say("hello"));
  const ReadNow some = read_now(c.stream);
  CHECK(some.how == StreamRead::some);
  CHECK(some.text == "hello");
  CHECK(read_now(c.stream).how == StreamRead::again);
  c.pair.close_theirs();
  CHECK(read_now(c.stream).how == StreamRead::end);
  CHECK_FALSE(c.stream.was_cut());  // of a clear connection nobody can tell
  CHECK_FALSE(c.stream.is_secure());
}

TEST_CASE("stream: in TLS the same, and a cut is no end", "[io][stream]") {
  SecretEnds s;
  CHECK(s.stream.is_secure());
  CHECK(read_now(s.stream).how == StreamRead::again);
  REQUIRE(s.peer.write("hello"));
  CHECK(read_now(s.stream).text == "hello");
  SECTION("ended") {
    SSL_shutdown(s.peer.ssl());
    CHECK(read_now(s.stream).how == StreamRead::end);
  }
  SECTION("cut") {
    s.pair.close_theirs();
    CHECK(read_now(s.stream).how == StreamRead::failed);
    CHECK(s.stream.was_cut());
  }
}

TEST_CASE("stream: of a pipe the same", "[io][stream]") {
  asio::io_context io(1);
  BufferPool pool;
  Unheard peer;
  H2Pipe pipe(io.get_executor(), pool, peer);
  Stream stream(pipe, io.get_executor());
  CHECK(stream.is_secure());  // HTTP/2 comes in TLS alone
  CHECK(stream.is_open());
  CHECK(read_now(stream).how == StreamRead::again);
  pipe.feed("hello");
  CHECK(read_now(stream).text == "hello");
  pipe.feed_end();
  CHECK(read_now(stream).how == StreamRead::end);
  CHECK(write_now(stream, "answer"));
  CHECK(pipe.output() == "answer");
  error_code ignored;
  stream.shutdown(Socket::shutdown_receive, ignored);
  CHECK_FALSE(pipe.finished_writing());
  stream.shutdown(Socket::shutdown_send, ignored);
  CHECK(pipe.finished_writing());
  CHECK_FALSE(stream.peer_gone());
  pipe.lose_peer();
  CHECK(stream.peer_gone());
  CHECK(read_now(stream).how == StreamRead::failed);
  CHECK_FALSE(write_now(stream, "x"));
  stream.close(ignored);
  CHECK_FALSE(stream.is_open());
  CHECK_FALSE(pipe.is_open());
}

TEST_CASE("stream: a write leaves what was not taken", "[io][stream]") {
  ClearEnds c;
  const std::string text(10'000'000, 't');
  iovec list[] = {io_part("head"), io_part(text)};
  std::span<iovec> parts = list;
  REQUIRE(write_some(c.stream, parts));
  REQUIRE(parts.size() == 1);  // the head is gone
  CHECK(parts[0].iov_len < text.size());
  const std::size_t sent = text.size() - parts[0].iov_len;
  CHECK(parts[0].iov_base == text.data() + sent);
  REQUIRE(write_some(c.stream, parts));  // full: no error
  CHECK(total_size(parts) == text.size() - sent);
}

TEST_CASE("stream: nobody is written to who is gone, or after a close", "[io][stream]") {
  ClearEnds gone, closed;
  gone.pair.close_theirs();
  CHECK_FALSE(write_now(gone.stream, "x"));
  error_code ignored;
  closed.stream.close(ignored);
  CHECK_FALSE(closed.stream.is_open());
  CHECK_FALSE(write_now(closed.stream, "x"));
}

TEST_CASE("stream: a connection that waits for its next request is quiet, or of no use", "[io][stream]") {
  SECTION("in the clear") {
    ClearEnds c;
    CHECK(c.stream.is_quiet());
    SECTION("closed") {
      c.pair.close_theirs();
      CHECK_FALSE(c.stream.is_quiet());
    }
    SECTION("bytes that nobody asked for") {
      REQUIRE(c.say("HTTP/1.1 200 OK\r\n"));
      CHECK_FALSE(c.stream.is_quiet());
    }
  }
  SECTION("in TLS") {
    SecretEnds s;
    CHECK(s.stream.is_quiet());
    SECTION("a goodbye") {
      SSL_shutdown(s.peer.ssl());
      CHECK_FALSE(s.stream.is_quiet());
    }
    SECTION("cut") {
      s.pair.close_theirs();
      CHECK_FALSE(s.stream.is_quiet());
    }
    SECTION("bytes that nobody asked for") {
      REQUIRE(s.peer.write("HTTP/1.1 200 OK\r\n"));
      CHECK_FALSE(s.stream.is_quiet());
    }
    SECTION("what TLS says to itself is no byte of anybody") {
      SSL_key_update(s.peer.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
      REQUIRE(SSL_do_handshake(s.peer.ssl()) == 1);
      CHECK(s.stream.is_quiet());
      REQUIRE(s.peer.write("x"));
      CHECK(read_now(s.stream).text == "x");
    }
  }
}

TEST_CASE("stream: TLS says goodbye once, by the first that ends it", "[io][stream]") {
  SecretEnds s;
  error_code ignored;
  SECTION("a shutdown, then a close") {
    s.stream.shutdown(Socket::shutdown_send, ignored);
    CHECK(s.peer.read().empty());
    CHECK(s.peer.heard_goodbye());
    s.stream.close(ignored);
  }
  SECTION("a close") {
    s.stream.close(ignored);
    CHECK(s.peer.read().empty());
    CHECK(s.peer.heard_goodbye());
  }
  SECTION("not where reading ends") {
    s.stream.shutdown(Socket::shutdown_receive, ignored);
    CHECK(s.peer.read().empty());
    CHECK_FALSE(s.peer.heard_goodbye());
  }
  SECTION("none where the answer is cut: it must not look whole") {
    s.stream.end_as_cut();
    s.stream.close(ignored);
    CHECK(s.peer.read().empty());
    CHECK_FALSE(s.peer.heard_goodbye());
  }
  SECTION("none at a reset") {
    s.stream.reset_on_close();
    s.stream.close(ignored);
    CHECK(s.peer.read().empty());
    CHECK_FALSE(s.peer.heard_goodbye());
  }
}

TEST_CASE("stream: half a close in the clear: the peer hears the end and may go on", "[io][stream]") {
  ClearEnds c;
  error_code ignored;
  REQUIRE(write_now(c.stream, "last"));
  c.stream.shutdown(Socket::shutdown_send, ignored);
  CHECK(c.heard() == "last");
  CHECK(c.heard() == "end");
  REQUIRE(c.say("answer"));
  CHECK(read_now(c.stream).text == "answer");
}

TEST_CASE("stream: a reset is no end to the peer", "[io][stream]") {
  const bool reset = GENERATE(true, false);
  const int listener = open_listener(*IpAddress::parse("127.0.0.1"), 0);
  REQUIRE(listener >= 0);
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size);
  Conn peer = Conn::connect(ntohs(name.sin_port));
  asio::io_context io(1);
  Stream stream = stream_on(io, ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  ::close(listener);
  REQUIRE(write_now(stream, "half an ans"));
  CHECK(peer.read_exactly(11) == "half an ans");
  if (reset) stream.reset_on_close();
  error_code ignored;
  stream.close(ignored);
  CHECK(peer.read_all().empty());
  CHECK(peer.was_reset() == reset);
}

TEST_CASE("stream: a read in TLS waits for a whole record, and ends when it is cancelled", "[io][stream]") {
  SecretEnds s;
  char bytes[100];
  std::optional<Stream::ReadDone> read;
  const auto begin = [&] {
    read.reset();
    asio::co_spawn(s.io, s.stream.async_read_some(asio::buffer(bytes), use_result),
                   [&](std::exception_ptr failure, Stream::ReadDone done) {
                     if (failure) std::rethrow_exception(failure);
                     read = done;
                   });
    s.io.restart();
    s.io.poll();
  };
  begin();
  CHECK_FALSE(read);
  REQUIRE(s.peer.write("hello"));
  for (int turns = 0; !read && turns < 10'000; ++turns) s.io.poll();
  REQUIRE(read);
  CHECK_FALSE(std::get<0>(*read));
  CHECK(std::string(bytes, std::get<1>(*read)) == "hello");
  begin();
  error_code ignored;
  s.stream.cancel(ignored);
  for (int turns = 0; !read && turns < 10'000; ++turns) s.io.poll();
  REQUIRE(read);
  CHECK(std::get<0>(*read) == asio::error::operation_aborted);
  SSL_shutdown(s.peer.ssl());
  begin();
  REQUIRE(read);
  CHECK(std::get<0>(*read) == asio::error::eof);
}

TEST_CASE("stream: a handshake ends when its connection is closed", "[io][stream]") {
  ClearEnds c;
  const SslContextPtr context = tls_context(true);
  std::optional<TlsStream::Status> status;
  asio::co_spawn(c.io, c.stream.start_tls(tls_end(context.get(), true), {}),
                 [&](std::exception_ptr failure, TlsStream::Status came_to) {
                   if (failure) std::rethrow_exception(failure);
                   status = came_to;
                 });
  c.io.poll();
  CHECK_FALSE(status);  // it waits for a hello
  error_code ignored;
  c.stream.close(ignored);
  for (int turns = 0; !status && turns < 10'000; ++turns) c.io.poll();
  REQUIRE(status);
  CHECK(*status != TlsStream::Status::done);
}
