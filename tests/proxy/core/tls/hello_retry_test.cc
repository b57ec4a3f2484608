#include "proxy/core/tls/hello_retry.h"

#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/tls/client_hello.h"

using namespace schoolgate;

namespace {

std::string sized(const std::string& bytes, int width) {
  std::string out;
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(bytes.size() >> shift & 0xff);
  return out + bytes;
}
std::string record(char type, const std::string& bytes) {
  return std::string(1, type) + "\x03\x03" + sized(bytes, 2);
}
std::string hello(const std::string& name) {
  const std::string names =
      name.empty() ? "" : std::string(2, '\0') + sized(sized(std::string(1, '\0') + sized(name, 2), 2), 2);
  const std::string body = "\x03\x03" + std::string(32, 'r') + sized("", 1) + sized("\x13\x01", 2) +
                           sized(std::string(1, '\0'), 1) + sized(names, 2);
  return record(22, "\x01" + sized(body, 3));
}
std::string server(const std::string& random) {
  return record(22,
                "\x02" + sized("\x03\x03" + random + sized("", 1) + "\x13\x01" + std::string(1, '\0'), 3));
}
const std::string asks = server(
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
    "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c");
const std::string goes_on = server(std::string(32, 's'));
const std::string change = record(20, "\x01"), early = record(23, std::string(300, 'e')),
                  warning = record(21, "\x01\x64"), data = record(23, "data");

// "S..." is said by the server, "C..." by the client; what passed of the client's, or where it was refused.
std::string passed(const std::vector<std::string>& said, std::size_t piece, bool& over) {
  HelloRetry retry(1, "a.vn");
  std::string out;
  over = false;
  for (const std::string& one : said) {
    const std::string bytes = one.substr(1);
    for (std::size_t at = 0; at < bytes.size() && !over; at += piece) {
      const std::string part = bytes.substr(at, piece);
      if (one[0] == 'S') {
        retry.server_said(part);
      } else {
        if (!retry.client_said(part)) return "refused";
        out += retry.passes();
      }
      over = retry.is_over();
      if (over && one[0] == 'C') out += bytes.substr(std::min(at + piece, bytes.size()));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("hellos after the first", "[core][hello_retry]") {
  const std::string same = hello("a.vn"), other = hello("bad.vn");
  struct Row {
    const char* name;
    std::vector<std::string> said;
    std::string want;
    bool over = true;
  };
  const Row rows[] = {
      {"the server goes on", {"S" + goes_on}, ""},
      {"it speaks no TLS", {"SHTTP/1.1 400 Bad Request\r\n\r\n"}, ""},
      {"it refuses by an alert", {"S" + record(21, "\x02\x28")}, ""},
      {"it has not said enough", {"S" + asks.substr(0, 42)}, "", false},
      {"the same name", {"S" + asks, "C" + same}, same},
      {"behind a change of cipher", {"S" + asks, "C" + change + same}, change + same},
      {"behind early data",
       {"C" + early, "S" + asks, "C" + early + change + same},
       early + early + change + same},
      {"and what comes after it", {"S" + asks, "C" + same + change + data}, same + change + data},
      {"another name", {"S" + asks, "C" + other}, "refused"},
      {"another name behind a change of cipher", {"S" + asks, "C" + change + other}, "refused"},
      {"no name", {"S" + asks, "C" + hello("")}, "refused"},
      {"another name before the server asks", {"C" + other}, "refused"},
      {"behind early data, before it asks", {"C" + early + other}, "refused"},
      {"the same before it asks, another then", {"C" + same, "S" + asks, "C" + other}, "refused"},
      {"no TLS at all", {"S" + asks, "CGET / HTTP/1.1\r\n"}, "GET / HTTP/1.1\r\n"},
      {"another message", {"S" + asks, "C" + record(22, "\x0b" + sized("x", 3))}, "refused"},
      {"two hellos in one record",
       {"S" + asks, "C" + record(22, same.substr(5) + other.substr(5))},
       "refused"},
      {"half a hello", {"S" + asks, "C" + same.substr(0, 20)}, "", false},
      {"an alert", {"S" + asks, "C" + warning}, warning, false},
      {"another name behind an alert that a server may ignore",
       {"S" + asks, "C" + warning + other},
       "refused"},
      {"behind a heartbeat", {"S" + asks, "C" + record(24, std::string("\1\0\0", 3)) + other}, "refused"},
      {"a hello that never ends",
       {"S" + asks, "C" + record(22, "\x01\xff\xff\xff" + std::string(9000, 'x'))},
       "refused"},
      {"TLS 1.2", {"S" + goes_on, "C"}, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      for (const std::size_t piece : {1, 2, 7, 100, 100'000}) {
        CAPTURE(piece);
        bool over = false;
        CHECK(passed(row.said, piece, over) == row.want);
        if (row.want != "refused") CHECK(over == row.over);
      }
    }
}

TEST_CASE("what was held passes once the server goes on", "[core][hello_retry]") {
  HelloRetry retry(1, "a.vn");
  REQUIRE(retry.client_said("\x17\x03"));
  CHECK(retry.passes().empty());
  retry.server_said(goes_on);
  CHECK_FALSE(retry.is_over());
  REQUIRE(retry.client_said("\x03rest"));
  CHECK(retry.passes() == "\x17\x03\x03rest");
  CHECK(retry.is_over());
}
