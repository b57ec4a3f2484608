#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/http/http_head.h"

using namespace schoolgate;

namespace {

// What goes upstream for this head; the URL is the target, or http://a.vn + the origin form.
std::string sent(const std::string& head_text) {
  RequestHead head;
  REQUIRE(parse_request_head(head_text, head).ok());
  Url url;
  std::string absolute(head.target);
  if (head.form == RequestHead::Form::origin) absolute = "http://a.vn" + absolute;
  if (head.form == RequestHead::Form::asterisk) absolute = "http://a.vn/";
  REQUIRE(url.parse(absolute).ok());
  std::string out;
  write_request_head(head, url, "gate", out);
  return out;
}

std::string get(const std::string& lines) {
  return "GET http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n" + lines + "\r\n";
}
std::string plain(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: a.vn\r\n" + lines + "Via: 1.1 gate\r\n\r\n";
}

std::string answered(const std::string& head_text, bool keep_alive = true, bool chunked = true,
                     const std::string& method = "GET", bool websocket = false) {
  std::string text = head_text, out;
  ResponseHead head;
  REQUIRE(parse_response_head(text, method, head, websocket).ok());
  write_response_head(head, "gate", "now", keep_alive, chunked, out);
  return out;
}

}  // namespace

TEST_CASE("request heads as they go to a parent proxy", "[core][head_write]") {
  struct Row {
    const char *in, *out;
  };
  const Row rows[] = {
      {"GET http://B.vn:80/a/../x?y#z HTTP/1.1\r\nHost: b.vn\r\n\r\n",
       "GET http://b.vn/x?y HTTP/1.1\r\nHost: b.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"GET http://b.vn:8080 HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "GET http://b.vn:8080/ HTTP/1.1\r\nHost: b.vn:8080\r\nVia: 1.1 gate\r\n\r\n"},
      {"OPTIONS http://b.vn HTTP/1.1\r\nHost: b.vn\r\n\r\n",
       "OPTIONS http://b.vn HTTP/1.1\r\nHost: b.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"OPTIONS http://b.vn/ HTTP/1.1\r\nHost: b.vn\r\n\r\n",
       "OPTIONS http://b.vn/ HTTP/1.1\r\nHost: b.vn\r\nVia: 1.1 gate\r\n\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.in) {
      RequestHead head;
      Url url;
      REQUIRE(parse_request_head(row.in, head).ok());
      REQUIRE(url.parse(head.target).ok());
      std::string out;
      write_request_head(head, url, "gate", out, true);
      CHECK(out == row.out);
    }
}

TEST_CASE("request heads as they go upstream", "[core][head_write]") {
  struct Row {
    const char* name;
    std::string in, out;
  };
  const Row rows[] = {
      {"origin form and our Via", get("Accept: */*\r\n"), plain("Accept: */*\r\n")},
      {"always HTTP/1.1, the sender's version in Via", "GET http://a.vn/x?y HTTP/1.0\r\n\r\n",
       "GET /x?y HTTP/1.1\r\nHost: a.vn\r\nVia: 1.0 gate\r\n\r\n"},
      {"Host is the target's", "GET http://b.vn:8080/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: b.vn:8080\r\nVia: 1.1 gate\r\n\r\n"},
      {"Host in other spellings", "GET http://B.VN:80 HTTP/1.1\r\nhOsT:\tA.vn:81 \r\n\r\n",
       "GET / HTTP/1.1\r\nHost: b.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"X-Forwarded-Host is only a field", get("X-Forwarded-Host: c.vn\r\n"),
       plain("X-Forwarded-Host: c.vn\r\n")},
      {"values are written canonically", get("X:\t a  b\t \r\nEmpty:\r\n"), plain("X: a  b\r\nEmpty: \r\n")},
      {"duplicates stay, in order", get("Cookie: a\r\nX: y\r\nCookie: b\r\n"),
       plain("Cookie: a\r\nX: y\r\nCookie: b\r\n")},
      {"hop-by-hop fields go",
       get("Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nKeep-Alive: 5\r\nTE: "
           "trailers\r\nTrailer: X\r\nProxy-Authenticate: x\r\nX: y\r\n"),
       plain("X: y\r\n")},
      {"what Connection names goes",
       get("Connection: close, X-Secret ,x-other\r\nX-Secret: a\r\nX-OTHER: b\r\nX: y\r\n"),
       plain("X: y\r\n")},
      {"on several lines", get("Connection: a\r\nA: 1\r\nB: 2\r\nConnection: b\r\n"), plain("")},
      {"Connection cannot remove Host", get("Connection: Host\r\n"), plain("")},
      {"nor the length", get("Connection: Content-Length\r\nContent-Length: 5\r\n"),
       "GET / HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\nContent-Length: 5\r\n\r\n"},
      {"nor the chunks", get("Connection: transfer-encoding\r\nTransfer-Encoding: CHUNKED\r\n"),
       "GET / HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"nor cookies", get("Connection: cookie\r\nCookie: a\r\n"), plain("Cookie: a\r\n")},
      {"nor the way it came", get("Connection: via\r\nVia: 1.1 other\r\n"), plain("Via: 1.1 other\r\n")},
      {"the length in one spelling", get("Content-Length: 0005\r\n"),
       "GET / HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\nContent-Length: 5\r\n\r\n"},
      {"no second target",
       get("X-Original-URL: /secret\r\nx-rewrite-url: /secret\r\nX-Override-Url: /secret\r\nX-Other: 1\r\n"),
       plain("X-Other: 1\r\n")},
      {"h2c is not passed on",
       get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"), plain("")},
      {"nor an upgrade to TLS", get("Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"), plain("")},
      {"WebSocket is",
       get("Sec-WebSocket-Key: k\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"),
       "GET / HTTP/1.1\r\nHost: a.vn\r\nSec-WebSocket-Key: k\r\nVia: 1.1 gate\r\nConnection: "
       "Upgrade\r\nUpgrade: websocket\r\n\r\n"},
      {"Expect with a body", get("Expect: 100-continue\r\nContent-Length: 5\r\n"),
       "GET / HTTP/1.1\r\nHost: a.vn\r\nExpect: 100-continue\r\nVia: 1.1 gate\r\nContent-Length: 5\r\n\r\n"},
      {"Expect without one goes", get("Expect: 100-continue\r\n"), plain("")},
      {"OPTIONS without a path asks the server", "OPTIONS http://a.vn HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "OPTIONS * HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"OPTIONS of a path", "OPTIONS http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "OPTIONS / HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "OPTIONS * HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n"},
      {"Max-Forwards of OPTIONS is one less",
       "OPTIONS http://a.vn/ HTTP/1.1\r\nHost: a.vn\r\nmax-forwards: 05\r\n\r\n",
       "OPTIONS / HTTP/1.1\r\nHost: a.vn\r\nmax-forwards: 4\r\nVia: 1.1 gate\r\n\r\n"},
      {"of others it stays", get("Max-Forwards: 5\r\n"), plain("Max-Forwards: 5\r\n")},
      {"no fragment, no dot segments", "GET http://a.vn/x/../y#z HTTP/1.1\r\nHost: a.vn\r\n\r\n",
       "GET /y HTTP/1.1\r\nHost: a.vn\r\nVia: 1.1 gate\r\n\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(sent(row.in) == row.out);
    }
}

TEST_CASE("what we send we would accept, and send the same again", "[core][head_write]") {
  for (const std::string& lines :
       {std::string("Content-Length: 7\r\n"), std::string("Transfer-Encoding: chunked\r\n"),
        std::string("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\n")}) {
    std::string once = sent(get(lines));
    CHECK(once.find("Via: 1.1 gate") == once.rfind("Via: 1.1 gate"));
    RequestHead head;
    REQUIRE(parse_request_head(once, head).ok());
    CHECK(head.form == RequestHead::Form::origin);
  }
}

TEST_CASE("response heads as they go to the client", "[core][head_write]") {
  struct Row {
    const char* name;
    std::string out, want;
  };
  const std::string start = "HTTP/1.1 200 OK\r\nDate: then\r\n", alive = "Connection: keep-alive\r\n\r\n";
  const Row rows[] = {
      {"a length", answered(start + "Content-Length: 05, 5\r\n\r\n"),
       start + "Via: 1.1 gate\r\nContent-Length: 5\r\n" + alive},
      {"chunks", answered(start + "Transfer-Encoding: Chunked\r\n\r\n"),
       start + "Via: 1.1 gate\r\nTransfer-Encoding: chunked\r\n" + alive},
      {"chunks for an HTTP/1.0 client", answered(start + "Transfer-Encoding: Chunked\r\n\r\n", false, false),
       start + "Via: 1.1 gate\r\nConnection: close\r\n\r\n"},
      {"until close becomes chunks", answered("HTTP/1.0 200 OK\r\n\r\n"),
       "HTTP/1.1 200 OK\r\nDate: now\r\nVia: 1.0 gate\r\nTransfer-Encoding: chunked\r\n" + alive},
      {"Connection cannot take the date", answered(start + "Connection: date\r\nContent-Length: 0\r\n\r\n"),
       start + "Via: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"cookies stay apart and in order",
       answered(start + "Set-Cookie: a\r\nX: y\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n"),
       start + "Set-Cookie: a\r\nX: y\r\nSet-Cookie: b\r\nVia: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"hop-by-hop fields go",
       answered(start +
                "Connection: x\r\nX: y\r\nKeep-Alive: 5\r\nProxy-Authenticate: Basic\r\nProxy-Connection: "
                "x\r\nTrailer: z\r\nUpgrade: h2\r\nContent-Length: 0\r\n\r\n"),
       start + "Via: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"Connection cannot take cookies",
       answered(start + "Connection: set-cookie, content-type\r\nSet-Cookie: a\r\nContent-Type: "
                        "b\r\nContent-Length: 0\r\n\r\n"),
       start + "Set-Cookie: a\r\nContent-Type: b\r\nVia: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"no way around us by QUIC",
       answered(start + "Alt-Svc: h3=\":443\"\r\nAlternate-Protocol: 443:quic\r\nContent-Length: 0\r\n\r\n"),
       start + "Via: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"HEAD keeps its length", answered(start + "Content-Length: 5\r\n\r\n", true, true, "HEAD"),
       start + "Via: 1.1 gate\r\nContent-Length: 5\r\n" + alive},
      {"HEAD without one gets none",
       answered(start + "Transfer-Encoding: chunked\r\n\r\n", true, true, "HEAD"),
       start + "Via: 1.1 gate\r\n" + alive},
      {"204 has no length", answered("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"),
       "HTTP/1.1 204 No\r\nDate: now\r\nVia: 1.1 gate\r\n" + alive},
      {"304 keeps it", answered("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n"),
       "HTTP/1.1 304 No\r\nDate: now\r\nVia: 1.1 gate\r\nContent-Length: 5\r\n" + alive},
      {"100 has no Connection", answered("HTTP/1.1 100 Continue\r\n\r\n"),
       "HTTP/1.1 100 Continue\r\nVia: 1.1 gate\r\n\r\n"},
      {"no reason", answered("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
       "HTTP/1.1 200 \r\nDate: now\r\nVia: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"folds are one line", answered(start + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
       start + "X: a   b\r\nVia: 1.1 gate\r\nContent-Length: 0\r\n" + alive},
      {"101",
       answered(
           "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
           true, true, "GET", true),
       "HTTP/1.1 101 S\r\nSec-WebSocket-Accept: x\r\nVia: 1.1 gate\r\nConnection: Upgrade\r\nUpgrade: "
       "websocket\r\n\r\n"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(row.out == row.want);
    }
}

TEST_CASE("a request that passed here already is known by its Via", "[core][head_write]") {
  struct Row {
    const char* via;
    bool named;
  };
  const Row rows[] = {
      {"1.1 gate", true},
      {"1.1 GATE", true},
      {"1.0 a, 1.1 gate", true},
      {"1.1 gate (Schoolgate)", true},
      {"HTTP/1.1  gate", true},
      {"1.1 gate2", false},
      {"1.1 my-gate", false},
      {"gate", false},
      {"1.1 other (gate)", false},
      {"", false},
      {",,", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION("Via: " << row.via) {
      RequestHead head;
      const std::string text = get("Via: " + std::string(row.via) + "\r\n");
      REQUIRE(parse_request_head(text, head).ok());
      CHECK(via_names(head, "gate") == row.named);
    }
}
