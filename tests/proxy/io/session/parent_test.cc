// A parent proxy between us and the origins: what it is asked, what is never sent to it, how its faults end.
#include <catch2/catch.hpp>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

// far.example is in no hosts file, and no name server is asked for it: only the parent may be.
ProxyOptions behind(std::uint16_t parent_port) {
  ProxyOptions options;
  options.timeouts.connect = std::chrono::seconds(1);
  options.dns_servers = {"127.0.0.1:1"};
  ParentProxy parent;
  REQUIRE(parse_host("127.0.0.1", parent.host).ok());
  parent.port = parent_port;
  options.parent = parent;
  options.allow_loopback = false;  // the parent's own address was named by the admin
  return options;
}

std::string connect_to(const std::string& authority) {
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

}  // namespace

TEST_CASE("requests go to the parent in absolute form, on connections that are kept", "[io][parent]") {
  Origin parent([&](Conn& conn, int) {
    for (std::string head = conn.read_head(); !head.empty(); head = conn.read_head()) {
      parent.add(head);
      conn.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  ProxyOptions options = behind(parent.port());
  options.tunnel.address_target = Choice::allow;
  const Proxy proxy(options);
  CHECK_THAT(proxy.ask(get("far.example", 80, "/a?b")), EndsWith("ok"));
  CHECK_THAT(proxy.ask(get("93.184.216.34", 8080, "/")), EndsWith("ok"));
  CHECK_THAT(proxy.ask("OPTIONS http://far.example HTTP/1.1\r\nHost: far.example\r\n\r\n"), EndsWith("ok"));
  CHECK(parent.accepted() == 1);
  const auto seen = parent.seen();
  REQUIRE(seen.size() == 3);
  CHECK_THAT(seen[0], StartsWith("GET http://far.example/a?b HTTP/1.1\r\nHost: far.example\r\n"));
  CHECK_THAT(seen[0], Contains("Via: 1.1 gate-under-test\r\n"));
  CHECK_THAT(seen[1], StartsWith("GET http://93.184.216.34:8080/ HTTP/1.1\r\nHost: 93.184.216.34:8080\r\n"));
  CHECK_THAT(seen[2], StartsWith("OPTIONS http://far.example HTTP/1.1\r\nHost: far.example\r\n"));
}

TEST_CASE("private names and addresses never reach the parent", "[io][parent]") {
  Origin parent([](Conn& conn, int) { conn.read_head(); });
  Proxy proxy(behind(parent.port()));
  for (const char* host : {"printer", "router.lan", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254",
                           "[::1]", "2130706433", "ok.test"}) {  // ok.test: 127.0.0.1 by the hosts file
    INFO(host);
    CHECK_THAT(proxy.ask(get(host, 80, "/")), StartsWith("HTTP/1.1 403 ") || StartsWith("HTTP/1.1 502 "));
  }
  CHECK_THAT(proxy.ask(get("blocked.test", 80, "/")), StartsWith("HTTP/1.1 403 "));
  CHECK(parent.accepted() == 0);
}

TEST_CASE("what the hosts file names is reached directly", "[io][parent]") {
  Origin origin([&](Conn& conn, int) {
    origin.add(conn.read_head());
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  ProxyOptions options = behind(closed_port());
  options.allow_loopback = true;
  const Proxy proxy(options);
  CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/x")), EndsWith("ok"));
  CHECK_THAT(origin.seen().at(0), StartsWith("GET /x HTTP/1.1\r\n"));
}

TEST_CASE("a tunnel through the parent: no byte lost behind its answer", "[io][parent]") {
  const std::string hello = client_hello("far.example");
  Origin parent([&](Conn& conn, int) {
    parent.add(conn.read_head());
    // An interim answer, an answer in pieces, and the origin's first bytes at its heels.
    conn.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 fine\r\nContent-Length: 5\r\n");
    conn.send("\r\nfirst");
    conn.send(conn.read_exactly(hello.size() + 4));
  });
  const Proxy proxy(behind(parent.port()));
  Conn client = proxy.connect();
  client.send(connect_to("far.example:443"));
  REQUIRE_THAT(client.read_head(), StartsWith("HTTP/1.1 200 "));
  client.send(hello + "data");
  CHECK(client.read_all() == "first" + hello + "data");
  CHECK_THAT(parent.seen().at(0),
             StartsWith("CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n"));
}

TEST_CASE("a WebSocket asks the parent for a tunnel", "[io][parent]") {
  Origin parent([&](Conn& conn, int) {
    parent.add(conn.read_head());
    conn.send("HTTP/1.1 200 OK\r\n\r\n");
    parent.add(conn.read_head());
    conn.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi");
  });
  const Proxy proxy(behind(parent.port()));
  Conn client = proxy.connect();
  client.send(get("far.example", 80, "/chat",
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  CHECK_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  CHECK(client.read_exactly(2) == "hi");
  CHECK_THAT(parent.seen().at(0), StartsWith("CONNECT far.example:80 HTTP/1.1\r\n"));
  CHECK_THAT(parent.seen().at(1), StartsWith("GET /chat HTTP/1.1\r\nHost: far.example\r\n"));
}

TEST_CASE("a parent that does not open the tunnel", "[io][parent]") {
  struct Row {
    const char* name;
    std::string answer;
    const char* want;
  };
  const Row rows[] = {
      {"refuses", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nevil", "HTTP/1.1 502 "},
      {"wants a password", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 "},
      {"cannot reach it", "HTTP/1.1 503 Service Unavailable\r\n\r\n", "HTTP/1.1 502 "},
      {"says nothing and closes", "", "HTTP/1.1 502 "},
      {"is no proxy", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 502 "},
      {"switches protocols", "HTTP/1.1 101 No\r\n\r\n", "HTTP/1.1 502 "},
      {"never ends its head", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'), "HTTP/1.1 502 "},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Origin parent([&](Conn& conn, int) {
        conn.read_head();
        conn.send(row.answer);
      });
      Proxy proxy(behind(parent.port()));
      const std::string answer = proxy.ask(connect_to("far.example:443"));
      CHECK_THAT(answer, StartsWith(row.want));
      CHECK_THAT(answer, !Contains("evil"));
      CHECK(proxy.sink.wait_for(1)[0].ended == Ended::upstream_failed);
    }
}

TEST_CASE("a silent parent is given up at the deadline", "[io][parent]") {
  Origin parent([](Conn& conn, int) { conn.read_all(); });
  Proxy proxy(behind(parent.port()));
  CHECK_THAT(proxy.ask(connect_to("far.example:443")), StartsWith("HTTP/1.1 504 "));
  CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
}

TEST_CASE("a parent that is away", "[io][parent]") {
  const Proxy proxy(behind(closed_port()));
  CHECK_THAT(proxy.ask(get("far.example", 80, "/")), StartsWith("HTTP/1.1 502 "));
  CHECK_THAT(proxy.ask(connect_to("far.example:443")), StartsWith("HTTP/1.1 502 "));
}
