// What the firewall sends here: HTTP by its Host, TLS by the name in its hello, and no other way round.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

ProxyOptions redirected(Entrance entrance, std::uint16_t port, const char* address = "127.0.0.1") {
  ProxyOptions options;
  options.entrance = entrance;
  options.destination = Destination{*IpAddress::parse(address), port};
  options.tunnel.ports = {port};
  return options;
}

void answer_ok(Conn& conn, int) {
  while (!conn.read_head().empty()) conn.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

void echo(Conn& conn, int) {
  for (std::string piece = conn.read_some(); !piece.empty(); piece = conn.read_some())
    if (!conn.send(piece)) return;
}

std::string origin_form(const std::string& host, const std::string& path = "/") {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n\r\n";
}

std::string with_port(const char* host, std::uint16_t port) {
  return std::string(host) + ":" + std::to_string(port);
}

}  // namespace

TEST_CASE("redirected http is judged and sent on by its Host", "[io][redirected]") {
  Origin origin(answer_ok);
  Proxy proxy(redirected(Entrance::http, origin.port()));
  Conn client = proxy.connect();
  client.send(origin_form(with_port("ok.test", origin.port()), "/a?b"));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
  client.send(origin_form(with_port("ok.test", origin.port())));  // on the same two connections
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
  CHECK(origin.accepted() == 1);
  client.send(origin_form(with_port("blocked.test", origin.port())));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 403 ") && Contains("<html"));
  client.send(origin_form(with_port("paths.test", origin.port()), "/bad/x"));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 403 "));
  const auto rows = proxy.sink.wait_for(4);
  CHECK(rows[0].host == "ok.test");
  CHECK(rows[0].port == origin.port());
  CHECK(rows[0].method == "GET");
  CHECK(rows[0].seen == Seen::url);
  CHECK(rows[0].cause == "");
  CHECK(rows[1].cause == "");
  CHECK(rows[2].ended == Ended::blocked);
  CHECK(rows[2].host == "blocked.test");
  CHECK(origin.accepted() == 1);
}

TEST_CASE("redirected http in another form is refused", "[io][redirected]") {
  Origin origin(answer_ok);
  Proxy proxy(redirected(Entrance::http, origin.port()));
  const std::string there = with_port("ok.test", origin.port());
  struct Row {
    const char* name;
    std::string request, cause;
  };
  const Row rows[] = {
      {"as to a proxy", "GET http://" + there + "/ HTTP/1.1\r\nHost: " + there + "\r\n\r\n",
       "absolute_in_tunnel"},
      {"a tunnel", "CONNECT " + there + " HTTP/1.1\r\nHost: " + there + "\r\n\r\n", "connect_in_tunnel"},
      {"no Host", "GET / HTTP/1.0\r\n\r\n", ""},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", ""},
      {"a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ""},
      {"another port", origin_form("ok.test:81"), "other_port"},
      {"no port, which is 80", origin_form("ok.test"), "other_port"},
      {"TLS", client_hello("ok.test"), "not_http"},
  };
  std::size_t count = 0;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Conn client = proxy.connect();
      client.send(row.request);
      CHECK_THAT(client.read_all(), StartsWith("HTTP/1.1 400 "));
      const LogRecord record = proxy.sink.wait_for(++count).back();
      CHECK(record.verdict.was_refused());
      CHECK(record.ended == Ended::refused);
      if (!row.cause.empty()) CHECK(record.cause == row.cause);
    }
  }
  CHECK(origin.accepted() == 0);
}

TEST_CASE("redirected http reaches the proxy's own pages by their name", "[io][redirected]") {
  Proxy proxy(redirected(Entrance::http, 80, "127.0.0.9"));
  Conn client = proxy.connect();
  client.send(origin_form("schoolgate.internal"));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
  client.send(origin_form("ok.test", "/proxy.pac"));  // of a site that may have one itself
  CHECK_THAT(client.read_response(), !StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("the name leads the way, not the address that was gone to", "[io][redirected]") {
  Origin origin(answer_ok);
  Proxy proxy(redirected(Entrance::http, origin.port(), "127.0.0.77"));
  Conn client = proxy.connect();
  for (int i = 0; i < 2; ++i) {  // over a new connection, and over one that was kept
    client.send(origin_form(with_port("ok.test", origin.port())));
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
  }
  const auto rows = proxy.sink.wait_for(2);
  CHECK(origin.accepted() == 1);
  for (const LogRecord& row : rows) {
    CHECK(row.verdict.action == Action::allow);
    CHECK(row.ended == Ended::done);
    CHECK(row.cause == "other_address");
  }
}

TEST_CASE("what nobody redirected is refused, with one row", "[io][redirected]") {
  for (const Entrance entrance : {Entrance::http, Entrance::tls}) {
    DYNAMIC_SECTION((entrance == Entrance::http ? "http" : "tls")) {
      Origin origin(answer_ok);
      ProxyOptions options = redirected(entrance, origin.port());
      options.destination.reset();
      Proxy proxy(options);
      proxy.connect().close();  // who says nothing leaves none
      Conn client = proxy.connect();
      const bool http = entrance == Entrance::http;
      client.send(http ? origin_form(with_port("ok.test", origin.port())) : client_hello("ok.test"));
      const std::string answer = client.read_all();
      if (http) CHECK_THAT(answer, StartsWith("HTTP/1.1 400 "));
      if (!http) CHECK(answer == "");
      const auto rows = proxy.sink.wait_for(1);
      CHECK(rows[0].verdict == Verdict::refused(Reason::bad_request));
      CHECK(rows[0].ended == Ended::refused);
      CHECK(rows[0].cause == "not_redirected");
      CHECK(origin.accepted() == 0);
      CHECK(proxy.sink.count() == 1);
    }
  }
}

TEST_CASE("a connection that nobody redirected was going to where it is", "[io][redirected]") {
  const int listener = open_listener(*IpAddress::parse("127.0.0.1"), 0);
  REQUIRE(listener >= 0);
  sockaddr_in here{};
  socklen_t size = sizeof here;
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&here), &size) == 0);
  const std::uint16_t port = ntohs(here.sin_port);
  CHECK_FALSE(original_destination(listener));  // nobody's connection
  CHECK_FALSE(original_destination(-1));
  const Conn client = Conn::connect(port);
  pollfd waiting{listener, POLLIN, 0};
  REQUIRE(::poll(&waiting, 1, 20'000) == 1);
  const int accepted = ::accept(listener, nullptr, nullptr);
  REQUIRE(accepted >= 0);
  // Where the kernel keeps no table of connections it does not know.
  if (const auto destination = original_destination(accepted)) {
    CHECK(destination->address == *IpAddress::parse("127.0.0.1"));
    CHECK(destination->port == port);
  }
  ::close(accepted);
  ::close(listener);
}

TEST_CASE("redirected TLS is a tunnel to the name in its hello", "[io][redirected]") {
  Origin origin(echo);
  Proxy proxy(redirected(Entrance::tls, origin.port()));
  Conn client = proxy.connect();
  const std::string hello = client_hello("ok.test");
  for (const char c : hello) client.send(std::string(1, c));
  client.send("early");
  CHECK(client.read_exactly(hello.size() + 5) == hello + "early");
  CHECK(proxy.server->status().tunnels == 1);
  client.shutdown_write();
  CHECK(client.read_all() == "");
  const auto rows = proxy.sink.wait_for(2);
  CHECK(rows[0].part == LogRecord::Part::tunnel_open);
  CHECK(rows[0].method == "");
  CHECK(rows[0].host == "ok.test");
  CHECK(rows[0].port == origin.port());
  CHECK(rows[0].seen == Seen::sni);
  CHECK(rows[0].verdict.action == Action::allow);
  CHECK(rows[0].cause == "");
  CHECK(rows[1].part == LogRecord::Part::tunnel_end);
  CHECK(rows[1].decision == rows[0].decision);
  CHECK(rows[1].ended == Ended::done);
}

TEST_CASE("redirected TLS: the name leads the way", "[io][redirected]") {
  Origin origin(echo);
  Proxy proxy(redirected(Entrance::tls, origin.port(), "127.0.0.77"));
  Conn client = proxy.connect();
  const std::string hello = client_hello("ok.test");
  client.send(hello);
  CHECK(client.read_exactly(hello.size()) == hello);
  CHECK(proxy.sink.wait_for(1)[0].cause == "other_address");
}

TEST_CASE("what redirected TLS may not be: not one byte reaches the origin", "[io][redirected]") {
  struct Row {
    const char* name;
    std::string first;
    Choice address_target, no_sni, not_tls;
    Reason reason;
    const char* host;
  };
  const Choice allow = Choice::allow, block = Choice::block;
  const Row rows[] = {
      {"a blocked name", client_hello("blocked.test"), allow, allow, allow, Reason::category, "blocked.test"},
      {"no name", client_hello(""), allow, block, allow, Reason::no_sni, "127.0.0.1"},
      {"no name, to an address", client_hello(""), block, allow, allow, Reason::address_target, "127.0.0.1"},
      {"an address as name", client_hello("127.0.0.1"), allow, allow, allow, Reason::sni_is_address,
       "127.0.0.1"},
      {"a name that is none", client_hello("a..b"), allow, allow, allow, Reason::bad_hello, "127.0.0.1"},
      {"another port in the name", client_hello("ok.test:443"), allow, allow, allow, Reason::bad_hello,
       "127.0.0.1"},
      {"no TLS", "SSH-2.0-x\r\n", allow, allow, block, Reason::not_tls, "127.0.0.1"},
      {"no TLS, to an address", "SSH-2.0-x\r\n", block, allow, allow, Reason::address_target, "127.0.0.1"},
      {"half a hello", client_hello("ok.test").substr(0, 20), allow, allow, allow, Reason::bad_hello,
       "127.0.0.1"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Origin origin(echo);
      ProxyOptions options = redirected(Entrance::tls, origin.port());
      options.tunnel.address_target = row.address_target;
      options.tunnel.no_sni = row.no_sni;
      options.tunnel.not_tls = row.not_tls;
      options.timeouts.hello = std::chrono::seconds(1);
      Proxy proxy(options);
      Conn client = proxy.connect();
      client.send(row.first);
      CHECK(client.read_all() == "");
      const auto rows_written = proxy.sink.wait_for(1);
      CHECK(rows_written[0].verdict.reason == row.reason);
      CHECK(rows_written[0].host == row.host);
      CHECK(rows_written[0].ended != Ended::done);
      CHECK(rows_written[0].part == LogRecord::Part::exchange);
      CHECK(origin.accepted() == 0);
    }
  }
}

TEST_CASE("a tier may let pass what has no name: to where it was going", "[io][redirected]") {
  Origin origin(echo);
  ProxyOptions options = redirected(Entrance::tls, origin.port());
  options.tunnel.address_target = options.tunnel.no_sni = options.tunnel.not_tls = Choice::allow;
  Proxy proxy(options);
  for (const std::string& first : {client_hello(""), std::string("SSH-2.0-x\r\n")}) {
    Conn client = proxy.connect();
    client.send(first);
    CHECK(client.read_exactly(first.size()) == first);
  }
  std::size_t opened = 0;
  for (const LogRecord& row : proxy.sink.wait_for(2)) {
    if (row.part != LogRecord::Part::tunnel_open) continue;
    ++opened;
    CHECK(row.host == "127.0.0.1");
    CHECK(row.seen == Seen::nothing);
    CHECK(row.cause == "");
  }
  CHECK(opened >= 1);
}

TEST_CASE("redirected TLS that leaves without a word leaves no row", "[io][redirected]") {
  Origin origin(echo);
  Proxy proxy(redirected(Entrance::tls, origin.port()));
  proxy.connect().close();
  Conn client = proxy.connect();
  client.send(client_hello("blocked.test"));
  CHECK(client.read_all() == "");
  CHECK(proxy.sink.wait_for(1)[0].host == "blocked.test");
  CHECK(proxy.sink.count() == 1);
}

TEST_CASE("redirected TLS without a policy, or to ourselves without a certificate, is refused",
          "[io][redirected]") {
  ProxyOptions options = redirected(Entrance::tls, 443, "127.0.0.9");
  SECTION("no policy") {
    options.with_policy = false;
    Proxy proxy(options);
    Conn client = proxy.connect();
    client.send(client_hello("ok.test"));
    CHECK(client.read_all() == "");
    const auto rows = proxy.sink.wait_for(1);
    CHECK(rows[0].verdict == Verdict::refused(Reason::no_snapshot));
    CHECK(rows[0].host == "");
  }
  SECTION("schoolgate.internal") {
    Proxy proxy(options);
    Conn client = proxy.connect();
    client.send(client_hello("schoolgate.internal"));
    CHECK(client.read_all() == "");
    const auto rows = proxy.sink.wait_for(1);
    CHECK(rows[0].verdict == Verdict::refused(Reason::bad_request));
    CHECK(rows[0].cause == "connect_to_gateway");
    CHECK(rows[0].host == "schoolgate.internal");
  }
}

TEST_CASE("after a reload open redirected tunnels are judged again", "[io][redirected]") {
  Origin origin(echo);
  ProxyOptions options = redirected(Entrance::tls, origin.port());
  Proxy proxy(options);
  const auto open = [&](const char* name) {
    Conn client = proxy.connect();
    const std::string hello = client_hello(name);
    client.send(hello);
    REQUIRE(client.read_exactly(hello.size()) == hello);
    return client;
  };
  Conn stays = open("ok.test"), goes = open("later.test");
  options.extra_blocked = {"later.test"};
  proxy.reload(options);
  CHECK(goes.read_all() == "");
  stays.send("x");
  CHECK(stays.read_exactly(1) == "x");
  CHECK(proxy.server->status().closed_by_policy == 1);
  CHECK(proxy.sink.wait_for(3)[2].ended == Ended::policy_changed);
}
