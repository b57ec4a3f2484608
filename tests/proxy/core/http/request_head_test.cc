#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/http/http_head.h"

using namespace schoolgate;
using namespace std::string_literals;

namespace {

// A GET of http://a.vn/ with these further lines.
std::string get(const std::string& lines) {
  return "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + lines + "\r\n";
}

std::string text_of(const HeadError& error) {
  return std::to_string(error.status) + " " + std::string(error.what);
}

std::string refusal(const std::string& head) {
  RequestHead out;
  const auto parsed = parse_request_head(head, out);
  return parsed.failed() ? text_of(parsed.error()) : "passes";
}

std::string many_fields(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines += "X: y\r\n";
  return lines;
}

}  // namespace

TEST_CASE("requests that are refused, and why", "[core][request_head]") {
  struct Row {
    const char* name;
    std::string head, want;
  };
  const Row rows[] = {
      // the request line
      {"no request line", "\r\n\r\n\r\n", "400 empty_line"},
      {"three empty lines first", "\r\n\r\n\r\nGET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 empty_line"},
      {"bare LF before the request line", "\nGET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bare_lf"},
      {"CRLF then LF before the request line", "\r\n\nGET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 bare_lf"},
      {"bare CR before the request line", "\rGET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 empty_line"},
      {"space before the method", " GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_method"},
      {"no method", "http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_method"},
      {"method with a slash", "GE/T http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_method"},
      {"method with a control character", "G\x01T http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 bad_method"},
      {"method of Vietnamese letters", "GÉT http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_method"},
      {"tab after the method", "GET\thttp://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_method"},
      {"two spaces after the method", "GET  http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_target"},
      {"two spaces before the version", "GET http://a.vn/  HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 bad_version"},
      {"space in the target", "GET http://a.vn/a b HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"tab in the target", "GET http://a.vn/a\tb HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_target"},
      {"NUL in the target", "GET http://a.vn/\0 HTTP/1.1\r\nHost: a.vn\r\n\r\n"s, "400 bad_target"},
      {"DEL in the target", "GET http://a.vn/\x7f HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_target"},
      {"raw UTF-8 in the target", "GET http://a.vn/tr\xc3\xb2 HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "400 bad_target"},
      {"raw UTF-8 in the host", "GET http://b\xc3\xa9.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_target"},
      {"no target", "GET HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 no_version"},
      {"HTTP/0.9", "GET http://a.vn/\r\n\r\n", "400 no_version"},
      {"HTTP/0.9 in words", "GET http://a.vn/ HTTP/0.9\r\nHost: a.vn\r\n\r\n", "505 version"},
      {"HTTP/1.2", "GET http://a.vn/ HTTP/1.2\r\nHost: a.vn\r\n\r\n", "505 version"},
      {"HTTP/2.0", "GET http://a.vn/ HTTP/2.0\r\nHost: a.vn\r\n\r\n", "505 version"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", "505 http2_preface"},
      {"http/1.1 in small letters", "GET http://a.vn/ http/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"HTTP/1.1 with more digits", "GET http://a.vn/ HTTP/1.10\r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"HTTP/01.1", "GET http://a.vn/ HTTP/01.1\r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"space after the version", "GET http://a.vn/ HTTP/1.1 \r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"another protocol", "GET http://a.vn/ ICY/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_version"},
      {"request line with bare LF", "GET http://a.vn/ HTTP/1.1\nHost: a.vn\r\n\r\n", "400 bare_lf"},
      {"request line with bare CR", "GET http://a.vn/ HTTP/1.1\rHost: a.vn\r\n\r\n", "400 bare_cr"},
      {"asterisk with another method", "GET * HTTP/1.1\r\nHost: a.vn\r\n\r\n", "400 bad_target"},
      {"TRACE", "TRACE http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "405 trace"},
      {"trace", "trace http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "405 trace"},
      {"TRACK", "TRACK http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", "405 trace"},
      // lines and names
      {"all lines end in LF", "GET http://a.vn/ HTTP/1.1\nHost: a.vn\n\n", "400 bare_lf"},
      {"one field ends in LF", get("X: y\n"), "400 bare_lf"},
      {"the empty line is LF", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\n", "400 bare_lf"},
      {"bare CR in a value", get("X: a\rb\r\n"), "400 bare_cr"},
      {"two CR before LF", get("X: a\r\r\n"), "400 bare_cr"},
      {"NUL in a value", get("X: a\0b\r\n"s), "400 control_character"},
      {"control character in a value",
       get("X: a\x01"
           "b\r\n"),
       "400 control_character"},
      {"vertical tab in a value",
       get("X: a\x0b"
           "b\r\n"),
       "400 control_character"},
      {"DEL in a value",
       get("X: a\x7f"
           "b\r\n"),
       "400 control_character"},
      {"control character far into a value",
       get("X: 0123456789012345678901234567890\x08"
           "1\r\n"),
       "400 control_character"},
      {"NUL in a name", get("X\0Y: a\r\n"s), "400 bad_name"},
      {"letters beyond ASCII in a name", get("X\xc3\xa9: a\r\n"), "400 bad_name"},
      {"slash in a name", get("X/Y: a\r\n"), "400 bad_name"},
      {"space in a name", get("X Y: a\r\n"), "400 space_in_name"},
      {"space before the colon", get("X : a\r\n"), "400 space_in_name"},
      {"space before the colon of Content-Length", get("Content-Length : 5\r\n"), "400 space_in_name"},
      {"tab before the colon", get("Transfer-Encoding\t: chunked\r\n"), "400 space_in_name"},
      {"empty name", get(": a\r\n"), "400 empty_name"},
      {"no colon", get("X\r\n"), "400 no_colon"},
      {"obs-fold", get("X: a\r\n b\r\n"), "400 obs_fold"},
      {"obs-fold with a tab", get("X: a\r\n\tb\r\n"), "400 obs_fold"},
      {"obs-fold of Content-Length", get("Content-Length:\r\n 5\r\n"), "400 bad_content_length"},
      {"folded Host", "GET http://a.vn/ HTTP/1.1\r\nHost:\r\n a.vn\r\n\r\n", "400 bad_host"},
      {"space before the first field", "GET http://a.vn/ HTTP/1.1\r\n Host: a.vn\r\n\r\n",
       "400 leading_space"},
      {"tab before the first field", "GET http://a.vn/ HTTP/1.1\r\n\tX: y\r\nHost: a.vn\r\n\r\n",
       "400 leading_space"},
      {"200 fields are the limit", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + many_fields(200) + "\r\n",
       "431 too_many_fields"},
      {"bytes after the empty line", get("") + "X", "400 cut_head"},
      {"no empty line", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n", "400 cut_head"},
      {"cut within a line", "GET http://a.vn/ HTTP/1.1\r\nHost: a", "400 cut_head"},
      // Host
      {"no Host in HTTP/1.1", "GET http://a.vn/ HTTP/1.1\r\n\r\n", "400 no_host"},
      {"two Hosts", get("Host: a.vn\r\n"), "400 two_hosts"},
      {"two Hosts, other case", get("hOST: b.vn\r\n"), "400 two_hosts"},
      {"two Hosts in HTTP/1.0", "GET http://a.vn/ HTTP/1.0\r\nHost: a.vn\r\nHost: a.vn\r\n\r\n",
       "400 two_hosts"},
      {"empty Host", "GET http://a.vn/ HTTP/1.1\r\nHost:\r\n\r\n", "400 bad_host"},
      {"list of Hosts", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn, b.vn\r\n\r\n", "400 bad_host"},
      {"Host with user-info", "GET http://a.vn/ HTTP/1.1\r\nHost: u@a.vn\r\n\r\n", "400 bad_host"},
      {"Host with a path", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn/x\r\n\r\n", "400 bad_host"},
      {"Host as a URL", "GET http://a.vn/ HTTP/1.1\r\nHost: http://a.vn\r\n\r\n", "400 bad_host"},
      {"Host with a back slash", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\\b\r\n\r\n", "400 bad_host"},
      {"Host with a space", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn b.vn\r\n\r\n", "400 bad_host"},
      {"Host with a tab inside", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\tb.vn\r\n\r\n", "400 bad_host"},
      {"Host with UTF-8", "GET http://a.vn/ HTTP/1.1\r\nHost: b\xc3\xa9.vn\r\n\r\n", "400 bad_host"},
      {"Host with a wrong port", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn:99999\r\n\r\n", "400 bad_host"},
      {"Host with a port of letters", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn:80x\r\n\r\n", "400 bad_host"},
      {"Host with two ports", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn:80:80\r\n\r\n", "400 bad_host"},
      {"Host of a port alone", "GET http://a.vn/ HTTP/1.1\r\nHost: :80\r\n\r\n", "400 bad_host"},
      {"Host with an open bracket", "GET http://a.vn/ HTTP/1.1\r\nHost: [::1\r\n\r\n", "400 bad_host"},
      {"Host with a zone", "GET http://a.vn/ HTTP/1.1\r\nHost: [fe80::1%eth0]\r\n\r\n", "400 bad_host"},
      {"Host with text after brackets", "GET http://a.vn/ HTTP/1.1\r\nHost: [::1]x\r\n\r\n", "400 bad_host"},
      // framing
      {"two Content-Lengths", get("Content-Length: 5\r\nContent-Length: 6\r\n"), "400 two_content_lengths"},
      {"two equal Content-Lengths", get("Content-Length: 5\r\nContent-Length: 5\r\n"),
       "400 two_content_lengths"},
      {"list in Content-Length", get("Content-Length: 5, 5\r\n"), "400 bad_content_length"},
      {"signed Content-Length", get("Content-Length: +5\r\n"), "400 bad_content_length"},
      {"negative Content-Length", get("Content-Length: -5\r\n"), "400 bad_content_length"},
      {"hex Content-Length", get("Content-Length: 0x5\r\n"), "400 bad_content_length"},
      {"Content-Length with a fraction", get("Content-Length: 5.0\r\n"), "400 bad_content_length"},
      {"Content-Length with a space inside", get("Content-Length: 5 5\r\n"), "400 bad_content_length"},
      {"empty Content-Length", get("Content-Length:\r\n"), "400 bad_content_length"},
      {"Content-Length of 2^63", get("Content-Length: 9223372036854775808\r\n"), "400 bad_content_length"},
      {"Content-Length of 2^64 + 5", get("Content-Length: 18446744073709551621\r\n"),
       "400 bad_content_length"},
      {"Transfer-Encoding and Content-Length", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       "400 length_and_coding"},
      {"Content-Length and Transfer-Encoding", get("Content-Length: 5\r\nTRANSFER-ENCODING: CHUNKED\r\n"),
       "400 length_and_coding"},
      {"gzip, chunked", get("Transfer-Encoding: gzip, chunked\r\n"), "400 bad_transfer_encoding"},
      {"chunked, chunked", get("Transfer-Encoding: chunked, chunked\r\n"), "400 bad_transfer_encoding"},
      {"chunked twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       "400 bad_transfer_encoding"},
      {"identity", get("Transfer-Encoding: identity\r\n"), "400 bad_transfer_encoding"},
      {"quoted chunked", get("Transfer-Encoding: \"chunked\"\r\n"), "400 bad_transfer_encoding"},
      {"chunked with a parameter", get("Transfer-Encoding: chunked;q=1\r\n"), "400 bad_transfer_encoding"},
      {"xchunked", get("Transfer-Encoding: xchunked\r\n"), "400 bad_transfer_encoding"},
      {"chunked with a comma", get("Transfer-Encoding: chunked,\r\n"), "400 bad_transfer_encoding"},
      {"empty Transfer-Encoding", get("Transfer-Encoding:\r\n"), "400 bad_transfer_encoding"},
      {"chunked in HTTP/1.0", "POST http://a.vn/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 coding_in_1_0"},
      {"CONNECT with a body", "CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn:443\r\nContent-Length: 5\r\n\r\n",
       "400 connect_body"},
      {"CONNECT in chunks", "CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 connect_body"},
      // Expect
      {"Expect of something else", get("Expect: 200-ok\r\n"), "417 expect"},
      {"empty Expect", get("Expect:\r\n"), "417 expect"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(refusal(row.head) == row.want);
    }
}

TEST_CASE("requests that pass, and what is understood", "[core][request_head]") {
  struct Row {
    const char* name;
    std::string head;
    RequestHead::Form form;
    Framing framing;
    std::uint64_t length;
    bool keep_alive, expect, websocket;
  };
  using Form = RequestHead::Form;
  const std::string websocket =
      "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const Row rows[] = {
      {"a plain one", get(""), Form::absolute, Framing::none, 0, true, false, false},
      {"empty lines before it", "\r\n\r\n" + get(""), Form::absolute, Framing::none, 0, true, false, false},
      {"origin form", "GET /x HTTP/1.1\r\nHost: a.vn\r\n\r\n", Form::origin, Framing::none, 0, true, false,
       false},
      {"CONNECT", "CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn:443\r\n\r\n", Form::authority, Framing::none, 0,
       true, false, false},
      {"CONNECT, empty body", "CONNECT a.vn:443 HTTP/1.1\r\nHost: a.vn:443\r\nContent-Length: 0\r\n\r\n",
       Form::authority, Framing::none, 0, true, false, false},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a.vn\r\n\r\n", Form::asterisk, Framing::none, 0, true, false,
       false},
      {"HTTP/1.0", "GET http://a.vn/ HTTP/1.0\r\n\r\n", Form::absolute, Framing::none, 0, false, false,
       false},
      {"HTTP/1.0 is not kept alive", "GET http://a.vn/ HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       Form::absolute, Framing::none, 0, false, false, false},
      {"closed", get("Connection: CLOSE\r\n"), Form::absolute, Framing::none, 0, false, false, false},
      {"close in a list", get("Connection: x, close,\r\n"), Form::absolute, Framing::none, 0, false, false,
       false},
      {"close on the second line", get("Connection: x\r\nConnection: close\r\n"), Form::absolute,
       Framing::none, 0, false, false, false},
      {"Proxy-Connection means nothing", get("Proxy-Connection: close\r\n"), Form::absolute, Framing::none, 0,
       true, false, false},
      {"a length", get("Content-Length: 5\r\n"), Form::absolute, Framing::length, 5, true, false, false},
      {"no length", get("Content-Length: 0\r\n"), Form::absolute, Framing::length, 0, true, false, false},
      {"length with zeros in front", get("content-LENGTH: 005\r\n"), Form::absolute, Framing::length, 5, true,
       false, false},
      {"length of 2^63 - 1", get("Content-Length: 9223372036854775807\r\n"), Form::absolute, Framing::length,
       9223372036854775807ULL, true, false, false},
      {"white space around a length", get("Content-Length: \t 5 \t\r\n"), Form::absolute, Framing::length, 5,
       true, false, false},
      {"chunks", get("Transfer-Encoding: chunked\r\n"), Form::absolute, Framing::chunked, 0, true, false,
       false},
      {"chunks in capitals", get("TRANSFER-ENCODING: CHUNKED\r\n"), Form::absolute, Framing::chunked, 0, true,
       false, false},
      {"a tab is white space", get("Transfer-Encoding:\tchunked\r\n"), Form::absolute, Framing::chunked, 0,
       true, false, false},
      {"Expect with a body", get("Expect: 100-Continue\r\nContent-Length: 5\r\n"), Form::absolute,
       Framing::length, 5, true, true, false},
      {"Expect without a body", get("Expect: 100-continue\r\n"), Form::absolute, Framing::none, 0, true,
       false, false},
      {"Expect in HTTP/1.0",
       "POST http://a.vn/ HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", Form::absolute,
       Framing::length, 5, false, false, false},
      {"WebSocket", get(websocket), Form::absolute, Framing::none, 0, true, false, true},
      {"WebSocket without Connection", get("Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n"), Form::absolute,
       Framing::none, 0, true, false, false},
      {"WebSocket without a key", get("Upgrade: websocket\r\nConnection: Upgrade\r\n"), Form::absolute,
       Framing::none, 0, true, false, false},
      {"WebSocket with two upgrades", get(websocket + "Upgrade: h2c\r\n"), Form::absolute, Framing::none, 0,
       true, false, false},
      {"WebSocket in a list",
       get("Upgrade: websocket, h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n"), Form::absolute,
       Framing::none, 0, true, false, false},
      {"WebSocket by POST", "POST http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + websocket + "\r\n",
       Form::absolute, Framing::none, 0, true, false, false},
      {"WebSocket with a body", get(websocket + "Content-Length: 1\r\n"), Form::absolute, Framing::length, 1,
       true, false, false},
      {"h2c",
       get("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: "
           "AAMAAABkAARAAAAAAAIAAAAA\r\n"),
       Form::absolute, Framing::none, 0, true, false, false},
      {"200 fields", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + many_fields(199) + "\r\n",
       Form::absolute, Framing::none, 0, true, false, false},
      {"tab in a value", get("X: a\tb\r\n"), Form::absolute, Framing::none, 0, true, false, false},
      {"UTF-8 in a value", get("X: tr\xc6\xb0\xe1\xbb\x9dng\r\n"), Form::absolute, Framing::none, 0, true,
       false, false},
      {"empty value", get("X:\r\n"), Form::absolute, Framing::none, 0, true, false, false},
      {"underscore in a name", get("X_Y: a\r\n"), Form::absolute, Framing::none, 0, true, false, false},
      {"an unknown method", "BREW http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n", Form::absolute, Framing::none,
       0, true, false, false},
      {"Host with a port and IPv6", "GET http://a.vn/ HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n",
       Form::absolute, Framing::none, 0, true, false, false},
      {"Host with an empty port", "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn:\r\n\r\n", Form::absolute,
       Framing::none, 0, true, false, false},
  };
  RequestHead head;
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(refusal(row.head) == "passes");
      REQUIRE(parse_request_head(row.head, head).ok());
      CHECK(head.form == row.form);
      CHECK(head.framing == row.framing);
      CHECK(head.content_length == row.length);
      CHECK(head.keep_alive == row.keep_alive);
      CHECK(head.expect_continue == row.expect);
      CHECK(head.upgrade_websocket == row.websocket);
      CHECK(find_head_end(row.head + "next", 0) == row.head.size());
    }
}

TEST_CASE("fields are views without the white space around them", "[core][request_head]") {
  RequestHead head;
  const std::string text = get("X-One: \t a b\t c \t\r\nx-one: two\r\nEmpty: \t\r\n");
  REQUIRE(parse_request_head(text, head).ok());
  CHECK(head.field("X-ONE") == "a b\t c");
  CHECK(head.field("empty").empty());
  CHECK(head.field("absent").empty());
  REQUIRE(head.fields.size() == 4);
  CHECK(head.fields[2].value == "two");
}

TEST_CASE("nothing of an earlier head is left in a reused one", "[core][request_head]") {
  RequestHead head;
  REQUIRE(
      parse_request_head(get("Content-Length: 5\r\nConnection: x\r\nExpect: 100-continue\r\n"), head).ok());
  REQUIRE(parse_request_head(get(""), head).ok());
  CHECK(head.content_length == 0);
  CHECK(head.framing == Framing::none);
  CHECK_FALSE(head.expect_continue);
  CHECK_FALSE(head.connection_names_fields);
  CHECK(head.fields.size() == 1);
}

TEST_CASE("find_head_end in any pieces", "[core][request_head]") {
  struct Row {
    const char* name;
    std::string buffer;
    std::size_t want;
  };
  const Row rows[] = {
      {"nothing", "", 0},
      {"half a head", "GET / HTTP/1.1\r\nHost: a", 0},
      {"all but the last byte", "GET / HTTP/1.1\r\nHost: a\r\n\r", 0},
      {"a head", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27},
      {"a head and a body", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\n", 27},
      {"one empty line first", "\r\nGET / HTTP/1.1\r\n\r\n", 20},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", 22},
      {"three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", 6},
      {"only empty lines, more may come", "\r\n\r\n", 0},
      {"bare LF ends too", "GET / HTTP/1.1\nHost: a\n\nX", 24},
      {"LF after CRLF", "GET / HTTP/1.1\r\nHost: a\r\n\nX", 26},
      {"CR LF CR x is no end", "GET / HTTP/1.1\r\n\rX\r\n\r\n", 22},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(find_head_end(row.buffer, 0) == row.want);
      // Byte by byte, as a slow client sends it.
      std::size_t end = 0, seen = 0;
      for (std::size_t size = 0; size <= row.buffer.size() && end == 0; seen = size++)
        end = find_head_end(std::string_view(row.buffer).substr(0, size), seen);
      CHECK(end == row.want);
    }
}

TEST_CASE("what can never become a request is refused at once", "[core][request_head]") {
  struct Row {
    const char* name;
    std::string buffer;
    bool hopeless;
  };
  const Row rows[] = {
      {"nothing yet", "", false},
      {"CR", "\r", false},
      {"empty line", "\r\n", false},
      {"half a method", "GE", false},
      {"a method", "GET ", false},
      {"half a target", "GET http://a", false},
      {"a request line", "GET http://a.vn/ HTTP/1.1\r\nHos", false},
      {"a TLS hello", "\x16\x03\x01", true},
      {"SOCKS 5", "\x05\x01", true},
      {"an SSH banner", "SSH-2.0-OpenSSH_9\r\n", true},
      {"HTTP/0.9", "GET /\r\n", true},
      {"a line of text", "hello\r\n", true},
      {"bare LF", "GET http://a.vn/ HTTP/1.1\n", true},
      {"SMTP", "EHLO a.vn\r\n", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(hopeless_request(row.buffer) == row.hopeless);
    }
}

TEST_CASE("the host of a head that is refused", "[core][request_head]") {
  struct Row {
    const char* head;
    const char* host;
  };
  const Row rows[] = {
      {"GET ftp://Origin.TEST:21/x HTTP/1.1\r\nHost: other.test\r\n\r\n", "origin.test"},
      {"GET http://a.vn:80/x\r\n\r\n", "a.vn"},
      {"CONNECT a.vn:443 HTTP/9.9\r\n\r\n", "a.vn"},
      {"GET / HTTP/1.1\r\nAccept: */*\r\nhOST:  b.vn:8080 \r\n", "b.vn"},
      {"GET /http://c.vn/ HTTP/1.1\nHost: b.vn\n\n", "b.vn"},
      {"GET http://a.vn", "a.vn"},
      {"GET http://user@a.vn/ HTTP/1.1\r\nHost: b.vn\r\n\r\n", "b.vn"},
      {"GARBAGE\r\n\r\n", ""},
      {"GET / HTTP/1.1\r\nHost: a b\r\nHost: c.vn\r\n\r\n", ""},
      {"", ""},
      {" ", ""},
      {"\x16\x03\x01", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.head) {
      CHECK(host_of_refused(row.head) == row.host);
    }
}

TEST_CASE("letters in a request target are percent-encoded before anything else", "[core][request_head]") {
  struct Row {
    const char* name;
    std::string head;
    std::string want;  // the head, or the error
  };
  const std::string rest = " HTTP/1.1\r\nHost: a.vn\r\nX: \xc3\xa9\r\n\r\n";
  const Row rows[] = {
      {"ASCII stays", "GET http://a.vn/%c3?q=1" + rest, "GET http://a.vn/%c3?q=1" + rest},
      {"path and query", "GET http://a.vn/tr\xc3\xb2?q=\xe1\xbb\x9d&%20" + rest,
       "GET http://a.vn/tr%C3%B2?q=%E1%BB%9D&%20" + rest},
      {"origin form, after an empty line", "\r\nGET /\xc4\x91" + rest, "\r\nGET /%C4%91" + rest},
      {"a query right after the host", "GET http://a.vn?\xc3\xa9" + rest, "GET http://a.vn?%C3%A9" + rest},
      {"decomposed letters stay decomposed", "GET /e\xcc\x81" + rest, "GET /e%CC%81" + rest},
      {"no UTF-8", "GET http://a.vn/tr\xf2" + rest, "400 target_not_utf8"},
      {"an overlong form", "GET /\xc0\xaf" + rest, "400 target_not_utf8"},
      {"in the host", "GET http://b\xc3\xa9.vn/" + rest, "400 host_not_ascii"},
      {"in the user's name", "GET http://\xc3\xa9@a.vn/" + rest, "400 host_not_ascii"},
      {"of a CONNECT", "CONNECT b\xc3\xa9.vn:443" + rest, "400 host_not_ascii"},
      {"in a scheme", "GET htt\xc3\xa9p://a.vn/" + rest, "400 host_not_ascii"},
      {"behind a back slash", "GET http://a.vn\\\xc3\xa9" + rest, "GET http://a.vn\\%C3%A9" + rest},
      {"in the version: the parser's", "GET / HTTP/1.\xc3\xa9\r\n\r\n", "GET / HTTP/1.\xc3\xa9\r\n\r\n"},
      {"in the method: the parser's", "G\xc3\xa9T /" + rest, "G\xc3\xa9T /" + rest},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      std::string head = row.head;
      const auto escaped = escape_target(head);
      CHECK((escaped.failed() ? text_of(escaped.error()) : head) == row.want);
      if (escaped.failed()) {
        CHECK(head == row.head);
        CHECK(hopeless_request(head));
      } else {
        const std::string once = head;
        REQUIRE(escape_target(head).ok());
        CHECK(head == once);
      }
    }
  CHECK_FALSE(hopeless_request("GET http://a.vn/tr\xc3\xb2 HTTP/1.1\r\nHost: a.vn\r\n"));
}
