// Plain HTTP through the whole engine: what passes, what is refused, and how each ends.
#include <catch2/catch.hpp>
#include <future>

#include "tests/proxy/io/fixture.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const std::string ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers every request on a connection with the same bytes.
Origin::Script always(std::string answer) {
  return [answer = std::move(answer)](Conn& conn, int) {
    while (!conn.read_head().empty())
      if (!conn.send(answer)) return;
  };
}

}  // namespace

TEST_CASE("a GET passes, with its row", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int) {
    origin.add(conn.read_head());
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\nProxy-Connection: x\r\n\r\nhello");
    conn.read_all();
  });
  const std::string answer =
      proxy.ask(get("ok.test", origin.port(), "/a?b=c", "Proxy-Connection: keep-alive\r\nX-C: d\r\n"));
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(answer, EndsWith("\r\n\r\nhello"));
  CHECK_THAT(answer, Contains("X-A: b\r\n") && Contains("Via: 1.1 gate-under-test\r\n"));
  CHECK_THAT(answer, !Contains("Proxy-Connection"));

  const auto rows = proxy.sink.wait_for(1);
  CHECK(rows[0].method == "GET");
  CHECK(rows[0].host == "ok.test");
  CHECK(rows[0].port == origin.port());
  CHECK(rows[0].path == "");  // allowed: the host alone
  CHECK(rows[0].status == 200);
  CHECK(rows[0].ended == Ended::done);
  CHECK(rows[0].verdict.action == Action::allow);
  CHECK(rows[0].client.to_string() == "127.0.0.1");
  CHECK(rows[0].revision == 1);

  const std::string seen = origin.seen().at(0);
  CHECK_THAT(seen, StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  CHECK_THAT(seen, Contains("X-C: d\r\n") && Contains("Via: 1.1 gate-under-test\r\n"));
  CHECK_THAT(seen, !Contains("Proxy-Connection"));
}

TEST_CASE("connections persist on both sides", "[io][exchange]") {
  Proxy proxy;
  Origin origin(always(ok_answer));
  Conn client = proxy.connect();
  for (int i = 0; i < 5; ++i) {
    client.send(get("ok.test", origin.port(), "/"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));
  }
  CHECK(proxy.ask(get("ok.test", origin.port(), "/")).ends_with("ok"));
  CHECK(origin.accepted() == 1);
}

TEST_CASE("pipelined requests are answered in order, each judged by itself", "[io][exchange]") {
  Proxy proxy;
  Origin origin([](Conn& conn, int) {
    for (std::string head = conn.read_head(); !head.empty(); head = conn.read_head()) {
      const std::string path = head.substr(4, head.find(' ', 4) - 4);
      conn.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path);
    }
  });
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/1") + get("blocked.test", origin.port(), "/2") +
              get("ok.test", origin.port(), "/3") + get("paths.test", origin.port(), "/bad/x?q=1") +
              get("paths.test", origin.port(), "/good"));
  CHECK_THAT(client.read_response(), EndsWith("/1"));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 403 "));
  CHECK_THAT(client.read_response(), EndsWith("/3"));
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 403 "));
  CHECK_THAT(client.read_response(), EndsWith("/good"));
  const auto rows = proxy.sink.wait_for(5);
  CHECK(rows[1].ended == Ended::blocked);
  CHECK(rows[1].host == "blocked.test");
  CHECK(rows[3].path == "/bad/x");  // blocked: host and path, never the query
  CHECK(rows[4].path == "");
}

TEST_CASE("bodies of every framing, to clients of both versions", "[io][exchange]") {
  Proxy proxy;
  struct Row {
    const char* name;
    std::string answer;
    const char* version;
    std::string want;
    bool kept;
  };
  const std::string chunks = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  const Row rows[] = {
      {"chunked to 1.1", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, "1.1",
       "hello world", true},
      {"chunked to 1.0", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, "1.0",
       "hello world", false},
      {"length to 1.0", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "1.0", "abc", false},
      {"until close to 1.1", "HTTP/1.1 200 OK\r\n\r\nuntil the end", "1.1", "until the end", true},
      {"until close to 1.0", "HTTP/1.0 200 OK\r\n\r\nuntil the end", "1.0", "until the end", false},
      {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "1.1", "", true},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", "1.1", "", true},
      {"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", "1.1", "", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Origin origin([&](Conn& conn, int) {
        conn.read_head();
        conn.send(row.answer);
      });
      Conn client = proxy.connect();
      const std::string host = "ok.test:" + std::to_string(origin.port());
      client.send("GET http://" + host + "/ HTTP/" + row.version + "\r\nHost: " + host + "\r\n\r\n");
      const std::string answer = client.read_response();
      CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == row.want);
      CHECK(answer.find(row.kept ? "Connection: keep-alive" : "Connection: close") != std::string::npos);
      client.send(get("blocked.test", 80, "/"));
      CHECK(client.read_some().empty() == !row.kept);
    }
}

TEST_CASE("HEAD gets no body, and what an origin sends after it never passes", "[io][exchange]") {
  Proxy proxy;
  Origin origin(always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
  Conn client = proxy.connect();
  const std::string host = "ok.test:" + std::to_string(origin.port());
  client.send("HEAD http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  CHECK_THAT(client.read_response(true), Contains("Content-Length: 5\r\n"));
  client.send(get("ok.test", origin.port(), "/"));
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nhello"));
  CHECK(origin.accepted() == 2);  // the connection with the unasked bytes was not used again
}

TEST_CASE("request bodies, sized and chunked, arrive whole", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int) {
    const std::string head = conn.read_head();
    std::string body;
    if (head.find("Content-Length: 300000") != std::string::npos) body = conn.read_exactly(300000);
    if (head.find("Transfer-Encoding: chunked") != std::string::npos) body = conn.read_until("0\r\n\r\n");
    origin.add(head + body);
    conn.send(ok_answer);
    conn.read_all();
  });
  const std::string host = "ok.test:" + std::to_string(origin.port());
  const std::string head = "POST http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n";
  Conn client = proxy.connect();
  const std::string big(300000, 'x');
  client.send(head + "Content-Length: 300000\r\n\r\n" + big);
  CHECK_THAT(client.read_response(), EndsWith("ok"));
  CHECK(origin.seen().at(0).ends_with("\r\n\r\n" + big));
  client.send(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n" +
              get("blocked.test", 80, "/"));
  CHECK_THAT(client.read_response(), EndsWith("ok"));
  CHECK_THAT(client.read_response(),
             StartsWith("HTTP/1.1 403"));  // what follows the body is the next request
  CHECK_THAT(origin.seen().at(1), EndsWith("\r\n\r\n7\r\nabcdefg\r\n0\r\n\r\n"));
}

TEST_CASE("Expect: 100-continue goes end to end; 1xx are passed on", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int) {
    origin.add(conn.read_head());
    conn.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    origin.add(conn.read_exactly(4));
    conn.send(ok_answer);
    conn.read_all();
  });
  const std::string host = "ok.test:" + std::to_string(origin.port());
  Conn client = proxy.connect();
  client.send("PUT http://" + host + "/ HTTP/1.1\r\nHost: " + host +
              "\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK_THAT(client.read_head(), StartsWith("HTTP/1.1 103 ") && Contains("Link: </a>"));
  CHECK_THAT(client.read_head(), StartsWith("HTTP/1.1 100 "));
  client.send("data");
  CHECK_THAT(client.read_response(), EndsWith("ok"));
  CHECK_THAT(origin.seen().at(0), Contains("Expect: 100-continue"));
  CHECK(origin.seen().at(1) == "data");
}

TEST_CASE("an early final response ends the upload and reaches the client", "[io][exchange]") {
  Proxy proxy;
  Origin origin([](Conn& conn, int) {
    conn.read_head();
    conn.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
    conn.shutdown_write();
    conn.read_all();
  });
  const std::string host = "ok.test:" + std::to_string(origin.port());
  Conn client = proxy.connect();
  client.send("POST http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 1000000\r\n\r\n");
  client.send(std::string(100000, 'x'));
  const std::string answer = client.read_response();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 413 ") && Contains("Connection: close") && EndsWith("big"));
  client.shutdown_write();
  CHECK(client.read_all() == "");
  CHECK(proxy.sink.wait_for(1)[0].status == 413);
}

TEST_CASE("a client that half-closes after its request still gets the response", "[io][exchange]") {
  Proxy proxy;
  Origin origin(always(ok_answer));
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/"));
  client.shutdown_write();
  CHECK_THAT(client.read_all(), EndsWith("ok"));
}

TEST_CASE("a response that is cut looks cut: reset, never a clean end", "[io][exchange]") {
  Proxy proxy;
  struct Row {
    const char* name;
    const char* answer;
  };
  const Row rows[] = {
      {"in a sized body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
      {"in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"},
      {"between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
  };
  for (const Row& row : rows)
    for (const char* version : {"1.0", "1.1"}) DYNAMIC_SECTION(row.name << " to " << version) {
        Origin origin([&](Conn& conn, int) {
          conn.read_head();
          const std::string answer = row.answer;
          conn.send(answer.substr(0, answer.size() - 2));
          conn.send(answer.substr(answer.size() - 2));
        });
        Conn client = proxy.connect();
        const std::string host = "ok.test:" + std::to_string(origin.port());
        client.send("GET http://" + host + "/ HTTP/" + version + "\r\nHost: " + host + "\r\n\r\n");
        const std::string answer = client.read_all();
        CHECK(client.was_reset());
        CHECK_THAT(answer, !Contains("\r\n0\r\n"));
        CHECK(proxy.sink.wait_for(1)[0].ended == Ended::upstream_failed);
      }
}

TEST_CASE("wrong chunk framing in the middle of a body", "[io][exchange]") {
  Proxy proxy;
  std::promise<void> begun;
  Origin origin([&](Conn& conn, int) {
    conn.read_head();
    conn.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    begun.get_future().wait();
    conn.send("zz\r\n");
    conn.read_all();
  });
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/"));
  CHECK_THAT(client.read_until("half\r\n"), EndsWith("half\r\n"));
  begun.set_value();
  CHECK(client.read_all() == "");
  CHECK(client.was_reset());
}

TEST_CASE("origins that misbehave before a response", "[io][exchange]") {
  Proxy proxy;
  struct Row {
    const char* name;
    const char* answer;
  };
  const Row rows[] = {
      {"closes at once", ""},
      {"garbage", "SSH-2.0-OpenSSH\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"length and chunked",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"cut head", "HTTP/1.1 200 OK\r\nContent-"},
      {"101 unasked",
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Origin origin([&](Conn& conn, int) {
        conn.read_head();
        conn.send(row.answer);
      });
      CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 502 "));
      const LogRecord record = proxy.sink.wait_for(1)[0];
      CHECK(record.ended == Ended::upstream_failed);
      CHECK(record.status == 502);
    }
  SECTION("endless head") {
    Origin origin([](Conn& conn, int) {
      conn.read_head();
      conn.send("HTTP/1.1 200 OK\r\n");
      while (conn.send("X-A: " + std::string(1000, 'a') + "\r\n")) {
      }
    });
    CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 502 "));
  }
  SECTION("refused") {
    CHECK_THAT(proxy.ask(get("ok.test", closed_port(), "/")), StartsWith("HTTP/1.1 502 "));
  }
}

TEST_CASE("a stale kept connection is replaced, once, for requests that may be repeated", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int number) {
    const std::string head = conn.read_head();
    conn.send(ok_answer);
    if (number > 0) {
      conn.read_all();
      return;
    }
    conn.read_head();  // takes the second request and closes without a word
    origin.add("second taken");
  });
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/"));
  CHECK_THAT(client.read_response(), EndsWith("ok"));
  client.send(get("ok.test", origin.port(), "/again"));
  CHECK_THAT(client.read_response(), EndsWith("ok"));
  CHECK(origin.seen() == std::vector<std::string>{"second taken"});
  CHECK(origin.accepted() == 2);
}

TEST_CASE("malformed requests are refused and the connection closed", "[io][exchange]") {
  Proxy proxy;
  struct Row {
    const char* name;
    std::string request;
    int status;
  };
  const Row rows[] = {
      {"noise", std::string("\x16\x03\x01\x00\xff", 5), 400},
      {"origin form", "GET / HTTP/1.1\r\nHost: ok.test\r\n\r\n", 400},
      {"no host", "GET http://ok.test/ HTTP/1.1\r\n\r\n", 400},
      {"user info", "GET http://a@ok.test/ HTTP/1.1\r\nHost: ok.test\r\n\r\n", 400},
      {"two framings",
       "POST http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\nContent-Length: 1\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"https target", "GET https://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n\r\n", 400},
      {"trace", "TRACE http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n\r\n", 405},
      {"version", "GET http://ok.test/ HTTP/2.0\r\nHost: ok.test\r\n\r\n", 505},
      {"long url", "GET http://ok.test/" + std::string(20000, 'a') + " HTTP/1.1\r\nHost: ok.test\r\n\r\n",
       414},
      {"endless line", "GET http://ok.test/" + std::string(70000, 'a'), 414},
      {"endless head", "GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\nX: " + std::string(70000, 'a'), 431},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Conn client = proxy.connect();
      client.send(row.request);
      const std::string answer = client.read_response();
      CHECK(answer.substr(9, 3) == std::to_string(row.status));
      CHECK(answer.find("Connection: close") != std::string::npos);
      client.shutdown_write();
      CHECK(client.read_all() == "");
      const LogRecord record = proxy.sink.wait_for(1)[0];
      CHECK(record.ended == Ended::refused);
      CHECK(record.status == row.status);
    }
}

TEST_CASE("a bad chunk in a request body is the client's fault", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int) { origin.add(conn.read_all()); });
  const std::string host = "ok.test:" + std::to_string(origin.port());
  Conn client = proxy.connect();
  client.send("POST http://" + host + "/ HTTP/1.1\r\nHost: " + host +
              "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n");
  CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 400 "));
  CHECK(proxy.sink.wait_for(1)[0].ended == Ended::refused);
}

TEST_CASE("a connection closed without a byte gets no answer and no row", "[io][exchange]") {
  Proxy proxy;
  Conn silent = proxy.connect();
  silent.shutdown_write();
  CHECK(silent.read_all() == "");
  CHECK_THAT(proxy.ask(get("blocked.test", 80, "/")), StartsWith("HTTP/1.1 403"));
  CHECK(proxy.sink.wait_for(1).size() == 1);
}

TEST_CASE("loops and addresses of our own", "[io][exchange]") {
  Proxy proxy;
  CHECK_THAT(proxy.ask(get("ok.test", 80, "/", "Via: 1.1 gate-under-test\r\n")), StartsWith("HTTP/1.1 508 "));
  CHECK_THAT(proxy.ask(get("ok.test", proxy.port(), "/")), StartsWith("HTTP/1.1 508 "));
  SECTION("other private addresses are refused") {
    ProxyOptions strict;
    strict.allow_loopback = false;
    Proxy closed(strict);
    Origin origin(always(ok_answer));
    CHECK_THAT(closed.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 403 "));
    CHECK(closed.sink.wait_for(1)[0].ended == Ended::refused);
    CHECK(origin.accepted() == 0);
  }
}

TEST_CASE("before the first policy everything is answered 503", "[io][exchange]") {
  Proxy proxy(ProxyOptions{.with_policy = false});
  Origin origin(always(ok_answer));
  CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 503 "));
  proxy.reload({});
  CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), EndsWith("ok"));
}

TEST_CASE("without room in the log nothing is allowed, and blocks stay blocks", "[io][exchange]") {
  Proxy proxy;
  Origin origin(always(ok_answer));
  proxy.sink.set_room(false);
  CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 503 "));
  CHECK_THAT(proxy.ask(get("blocked.test", 80, "/")), StartsWith("HTTP/1.1 403 "));
  CHECK(origin.accepted() == 0);
  proxy.sink.set_room(true);
  CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), EndsWith("ok"));
}

TEST_CASE("a warning, read and continued", "[io][exchange]") {
  Proxy proxy;
  Origin origin(always(ok_answer));
  const std::string request = get("warned.test", origin.port(), "/page?x=1", "Accept: text/html\r\n");
  const std::string page = proxy.ask(request);
  REQUIRE_THAT(page, StartsWith("HTTP/1.1 403 "));
  const std::string name = "name=\"token\" value=\"";
  const auto token_at = page.find(name);
  REQUIRE(token_at != std::string::npos);
  const std::string token =
      page.substr(token_at + name.size(), page.find('"', token_at + name.size()) - token_at - name.size());

  const auto press = [&](const std::string& body) {
    return proxy.ask(
        "POST http://schoolgate.internal/continue HTTP/1.1\r\nHost: schoolgate.internal\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  CHECK_THAT(press("token=forged"), !StartsWith("HTTP/1.1 303 "));
  CHECK_THAT(proxy.ask(request), StartsWith("HTTP/1.1 403 "));
  const std::string done = press("token=" + token + "&url=http%3A%2F%2Fwarned.test%2Fpage%3Fx%3D1");
  CHECK_THAT(done, StartsWith("HTTP/1.1 303 ") && Contains("Location: http://warned.test/page?x=1\r\n"));
  CHECK_THAT(proxy.ask(request), EndsWith("ok"));
  CHECK(proxy.sink.events().size() == 1);
  CHECK_THAT(press("token=" + token + "&url=http%3A%2F%2Fevil.test%2F"),
             Contains("Location: http://warned.test/\r\n"));
  CHECK_THAT(press(std::string(70000, 'x')), StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(proxy.ask("GET http://schoolgate.internal/ HTTP/1.1\r\nHost: schoolgate.internal\r\n\r\n"),
             StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("limits: connections", "[io][exchange]") {
  ProxyOptions options;
  options.limits.connections_per_client = 2;
  Proxy proxy(options);
  Conn first = proxy.connect(), second = proxy.connect();
  first.send(get("blocked.test", 80, "/"));  // so that both are accepted before the third
  first.read_response();
  second.send(get("blocked.test", 80, "/"));
  second.read_response();
  Conn third = proxy.connect();
  CHECK_THAT(third.read_all(), StartsWith("HTTP/1.1 503 ") && Contains("Retry-After"));
}

TEST_CASE("deadlines: a slow client, a silent origin, a name without an answer", "[io][exchange]") {
  ProxyOptions options;
  options.timeouts.head = options.timeouts.response = options.timeouts.body = std::chrono::seconds(1);
  options.timeouts.keep_alive = std::chrono::seconds(1);
  Proxy proxy(options);
  SECTION("half a head") {
    Conn client = proxy.connect();
    client.send("GET http://ok.test/ HT");
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 408 "));
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  }
  SECTION("an idle connection is closed without a word") {
    Conn client = proxy.connect();
    CHECK(client.read_all() == "");
    CHECK(proxy.sink.count() == 0);
  }
  SECTION("a silent origin") {
    Origin origin([](Conn& conn, int) { conn.read_all(); });
    CHECK_THAT(proxy.ask(get("ok.test", origin.port(), "/")), StartsWith("HTTP/1.1 504 "));
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  }
  SECTION("an origin that stops in a body") {
    Origin origin([](Conn& conn, int) {
      conn.read_head();
      conn.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
      conn.read_all();
    });
    Conn client = proxy.connect();
    client.send(get("ok.test", origin.port(), "/"));
    CHECK_THAT(client.read_all(), EndsWith("half"));
    CHECK(client.was_reset());
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  }
  SECTION("a client that stops in its body") {
    Origin origin([](Conn& conn, int) { conn.read_all(); });
    const std::string host = "ok.test:" + std::to_string(origin.port());
    Conn client = proxy.connect();
    client.send("POST http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 10\r\n\r\nhalf");
    CHECK_THAT(client.read_response(), StartsWith("HTTP/1.1 408 "));
    CHECK(proxy.sink.wait_for(1)[0].ended == Ended::timed_out);
  }
}

TEST_CASE("a client that is gone frees its origin", "[io][exchange]") {
  Proxy proxy;
  Origin origin([&](Conn& conn, int) {
    conn.read_head();
    origin.add("asked");
    origin.add(conn.read_all().empty() ? "closed" : "?");
  });
  Conn client = proxy.connect();
  client.send(get("ok.test", origin.port(), "/"));
  while (origin.seen().empty()) std::this_thread::yield();
  client.reset();
  CHECK(proxy.sink.wait_for(1)[0].ended == Ended::client_gone);
  while (origin.seen().size() < 2) std::this_thread::yield();
}

TEST_CASE("a stalled reader costs little: the origin is not read ahead", "[io][exchange]") {
  Proxy proxy;
  std::atomic<std::size_t> sent{0};
  Origin origin([&](Conn& conn, int) {
    conn.small_buffers();
    conn.read_head();
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
    const std::string piece(4096, 'x');
    while (sent < 50000000 && conn.send(piece)) sent += piece.size();
  });
  Conn client = proxy.connect();
  client.small_buffers();
  client.send(get("ok.test", origin.port(), "/"));
  client.read_head();
  std::size_t before = 1;
  for (int quiet = 0; quiet < 20;) {  // until the origin has been stuck for a while
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    quiet = sent == before ? quiet + 1 : 0;
    before = sent;
  }
  CHECK(sent < 512 * 1024);  // with what the kernel holds on both sides of the proxy
  client.reset();
}

TEST_CASE("drain: idle ones end, busy ones finish, new ones are not taken", "[io][server]") {
  Proxy proxy;
  std::promise<void> go;
  Origin origin([&](Conn& conn, int) {
    conn.read_head();
    origin.add("asked");
    go.get_future().wait();
    conn.send(ok_answer);
    conn.read_all();
  });
  Conn idle = proxy.connect(), busy = proxy.connect();
  idle.send(get("blocked.test", 80, "/"));
  idle.read_response();
  busy.send(get("ok.test", origin.port(), "/"));
  while (origin.seen().empty()) std::this_thread::yield();
  proxy.server->begin_drain();
  CHECK(idle.read_all() == "");
  go.set_value();
  CHECK_THAT(busy.read_all(), Contains("Connection: close") && EndsWith("ok"));
  proxy.server->join();
  CHECK_THROWS(proxy.connect());
}

TEST_CASE("stop ends what runs, with its row", "[io][server]") {
  Proxy proxy(ProxyOptions{.workers = 2});
  Origin origin([&](Conn& conn, int) {
    conn.read_head();
    origin.add("asked");
    conn.read_all();
  });
  Conn busy = proxy.connect();
  busy.send(get("ok.test", origin.port(), "/"));
  while (origin.seen().empty()) std::this_thread::yield();
  proxy.server->stop();
  proxy.server->join();
  CHECK(proxy.sink.wait_for(1)[0].ended == Ended::shut_down);
  CHECK(proxy.server->status().connections == 0);
}
