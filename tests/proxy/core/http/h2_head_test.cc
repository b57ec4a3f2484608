#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "proxy/core/http/h2_request.h"
#include "proxy/core/http/h2_response.h"

using namespace schoolgate;
using namespace std::string_literals;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Fields get{{":method", "GET"}, {":scheme", "https"}, {":authority", "a.vn"}, {":path", "/x?y"}};

Fields operator+(Fields a, const Fields& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The head that comes out, or why none does; "h1 ..." when the gate behind refuses it.
std::string mapped(const Fields& fields, bool ends = true, std::size_t limit = 64 * 1024) {
  H2RequestHead head(limit);
  for (const auto& [name, value] : fields) head.add(name, value);
  const auto said = [](const HeadError& error) {
    return std::to_string(error.status) + " " + std::string(error.what);
  };
  if (const auto finished = head.finish(ends); finished.failed()) return said(finished.error());
  RequestHead parsed;
  const auto accepted = parse_request_head(head.text(), parsed);
  if (accepted.failed()) return "h1 " + said(accepted.error());
  return head.text();
}

Fields without(const std::string& name) {
  Fields left;
  for (const auto& field : get)
    if (field.first != name) left.push_back(field);
  return left;
}

Fields with(const std::string& name, const std::string& value) {
  Fields changed = get;
  for (auto& field : changed)
    if (field.first == name) field.second = value;
  return changed;
}

std::string method_head(const std::string& method, bool ends, const Fields& more = {}) {
  return mapped(with(":method", method) + more, ends);
}

}  // namespace

TEST_CASE("HTTP/2 requests that are refused, and why", "[core][h2]") {
  struct Row {
    const char* name;
    Fields fields;
    std::string want;
  };
  const Row rows[] = {
      {"nothing at all", {}, "400 bad_method"},
      {"no method", without(":method"), "400 bad_method"},
      {"no scheme", without(":scheme"), "400 bad_scheme"},
      {"no path", without(":path"), "400 bad_path"},
      {"no authority", without(":authority"), "400 no_authority"},
      {"an empty method", with(":method", ""), "400 bad_pseudo"},
      {"an empty path", with(":path", ""), "400 bad_pseudo"},
      {"method with a space", with(":method", "GET /b"), "400 bad_pseudo"},
      {"method with a slash", with(":method", "GE/T"), "400 bad_method"},
      {"CONNECT", with(":method", "CONNECT"), "405 connect"},
      {"CONNECT as it is written", {{":method", "CONNECT"}, {":authority", "a.vn:443"}}, "405 connect"},
      {"TRACE", with(":method", "TRACE"), "h1 405 trace"},
      {"extended CONNECT", Fields{{":protocol", "websocket"}} + get, "400 extended_connect"},
      {"a pseudo-header of responses", Fields{{":status", "200"}} + get, "400 unknown_pseudo"},
      {"an unknown pseudo-header", Fields{{":x", "1"}} + get, "400 unknown_pseudo"},
      {"upper-case pseudo-header", Fields{{":Method", "GET"}} + get, "400 unknown_pseudo"},
      {"two methods", get + Fields{{":method", "GET"}}, "400 two_pseudo"},
      {"two paths", get + Fields{{":path", "/x?y"}}, "400 two_pseudo"},
      {"a pseudo-header after a field", without(":path") + Fields{{"a", "b"}, {":path", "/"}},
       "400 pseudo_after_field"},
      {"scheme http", with(":scheme", "http"), "400 bad_scheme"},
      {"scheme in upper case", with(":scheme", "HTTPS"), "400 bad_scheme"},
      {"path without a slash", with(":path", "x"), "400 bad_path"},
      {"path in absolute form", with(":path", "https://b.vn/"), "400 bad_path"},
      {"path * of GET", with(":path", "*"), "h1 400 bad_target"},
      {"path with a space", with(":path", "/ HTTP/1.1"), "400 bad_pseudo"},
      {"path with CRLF", with(":path", "/\r\nx: y"), "400 bad_pseudo"},
      {"path with NUL", with(":path", "/\0"s), "400 bad_pseudo"},
      {"path with bytes that are no UTF-8", with(":path", "/tr\xf2"), "400 target_not_utf8"},
      {"authority with UTF-8", with(":authority", "b\xc3\xa9.vn"), "400 bad_pseudo"},
      {"authority with user-info", with(":authority", "me@a.vn"), "h1 400 bad_host"},
      {"authority with a path", with(":authority", "a.vn/b"), "h1 400 bad_host"},
      {"authority with a list", with(":authority", "a.vn,b.vn"), "h1 400 bad_host"},
      {"authority with CRLF", with(":authority", "a.vn\r\nx: y"), "400 bad_pseudo"},
      {"another Host", get + Fields{{"host", "b.vn"}}, "400 two_hosts"},
      {"Host twice", without(":authority") + Fields{{"host", "a.vn"}, {"host", "a.vn"}}, "400 two_hosts"},
      {"an empty Host beside the authority", get + Fields{{"host", ""}}, "400 two_hosts"},
      {"upper-case name", get + Fields{{"Accept", "x"}}, "400 bad_name"},
      {"an empty name", get + Fields{{"", "x"}}, "400 bad_name"},
      {"name with a colon", get + Fields{{"a:b", "x"}}, "400 bad_name"},
      {"name with CRLF", get + Fields{{"a\r\nb", "x"}}, "400 bad_name"},
      {"name with a space", get + Fields{{"a ", "x"}}, "400 bad_name"},
      {"value with CR", get + Fields{{"a", "x\ry"}}, "400 bad_value"},
      {"value with LF", get + Fields{{"a", "x\ny"}}, "400 bad_value"},
      {"value with NUL", get + Fields{{"a", "x\0y"s}}, "400 bad_value"},
      {"value that begins with a blank", get + Fields{{"a", " x"}}, "400 bad_value"},
      {"value that ends with a tab", get + Fields{{"a", "x\t"}}, "400 bad_value"},
      {"Connection", get + Fields{{"connection", "close"}}, "400 connection_field"},
      {"Keep-Alive", get + Fields{{"keep-alive", "5"}}, "400 connection_field"},
      {"Proxy-Connection", get + Fields{{"proxy-connection", "close"}}, "400 connection_field"},
      {"Transfer-Encoding", get + Fields{{"transfer-encoding", "chunked"}}, "400 connection_field"},
      {"Upgrade", get + Fields{{"upgrade", "websocket"}}, "400 connection_field"},
      {"HTTP2-Settings", get + Fields{{"http2-settings", ""}}, "400 connection_field"},
      {"TE other than trailers", get + Fields{{"te", "gzip"}}, "400 bad_te"},
      {"TE with more", get + Fields{{"te", "trailers, gzip"}}, "400 bad_te"},
      {"two lengths", get + Fields{{"content-length", "0"}, {"content-length", "0"}},
       "400 two_content_lengths"},
      {"a length that is none", get + Fields{{"content-length", "+1"}}, "400 bad_content_length"},
      {"a list of lengths", get + Fields{{"content-length", "1, 1"}}, "400 bad_content_length"},
      {"a length, and no body", get + Fields{{"content-length", "3"}}, "400 short_body"},
      {"Expect", get + Fields{{"expect", "magic"}}, "h1 417 expect"},
      {"the first fault counts", Fields{{":x", "1"}} + get + Fields{{"A", ""}}, "400 unknown_pseudo"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(mapped(row.fields) == row.want);
    }
}

TEST_CASE("HTTP/2 requests that pass, and as what", "[core][h2]") {
  const std::string line = "GET /x?y HTTP/1.1\r\nhost: a.vn\r\n";
  struct Row {
    const char* name;
    std::string got, want;
  };
  const Row rows[] = {
      {"a plain one", mapped(get), line + "\r\n"},
      {"in another order",
       mapped({{":path", "/x?y"}, {":authority", "a.vn"}, {":method", "GET"}, {":scheme", "https"}}),
       line + "\r\n"},
      {"Host instead of an authority", mapped(without(":authority") + Fields{{"host", "a.vn"}}),
       line + "\r\n"},
      {"both, the same", mapped(get + Fields{{"host", "A.vn"}}), line + "\r\n"},
      {"fields in order, repeated ones too", mapped(get + Fields{{"a", "1"}, {"b", ""}, {"a", "2\t3"}}),
       line + "a: 1\r\nb: \r\na: 2\t3\r\n\r\n"},
      {"cookie crumbs", mapped(get + Fields{{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}}),
       line + "x: y\r\ncookie: a=1; b=2\r\n\r\n"},
      {"an empty crumb is none", mapped(get + Fields{{"cookie", ""}, {"cookie", "a=1"}, {"cookie", ""}}),
       line + "cookie: a=1\r\n\r\n"},
      {"TE: trailers", mapped(get + Fields{{"te", "trailers"}}), line + "te: trailers\r\n\r\n"},
      {"a path of UTF-8, percent-encoded", mapped(with(":path", "/tr\xc3\xb2?q=\xe1\xbb\x9d")),
       "GET /tr%C3%B2?q=%E1%BB%9D" + line.substr(line.find(" HTTP/1.1")) + "\r\n"},
      {"a value of UTF-8", mapped(get + Fields{{"a", "tr\xc3\xb2"}}), line + "a: tr\xc3\xb2\r\n\r\n"},
      {"OPTIONS *", mapped(with(":method", "OPTIONS") + Fields{}, true),
       "OPTIONS /x?y HTTP/1.1\r\nhost: a.vn\r\n\r\n"},
      {"POST without a body", method_head("POST", true),
       "POST /x?y HTTP/1.1\r\nhost: a.vn\r\ncontent-length: 0\r\n\r\n"},
      {"POST with length 0", method_head("POST", true, {{"content-length", "0"}}),
       "POST /x?y HTTP/1.1\r\nhost: a.vn\r\ncontent-length: 0\r\n\r\n"},
      {"a body of known length", method_head("POST", false, {{"content-length", "7"}}),
       "POST /x?y HTTP/1.1\r\nhost: a.vn\r\ncontent-length: 7\r\n\r\n"},
      {"a body of unknown length", method_head("POST", false),
       "POST /x?y HTTP/1.1\r\nhost: a.vn\r\ntransfer-encoding: chunked\r\n\r\n"},
      {"a GET with a body", mapped(get, false), line + "transfer-encoding: chunked\r\n\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(row.got == row.want);
    }
}

TEST_CASE("the size of an HTTP/2 head is counted as its setting says", "[core][h2]") {
  std::size_t size = 0;
  for (const auto& [name, value] : get) size += name.size() + value.size() + 32;
  CHECK(mapped(get, true, size) != "431 head");
  CHECK(mapped(get, true, size - 1) == "431 head");
  H2RequestHead head(100);
  for (int i = 0; i < 1000; ++i) head.add("a", std::string(1000, 'x'));
  CHECK(head.size() == 1000 * 1033);
  const auto finished = head.finish(true);
  REQUIRE(finished.failed());
  CHECK(finished.error().status == 431);
}

TEST_CASE("trailers are fields of the message, not of its framing", "[core][h2]") {
  for (const auto& [name, value] : Fields{{"grpc-status", "0"}, {"x", ""}, {"server-timing", "a;dur=1"}})
    CHECK(valid_trailer(name, value));
  for (const auto& [name, value] : Fields{{":path", "/"},
                                          {"X", "y"},
                                          {"content-length", "1"},
                                          {"host", "a"},
                                          {"x", "a\r\nb"},
                                          {"transfer-encoding", "chunked"},
                                          {"te", "trailers"},
                                          {"cookie", "a=b"},
                                          {"", ""}})
    CHECK_FALSE(valid_trailer(name, value));
}

namespace {

// Everything that comes of `text`, fed `piece` bytes at a time: "100 | 200 | payload | done".
std::string read_all(const std::string& text, std::size_t piece, const std::string& method = "GET") {
  H2ResponseReader reader(method);
  std::string held, out, payload;
  std::size_t fed = 0;
  for (;;) {
    const auto step = reader.next(held);
    payload += step.payload;
    held.erase(0, step.consumed);
    switch (step.status) {
      case H2ResponseReader::Status::interim:
      case H2ResponseReader::Status::head:
        out += std::to_string(reader.head().status) + (reader.done() ? "! " : " ");
        continue;
      case H2ResponseReader::Status::payload:
        continue;
      case H2ResponseReader::Status::done:
        return out + payload + " done" + held;
      case H2ResponseReader::Status::bad:
        return out + payload + " bad";
      case H2ResponseReader::Status::need_more:
        break;
    }
    if (fed == text.size()) return out + payload + (reader.finish_at_end() ? " end" : " cut");
    held += text.substr(fed, piece);
    fed = std::min(text.size(), fed + piece);
  }
}

}  // namespace

TEST_CASE("a response of as many fields as may be is one for HTTP/2 too", "[core][h2]") {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i < max_fields; ++i) text += "X: y\r\n";
  text += "\r\n";
  ResponseHead head;
  REQUIRE(parse_response_head(text, "GET", head).ok());
  std::string written;
  write_response_head(head, "gate", "now", true, true, written);
  CHECK(read_all(written + "0\r\n\r\n", written.size()) == "200  done");
}

TEST_CASE("trailers on their way to HTTP/2", "[core][h2]") {
  const std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1 2\r\nContent-Length: "
      "5\r\n"
      "Set-Cookie: a=b\r\nServer-Timing:\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, text.size()}) {
    H2ResponseReader reader("GET");
    std::string held;
    for (std::size_t fed = 0; !reader.done();) {
      const auto step = reader.next(held);
      held.erase(0, step.consumed);
      if (step.status != H2ResponseReader::Status::need_more) continue;
      REQUIRE(fed < text.size());
      held += text.substr(fed, piece);
      fed += piece;
    }
    const auto trailers = reader.trailers();
    REQUIRE(trailers.size() == 2);
    CHECK((trailers[0].name == "X-Sum" && trailers[0].value == "1 2"));
    CHECK((trailers[1].name == "Server-Timing" && trailers[1].value.empty()));
  }
}

TEST_CASE("responses on their way to HTTP/2", "[core][h2]") {
  struct Row {
    const char* name;
    std::string text, want, method = "GET";
  };
  const Row rows[] = {
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello done"},
      {"nothing", "HTTP/1.1 204 No Content\r\n\r\n", "204!  done"},
      {"an empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200!  done"},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200!  done", "HEAD"},
      {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n2\r\n!!\r\n0\r\n\r\n",
       "200 hello!! done"},
      {"interim ones first",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
       "OK\r\nContent-Length: 1\r\n\r\na",
       "100 103 200 a done"},
      {"cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "200 hell cut"},
      {"cut chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "200 hello cut"},
      {"cut head", "HTTP/1.1 200 OK\r\nContent-Le", " cut"},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nhello", "200 hello end"},
      {"no response", "hello\r\n\r\n", " bad"},
      {"a switch of protocols",
       "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", " bad"},
  };
  for (const Row& row : rows)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, row.text.size()})
      DYNAMIC_SECTION(row.name << ", " << piece << " bytes at a time") {
        CHECK(read_all(row.text, piece, row.method) == row.want);
      }
}
