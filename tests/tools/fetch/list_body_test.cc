// The bytes of a list: plain or gzip, in pieces of any size, never more than was allowed.
#include "tools/fetch/list_body.h"

#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Contains;

namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

// What a body makes of `bytes` that come in pieces: the text, or "error: ...".
std::string body_of(const std::string& bytes, std::size_t piece = 1000, BodyLimits limits = {},
                    const std::string& inside = {}) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  REQUIRE(file);
  const int fd = ::fileno(file.get());
  ListBody body(fd, limits, inside);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    if (const auto taken = body.take(std::string_view(bytes).substr(at, piece)); taken.failed())
      return "error: " + taken.error().message.english();
  if (const auto finished = body.finish(); finished.failed())
    return "error: " + finished.error().message.english();
  const auto size = ::lseek(fd, 0, SEEK_CUR);
  std::string text(static_cast<std::size_t>(size), '\0');
  REQUIRE(::pread(fd, text.data(), text.size(), 0) == size);
  return text;
}

// An archive of one file.
std::string tar(const std::string& name, const std::string& text) {
  std::string head(512, '\0');
  head.replace(0, name.size(), name);
  char octal[12];
  std::snprintf(octal, sizeof octal, "%011zo", text.size());
  head.replace(124, 11, octal);
  head.replace(148, 8, "        ");
  head[156] = '0';
  head.replace(257, 8,
               std::string("ustar\0"
                           "00",
                           8));
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  head.replace(148, 7, std::string(octal, 7));
  return head + text + std::string((512 - text.size() % 512) % 512, '\0') + std::string(1024, '\0');
}

const std::string some = "a.test\nb.test\n# and so on\nc.test";

}  // namespace

TEST_CASE("a list is the same in pieces of any size, plain or gzip", "[tools][fetch]") {
  const std::string packed = gzip(some), two = gzip("a.test\n") + gzip("b.test\n");
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    CAPTURE(piece);
    CHECK(body_of(some, piece) == some);
    CHECK(body_of(packed, piece) == some);
    CHECK(body_of(two, piece) == "a.test\nb.test\n");  // members one after another are one file
  }
  const std::string large(300'000, 'x');
  CHECK(body_of(gzip(large)) == large);
}

TEST_CASE("gzip that ends early, is damaged or followed by something else is refused", "[tools][fetch]") {
  const std::string packed = gzip(some);
  CHECK(body_of("") == "error: it is empty");
  for (std::size_t end = 1; end < packed.size(); ++end) {
    CAPTURE(end);
    CHECK_THAT(body_of(packed.substr(0, end), 5), Catch::StartsWith("error: it is cut short"));
  }
  std::string damaged = packed;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // its checksum
  CHECK_THAT(body_of(damaged), Contains("is damaged"));
  CHECK_THAT(body_of(packed + "tail"), Contains("is damaged"));
  CHECK_THAT(body_of("\x1f"
                     "a.test\n"),
             Contains("is damaged"));
}

TEST_CASE("no list grows beyond its bounds, and least of all one that was packed small", "[tools][fetch]") {
  BodyLimits limits;
  limits.bytes = 1u << 20;
  limits.expanded = 2u << 20;
  limits.lines = 1000;
  const std::string bomb = gzip(std::string(64u << 20, '\0'));
  CHECK(bomb.size() < limits.bytes);
  CHECK(body_of(bomb, 1000, limits) == "error: it expands to more than 2 MiB");
  CHECK(body_of(std::string(limits.bytes + 1, 'a'), 4096, limits) == "error: it is larger than 1 MiB");
  CHECK(body_of(std::string(1001, '\n'), 100, limits) == "error: it has more than 1000 lines");
  CHECK(body_of(gzip(std::string(1001, '\n')), 100, limits) == "error: it has more than 1000 lines");
  CHECK(body_of(std::string(1000, '\n'), 100, limits) == std::string(1000, '\n'));
}

TEST_CASE("a list within an archive", "[tools][fetch]") {
  const std::string archive = tar("bets/domains", some);
  for (const std::size_t piece : {1, 100, 511, 513, 10'000}) {
    CAPTURE(piece);
    CHECK(body_of(archive, piece, {}, "bets/domains") == some);
    CHECK(body_of(gzip(archive), piece, {}, "bets/domains") == some);
    CHECK(body_of(gzip(archive), piece) == some);
  }
  CHECK(body_of(archive, 1000, {}, "bets/urls") ==
        "error: there is no bets/urls in the archive; there are: bets/domains");
  CHECK(body_of(some, 1000, {}, "bets/domains") ==
        "error: it is no archive, and bets/domains was to be in one");
  CHECK(body_of(gzip(archive.substr(0, 600)), 1000, {}, "bets/domains") == "error: it is cut short");
  BodyLimits limits;
  limits.expanded = 1u << 20;
  limits.lines = 1000;
  CHECK(body_of(gzip(tar("a", std::string(2u << 20, 'a'))), 1000, limits) ==
        "error: it expands to more than 1 MiB");
  CHECK(body_of(gzip(tar("a", std::string(1001, '\n'))), 1000, limits) ==
        "error: it has more than 1000 lines");
}
