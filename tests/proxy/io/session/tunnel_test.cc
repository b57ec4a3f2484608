// CONNECT and WebSocket through the whole engine.
#include <catch2/catch.hpp>
#include <future>
#include <limits>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

ProxyOptions with_ports(std::initializer_list<std::uint16_t> ports) {
  ProxyOptions options;
  options.tunnel.ports.assign(ports);
  return options;
}

std::string connect_to(const std::string& host, std::uint16_t port) {
  const std::string authority = host + ":" + std::to_string(port);
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

// Echoes what it gets, until the end of the stream.
void echo(Conn& conn, int) {
  for (std::string piece = conn.read_some(); !piece.empty(); piece = conn.read_some())
    if (!conn.send(piece)) return;
}

// A client in an open tunnel whose hello was passed on.
Conn open_tunnel(const Proxy& proxy, std::uint16_t port, const std::string& name = "ok.test") {
  Conn client = proxy.connect();
  client.send(connect_to(name, port));
  REQUIRE_THAT(client.read_head(), StartsWith("HTTP/1.1 200 "));
  const std::string hello = client_hello(name);
  client.send(hello);
  REQUIRE(client.read_exactly(hello.size()) == hello);
  return client;
}

}  // namespace

TEST_CASE("a tunnel: judged by its hello, two rows", "[io][tunnel]") {
  Origin origin(echo);
  Proxy proxy(with_ports({origin.port()}));
  Conn client = open_tunnel(proxy, origin.port());
  CHECK(proxy.server->status().tunnels == 1);
  client.send("data");
  CHECK(client.read_exactly(4) == "data");
  client.shutdown_write();
  CHECK(client.read_all() == "");
  CHECK_FALSE(client.was_reset());

  const auto rows = proxy.sink.wait_for(2);
  CHECK(rows[0].part == LogRecord::Part::tunnel_open);
  CHECK(rows[0].method == "CONNECT");
  CHECK(rows[0].host == "ok.test");
  CHECK(rows[0].port == origin.port());
  CHECK(rows[0].seen == Seen::sni);
  CHECK(rows[0].verdict.action == Action::allow);
  CHECK(rows[1].part == LogRecord::Part::tunnel_end);
  CHECK(rows[1].decision == rows[0].decision);
  CHECK(rows[1].ended == Ended::done);
  CHECK(rows[1].bytes_up == client_hello("ok.test").size() + 4);
  CHECK(rows[1].bytes_down == rows[1].bytes_up);
  CHECK(proxy.server->status().tunnels == 0);
}

TEST_CASE("a hello in pieces of one byte, with bytes behind it", "[io][tunnel]") {
  Origin origin(echo);
  Proxy proxy(with_ports({origin.port()}));
  Conn client = proxy.connect();
  client.send(connect_to("ok.test", origin.port()));
  client.read_head();
  const std::string hello = client_hello("ok.test");
  for (const char c : hello) client.send(std::string(1, c));
  client.send("early");
  CHECK(client.read_exactly(hello.size() + 5) == hello + "early");
}

TEST_CASE("bytes sent together with the CONNECT are not lost", "[io][tunnel]") {
  Origin origin(echo);
  Proxy proxy(with_ports({origin.port()}));
  Conn client = proxy.connect();
  const std::string hello = client_hello("ok.test");
  client.send(connect_to("ok.test", origin.port()) + hello + "more");
  client.read_head();
  CHECK(client.read_exactly(hello.size() + 4) == hello + "more");
}

TEST_CASE("what a tunnel may not be: not one byte reaches the origin", "[io][tunnel]") {
  std::atomic<bool> got_bytes{false};
  Origin origin([&](Conn& conn, int) {
    if (!conn.read_some().empty()) got_bytes = true;
  });
  ProxyOptions options = with_ports({origin.port()});
  options.timeouts.hello = std::chrono::seconds(1);
  Proxy proxy(options);
  struct Row {
    const char* name;
    std::string first;
    Reason reason;
    Ended ended;
  };
  const Row rows[] = {
      {"another name", client_hello("other.test"), Reason::sni_mismatch, Ended::blocked},
      {"a blocked name", client_hello("blocked.test"), Reason::category, Ended::blocked},
      {"no name", client_hello(""), Reason::no_sni, Ended::blocked},
      {"an address as name", client_hello("127.0.0.1"), Reason::sni_is_address, Ended::blocked},
      {"HTTP", "GET / HTTP/1.1\r\nHost: ok.test\r\n\r\n", Reason::not_tls, Ended::blocked},
      {"SSH", "SSH-2.0-x\r\n", Reason::not_tls, Ended::blocked},
      {"half a hello", client_hello("ok.test").substr(0, 30), Reason::bad_hello, Ended::timed_out},
      {"nothing", "", Reason::not_tls, Ended::timed_out},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Conn client = proxy.connect();
      client.send(connect_to("ok.test", origin.port()));
      REQUIRE_THAT(client.read_head(), StartsWith("HTTP/1.1 200 "));
      client.send(row.first);
      CHECK(client.read_all() == "");
      const auto written = proxy.sink.wait_for(1);
      CHECK(written[0].part == LogRecord::Part::exchange);
      CHECK(written[0].ended == row.ended);
      CHECK(to_string(written[0].verdict.reason) == to_string(row.reason));
      CHECK(written[0].verdict.action == Action::block);
      CHECK_FALSE(got_bytes);
    }
}

TEST_CASE("a client that leaves before its hello", "[io][tunnel]") {
  Origin origin(echo);
  Proxy proxy(with_ports({origin.port()}));
  {
    Conn client = proxy.connect();
    client.send(connect_to("ok.test", origin.port()));
    client.read_head();
  }
  const auto rows = proxy.sink.wait_for(1);
  CHECK(rows[0].ended == Ended::client_gone);
  CHECK(rows[0].part == LogRecord::Part::exchange);
}

TEST_CASE("CONNECT refused before the 200", "[io][tunnel]") {
  const std::uint16_t port = closed_port();
  Proxy proxy(with_ports({port, 443}));
  struct Row {
    const char* name;
    std::string request;
    const char* status;
  };
  const Row rows[] = {
      {"blocked host", connect_to("blocked.test", 443), "403"},
      {"warned host", connect_to("warned.test", 443), "403"},
      {"port", connect_to("ok.test", 22), "403"},
      {"address", connect_to("127.0.0.1", 443), "403"},
      {"nobody listens", connect_to("ok.test", port), "502"},
      {"ourselves", connect_to("schoolgate.internal", 443), "400"},
      {"no port", "CONNECT ok.test HTTP/1.1\r\nHost: ok.test\r\n\r\n", "400"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(proxy.ask(row.request).substr(9, 3) == row.status);
    }
}

TEST_CASE("a tier that allows what is no TLS, also where the server speaks first", "[io][tunnel]") {
  Origin origin([](Conn& conn, int) {
    conn.send("220 hello\r\n");
    conn.read_all();
  });
  ProxyOptions options = with_ports({origin.port()});
  options.tunnel.not_tls = Choice::allow;
  options.timeouts.hello = std::chrono::seconds(1);
  Proxy proxy(options);
  Conn client = proxy.connect();
  client.send(connect_to("ok.test", origin.port()));
  client.read_head();
  CHECK(client.read_until("\n") == "220 hello\r\n");
}

TEST_CASE("half-close passes through, and no byte of the tail is lost", "[io][tunnel]") {
  const std::string big(8 << 20, 'z');
  Origin origin([&](Conn& conn, int) {
    const std::string hello = client_hello("ok.test");
    conn.read_exactly(hello.size());
    conn.send(hello);
    origin.add(std::to_string(conn.read_all().size()));
    conn.send(big);
  });
  Proxy proxy(with_ports({origin.port()}));
  Conn client = open_tunnel(proxy, origin.port());
  client.send(std::string(3 << 20, 'u'));
  client.shutdown_write();
  CHECK(client.read_all() == big);
  CHECK(origin.seen().at(0) == std::to_string(3 << 20));
}

TEST_CASE("a reset on one side is a reset on the other", "[io][tunnel]") {
  std::promise<void> cut;
  Origin origin([&](Conn& conn, int number) {
    const std::string hello = client_hello("ok.test");
    conn.read_exactly(hello.size());
    conn.send(hello);
    if (number == 0) {
      cut.get_future().wait();
      conn.reset();
    } else {
      const std::string rest = conn.read_all();
      origin.add(rest + (conn.was_reset() ? "reset" : "end"));
    }
  });
  Proxy proxy(with_ports({origin.port()}));
  Conn first = open_tunnel(proxy, origin.port());
  cut.set_value();
  CHECK(first.read_all() == "");
  CHECK(first.was_reset());
  CHECK(proxy.sink.wait_for(2)[1].ended == Ended::upstream_failed);
  Conn second = open_tunnel(proxy, origin.port());
  second.reset();
  CHECK(proxy.sink.wait_for(4)[3].ended == Ended::client_gone);
  while (origin.seen().empty()) std::this_thread::yield();
  CHECK(origin.seen().at(0) == "reset");
}

TEST_CASE("an idle tunnel ends at its deadline, a busy one does not", "[io][tunnel]") {
  Origin origin(echo);
  ProxyOptions options = with_ports({origin.port()});
  options.timeouts.tunnel_idle = std::chrono::seconds(1);
  Proxy proxy(options);
  Conn client = open_tunnel(proxy, origin.port());
  CHECK(client.read_all() == "");
  CHECK(proxy.sink.wait_for(2)[1].ended == Ended::timed_out);
}

TEST_CASE("after a reload open tunnels are judged again", "[io][tunnel]") {
  Origin origin(echo);
  ProxyOptions options = with_ports({origin.port()});
  options.limits.requests_per_second_per_client = 0;
  Proxy proxy(options);
  std::vector<Conn> stay, go;
  for (int i = 0; i < 300; ++i) stay.push_back(open_tunnel(proxy, origin.port()));  // more than a slice
  for (int i = 0; i < 300; ++i) go.push_back(open_tunnel(proxy, origin.port(), "later.test"));
  options.extra_blocked = {"later.test"};
  proxy.reload(options);
  for (Conn& client : go) CHECK(client.read_all() == "");
  for (Conn& client : stay) {
    client.send("x");
    CHECK(client.read_exactly(1) == "x");
  }
  const auto rows = proxy.sink.wait_for(900);
  std::size_t closed = 0;
  for (const LogRecord& row : rows) {
    if (row.part != LogRecord::Part::tunnel_end) continue;
    ++closed;
    CHECK(row.ended == Ended::policy_changed);
    CHECK(row.revision == 2);
    CHECK(row.verdict.action == Action::block);
  }
  CHECK(closed == 300);
  CHECK(proxy.server->status().closed_by_policy == 300);
}

TEST_CASE("an override ends open tunnels, and ends itself", "[io][tunnel]") {
  Origin origin(echo);
  const ProxyOptions options = with_ports({origin.port()});
  Proxy proxy(options);
  const auto now = std::chrono::steady_clock::now();
  const auto row = [&](std::uint32_t id, Action action, const char* site, std::chrono::seconds lasts) {
    OverrideRow one;
    one.id = id;
    one.action = action;
    one.target = site;
    one.tier = "pupils";
    one.end = {std::numeric_limits<std::int64_t>::max(), now + lasts};
    return one;
  };
  Conn stay = open_tunnel(proxy, origin.port()), go = open_tunnel(proxy, origin.port(), "later.test");
  proxy.server->override_with({row(1, Action::block, "later.test", std::chrono::hours(1))});
  CHECK(go.read_all() == "");
  const auto rows = proxy.sink.wait_for(3);
  CHECK(rows[2].ended == Ended::policy_changed);
  CHECK(rows[2].verdict.reason == Reason::override_line);
  CHECK(rows[2].verdict.rule.line == 1);

  // Kept by a reload; over by the clock that only runs, whatever the other says.
  proxy.server->override_with({row(2, Action::allow, "blocked.test", std::chrono::seconds(3))});
  proxy.reload(options);
  Conn open = open_tunnel(proxy, origin.port(), "blocked.test");
  open.send("x");
  CHECK(open.read_exactly(1) == "x");
  CHECK(open.read_all() == "");
  CHECK(std::chrono::steady_clock::now() < now + std::chrono::seconds(8));
  stay.send("x");
  CHECK(stay.read_exactly(1) == "x");
  CHECK_THAT(proxy.ask(get("blocked.test", 80, "/")), StartsWith("HTTP/1.1 403 "));
}

TEST_CASE("drain lets tunnels go on for a while, stop ends them", "[io][tunnel]") {
  Origin origin(echo);
  Proxy proxy(with_ports({origin.port()}));
  Conn client = open_tunnel(proxy, origin.port());
  proxy.server->begin_drain();
  client.send("still");
  CHECK(client.read_exactly(5) == "still");
  proxy.server->stop();
  CHECK(client.read_all() == "");
  CHECK(proxy.sink.wait_for(2)[1].ended == Ended::shut_down);
}

TEST_CASE("a CONNECT to port 80 is HTTP, judged request by request", "[io][tunnel]") {
  Proxy proxy;
  struct Row {
    const char* name;
    std::string request;
    const char* status;
  };
  const Row rows[] = {
      {"another host", "GET / HTTP/1.1\r\nHost: blocked.test\r\n\r\n", "400"},
      {"absolute form", "GET http://paths.test/ HTTP/1.1\r\nHost: paths.test\r\n\r\n", "400"},
      {"blocked path", "GET /bad HTTP/1.1\r\nHost: paths.test\r\n\r\n", "403"},
      {"a tunnel in a tunnel", "CONNECT paths.test:443 HTTP/1.1\r\nHost: paths.test:443\r\n\r\n", "400"},
      {"noise", "\x01\x02\x03\r\n\r\n", "400"},
      {"nobody listens", "GET / HTTP/1.1\r\nHost: paths.test\r\n\r\n", "502"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Conn client = proxy.connect();
      client.send(connect_to("paths.test", 80));
      REQUIRE_THAT(client.read_head(), StartsWith("HTTP/1.1 200 "));
      client.send(row.request);
      CHECK(client.read_response().substr(9, 3) == row.status);
    }
}

TEST_CASE("WebSocket in the clear, by absolute-form Upgrade", "[io][tunnel]") {
  Origin origin([&](Conn& conn, int number) {
    origin.add(conn.read_head());
    conn.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst");
    echo(conn, number);
  });
  ProxyOptions options;
  Proxy proxy(options);
  Conn client = proxy.connect();
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  client.send(get("ok.test", origin.port(), "/chat?x", upgrade) + "early");
  CHECK_THAT(client.read_head(), StartsWith("HTTP/1.1 101 ") && Contains("Upgrade: websocket"));
  CHECK(client.read_exactly(10) == "firstearly");
  client.send("ping");
  CHECK(client.read_exactly(4) == "ping");
  CHECK_THAT(origin.seen().at(0), Contains("Upgrade: websocket") && Contains("Sec-WebSocket-Key: "));
  auto rows = proxy.sink.wait_for(1);
  CHECK(rows[0].part == LogRecord::Part::tunnel_open);
  CHECK(rows[0].status == 101);
  CHECK(rows[0].method == "GET");

  CHECK_THAT(proxy.ask(get("blocked.test", 80, "/", upgrade)), StartsWith("HTTP/1.1 403 "));
  options.extra_blocked = {"ok.test"};
  proxy.reload(options);
  CHECK(client.read_all() == "");
  rows = proxy.sink.wait_for(3);
  CHECK(rows[2].ended == Ended::policy_changed);
  CHECK(rows[2].decision == rows[0].decision);
}

TEST_CASE("a WebSocket whose policy changed while it was being opened", "[io][tunnel]") {
  std::promise<void> asked, answer;
  Origin origin([&](Conn& conn, int) {
    conn.read_head();
    asked.set_value();
    answer.get_future().wait();
    conn.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    conn.read_all();
  });
  ProxyOptions options;
  Proxy proxy(options);
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/",
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  asked.get_future().wait();
  options.extra_blocked = {"ok.test"};
  proxy.reload(options);
  while (!proxy.ask(get("ok.test", 1, "/")).starts_with("HTTP/1.1 403")) {
  }
  answer.set_value();
  client.read_all();
  const auto rows = proxy.sink.wait_for(3);
  CHECK(rows.back().part == LogRecord::Part::tunnel_end);
  CHECK(rows.back().ended == Ended::policy_changed);
}
