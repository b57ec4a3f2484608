// Seconds are the ticks that a test makes.
#include "proxy/io/upstream/upstream_pool.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <map>

using namespace schoolgate;

namespace {

// Connections to origins, and the origins' ends of them, by a number that the test gives.
struct Origins {
  explicit Origins(UpstreamPool::Options options = {}) : pool(options) {}
  ~Origins() {
    for (const auto& [number, fd] : ends) ::close(fd);
  }
  Origins(const Origins&) = delete;
  Origins& operator=(const Origins&) = delete;

  void give(std::string_view origin, int number) {
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    Socket socket(io.get_executor());
    socket.assign(tcp::v4(), pair[0]);
    ends[number] = pair[1];
    pool.give(origin, Stream(std::move(socket)));
  }
  // The number of the connection that is taken, 0 = none. It is closed.
  int take(std::string_view origin) {
    auto stream = pool.take(origin);
    if (!stream) return 0;
    REQUIRE(::send(stream->native_handle(), "?", 1, MSG_NOSIGNAL) == 1);
    for (const auto& [number, fd] : ends) {
      char byte;
      if (::recv(fd, &byte, 1, MSG_DONTWAIT) == 1) return number;
    }
    return -1;
  }
  void close(int number) {
    ::close(ends.at(number));
    ends.erase(number);
  }
  void say(int number) { REQUIRE(::send(ends.at(number), "x", 1, MSG_NOSIGNAL) == 1); }
  // Whether our side of it was closed.
  [[nodiscard]] bool closed(int number) const {
    char byte;
    const ssize_t got = ::recv(ends.at(number), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    return got == 0 || (got < 0 && errno == ECONNRESET);  // the latter where something was left unread
  }
  void tick(int times) {
    for (int i = 0; i < times; ++i) pool.tick();
  }

  asio::io_context io{1};
  UpstreamPool pool;
  std::map<int, int> ends;
};

}  // namespace

TEST_CASE("upstream pool: the newest of this very origin, each once", "[io][pool]") {
  Origins o;
  CHECK(o.take("a.test:80") == 0);
  for (const int number : {1, 2, 3}) o.give("a.test:80", number);
  o.give("b.test:80", 4);
  o.give("https://a.test:80", 5);  // verified: another one
  CHECK(o.pool.size() == 5);
  CHECK(o.take("a.test:80") == 3);  // the least likely to have been closed meanwhile
  CHECK(o.take("a.test:80") == 2);
  CHECK(o.take("a.test:8080") == 0);
  CHECK(o.take("https://a.test:80") == 5);
  CHECK(o.take("a.test:80") == 1);
  CHECK(o.take("a.test:80") == 0);
  CHECK(o.take("b.test:80") == 4);
  CHECK(o.pool.size() == 0);
}

TEST_CASE("upstream pool: what was closed, or speaks unasked, is never handed out", "[io][pool]") {
  Origins o;
  for (const int number : {1, 2, 3}) o.give("a.test:80", number);
  o.close(3);
  o.say(2);  // perhaps the answer to somebody else's request
  CHECK(o.take("a.test:80") == 1);
  CHECK(o.closed(2));
  CHECK(o.pool.size() == 0);
  o.give("a.test:80", 4);
  o.close(4);
  CHECK(o.take("a.test:80") == 0);
}

TEST_CASE("upstream pool: a tick closes what origins closed", "[io][pool]") {
  Origins o;
  for (const int number : {1, 2, 3}) o.give("a.test:80", number);
  o.close(1);
  o.say(3);
  o.tick(1);
  CHECK(o.pool.size() == 1);
  CHECK(o.closed(3));
  CHECK(o.take("a.test:80") == 2);
}

TEST_CASE("upstream pool: of very many each is looked at after some ticks", "[io][pool]") {
  Origins o;
  for (int number = 1; number <= 200; ++number)
    o.give("a" + std::to_string(number % 40) + ".test:80", number);
  for (int number = 1; number <= 200; number += 2) o.close(number);
  o.tick(1);
  CHECK(o.pool.size() > 100);  // not all at once
  o.tick(5);
  CHECK(o.pool.size() == 100);
}

TEST_CASE("upstream pool: none is kept for longer than the idle time", "[io][pool]") {
  Origins o({.per_origin = 8, .total = 512, .idle_seconds = 10});
  o.give("a.test:80", 1);
  o.tick(5);
  o.give("a.test:80", 2);
  o.tick(5);
  CHECK(o.pool.size() == 2);
  o.tick(1);
  CHECK(o.pool.size() == 1);
  CHECK(o.closed(1));
  CHECK(o.take("a.test:80") == 2);
}

TEST_CASE("upstream pool: more than an origin's share stay for a moment, then the oldest go", "[io][pool]") {
  Origins o({.per_origin = 2, .total = 512, .idle_seconds = 30});
  for (const int number : {1, 2, 3, 4}) o.give("a.test:80", number);
  o.give("b.test:80", 5);
  o.tick(1);
  CHECK(o.pool.size() == 5);  // in a burst each is taken again at once
  o.tick(1);
  CHECK(o.pool.size() == 3);
  CHECK(o.closed(1));
  CHECK(o.closed(2));
  CHECK(o.take("a.test:80") == 4);
  CHECK(o.take("b.test:80") == 5);  // another origin's share is its own
}

TEST_CASE("upstream pool: of all there are never more than the total; the oldest goes", "[io][pool]") {
  Origins o({.per_origin = 8, .total = 3, .idle_seconds = 30});
  for (const int number : {1, 2, 3, 4}) {
    o.give(number % 2 == 0 ? "a.test:80" : "b.test:80", number);
    CHECK(o.pool.size() <= 3);
  }
  CHECK(o.closed(1));
  CHECK(o.take("b.test:80") == 3);
  CHECK(o.take("b.test:80") == 0);
  CHECK(o.take("a.test:80") == 4);
}

TEST_CASE("upstream pool: a reload forgets them all, and new bounds hold from then on", "[io][pool]") {
  Origins o;
  for (const int number : {1, 2}) o.give("a.test:80", number);
  o.pool.clear();
  CHECK(o.pool.size() == 0);
  CHECK(o.closed(1));
  CHECK(o.take("a.test:80") == 0);
  o.pool.set_options({.per_origin = 8, .total = 1, .idle_seconds = 30});
  for (const int number : {3, 4}) o.give("a.test:80", number);
  CHECK(o.pool.size() == 1);
  o.tick(1);  // nothing of before is looked at
  CHECK(o.take("a.test:80") == 4);
}

TEST_CASE("upstream pool: where nothing may be kept, nothing is", "[io][pool]") {
  for (const UpstreamPool::Options options :
       {UpstreamPool::Options{.per_origin = 0}, UpstreamPool::Options{.total = 0}}) {
    Origins o(options);
    o.give("a.test:80", 1);
    CHECK(o.pool.size() == 0);
    CHECK(o.closed(1));
    CHECK(o.take("a.test:80") == 0);
  }
}
