#include "proxy/io/session/body_batch.h"

#include <catch2/catch.hpp>
#include <random>

using namespace schoolgate;

namespace {

std::string joined(BodyBatch& batch) {
  std::string text;
  for (const iovec& part : batch.parts()) text.append(static_cast<const char*>(part.iov_base), part.iov_len);
  return text;
}

BodyReader reader_of(Framing framing, std::uint64_t length = 0, std::string* trailers = nullptr) {
  BodyReader reader;
  reader.start(framing, length, false, trailers);
  return reader;
}

// What a whole body becomes when it comes in pieces of so many bytes.
std::string passed_on(BodyReader reader, std::string_view body, std::size_t piece, bool chunked,
                      const std::string& trailers = {}) {
  BodyBatch batch;
  batch.end_with(trailers);
  std::string out, waiting;
  std::size_t taken = 0;
  while (!batch.done() && !batch.bad()) {
    batch.collect(reader, waiting, {}, chunked);
    out += joined(batch);
    waiting.erase(0, batch.consumed());
    if (batch.done() || batch.more() || batch.bad()) continue;
    if (taken == body.size()) break;
    waiting += body.substr(taken, piece);
    taken = std::min(taken + piece, body.size());
  }
  CHECK((waiting.empty() || batch.bad()));  // all that is the body's was taken
  return batch.bad() ? out + "[bad]" : batch.done() ? out : out + "[open]";
}

}  // namespace

TEST_CASE("body batch: what arrived is passed on as it lies there, behind the head", "[io][body]") {
  const std::string input = "hello, next request", head = "HEAD\r\n\r\n";
  BodyReader reader = reader_of(Framing::length, 5);
  BodyBatch batch;
  batch.collect(reader, input, head, false);
  CHECK(joined(batch) == "HEAD\r\n\r\nhello");
  CHECK(batch.consumed() == 5);  // what follows is not the body's
  CHECK(batch.done());
  const std::span<iovec> parts = batch.parts();
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].iov_base == head.data());  // no byte was copied
  CHECK(parts[1].iov_base == input.data());
}

TEST_CASE("body batch: how a body goes out", "[io][body]") {
  struct Row {
    const char* name;
    Framing framing;
    std::uint64_t length;
    std::string input;
    bool chunked;
    std::string want;
  };
  const Row rows[] = {
      {"a length", Framing::length, 5, "hello", false, "hello"},
      {"a length, to chunks", Framing::length, 5, "hello", true, "5\r\nhello\r\n0\r\n\r\n"},
      {"chunks become one", Framing::chunked, 0, "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", true,
       "5\r\nhello\r\n0\r\n\r\n"},
      {"chunks, to the close of the connection", Framing::chunked, 0, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
       false, "hello"},
      {"a piece of one", Framing::chunked, 0, "5\r\nhel", true, "3\r\nhel\r\n"},
      {"nothing yet: no chunk, for an empty one is the end", Framing::chunked, 0, "5\r\n", true, ""},
      {"an empty one", Framing::chunked, 0, "0\r\n\r\n", true, "0\r\n\r\n"},
      {"trailers nobody asked for", Framing::chunked, 0, "0\r\nA: b\r\n\r\n", true, "0\r\n\r\n"},
      {"until the close", Framing::until_close, 0, "hello", true, "5\r\nhello\r\n"},
      {"what is right before a wrong chunk", Framing::chunked, 0, "2\r\nok\r\nzz\r\n", true, "2\r\nok\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      BodyReader reader = reader_of(row.framing, row.length);
      BodyBatch batch;
      batch.collect(reader, row.input, {}, row.chunked);
      CHECK(joined(batch) == row.want);
    }
}

TEST_CASE("body batch: many small chunks go out in batches of sixteen runs", "[io][body]") {
  std::string input;
  for (int i = 0; i < 40; ++i) input += "1\r\n" + std::string(1, static_cast<char>('a' + i % 26)) + "\r\n";
  input += "0\r\n\r\n";
  BodyReader reader = reader_of(Framing::chunked);
  BodyBatch batch;
  std::vector<std::string> all;
  std::string_view rest = input;
  do {
    batch.collect(reader, rest, all.empty() ? "HEAD" : "", true);
    all.push_back(joined(batch));
    rest.remove_prefix(batch.consumed());
  } while (batch.more());
  CHECK(batch.done());
  CHECK(rest.empty());
  CHECK(all == std::vector<std::string>{"HEAD10\r\nabcdefghijklmnop\r\n", "10\r\nqrstuvwxyzabcdef\r\n",
                                        "8\r\nghijklmn\r\n0\r\n\r\n"});
}

TEST_CASE("body batch: trailers stand between the last chunk and the end, and nowhere else", "[io][body]") {
  const std::string body = "2\r\nok\r\n0\r\nA: b\r\nC: d\r\n\r\n";
  std::string trailers;
  CHECK(passed_on(reader_of(Framing::chunked, 0, &trailers), body, 1, true, trailers) ==
        "1\r\no\r\n1\r\nk\r\n0\r\nA: b\r\nC: d\r\n\r\n");
  trailers.clear();
  CHECK(passed_on(reader_of(Framing::chunked, 0, &trailers), body, 100, false, trailers) == "ok");
  const std::string none;
  CHECK(passed_on(reader_of(Framing::chunked), "0\r\n\r\n", 1, true, none) == "0\r\n\r\n");
}

TEST_CASE("body batch: a body that is cut has no end, and a wrong one never becomes right", "[io][body]") {
  CHECK(passed_on(reader_of(Framing::chunked), "5\r\nhel", 1, true).ends_with("[open]"));
  CHECK(passed_on(reader_of(Framing::length, 5), "hel", 1, true).ends_with("[open]"));
  CHECK(passed_on(reader_of(Framing::chunked), "2\r\nok\r\nzz\r\n0\r\n\r\n", 1'000, true).find("0\r\n\r\n") ==
        std::string::npos);
  BodyReader reader = reader_of(Framing::chunked);
  BodyBatch batch;
  batch.collect(reader, "zz\r\n", {}, true);
  CHECK(batch.bad());
  batch.collect(reader, "0\r\n\r\n", {}, true);
  CHECK(batch.bad());
}

TEST_CASE("body batch: the end that the close of a connection is", "[io][body]") {
  BodyBatch batch;
  batch.collect_end("HEAD", true);
  CHECK(joined(batch) == "HEAD0\r\n\r\n");
  CHECK(batch.done());
  CHECK(batch.consumed() == 0);
  batch.collect_end("HEAD", false);
  CHECK(joined(batch) == "HEAD");
}

TEST_CASE("body batch: the same payload, however it was cut and comes in", "[io][body]") {
  std::mt19937 random(20'260'304);
  const auto up_to = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n)(random); };
  for (int round = 0; round < 200; ++round) {
    std::string payload, body;
    for (std::size_t chunks = up_to(30); chunks > 0; --chunks) {
      std::string chunk;
      for (std::size_t size = 1 + up_to(40); size > 0; --size) chunk += static_cast<char>(up_to(255));
      write_chunk_head(chunk.size(), body);
      body += chunk + "\r\n";
      payload += chunk;
    }
    body += last_chunk;
    const std::size_t piece = 1 + up_to(60);
    CAPTURE(round, piece);
    REQUIRE(passed_on(reader_of(Framing::chunked), body, piece, false) == payload);
    // Its own chunks are a body again, of the same payload.
    const std::string anew = passed_on(reader_of(Framing::chunked), body, piece, true);
    REQUIRE(passed_on(reader_of(Framing::chunked), anew, 1 + up_to(60), false) == payload);
  }
}
