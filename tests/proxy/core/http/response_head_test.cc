#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/http/http_head.h"

using namespace schoolgate;
using namespace std::string_literals;

namespace {

std::string ok(const std::string& lines) {
  return "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
}

}  // namespace

TEST_CASE("responses that are refused, and why", "[core][response_head]") {
  struct Row {
    const char* name;
    std::string head, want;
    const char* method = "GET";
    bool asked_websocket = false;
  };
  const Row rows[] = {
      {"not HTTP", "ICY 200 OK\r\n\r\n", "bad_version"},
      {"HTTP/2", "HTTP/2 200\r\n\r\n", "bad_version"},
      {"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "bad_version"},
      {"small letters", "http/1.1 200 OK\r\n\r\n", "bad_version"},
      {"empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", "bad_version"},
      {"two spaces", "HTTP/1.1  200 OK\r\n\r\n", "bad_status"},
      {"status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "bad_status"},
      {"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "bad_status"},
      {"status below 100", "HTTP/1.1 099 OK\r\n\r\n", "bad_status"},
      {"negative status", "HTTP/1.1 -20 OK\r\n\r\n", "bad_status"},
      {"status of letters", "HTTP/1.1 2x0 OK\r\n\r\n", "bad_status"},
      {"control character in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n", "control_character"},
      {"NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n"s, "control_character"},
      {"CR in the reason", "HTTP/1.1 200 O\rSet-Cookie: a\r\n\r\n", "bare_cr"},
      {"LF ends the lines", "HTTP/1.1 200 OK\nX: y\n\n", "bare_lf"},
      {"one line ends in LF", ok("X: y\n"), "bare_lf"},
      {"CR in a value", ok("X: a\rSet-Cookie: b\r\n"), "bare_cr"},
      {"NUL in a value", ok("X: a\0b\r\n"s), "control_character"},
      {"control character in a value",
       ok("X: a\x0c"
          "b\r\n"),
       "control_character"},
      {"space in a name", ok("X Y: a\r\n"), "bad_name"},
      {"empty name", ok(": a\r\n"), "empty_name"},
      {"no colon", ok("X\r\n"), "no_colon"},
      {"space before the first field", "HTTP/1.1 200 OK\r\n X: y\r\n\r\n", "leading_space"},
      {"space before the colon of Content-Length", ok("Content-Length : 5\r\n"), "space_in_name"},
      {"space before the colon of Transfer-Encoding", ok("Transfer-Encoding\t: chunked\r\n"),
       "space_in_name"},
      {"lengths that differ", ok("Content-Length: 5\r\nContent-Length: 6\r\n"), "bad_content_length"},
      {"list of lengths that differ", ok("Content-Length: 5, 6\r\n"), "bad_content_length"},
      {"signed length", ok("Content-Length: +5\r\n"), "bad_content_length"},
      {"empty length", ok("Content-Length:\r\n"), "bad_content_length"},
      {"list of nothing", ok("Content-Length: ,\r\n"), "bad_content_length"},
      {"length beyond 2^63", ok("Content-Length: 9999999999999999999\r\n"), "bad_content_length"},
      {"length folded from two numbers", ok("Content-Length: 5\r\n 6\r\n"), "bad_content_length"},
      {"length and chunks", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "length_and_coding"},
      {"gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n"), "bad_transfer_encoding"},
      {"identity", ok("Transfer-Encoding: identity\r\n"), "bad_transfer_encoding"},
      {"chunked twice", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       "bad_transfer_encoding"},
      {"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "coding_in_1_0"},
      {"length and chunks of a HEAD", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
       "length_and_coding", "HEAD"},
      {"2xx to CONNECT", "HTTP/1.1 200 OK\r\n\r\n", "connect_answer", "CONNECT"},
      {"101 nobody asked for", "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
       "unasked_upgrade"},
      {"101 to something else", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
       "unasked_upgrade", "GET", true},
      {"101 without Connection", "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n", "unasked_upgrade", "GET",
       true},
      {"101 in HTTP/1.0", "HTTP/1.0 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
       "unasked_upgrade", "GET", true},
      {"nothing after the status line", "HTTP/1.1 200 OK\r\n", "cut_head"},
      {"bytes after the empty line", ok("") + "x", "cut_head"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      ResponseHead out;
      std::string head = row.head;
      const auto parsed = parse_response_head(head, row.method, out, row.asked_websocket);
      REQUIRE(parsed.failed());
      CHECK(parsed.error().what == row.want);
      CHECK(parsed.error().status == 502);
    }
}

TEST_CASE("responses that pass, and where their body ends", "[core][response_head]") {
  struct Row {
    const char* name;
    std::string head;
    const char* method;
    Framing framing;
    std::uint64_t length;
    bool keep_alive, interim, keep_length;
  };
  const Row rows[] = {
      {"a length", ok("Content-Length: 5\r\n"), "GET", Framing::length, 5, true, false, false},
      {"equal lengths", ok("Content-Length: 5\r\nContent-Length: 5\r\n"), "GET", Framing::length, 5, true,
       false, false},
      {"equal lengths in a list", ok("Content-Length: 5, 5\r\n"), "GET", Framing::length, 5, true, false,
       false},
      {"no body", ok("Content-Length: 0\r\n"), "GET", Framing::length, 0, true, false, false},
      {"chunks", ok("Transfer-Encoding: Chunked\r\n"), "GET", Framing::chunked, 0, true, false, false},
      {"until the end", ok(""), "GET", Framing::until_close, 0, false, false, false},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", Framing::length, 5, false, false,
       false},
      {"HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", "GET",
       Framing::length, 5, true, false, false},
      {"closed", ok("Content-Length: 5\r\nConnection: close\r\n"), "GET", Framing::length, 5, false, false,
       false},
      {"HEAD with a length", ok("Content-Length: 5\r\n"), "HEAD", Framing::none, 5, true, false, true},
      {"HEAD with chunks", ok("Transfer-Encoding: chunked\r\n"), "HEAD", Framing::none, 0, true, false,
       false},
      {"HEAD without either", ok(""), "HEAD", Framing::none, 0, true, false, false},
      {"304 with a length", "HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", "GET", Framing::none, 5, true,
       false, true},
      {"204", "HTTP/1.1 204 N\r\n\r\n", "GET", Framing::none, 0, true, false, false},
      {"204 that promises a body", "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", "GET", Framing::none, 5,
       false, false, false},
      {"204 in chunks", "HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", Framing::none, 0,
       false, false, false},
      {"100", "HTTP/1.1 100 Continue\r\n\r\n", "POST", Framing::none, 0, true, true, false},
      {"103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "GET", Framing::none, 0, true, true, false},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", "GET", Framing::length, 5, true, false,
       false},
      {"no reason and no space", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "GET", Framing::length, 5, true,
       false, false},
      {"a reason in UTF-8",
       "HTTP/1.1 200 \xc4\x90\xc6\xb0\xe1\xbb\xa3"
       "c\r\nContent-Length: 5\r\n\r\n",
       "GET", Framing::length, 5, true, false, false},
      {"status 999", "HTTP/1.1 999 Request Denied\r\nContent-Length: 5\r\n\r\n", "GET", Framing::length, 5,
       true, false, false},
      {"a refused CONNECT", "HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n", "CONNECT", Framing::length, 5,
       true, false, false},
      {"obs-fold", ok("X: a\r\n b\r\nContent-Length: 5\r\n"), "GET", Framing::length, 5, true, false, false},
      {"obs-fold around chunked", ok("Transfer-Encoding:\r\n\tchunked\r\n"), "GET", Framing::chunked, 0, true,
       false, false},
      {"space before a colon", ok("Server : old\r\nContent-Length: 5\r\n"), "GET", Framing::length, 5, true,
       false, false},
  };
  ResponseHead out;
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      std::string head = row.head;
      const auto parsed = parse_response_head(head, row.method, out);
      CHECK((parsed.failed() ? parsed.error().what : "passes") == "passes");
      CHECK(out.framing == row.framing);
      CHECK(out.content_length == row.length);
      CHECK(out.keep_alive == row.keep_alive);
      CHECK(out.interim == row.interim);
      CHECK(out.keep_length == row.keep_length);
    }
}

TEST_CASE("folded lines are joined in place", "[core][response_head]") {
  std::string head = ok("X: a\r\n b\r\n\tc\r\nServer : old\r\nY: \r\n z\r\nContent-Length: 0\r\n");
  ResponseHead out;
  REQUIRE(parse_response_head(head, "GET", out).ok());
  CHECK(out.field("x") == "a   b  \tc");
  CHECK(out.field("server") == "old");
  CHECK(out.field("y") == "z");
}

TEST_CASE("a WebSocket answer ends the connection's life as HTTP", "[core][response_head]") {
  std::string head =
      "HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
      "x\r\n\r\n";
  ResponseHead out;
  REQUIRE(parse_response_head(head, "GET", out, true).ok());
  CHECK(out.framing == Framing::none);
  CHECK_FALSE(out.keep_alive);
  CHECK_FALSE(out.interim);
}

TEST_CASE("an origin that asks for a login of the connection", "[core][response_head]") {
  struct Row {
    const char* field;
    bool asks;
  };
  const Row rows[] = {
      {"WWW-Authenticate: NTLM", true},
      {"www-authenticate: negotiate", true},
      {"WWW-Authenticate: Negotiate oYG2MIGzoAMKAQE=", true},
      {"WWW-Authenticate: Basic realm=\"a, b\", NeGoTiAtE", true},
      {"WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: nTLM", true},
      {"Proxy-Authenticate: NTLM", true},
      {"WWW-Authenticate: Basic realm=\"NTLM\"", false},
      {"WWW-Authenticate: NTLMish", false},
      {"X: NTLM", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.field) {
      std::string text =
          "HTTP/1.1 401 Unauthorized\r\n" + std::string(row.field) + "\r\nContent-Length: 0\r\n\r\n";
      ResponseHead head;
      REQUIRE(parse_response_head(text, "GET", head).ok());
      CHECK(authenticates_connection(head) == row.asks);
    }
}

TEST_CASE("an origin that speaks HTTP/2 first", "[core][response_head]") {
  const std::string zeros(4, '\0');
  const std::string settings = std::string("\0\0\x06\x04\0", 5) + zeros + "\x01\x02\x03\x04\x05\x06";
  CHECK(is_http2_preface(settings));
  CHECK(is_http2_preface(std::string("\0\0\0\x04\0", 5) + zeros));
  CHECK_FALSE(is_http2_preface(settings.substr(0, 8)));
  CHECK_FALSE(is_http2_preface(std::string("\0\0\x05\x04\0", 5) + zeros));
  CHECK_FALSE(is_http2_preface("HTTP/1.1 200 OK\r\n\r\n"));
}
