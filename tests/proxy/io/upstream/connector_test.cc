#include "proxy/io/upstream/connector.h"

#include <catch2/catch.hpp>

#include "proxy/io/net/net.h"
#include "proxy/io/upstream/upstream_pool.h"
#include "tests/support/run_task.h"
#include "tests/support/sockets.h"

using namespace schoolgate;
using namespace schoolgate::test;

namespace {

const IpAddress loopback = *IpAddress::parse("127.0.0.1");

Task<error_code> connect(Connector& connector) {
  co_await connector.run();
  co_return connector.error();
}

// A loopback port whose accept queue is full: connecting to it stays without an answer.
struct BlackHole {
  BlackHole() {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(0x7f000002);
    socklen_t size = sizeof here;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&here), size) == 0);
    REQUIRE(::listen(listener, 0) == 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&here), &size);
    port = ntohs(here.sin_port);
    for (int i = 0; i < 4; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(fd, reinterpret_cast<const sockaddr*>(&here), size);
      fillers.push_back(fd);
    }
  }
  ~BlackHole() {
    for (const int fd : fillers) ::close(fd);
    ::close(listener);
  }
  int listener;
  std::uint16_t port = 0;
  std::vector<int> fillers;
};

}  // namespace

TEST_CASE("one address: connected, or the reason why not", "[io][connector]") {
  asio::io_context io(1);
  Origin origin([](Conn& conn, int) { conn.send("hi"); });
  Connector good(io.get_executor(), std::span(&loopback, 1), origin.port());
  REQUIRE(!run_task(io, connect(good)));
  CHECK(good.take_socket().remote_endpoint().port() == origin.port());

  Connector refused(io.get_executor(), std::span(&loopback, 1), closed_port());
  CHECK(run_task(io, connect(refused)) == asio::error::connection_refused);
}

TEST_CASE("a refusal goes on to the next address at once", "[io][connector]") {
  asio::io_context io(1);
  Origin origin([](Conn&, int) {});
  const std::vector<IpAddress> addresses = {*IpAddress::parse("127.0.0.3"), *IpAddress::parse("::1"),
                                            loopback};
  const auto start = std::chrono::steady_clock::now();
  Connector connector(io.get_executor(), addresses, origin.port());
  CHECK(!run_task(io, connect(connector)));
  CHECK(connector.take_socket().remote_endpoint().address().to_string() == "127.0.0.1");
  CHECK(std::chrono::steady_clock::now() - start <
        2 * Connector::stagger);  // what two that waited would take
}

TEST_CASE("a silent address is overtaken after the stagger; cancel ends the rest", "[io][connector]") {
  asio::io_context io(1);
  BlackHole hole;
  SECTION("overtaken") {
    const int listener = open_listener(loopback, hole.port);  // same port, another address
    REQUIRE(listener >= 0);
    const std::vector<IpAddress> addresses = {*IpAddress::parse("127.0.0.2"), loopback};
    Connector connector(io.get_executor(), addresses, hole.port);
    CHECK(!run_task(io, connect(connector)));
    CHECK(connector.take_socket().remote_endpoint().address().to_string() == "127.0.0.1");
    ::close(listener);
  }
  SECTION("cancelled") {
    const std::vector<IpAddress> addresses = {*IpAddress::parse("127.0.0.2")};
    Connector connector(io.get_executor(), addresses, hole.port);
    asio::post(io, [&] { asio::post(io, [&] { connector.cancel(); }); });
    CHECK(run_task(io, connect(connector)) == asio::error::timed_out);
  }
}

TEST_CASE("pooled connections: newest first, looked at before they are used", "[io][upstream_pool]") {
  asio::io_context io(1);
  Origin origin([&](Conn& conn, int) {
    if (conn.read_until("\n") == "\n") conn.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
    conn.read_all();
  });
  const auto open = [&] {
    Connector connector(io.get_executor(), std::span(&loopback, 1), origin.port());
    REQUIRE(!run_task(io, connect(connector)));
    return connector.take_socket();
  };
  UpstreamPool pool({.per_origin = 2, .total = 3, .idle_seconds = 5});
  CHECK_FALSE(pool.take("a:80"));

  Socket first = open(), second = open(), third = open();
  const auto third_port = third.local_endpoint().port();
  const auto second_port = second.local_endpoint().port();
  pool.give("a:80", Stream(std::move(first)));
  pool.give("a:80", Stream(std::move(second)));
  pool.give("a:80", Stream(std::move(third)));
  CHECK(pool.size() == 3);  // one too many, but it may be wanted again at once
  pool.tick();
  CHECK(pool.size() == 3);
  pool.tick();
  CHECK(pool.size() == 2);  // it was not: the oldest went
  CHECK_FALSE(pool.take("b:80"));
  CHECK(pool.take("a:80")->socket().local_endpoint().port() == third_port);
  CHECK(pool.take("a:80")->socket().local_endpoint().port() == second_port);
  CHECK(pool.size() == 0);

  SECTION("one on which unasked bytes wait is thrown away") {
    Socket socket = open();
    socket.write_some(asio::buffer("\n", 1));
    char byte;
    socket.receive(asio::buffer(&byte, 1), MSG_PEEK);  // until the 408 is here
    pool.give("a:80", Stream(std::move(socket)));
    CHECK_FALSE(pool.take("a:80"));
  }
  SECTION("age and a total cap") {
    for (const char* origin_name : {"a:80", "b:80", "c:80", "d:80"}) pool.give(origin_name, Stream(open()));
    CHECK(pool.size() == 3);
    CHECK_FALSE(pool.take("a:80"));
    for (int i = 0; i < 5; ++i) pool.tick();
    CHECK(pool.size() == 3);
    pool.tick();
    CHECK(pool.size() == 0);
  }
}
