// Limits and fairness: what one client may hold, what is told to those for whom there is no place.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace std::chrono_literals;

namespace {

const std::string blocked = "GET http://blocked.test/ HTTP/1.1\r\nHost: blocked.test\r\n\r\n";

// Accepted for certain: it has its answer.
Conn served(const Proxy& proxy) {
  Conn conn = proxy.connect();
  conn.send(blocked);
  REQUIRE_THAT(conn.read_response(), StartsWith("HTTP/1.1 403 "));
  return conn;
}

std::string post_head(std::uint16_t port, std::size_t length) {
  const std::string host = "ok.test:" + std::to_string(port);
  return "POST http://" + host + "/ HTTP/1.1\r\nHost: " + host +
         "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("requests a second are counted over all connections of a client", "[io][limits]") {
  ProxyOptions options;
  options.workers = 2;
  options.limits.requests_per_second_per_client = 5;
  options.limits.request_burst_per_client = 5;
  Proxy proxy(options);
  std::vector<Conn> open;
  for (int i = 0; i < 60; ++i) {
    open.push_back(proxy.connect());  // one for each request: no way around the count
    open.back().send(blocked);
  }
  int served = 0, refused = 0;
  for (Conn& conn : open) {
    const std::string answer = conn.read_response();
    served += answer.starts_with("HTTP/1.1 403 ");
    refused += answer.starts_with("HTTP/1.1 429 ") && answer.find("Retry-After: 1") != std::string::npos;
  }
  CHECK(served >= 15);  // five at once, and those that waited for two seconds
  CHECK(refused > 20);  // 60 in at most some seconds
  CHECK(served + refused == 60);
}

TEST_CASE("one after the other, requests over the rate wait and are not refused", "[io][limits]") {
  ProxyOptions options;
  options.limits.requests_per_second_per_client = 100;
  options.limits.request_burst_per_client = 10;
  Proxy proxy(options);
  Conn conn = proxy.connect();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 60; ++i) {
    conn.send(blocked);
    CHECK_THAT(conn.read_response(), StartsWith("HTTP/1.1 403 "));
  }
  CHECK(std::chrono::steady_clock::now() - begin > 490ms);  // 50 of them
}

TEST_CASE("who goes on asking too much has to connect anew", "[io][limits]") {
  ProxyOptions options;
  options.limits.requests_per_second_per_client = 1;
  options.limits.request_burst_per_client = 1;
  Proxy proxy(options);
  std::vector<Conn> waiting;  // nobody else's turn comes within the patience
  for (int i = 0; i < 12; ++i) {
    waiting.push_back(proxy.connect());
    waiting.back().send(blocked);
  }
  Conn conn = proxy.connect();
  std::string all;
  for (int i = 0; i < 40; ++i)
    if (!conn.send(blocked)) break;
  all = conn.read_all();  // ends, and soon
  CHECK_THAT(all, Contains("HTTP/1.1 429 ") && Contains("Connection: close"));
  std::size_t answers = 0;
  for (std::size_t at = 0; (at = all.find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++answers;
  CHECK(answers < 20);
}

TEST_CASE("many people behind one address have no limits per client", "[io][limits]") {
  ProxyOptions options;
  options.limits.requests_per_second_per_client = 2;
  options.limits.connections_per_client = 2;
  options.who = {{*Network::parse("127.0.0.0/8"), "pupils", "", true},
                 {*Network::parse("127.0.0.9/32"), "pupils", "", false}};  // the narrowest speaks
  Proxy proxy(options);
  std::vector<Conn> open;
  for (int i = 0; i < 20; ++i) open.push_back(served(proxy));
  CHECK(proxy.server->status().refused_clients == 0);
}

TEST_CASE("when every place is taken newcomers wait, and get the first that is free", "[io][limits]") {
  ProxyOptions options;
  options.limits.connections = 3;
  Proxy proxy(options);
  std::vector<Conn> open;
  for (int i = 0; i < 3; ++i) open.push_back(served(proxy));
  Conn waiting = proxy.connect();
  waiting.send(blocked);
  open.pop_back();
  CHECK_THAT(waiting.read_response(), StartsWith("HTTP/1.1 403 "));
  CHECK(proxy.server->status().refused_clients == 0);
}

TEST_CASE("when every place is taken who has most gives up what was silent for longest", "[io][limits]") {
  ProxyOptions options;
  options.workers = 2;
  options.limits.connections = 6;
  Proxy proxy(options);
  Origin origin([](Conn& conn, int) {
    conn.read_head();
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    conn.read_all();
  });
  std::vector<Conn> open;
  for (int i = 0; i < 6; ++i) {
    open.push_back(proxy.connect());
    open.back().send(get("ok.test", origin.port(), "/"));
    REQUIRE_THAT(open.back().read_head(), StartsWith("HTTP/1.1 200 "));
  }
  Conn newcomer = Conn::connect(proxy.port(), "127.0.0.1", "127.0.0.77");
  newcomer.send(blocked);
  CHECK_THAT(newcomer.read_response(), StartsWith("HTTP/1.1 403 "));
  const auto rows = proxy.sink.wait_for(2);  // its own, and that of who gave way
  const bool first = rows[0].ended == Ended::gave_way;
  CHECK(rows[first ? 0 : 1].ended == Ended::gave_way);
  CHECK(rows[first ? 1 : 0].ended == Ended::blocked);
  CHECK(proxy.server->status().refused_clients == 0);
}

TEST_CASE("who has waited for a place in vain is told when to come again", "[io][limits]") {
  ProxyOptions options;
  options.limits.connections = 3;
  Proxy proxy(options);
  std::vector<Conn> open;
  for (int i = 0; i < 3; ++i) open.push_back(served(proxy));
  const auto begin = std::chrono::steady_clock::now();
  Conn waiting = proxy.connect();
  CHECK_THAT(waiting.read_all(), StartsWith("HTTP/1.1 503 ") && Contains("Retry-After: "));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > 1s);
  CHECK(took < 8s);
  CHECK(proxy.server->status().connections == 3);
}

TEST_CASE("a body that dribbles is given up, one that is only slow is not", "[io][limits]") {
  ProxyOptions options;
  options.timeouts.body = 1s;
  options.limits.min_bytes_per_second = 300;
  Proxy proxy(options);
  Origin origin([](Conn& conn, int) {
    conn.read_head();
    conn.read_exactly(6'000);
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const auto send_slowly = [&](std::size_t piece) {
    Conn client = proxy.connect();
    client.send(post_head(origin.port(), 6'000));
    for (std::size_t sent = 0; sent < 6'000; sent += piece) {
      if (!client.send(std::string(piece, 'x'))) break;
      if (proxy.sink.count() > 0) break;
      std::this_thread::sleep_for(100ms);  // the peer's own slowness
    }
    return client.read_response();
  };
  SECTION("dribbles: 10 bytes a tenth of a second") {
    CHECK_THAT(send_slowly(10), StartsWith("HTTP/1.1 408 "));
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  }
  SECTION("slow: 200 bytes a tenth of a second") {
    CHECK_THAT(send_slowly(200), StartsWith("HTTP/1.1 200 "));
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::done);
  }
}

TEST_CASE("a reader that takes next to nothing is cut off", "[io][limits]") {
  ProxyOptions options;
  options.timeouts.body = 1s;
  options.limits.min_bytes_per_second = 100'000;
  Proxy proxy(options);
  Origin origin([](Conn& conn, int) {
    conn.read_head();
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const std::string piece(65'536, 'x');
    while (conn.send(piece)) {
    }
  });
  Conn client = proxy.connect();
  client.small_buffers();
  client.send(get("ok.test", origin.port(), "/"));
  std::size_t got = 0;
  while (proxy.sink.count() == 0 && got < 50'000'000) {
    got += client.read_exactly(2'000).size();
    std::this_thread::sleep_for(100ms);  // 20 KB a second: one batch takes it several seconds
  }
  CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  CHECK(got < 10'000'000);
}

TEST_CASE("a head has its deadline from its first byte on, however it dribbles", "[io][limits]") {
  ProxyOptions options;
  options.timeouts.head = 1s;
  Proxy proxy(options);
  Conn client = proxy.connect();
  client.send("GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n");
  for (int i = 0; i < 100 && proxy.sink.count() == 0; ++i) {
    client.send("X-" + std::to_string(i) + ": y\r\n");
    std::this_thread::sleep_for(50ms);
  }
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 408 "));
}
