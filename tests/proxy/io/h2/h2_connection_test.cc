#include <catch2/catch.hpp>

#include "proxy/core/http/body.h"
#include "tests/proxy/io/h2_client.h"

using namespace schoolgate;
using namespace schoolgate::test;
using Catch::Matchers::StartsWith;

namespace {

const std::string hello =
    "HTTP/1.1 200 OK\r\nX-Name: Value\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello";

H2Fixture::Script says(std::string text) {
  return [text](Stream& client, const std::string&) { return write_all(client, text); };
}

Task<void> echo_raw(Stream& client, const std::string&) {  // the body of the request as it comes in HTTP/1.1
  Task<std::string> reading = read_rest(client);
  const std::string body = co_await std::move(reading);
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  Task<void> writing = write_all(client, std::move(text));
  co_await std::move(writing);
}

Task<void> write_and_reset(Stream& client, std::string text, bool reset) {
  Task<void> writing = write_all(client, std::move(text));
  co_await std::move(writing);
  if (reset) client.reset_on_close();
}

// A thousand bytes at a time, counted in `taken` once they are written.
Task<void> write_slowly(Stream& client, const std::string& body, std::size_t& taken) {
  std::string piece = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  for (;;) {
    Task<void> writing = write_all(client, std::move(piece));
    co_await std::move(writing);
    if (taken >= body.size()) break;
    piece = body.substr(taken, 1000);
    taken += piece.size();
  }
  while (client.pipe()->unsent() > 0) {
    const auto [waited] = co_await client.pipe()->async_drained();
    if (waited) break;
  }
}

Task<void> answer_when(Stream& client, const bool& may) {
  const asio::use_awaitable_t<Executor> token;
  while (!may) co_await asio::post(client.socket().get_executor(), token);
  std::string text = hello;
  Task<void> writing = write_all(client, std::move(text));
  co_await std::move(writing);
}

const H2Fixture::Script hang = nullptr;

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, const std::string& payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift & 0xff);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(id >> shift & 0xff);
  return out + payload;
}

}  // namespace

TEST_CASE("HTTP/2: a request becomes a head of HTTP/1.1, its answer frames", "[io][h2]") {
  H2Fixture h2(says(hello));
  const std::int32_t id = h2.get({{"accept", "x"}});
  h2.run([&] { return h2.answer(id).closed; });
  REQUIRE(h2.heads.size() == 1);
  CHECK(h2.heads[0] == "GET / HTTP/1.1\r\nhost: a.test\r\naccept: x\r\n\r\n");
  CHECK(h2.answer(id).fields ==
        H2Fixture::Fields{{":status", "200"}, {"x-name", "Value"}, {"content-length", "5"}});
  CHECK(h2.answer(id).body == "hello");
  CHECK(h2.answer(id).ended);
  CHECK(h2.answer(id).error == 0);
  h2.settle();
  CHECK(h2.idle == 1);
  CHECK(h2.abandoned == 0);
  CHECK(h2.connection->serving() == 0);
}

TEST_CASE("HTTP/2: answers of every framing", "[io][h2]") {
  struct Row {
    const char* name;
    std::string text, status, body;
    std::vector<std::string> interim = {};
  };
  const Row rows[] = {
      {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
       "200", "hello!"},
      {"no body", "HTTP/1.1 204 No Content\r\n\r\n", "204", ""},
      {"an empty one", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200", ""},
      {"empty chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200", ""},
      {"interim first",
       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\na",
       "404",
       "a",
       {"103"}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      H2Fixture h2(says(row.text));
      const std::int32_t id = h2.get();
      h2.run([&] { return h2.answer(id).closed; });
      CHECK(h2.answer(id).field(":status") == row.status);
      CHECK(h2.answer(id).field("transfer-encoding").empty());
      CHECK(h2.answer(id).body == row.body);
      CHECK(h2.answer(id).interim == row.interim);
      CHECK(h2.answer(id).ended);
      CHECK(h2.answer(id).error == 0);
    }
}

TEST_CASE("HTTP/2: heads as large as any that passes over HTTP/1.1", "[io][h2]") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(20'000, 'l') + "\r\n\r\n";
  for (const std::size_t size : {32'000u, 33'000u, 60'000u, 65'000u}) {
    H2Fixture h2(says(hints + hints + "HTTP/1.1 200 OK\r\nX-Big: " + std::string(size, 'b') +
                      "\r\nContent-Length: 5\r\n\r\nhello"));
    const std::int32_t id = h2.get();
    h2.run([&] { return h2.answer(id).closed; });
    CHECK(h2.answer(id).interim.size() == 2);
    CHECK(h2.answer(id).field("x-big").size() == size);
    CHECK(h2.answer(id).body == "hello");
    CHECK(h2.answer(id).error == 0);
  }
  std::string cookies = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 190; ++i) cookies += "Set-Cookie: " + std::string(300, 'c') + "\r\n";
  H2Fixture h2(says(cookies + "Content-Length: 5\r\n\r\nhello"));
  const std::int32_t id = h2.get();
  h2.run([&] { return h2.answer(id).closed; });
  CHECK(h2.answer(id).fields.size() == 192);
  CHECK(h2.answer(id).body == "hello");
}

TEST_CASE("HTTP/2: a head that never ends is given up when its room is full", "[io][h2]") {
  H2Fixture h2(says("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x')));
  const std::int32_t id = h2.get();
  h2.run([&] { return h2.answer(id).closed; });
  CHECK(h2.answer(id).closed);
  CHECK(h2.answer(id).error == NGHTTP2_INTERNAL_ERROR);
}

TEST_CASE("HTTP/2: trailers of an answer", "[io][h2]") {
  H2Fixture h2(says(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nHost: x\r\n\r\n"));
  const std::int32_t id = h2.get();
  h2.run([&] { return h2.answer(id).closed; });
  CHECK(h2.answer(id).fields == H2Fixture::Fields{{":status", "200"}, {"x-sum", "1"}});
  CHECK(h2.answer(id).body == "a");
  CHECK(h2.answer(id).ended);
  CHECK(h2.answer(id).error == 0);
}

TEST_CASE("HTTP/2: what is cut off does not look complete", "[io][h2]") {
  struct Row {
    const char* name;
    std::string text;
    bool reset;
  };
  const Row rows[] = {
      {"nothing at all", "", false},
      {"half a head", "HTTP/1.1 200 OK\r\nContent-Le", false},
      {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", false},
      {"half a body, reset", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true},
      {"chunks without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
      {"until the end, reset", "HTTP/1.1 200 OK\r\n\r\nhello", true},
      {"no HTTP", "hello\r\n\r\n", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      H2Fixture h2([&row](Stream& client, const std::string&) {
        return write_and_reset(client, row.text, row.reset);
      });
      const std::int32_t id = h2.get();
      h2.run([&] { return h2.answer(id).closed; });
      CHECK_FALSE(h2.answer(id).ended);
      CHECK(h2.answer(id).error == NGHTTP2_INTERNAL_ERROR);
      const std::int32_t next = h2.get();  // the connection is none the worse
      h2.run([&] { return h2.answer(next).closed; });
      CHECK(h2.goaway == -1);
    }
}

TEST_CASE("HTTP/2: bodies of requests, framed anew", "[io][h2]") {
  H2Fixture h2(echo_raw);
  const std::string body(200'000, 'x');
  const std::int32_t chunked = h2.post(body);
  const std::int32_t sized = h2.post(body, {{"content-length", "200000"}});
  const std::int32_t empty = h2.post("");
  const std::int32_t trailers = h2.post("abc", {}, true, {{"x-sum", "1"}});
  h2.settle();
  std::string decoded;
  BodyReader reader;
  reader.start(Framing::chunked, 0);
  for (std::string_view left = h2.answer(chunked).body;;) {
    const BodyReader::Parsed parsed = reader.next(left);
    decoded += parsed.payload;
    left.remove_prefix(parsed.consumed);
    if (parsed.status != BodyReader::Status::payload) break;
  }
  CHECK(reader.done());
  CHECK(decoded == body);
  CHECK(h2.answer(sized).body == body);
  CHECK(h2.answer(empty).body == "0\r\n\r\n");
  CHECK(h2.answer(trailers).body == "3\r\nabc\r\n0\r\n\r\n");
}

TEST_CASE("HTTP/2: a body that nobody reads stays with the client", "[io][h2]") {
  H2Fixture h2(hang);
  const std::int32_t first = h2.post(std::string(1'000'000, 'x'));
  h2.settle();
  CHECK(h2.sent(first) == 65'535);
  SECTION("and many of them share a window") {
    for (int i = 0; i < 40; ++i) h2.post(std::string(1'000'000, 'x'));
    h2.settle();
    CHECK(h2.sent_in_all() == 1024 * 1024);
    // Those that are taken back give their part of it to others.
    for (std::int32_t id = 1; id < 70; id += 2) h2.reset(id);
    h2.settle();
    CHECK(h2.sent_in_all() > 1024 * 1024 + 100'000);
    CHECK(h2.abandoned == 35);
  }
}

TEST_CASE("HTTP/2: an answer waits for the client's window", "[io][h2]") {
  const std::string body(300'000, 'y');
  std::size_t taken = 0;
  H2Fixture h2([&](Stream& client, const std::string&) { return write_slowly(client, body, taken); }, {},
               false);
  h2.set_window(1000);
  h2.settle();
  const std::int32_t id = h2.get();
  h2.settle();
  CHECK(h2.answer(id).body.size() == 1000);
  CHECK(taken <= 2000 + H2Pipe::capacity);
  h2.open_window(id, 50'000);
  h2.settle();
  CHECK(h2.answer(id).body.size() == 51'000);
  for (int i = 0; i < 10; ++i) {
    h2.open_window(id, 100'000);
    h2.open_window(0, 100'000);
    h2.settle();
  }
  CHECK(h2.answer(id).body == body);
  CHECK(h2.answer(id).ended);
}

TEST_CASE("HTTP/2: a request that is taken back is abandoned", "[io][h2]") {
  H2Fixture h2(hang);
  const std::int32_t id = h2.get();
  h2.settle();
  REQUIRE(h2.connection->serving() == 1);
  SECTION("by RST_STREAM") {
    h2.reset(id);
  }
  SECTION("with the connection") {
    h2.hang_up();
  }
  h2.settle();
  CHECK(h2.abandoned == 1);
  CHECK(h2.connection->serving() == 0);
}

TEST_CASE("HTTP/2: an answer before the end of the request ends both", "[io][h2]") {
  H2Fixture h2(says(hello));
  const std::int32_t id = h2.post(std::string(500'000, 'x'));
  h2.run([&] { return h2.answer(id).closed; });
  CHECK(h2.answer(id).ended);
  CHECK(h2.answer(id).error == NGHTTP2_NO_ERROR);
  CHECK(h2.answer(id).body == "hello");
  const std::int32_t next = h2.post(std::string(500'000, 'x'));
  h2.run([&] { return h2.answer(next).closed; });
  CHECK(h2.answer(next).ended);
}

TEST_CASE("HTTP/2: requests that are malformed", "[io][h2]") {
  struct Row {
    const char* name;
    std::function<std::int32_t(H2Fixture&)> send;
    std::string head;  // what the host sees; "" = no matter
    std::uint32_t error;
  };
  const Row rows[] = {
      {"a head that is none has its answer",
       [](H2Fixture& h2) {
         return h2.get({{"connection", "close"}});
       },
       "400 connection_field", 0},
      {"CONNECT",
       [](H2Fixture& h2) {
         return h2.get({{":method", "CONNECT"}});
       },
       "405 connect", 0},
      {"too large a head",
       [](H2Fixture& h2) {
         return h2.get({{"a", std::string(9000, 'x')}});
       },
       "431 head", 0},
      {"a body longer than it said",
       [](H2Fixture& h2) {
         return h2.post("12345", {{"content-length", "3"}});
       },
       "", NGHTTP2_PROTOCOL_ERROR},
      {"a body shorter than it said",
       [](H2Fixture& h2) {
         return h2.post("12345", {{"content-length", "9"}});
       },
       "", NGHTTP2_PROTOCOL_ERROR},
      {"a pseudo-header in the trailers",
       [](H2Fixture& h2) {
         return h2.post("1", {}, true, {{":path", "/"}});
       },
       "", NGHTTP2_PROTOCOL_ERROR},
      {"a length in the trailers",
       [](H2Fixture& h2) {
         return h2.post("1", {}, true, {{"content-length", "1"}});
       },
       "", NGHTTP2_PROTOCOL_ERROR},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      H2Limits limits;
      limits.head_bytes = 8000;
      H2Fixture h2(
          [](Stream& client, const std::string& head) -> Task<void> {
            if (!head.starts_with("POST"))
              return write_all(client, "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
            return echo_raw(client, head);
          },
          limits);
      const std::int32_t id = row.send(h2);
      h2.run([&] { return h2.answer(id).closed; });
      if (!row.head.empty()) CHECK(h2.heads.at(0) == row.head);
      CHECK(h2.answer(id).error == row.error);
      CHECK(h2.answer(id).ended == (row.error == 0));
    }
}

TEST_CASE("HTTP/2: floods end the connection", "[io][h2]") {
  H2Fixture h2(hang);
  h2.get();
  h2.settle();
  SECTION("requests taken back at once") {
    for (int i = 0; i < 400 && h2.goaway < 0; ++i) {
      const std::int32_t id = h2.get();
      h2.settle();
      h2.reset(id);
      h2.settle();
    }
    CHECK(h2.heads.size() <= 202);
  }
  SECTION("taken back as if nothing were wrong") {
    for (int i = 0; i < 400 && h2.goaway < 0; ++i) {
      const std::int32_t id = h2.get();
      h2.settle();
      h2.reset(id, NGHTTP2_NO_ERROR);
      h2.settle();
    }
    CHECK(h2.heads.size() <= 202);
  }
  SECTION("headers and their reset in one piece") {
    for (int i = 0; i < 50 && h2.goaway < 0; ++i) {
      for (int j = 0; j < 20; ++j) {
        const auto id = static_cast<std::uint32_t>(1001 + 2 * (i * 20 + j));
        h2.send_raw(frame(1, 5, id, std::string("\x82\x87\x84\x41\x06") + "a.test") +
                    frame(3, 0, id, std::string("\0\0\0\x8", 4)));
      }
      h2.settle();
    }
    CHECK(h2.heads.size() == 1);  // none of them was even begun
  }
  SECTION("a head that never ends") {
    h2.send_raw(frame(1, 0, 1001, "\x82"));
    for (int i = 0; i < 20; ++i) h2.send_raw(frame(9, 0, 1001, "\x84"));
  }
  SECTION("a small head that grows a thousandfold") {
    const std::string big(4000, 'x');
    std::string block(
        "\x82\x87\x84\x41\x06"
        "a.test\x40\x01"
        "a\x7f\xa1\x1e",
        17);
    block += big + std::string(3000, '\xbe');  // the same again, by its index
    h2.send_raw(frame(1, 5, 1001, block));
  }
  SECTION("windows that overflow, again and again") {
    for (int i = 0; i < 300 && h2.goaway < 0; ++i) {
      const auto id = static_cast<std::uint32_t>(1001 + 2 * i);
      h2.send_raw(frame(1, 5, id, std::string("\x82\x87\x84\x41\x06") + "a.test"));
      h2.send_raw(frame(8, 0, id, "\x7f\xff\xff\xff"));
      h2.settle();
    }
  }
  SECTION("pings whose answers are not read") {
    h2.stop_reading();
    for (int i = 0; i < 40'000; ++i) h2.send_raw(frame(6, 0, 0, "12345678"));
    h2.settle();
    CHECK(h2.over);
    return;
  }
  h2.settle();
  CHECK(h2.goaway == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(h2.over);
}

TEST_CASE("HTTP/2: as many streams as there is room for", "[io][h2]") {
  H2Limits limits;
  limits.streams = 3;
  H2Fixture h2(hang, limits);
  h2.settle();
  for (int i = 0; i < 10; ++i) h2.get();
  h2.settle();
  CHECK(h2.heads.size() == 3);
  CHECK(h2.connection->serving() == 3);
  h2.reset(1);
  h2.settle();
  CHECK(h2.heads.size() == 4);
  h2.room = false;
  h2.reset(3);
  h2.settle();
  CHECK(h2.answer(9).error == NGHTTP2_REFUSED_STREAM);
  CHECK(h2.connection->serving() == 2);
}

TEST_CASE("HTTP/2: what fails within ends the connection after its streams", "[io][h2]") {
  H2Fixture h2(hang);
  h2.get();
  h2.get();
  h2.settle();
  h2.breaks = true;
  h2.get();
  CHECK_THROWS_WITH(h2.settle(), "broken");
  CHECK(h2.over);
  CHECK(h2.abandoned == 2);
  CHECK(h2.connection->serving() == 0);
}

TEST_CASE("HTTP/2: draining ends what is idle, and lets what is open end", "[io][h2]") {
  bool go = false;
  H2Fixture h2([&go](Stream& client, const std::string&) { return answer_when(client, go); });
  const std::int32_t id = h2.get();
  h2.run([&] { return h2.connection->serving() == 1; });
  h2.connection->drain();
  h2.run([&] { return h2.goaway >= 0; });
  CHECK(h2.goaway == NGHTTP2_NO_ERROR);
  CHECK_FALSE(h2.over);
  go = true;
  h2.run([&] { return h2.over; });
  CHECK(h2.answer(id).body == "hello");
  CHECK(h2.over);
}
