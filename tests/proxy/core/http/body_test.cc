#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/http/body.h"

using namespace schoolgate;

namespace {

struct Read {
  std::string payload;
  BodyReader::Status end = BodyReader::Status::need_more;
  std::size_t consumed = 0;
};

// Feeds `input` in pieces of `piece` bytes.
Read read_all(BodyReader& reader, std::string_view input, std::size_t piece) {
  Read read;
  for (std::size_t begin = 0; begin < input.size(); begin += piece) {
    std::string_view rest = input.substr(begin, piece);
    for (;;) {
      const auto step = reader.next(rest);
      rest.remove_prefix(step.consumed);
      read.consumed += step.consumed;
      read.payload += step.payload;
      if (step.status == BodyReader::Status::payload) continue;
      read.end = step.status;
      break;
    }
    if (read.end != BodyReader::Status::need_more) return read;
  }
  return read;
}

}  // namespace

TEST_CASE("chunked bodies in any pieces", "[core][body]") {
  using Status = BodyReader::Status;
  struct Row {
    const char* name;
    std::string input;
    Status end;
    std::string payload;
    std::size_t after = 0;  // bytes that are not the body's
  };
  const std::string long_extension(257, 'x'), long_trailer(8200, 'x');
  const Row rows[] = {
      {"empty", "0\r\n\r\n", Status::done, ""},
      {"one chunk", "5\r\nhello\r\n0\r\n\r\n", Status::done, "hello"},
      {"two chunks", "5\r\nhello\r\n3\r\n!!!\r\n0\r\n\r\n", Status::done, "hello!!!"},
      {"hex, both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", Status::done,
       "01234567890123456789"},
      {"zeros before the size", "0005\r\nhello\r\n000\r\n\r\n", Status::done, "hello"},
      {"an extension", "5;a=\"b\"\r\nhello\r\n0;x\r\n\r\n", Status::done, "hello"},
      {"trailers", "0\r\nA: b\r\nC:\r\n\r\n", Status::done, ""},
      {"the next message", "0\r\n\r\nGET / HTTP/1.1\r\n", Status::done, "", 16},
      {"cut in the data", "5\r\nhel", Status::need_more, "hel"},
      {"cut after the data", "5\r\nhello", Status::need_more, "hello"},
      {"cut before the last line", "0\r\n", Status::need_more, ""},
      {"size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", Status::bad, ""},
      {"no size", "\r\nhello\r\n", Status::bad, ""},
      {"negative size", "-5\r\nhello\r\n", Status::bad, ""},
      {"space before the size", " 5\r\nhello\r\n", Status::bad, ""},
      {"space after the size", "5 \r\nhello\r\n", Status::bad, ""},
      {"size of 17 digits", "00000000000000005\r\nhello\r\n", Status::bad, ""},
      {"size of 2^63", "8000000000000000\r\nhello\r\n", Status::bad, ""},
      {"size of 2^64 - 1", "ffffffffffffffff\r\nhello\r\n", Status::bad, ""},
      {"size ends in LF", "5\nhello\r\n0\r\n\r\n", Status::bad, ""},
      {"size ends in CR", "5\rhello\r\n0\r\n\r\n", Status::bad, ""},
      {"data ends in LF", "5\r\nhello\n0\r\n\r\n", Status::bad, "hello"},
      {"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n", Status::bad, "hello"},
      {"data shorter than its size", "6\r\nhello\r\n0\r\n\r\n", Status::bad, "hello\r"},
      {"control character in an extension", "5;\x01\r\nhello\r\n", Status::bad, ""},
      {"LF in an extension", "5;a\nb\r\nhello\r\n", Status::bad, ""},
      {"long extension", "5;" + long_extension + "\r\nhello\r\n", Status::bad, ""},
      {"trailer without a colon", "0\r\nA\r\n\r\n", Status::bad, ""},
      {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", Status::bad, ""},
      {"control character in a trailer", "0\r\nA: b\x01\r\n\r\n", Status::bad, ""},
      {"trailer line ends in LF", "0\r\nA: b\n\r\n", Status::bad, ""},
      {"trailers ends in LF", "0\r\n\n", Status::bad, ""},
      {"CR without LF at the end", "0\r\n\rX", Status::bad, ""},
      {"too long trailers", "0\r\nA: " + long_trailer + "\r\n\r\n", Status::bad, ""},
  };
  for (const Row& row : rows)
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{100'000}})
      DYNAMIC_SECTION(row.name << " in pieces of " << piece) {
        BodyReader reader;
        reader.start(Framing::chunked, 0);
        const Read read = read_all(reader, row.input, piece);
        CHECK(read.end == row.end);
        CHECK(read.payload == row.payload);
        CHECK(reader.done() == (row.end == Status::done));
        if (row.end == Status::done) CHECK(read.consumed == row.input.size() - row.after);
        CHECK(reader.finish_at_eof() == (row.end == Status::done));
        if (row.end == Status::bad) CHECK(reader.next("0\r\n\r\n").status == Status::bad);
      }
}

TEST_CASE("old origins put blanks after the size of a chunk", "[core][body]") {
  using Status = BodyReader::Status;
  struct Row {
    const char* name;
    std::string input;
    Status end;
  };
  const std::string many(256, ' ');
  const Row rows[] = {
      {"a blank", "5 \r\nhello\r\n0\r\n\r\n", Status::done},
      {"as Apache 1.3 did", "5     \r\nhello\r\n0     \r\n\r\n", Status::done},
      {"a tab", "5\t\r\nhello\r\n0\t\r\n\r\n", Status::done},
      {"before an extension", "5 ; a=b\r\nhello\r\n0 ;x\r\n\r\n", Status::done},
      {"256 blanks", "5" + many + "\r\nhello\r\n0\r\n\r\n", Status::done},
      {"257 blanks", "5 " + many + "\r\nhello\r\n0\r\n\r\n", Status::bad},
      {"digits after the blank", "5 5\r\nhello\r\n0\r\n\r\n", Status::bad},
      {"a blank before the size", " 5\r\nhello\r\n0\r\n\r\n", Status::bad},
      {"a blank and no size", " \r\nhello\r\n0\r\n\r\n", Status::bad},
      {"a bare LF after it", "5 \nhello\r\n0\r\n\r\n", Status::bad},
      {"a CR in between", "5 \r \nhello\r\n0\r\n\r\n", Status::bad},
      {"another white space", "5\v\r\nhello\r\n0\r\n\r\n", Status::bad},
  };
  for (const Row& row : rows)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{100'000}})
      DYNAMIC_SECTION(row.name << " in pieces of " << piece) {
        BodyReader reader;
        reader.start(Framing::chunked, 0, true);
        const Read read = read_all(reader, row.input, piece);
        CHECK(read.end == row.end);
        if (row.end == Status::done) CHECK(read.payload == "hello");
        reader.start(Framing::chunked, 0);  // a request's
        CHECK(read_all(reader, row.input, piece).end == Status::bad);
      }
}

TEST_CASE("bodies of a length take that much and no more", "[core][body]") {
  BodyReader reader;
  reader.start(Framing::length, 5);
  auto step = reader.next("hel");
  CHECK(step.payload == "hel");
  CHECK_FALSE(reader.done());
  CHECK_FALSE(reader.finish_at_eof());
  step = reader.next("loGET / HTTP/1.1");
  CHECK(step.payload == "lo");
  CHECK(step.consumed == 2);
  CHECK(reader.done());
  step = reader.next("GET");
  CHECK(step.status == BodyReader::Status::done);
  CHECK(step.consumed == 0);
}

TEST_CASE("bodies that end with the connection", "[core][body]") {
  BodyReader reader;
  reader.start(Framing::until_close, 0);
  CHECK(reader.next("abc").payload == "abc");
  CHECK(reader.next("").status == BodyReader::Status::need_more);
  CHECK_FALSE(reader.done());
  CHECK(reader.finish_at_eof());
  CHECK(reader.done());
}

TEST_CASE("no body", "[core][body]") {
  for (const Framing framing : {Framing::none, Framing::length}) {
    BodyReader reader;
    reader.start(framing, 0);
    CHECK(reader.done());
    CHECK(reader.next("abc").consumed == 0);
    CHECK(reader.finish_at_eof());
  }
}

TEST_CASE("chunks we write are chunks we read", "[core][body]") {
  std::string out;
  write_chunk_head(0x1a2b, out);
  CHECK(out == "1a2b\r\n");
  const std::string data(0x1a2b, 'x');
  out += data + "\r\n" + std::string(last_chunk);
  BodyReader reader;
  reader.start(Framing::chunked, 0);
  const Read read = read_all(reader, out, 1000);
  CHECK(read.payload == data);
  CHECK(reader.done());
}
