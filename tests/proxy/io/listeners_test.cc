#include "proxy/io/listeners.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <optional>

#include "tests/support/sockets.h"

using namespace schoolgate;

namespace {

Listener on(std::uint16_t port) {
  Listener listener;
  listener.address = *IpAddress::parse("127.0.0.1");
  listener.port = port;
  return listener;
}

void close_all(const std::vector<ListeningSocket>& sockets) {
  for (const ListeningSocket& socket : sockets)
    for (const int fd : socket.fds) ::close(fd);
}

}  // namespace

TEST_CASE("a socket per worker on one port", "[io][listeners]") {
  const auto sockets = open_listeners({on(0)}, 3);
  REQUIRE(sockets);
  REQUIRE(sockets->size() == 1);
  CHECK(sockets->front().port != 0);
  CHECK(sockets->front().fds.size() == 3);
  close_all(*sockets);
}

TEST_CASE("what cannot be bound is said", "[io][listeners]") {
  Listener elsewhere = on(3128);
  elsewhere.address = *IpAddress::parse("192.0.2.1");
  const auto sockets = open_listeners({on(0), elsewhere}, 1);
  REQUIRE_FALSE(sockets);
  CHECK(sockets.error().message.english().find("cannot listen on 192.0.2.1 port 3128") != std::string::npos);
}

TEST_CASE("handed-over sockets take the places of the configuration", "[io][listeners]") {
  const auto a = open_listeners({on(0)}, 2), b = open_listeners({on(0)}, 1),
             gone = open_listeners({on(0)}, 1);
  REQUIRE((a && b && gone));
  const auto adopted =
      adopt_listeners({b->front().fds[0], a->front().fds[0], gone->front().fds[0], a->front().fds[1]},
                      {on(a->front().port), on(b->front().port), on(0)}, 2);
  REQUIRE(adopted);
  REQUIRE(adopted->sockets.size() == 3);
  CHECK(adopted->sockets[0].fds == a->front().fds);
  CHECK(adopted->sockets[1].fds == b->front().fds);
  CHECK(adopted->sockets[2].fds.size() == 2);  // opened anew
  REQUIRE(adopted->left_over.size() == 1);
  CHECK(adopted->left_over[0].port == gone->front().port);
  CHECK(adopted->left_over[0].fds.empty());
  CHECK_THROWS(test::Conn::connect(gone->front().port));
  close_all(adopted->sockets);
}

TEST_CASE("what a listener is for is what the configuration says, also of one that was handed over",
          "[io][listeners]") {
  Listener http = on(0), tls = on(0);
  http.entrance = Entrance::http;
  tls.entrance = Entrance::tls;
  const auto opened = open_listeners({on(0), http, tls}, 1);
  REQUIRE(opened);
  CHECK((*opened)[0].entrance == Entrance::proxy);
  CHECK((*opened)[1].entrance == Entrance::http);
  CHECK((*opened)[2].entrance == Entrance::tls);
  http.port = (*opened)[1].port;
  tls.port = (*opened)[2].port;
  const auto adopted = adopt_listeners({(*opened)[2].fds[0], (*opened)[1].fds[0]}, {on(0), http, tls}, 1);
  REQUIRE(adopted);
  CHECK(adopted->left_over.empty());
  CHECK(adopted->sockets[0].entrance == Entrance::proxy);
  CHECK(adopted->sockets[1].entrance == Entrance::http);
  CHECK(adopted->sockets[1].fds == (*opened)[1].fds);
  CHECK(adopted->sockets[2].entrance == Entrance::tls);
  CHECK(adopted->sockets[2].fds == (*opened)[2].fds);
  close_all({(*opened)[0]});
  close_all(adopted->sockets);
}

TEST_CASE("what is no listening TCP socket is refused, and nothing leaks", "[io][listeners]") {
  const auto good = open_listeners({on(0)}, 1);
  REQUIRE(good);
  const int plain = ::socket(AF_INET, SOCK_STREAM, 0), local = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const auto adopted = adopt_listeners({good->front().fds[0], plain, local}, {on(good->front().port)}, 1);
  REQUIRE_FALSE(adopted);
  CHECK(adopted.error().message == "descriptor " + std::to_string(plain) + " is not a listening TCP socket");
  for (const int fd : {good->front().fds[0], plain, local}) CHECK(::close(fd) != 0);
}

TEST_CASE("an address that is served already is refused", "[io][listeners]") {
  const auto at = [](const char* address, std::uint16_t port) {
    Listener listener;
    listener.address = *IpAddress::parse(address);
    listener.port = port;
    return listener;
  };
  struct Row {
    const char *first, *second;
    bool refused;
  };
  const Row rows[] = {
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "0.0.0.0", true},
      {"0.0.0.0", "127.0.0.1", true},
      {"0.0.0.0", "0.0.0.0", true},
      {"127.0.0.1", "::", true},
      {"::", "127.0.0.1", true},
      {"::1", "::", true},
      {"::", "::1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"0.0.0.0", "::1", false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.first << ", then " << row.second) {
      const auto first = open_listeners({at(row.first, 0)}, 2);
      REQUIRE(first);
      const Listener again = at(row.second, first->front().port);
      const auto second = open_listeners({again}, 2);
      CHECK(static_cast<bool>(second) == !row.refused);
      if (!second)
        CHECK(second.error().message.english().find("another process serves it already") !=
              std::string::npos);
      // Who replaces the other may listen beside it.
      const auto beside = open_listeners({again}, 1, Beside::replaced_process);
      CHECK(beside);
      if (second) close_all(*second);
      if (beside) close_all(*beside);
      close_all(*first);
      const auto later = open_listeners({again}, 1);  // nobody is there any more
      CHECK(later);
      if (later) close_all(*later);
    }
  }
  SECTION("addresses of one configuration may overlap") {
    std::optional<std::vector<ListeningSocket>> both;
    std::uint16_t port = 0;
    for (int attempt = 0; !both && attempt < 20; ++attempt) {  // others on this machine take ports too
      const auto free = open_listeners({at("127.0.0.1", 0)}, 1);
      REQUIRE(free);
      port = free->front().port;
      close_all(*free);
      if (auto opened = open_listeners({at("127.0.0.1", port), at("0.0.0.0", port)}, 2)) both = *opened;
    }
    REQUIRE(both);
    CHECK((*both)[0].address == *IpAddress::parse("127.0.0.1"));
    CHECK_FALSE(open_listeners({at("127.0.0.2", port)}, 1));
    close_all(*both);
  }
}
