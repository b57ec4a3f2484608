
#include <catch2/catch.hpp>

#include "proxy/io/net/buffer.h"
#include "proxy/io/session/body_batch.h"

using namespace schoolgate;

TEST_CASE("a buffer keeps its bytes through growth, and gives its block back", "[io][buffer]") {
  BufferPool pool;
  Buffer buffer(pool);
  std::string want;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece = "piece " + std::to_string(i) + ";";
    buffer.append(piece);
    want += piece;
    if (i % 3 == 0) {
      buffer.consume(5);
      want.erase(0, 5);
    }
  }
  CHECK(buffer.view() == want);
  Buffer moved = std::move(buffer);
  CHECK(buffer.empty());
  CHECK(moved.view() == want);
  moved.consume(moved.size());
  moved.drop_if_empty();
  CHECK(moved.prepare(1, BufferPool::small).size() == BufferPool::small);
  char* const block = static_cast<char*>(moved.prepare(1, BufferPool::small).data());
  moved.drop();
  CHECK(pool.take(BufferPool::small) == block);  // from the shelf
  pool.give(block, BufferPool::small);
}

TEST_CASE("a batch: head, one chunk of many runs, the end", "[io][body_batch]") {
  const auto text = [](BodyBatch& batch) {
    std::string out;
    for (const iovec& part : batch.parts()) out.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return out;
  };
  BodyReader reader;
  reader.start(Framing::chunked, 0);
  const std::string input = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nNEXT";
  BodyBatch batch;
  batch.collect(reader, input, "HEAD\r\n\r\n", true);
  CHECK(text(batch) == "HEAD\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
  CHECK(batch.done());
  CHECK(batch.consumed() == input.size() - 4);

  std::string many;
  for (int i = 0; i < 40; ++i) many += "1\r\nx\r\n";
  reader.start(Framing::chunked, 0);
  std::string plain;
  std::size_t used = 0;
  do {
    batch.collect(reader, std::string_view(many).substr(used), {}, false);
    used += batch.consumed();
    plain += text(batch);
  } while (batch.more());
  CHECK(plain == std::string(40, 'x'));
  CHECK_FALSE(batch.done());
  batch.collect(reader, "zz", {}, false);
  CHECK(batch.bad());

  reader.start(Framing::none, 0);
  batch.collect(reader, "rest", "H", true);
  CHECK(batch.done());
  CHECK(batch.consumed() == 0);
}
