#include "proxy/io/conn/tls_stream.h"

#include <openssl/err.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <random>

#include "tests/proxy/io/tls_peer.h"

using namespace schoolgate;
using namespace schoolgate::test;
using TlsStatus = TlsStream::Status;

namespace {

// Ours and its peer, before the handshake.
struct TlsEnds {
  explicit TlsEnds(bool we_serve = true, int version = TLS1_3_VERSION)
      : our_context(tls_context(we_serve, version)),
        their_context(tls_context(!we_serve, version)),
        served(we_serve) {}
  void open(std::string_view early = {}) {
    ours.emplace(tls_end(our_context.get(), served), pair.ours, early);
    if (!theirs) theirs.emplace(tls_end(their_context.get(), !served), pair.theirs);
  }
  // Shaken hands, with no more than bytes of the application to come.
  void open_and_shake() {
    open();
    REQUIRE(shake_hands(*ours, *theirs) == TlsStatus::done);
    std::size_t got = 0;
    char byte;
    REQUIRE(ours->read(&byte, 1, got) == TlsStatus::want_read);  // takes the tickets of a server
    REQUIRE(theirs->read().empty());
  }
  std::string read() {
    std::string all, space(20'000, '\0');
    std::size_t got = 0;
    while ((last = ours->read(space.data(), space.size(), got)) == TlsStatus::done) all.append(space, 0, got);
    return all;
  }
  WriteResult write(std::string_view text) {
    const iovec part = io_part(text);
    return ours->write({&part, 1});
  }
  // Bytes on the wire to the peer, which it has not read.
  [[nodiscard]] bool wire_is_silent() const {
    char byte;
    return ::recv(pair.theirs, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }

  SocketPair pair;
  SslContextPtr our_context, their_context;
  bool served;
  std::optional<TlsStream> ours;
  std::optional<TlsPeer> theirs;
  TlsStatus last = TlsStatus::done;
};

std::string some_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23 + i / 1'000 % 3);
  return text;
}

// A client that says of our certificate what it likes.
int refuse_with(X509_STORE_CTX* context, void* error) {
  X509_STORE_CTX_set_error(context, *static_cast<int*>(error));
  return 0;
}

int offer_nothing(SSL*, const unsigned char**, unsigned char*, const unsigned char*, unsigned, void*) {
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_h2(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned, void*) {
  *out = reinterpret_cast<const unsigned char*>("h2");
  *size = 2;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TEST_CASE("tls stream: a handshake and bytes both ways, in either role and version", "[io][tls]") {
  const bool we_serve = GENERATE(true, false);
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsEnds t(we_serve, version);
  t.open_and_shake();
  CHECK_FALSE(t.ours->speaks_h2());
  CHECK(t.theirs->write("from the peer"));
  CHECK(t.read() == "from the peer");
  CHECK(t.last == TlsStatus::want_read);  // nothing more for now
  CHECK(t.write("from us").bytes == 7);
  CHECK(t.theirs->read() == "from us");
}

TEST_CASE("tls stream: what was read before it began comes first", "[io][tls]") {
  const int taken = GENERATE(1, 5, 100, 100'000);  // of the ClientHello
  TlsEnds t;
  t.theirs.emplace(tls_end(t.their_context.get(), false), t.pair.theirs);
  CHECK_FALSE(t.theirs->shake());
  std::string early(static_cast<std::size_t>(taken), '\0');
  const ssize_t got = ::recv(t.pair.ours, early.data(), early.size(), MSG_DONTWAIT);
  REQUIRE(got > 0);
  early.resize(static_cast<std::size_t>(got));
  t.open(early);
  CHECK(shake_hands(*t.ours, *t.theirs) == TlsStatus::done);
  CHECK(t.theirs->good());
  CHECK(t.theirs->write("hello"));
  CHECK(t.read() == "hello");
}

TEST_CASE("tls stream: a record is read in any pieces", "[io][tls]") {
  TlsEnds t;
  t.open_and_shake();
  REQUIRE(t.theirs->write("hello"));
  std::string text;
  char byte;
  std::size_t got = 0;
  while (t.ours->read(&byte, 1, got) == TlsStatus::done) text += byte;
  CHECK(text == "hello");
}

TEST_CASE("tls stream: parts are written as one text, small ones in one record", "[io][tls]") {
  TlsEnds t;
  t.open_and_shake();
  const iovec small[] = {io_part("a"), io_part(""), io_part("bc"), io_part("def")};
  CHECK(t.ours->write(small).bytes == 6);
  CHECK(t.theirs->read() == "abcdef");  // one read gives one record
  const std::string large = some_text(40'000);
  const iovec mixed[] = {io_part("head"), io_part(std::string_view(large).substr(0, 20'000)),
                         io_part(std::string_view(large).substr(20'000)), io_part("tail")};
  CHECK(t.ours->write(mixed).bytes == 40'008);
  CHECK(t.theirs->read_all() == "head" + large + "tail");
  CHECK(t.ours->write({}).bytes == 0);
  CHECK(t.write("").bytes == 0);
  CHECK(t.wire_is_silent());  // nothing makes no record
}

TEST_CASE("tls stream: what the socket does not take is offered again, from wherever it lies then",
          "[io][tls]") {
  TlsEnds t(GENERATE(true, false));
  t.open_and_shake();
  std::mt19937 random(20'260'304);
  const std::string text = some_text(3'000'000);
  std::string read;
  std::size_t sent = 0;
  bool was_full = false;
  for (int turns = 0; sent < text.size(); ++turns) {
    REQUIRE(turns < 100'000);
    // Copies that move, cut into other parts each time.
    const std::string again = text.substr(sent);
    const std::size_t cut =
        std::uniform_int_distribution<std::size_t>(0, std::min<std::size_t>(again.size(), 30'000))(random);
    const iovec parts[] = {io_part(std::string_view(again).substr(0, cut)),
                           io_part(std::string_view(again).substr(cut))};
    const WriteResult result = t.ours->write(parts);
    INFO(t.ours->error());
    CAPTURE(turns, sent, cut);
    REQUIRE(result.error == 0);
    sent += result.bytes;
    was_full = was_full || sent < text.size();
    if (sent < text.size()) read += t.theirs->read();
  }
  read += t.theirs->read_all();
  CHECK(was_full);
  CHECK(read == text);
}

TEST_CASE("tls stream: a goodbye is an end, an end without one a cut", "[io][tls]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsEnds t(true, version);
  t.open_and_shake();
  REQUIRE(t.theirs->write("last"));
  SECTION("with goodbye") {
    SSL_shutdown(t.theirs->ssl());
    t.pair.close_theirs();
    CHECK(t.read() == "last");
    CHECK(t.last == TlsStatus::end);
    CHECK_FALSE(t.ours->was_cut());
  }
  SECTION("without") {
    t.pair.close_theirs();
    CHECK(t.read() == "last");
    CHECK(t.last == TlsStatus::failed);
    CHECK(t.ours->was_cut());
    CHECK_FALSE(t.ours->error().empty());
    CHECK(t.read().empty());  // it stays so
    CHECK(t.last == TlsStatus::failed);
    CHECK(t.write("x").error == EPIPE);
  }
}

TEST_CASE("tls stream: it says goodbye, but only to whom it is speaking with", "[io][tls]") {
  TlsEnds t;
  SECTION("after the handshake") {
    t.open_and_shake();
    t.ours->say_goodbye();
    CHECK(t.theirs->read().empty());
    CHECK(t.theirs->heard_goodbye());
  }
  SECTION("not before it is over") {
    t.open();
    t.ours->say_goodbye();
    CHECK(t.wire_is_silent());
  }
  SECTION("not on a socket that is closed: its number may be another's") {
    t.open_and_shake();
    t.ours->forget_socket();
    t.ours->say_goodbye();
    CHECK(t.wire_is_silent());
    CHECK(t.write("x").error == EPIPE);
    CHECK(t.wire_is_silent());
  }
  SECTION("not after a failure") {
    t.open_and_shake();
    REQUIRE(::send(t.pair.theirs, "no record of TLS at all", 23, MSG_NOSIGNAL) == 23);
    CHECK(t.read().empty());
    CHECK(t.last == TlsStatus::failed);
    const std::string alert = [&] {
      char bytes[1'000];
      const ssize_t got = ::recv(t.pair.theirs, bytes, sizeof bytes, MSG_DONTWAIT);
      return std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }();
    CHECK_FALSE(alert.empty());  // OpenSSL's own last word
    t.ours->say_goodbye();
    CHECK(t.wire_is_silent());
  }
}

TEST_CASE("tls stream: who is gone is an error of the write, and no signal", "[io][tls]") {
  TlsEnds t;
  t.open_and_shake();
  t.pair.close_theirs();
  const std::string text = some_text(100'000);
  const WriteResult result = t.write(text);
  CHECK(result.error == EPIPE);
  CHECK(result.bytes < text.size());
}

TEST_CASE("tls stream: what is not TLS fails, and is no cut", "[io][tls]") {
  TlsEnds t;
  t.open();
  REQUIRE(::send(t.pair.theirs, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
  CHECK(t.ours->handshake() == TlsStatus::failed);
  CHECK_FALSE(t.ours->error().empty());
  CHECK_FALSE(t.ours->was_cut());
  CHECK_FALSE(t.ours->certificate_refused());
  CHECK(t.ours->handshake() == TlsStatus::failed);  // of no use any more
  CHECK(ERR_peek_error() == 0);                     // nothing is left for the next connection of the thread
}

TEST_CASE("tls stream: a peer that closes in the handshake", "[io][tls]") {
  TlsEnds t;
  t.open();
  t.pair.close_theirs();
  CHECK(t.ours->handshake() == TlsStatus::failed);
  CHECK(t.ours->was_cut());
}

TEST_CASE("tls stream: a client that refuses our certificate is told from all that else goes wrong",
          "[io][tls]") {
  struct Row {
    const char* name;
    int error;
    bool refused;
  };
  const Row rows[] = {
      {"an authority it does not know", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, true},
      {"out of date", X509_V_ERR_CERT_HAS_EXPIRED, true},
      {"revoked", X509_V_ERR_CERT_REVOKED, true},
      {"another name", X509_V_ERR_HOSTNAME_MISMATCH, true},
      {"not for this", X509_V_ERR_INVALID_PURPOSE, true},
      {"no memory of its own", X509_V_ERR_OUT_OF_MEM, false},
  };
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    for (const Row& row : rows) DYNAMIC_SECTION(row.name << (version == TLS1_2_VERSION ? ", 1.2" : ", 1.3")) {
        TlsEnds t(true, version);
        int error = row.error;
        SSL_CTX_set_verify(t.their_context.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_cert_verify_callback(t.their_context.get(), refuse_with, &error);
        t.open();
        TlsStatus status = shake_hands(*t.ours, *t.theirs);
        CHECK_FALSE(t.theirs->good());
        if (status == TlsStatus::done) {  // of 1.3 it is over before the client answers
          CHECK(t.read().empty());
          status = t.last;
        }
        CHECK(status == TlsStatus::failed);
        CHECK(t.ours->certificate_refused() == row.refused);
        CHECK_FALSE(t.ours->protocol_refused());
      }
}

TEST_CASE("tls stream: an origin that speaks none of our protocols", "[io][tls]") {
  TlsEnds t(false);
  constexpr unsigned char http11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(t.our_context.get(), http11, sizeof http11 - 1);
  SSL_CTX_set_alpn_select_cb(t.their_context.get(), offer_nothing, nullptr);
  t.open();
  CHECK(shake_hands(*t.ours, *t.theirs) == TlsStatus::failed);
  CHECK(t.ours->protocol_refused());
  CHECK_FALSE(t.ours->certificate_refused());
}

TEST_CASE("tls stream: HTTP/2 is spoken when both chose it", "[io][tls]") {
  TlsEnds t;
  constexpr unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(t.their_context.get(), offered, sizeof offered - 1);
  SSL_CTX_set_alpn_select_cb(t.our_context.get(), choose_h2, nullptr);
  t.open();
  CHECK_FALSE(t.ours->speaks_h2());  // nothing is chosen yet
  REQUIRE(shake_hands(*t.ours, *t.theirs) == TlsStatus::done);
  CHECK(t.ours->speaks_h2());
}
