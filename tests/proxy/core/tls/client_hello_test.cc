#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "proxy/core/tls/client_hello.h"

using namespace schoolgate;

namespace {

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(SCHOOLGATE_SOURCE_DIR) + "/tests/proxy/core/data/" + name, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string number(std::size_t value, int width) {
  std::string out;
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}
std::string sized(const std::string& bytes, int width) {
  return number(bytes.size(), width) + bytes;
}
std::string extension(std::size_t type, const std::string& data) {
  return number(type, 2) + sized(data, 2);
}
std::string name_entry(const std::string& name, char type = 0) {
  return std::string(1, type) + sized(name, 2);
}
std::string names(const std::string& entries) {
  return extension(0, sized(entries, 2));
}

struct Shape {
  std::string extensions = names(name_entry("a.vn"));
  std::size_t version = 0x0303;
  std::string session = std::string(32, 's');
  std::string suites = std::string("\x13\x01", 2);
  std::string compressions = std::string(1, '\0');
  std::string tail;
  bool with_extensions = true;
};
std::string message(const Shape& shape) {
  std::string body = number(shape.version, 2) + std::string(32, 'r') + sized(shape.session, 1) +
                     sized(shape.suites, 2) + sized(shape.compressions, 1);
  if (shape.with_extensions) body += sized(shape.extensions, 2);
  body += shape.tail;
  return std::string(1, '\x01') + sized(body, 3);
}
// Cut into records of at most `piece` bytes.
std::string records(const std::string& bytes, std::size_t piece = 16384, std::size_t version = 0x0301) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    out += '\x16' + number(version, 2) + sized(bytes.substr(at, piece), 2);
  return out;
}
std::string hello(const Shape& shape = {}) {
  return records(message(shape));
}
Shape with(std::string extensions) {
  Shape shape;
  shape.extensions = std::move(extensions);
  return shape;
}

std::string words(const std::string& bytes) {
  ClientHello out;
  switch (parse_client_hello(bytes, out)) {
    case HelloStatus::need_more:
      return "need_more";
    case HelloStatus::not_tls:
      return "not_tls";
    case HelloStatus::bad:
      return "bad";
    case HelloStatus::ok:
      break;
  }
  return std::to_string(out.names) + " " + out.name + (out.duplicate_extension ? " duplicate" : "") +
         (out.ech ? " ech" : "") + (out.alpn_h2 ? " h2" : "") + (out.alpn_http11 ? " http/1.1" : "");
}

}  // namespace

TEST_CASE("hellos of real programs", "[core][client_hello]") {
  struct Row {
    const char* file;
    const char* want;
  };
  const Row rows[] = {
      {"chromium_hello.bin", "1 hello.example ech h2 http/1.1"},
      {"openssl_hello.bin", "1 hello.example http/1.1"},
      {"openssl_tls12_no_name_hello.bin", "0 "},
      {"curl_hello.bin", "1 hello.example h2 http/1.1"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.file) {
      const std::string bytes = data_file(row.file);
      CHECK(words(bytes) == row.want);
      for (std::size_t size = 0; size < bytes.size(); ++size)
        REQUIRE(words(bytes.substr(0, size)) == "need_more");
      // Early data and the like after it change nothing.
      CHECK(words(bytes + "\x14\x03\x03") == row.want);
      // However it is cut into records.
      const std::string whole = bytes.substr(5);
      for (const std::size_t piece : {1, 2, 3, 5, 100, 1000}) CHECK(words(records(whole, piece)) == row.want);
    }
}

TEST_CASE("hellos by hand", "[core][client_hello]") {
  Shape no_extensions, old, odd_version, next_version, long_session, no_suites, odd_suites, no_compression,
      tail, lone;
  no_extensions.with_extensions = false;
  old.version = 0x0300;
  odd_version.version = 0x0203;
  next_version.version = 0x0305;
  long_session.session = std::string(33, 's');
  no_suites.suites = "";
  odd_suites.suites = std::string(3, '\x13');
  no_compression.compressions = "";
  tail.tail = "x";
  lone.extensions = std::string("\0\0\0", 3);
  const std::string alpn = extension(16, sized(sized("h2", 1) + sized("http/1.1", 1), 2));
  struct Row {
    const char* name;
    std::string bytes, want;
  };
  const Row rows[] = {
      {"one name", hello(), "1 a.vn"},
      {"no extensions at all", hello(no_extensions), "0 "},
      {"empty list of extensions", hello(with("")), "0 "},
      {"SSL 3", hello(old), "1 a.vn"},
      {"dots, capitals, underscores", hello(with(names(name_entry("A_b.VN.")))), "1 A_b.VN."},
      {"an address", hello(with(names(name_entry("::ffff:127.0.0.1")))), "1 ::ffff:127.0.0.1"},
      {"NUL in the name", hello(with(names(name_entry(std::string("a\0b.vn", 6))))), "bad"},
      {"an escape in the name", hello(with(names(name_entry("%61.vn")))), "bad"},
      {"UTF-8 in the name", hello(with(names(name_entry("\xef\xbd\x81.vn")))), "bad"},
      {"user-info in the name", hello(with(names(name_entry("a@b.vn")))), "bad"},
      {"a blank in the name", hello(with(names(name_entry("a.vn ")))), "bad"},
      {"brackets in the name", hello(with(names(name_entry("[::1]")))), "bad"},
      {"a slash in the name", hello(with(names(name_entry("a.vn/")))), "bad"},
      {"a star in the name", hello(with(names(name_entry("*.vn")))), "bad"},
      {"two names in the list", hello(with(names(name_entry("a.vn") + name_entry("b.vn")))), "2 a.vn"},
      {"two name extensions", hello(with(names(name_entry("a.vn")) + names(name_entry("b.vn")))),
       "2 a.vn duplicate"},
      {"another extension twice", hello(with(alpn + names(name_entry("a.vn")) + alpn)),
       "1 a.vn duplicate h2 http/1.1"},
      {"GREASE extensions differ",
       hello(with(extension(0x0a0a, "") + extension(0x1a1a, "") + names(name_entry("a.vn")))), "1 a.vn"},
      {"encrypted hello", hello(with(names(name_entry("a.vn")) + extension(0xfe0d, "x"))), "1 a.vn ech"},
      {"12 KiB of padding",
       hello(with(extension(21, std::string(12 * 1024, '\0')) + names(name_entry("a.vn")))), "1 a.vn"},
      {"records of one byte", records(message({}), 1), "1 a.vn"},
      {"record version 3.4", records(message({}), 9999, 0x0304), "1 a.vn"},
      {"record version 3.5", records(message({}), 9999, 0x0305), "bad"},
      {"another name type", hello(with(names(name_entry("a.vn", 1)))), "bad"},
      {"empty name", hello(with(names(name_entry("")))), "bad"},
      {"empty list of names", hello(with(names(""))), "bad"},
      {"name extension without a list", hello(with(extension(0, ""))), "bad"},
      {"bytes after the list of names", hello(with(extension(0, sized(name_entry("a.vn"), 2) + "x"))), "bad"},
      {"name longer than its list", hello(with(extension(0, number(4, 2) + name_entry("a.vn")))), "bad"},
      {"empty protocol name", hello(with(extension(16, sized(sized("", 1), 2)))), "bad"},
      {"empty list of protocols", hello(with(extension(16, sized("", 2)))), "bad"},
      {"half an extension", hello(lone), "bad"},
      {"version 2.3", hello(odd_version), "bad"},
      {"version 3.5", hello(next_version), "bad"},
      {"session id of 33 bytes", hello(long_session), "bad"},
      {"no cipher suites", hello(no_suites), "bad"},
      {"odd number of bytes of suites", hello(odd_suites), "bad"},
      {"no compression method", hello(no_compression), "bad"},
      {"bytes after the extensions", hello(tail), "bad"},
      {"another message first", records(std::string("\x02\0\0\x01x", 5)), "bad"},
      {"a second message in the record", records(message({}) + message({})), "bad"},
      {"a record of no bytes", std::string("\x16\x03\x01\0\0", 5), "bad"},
      {"a record of 16385 bytes", std::string("\x16\x03\x01\x40\x01", 5), "bad"},
      {"another record inside the message",
       records(message({})).substr(0, 0) + '\x16' + number(0x0301, 2) + sized(message({}).substr(0, 20), 2) +
           "\x17\x03\x03",
       "bad"},
      {"a message over the cap", records(std::string("\x01\x01\0\0", 4)), "bad"},
      {"an alert", std::string("\x15\x03\x01\0\x02\x02\x28", 7), "not_tls"},
      {"SSL 2", std::string("\x80\x2e\x01\x03\x01", 5), "not_tls"},
      {"HTTP", "GET / HTTP/1.1\r\n", "not_tls"},
      {"SSH", "SSH-2.0-x\r\n", "not_tls"},
      {"OpenVPN", std::string("\0\x36\x38", 3), "not_tls"},
      {"0x16 of something else", std::string("\x16\x16", 2), "not_tls"},
      {"nothing", "", "need_more"},
      {"one byte", "\x16", "need_more"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(words(row.bytes) == row.want);
    }
}

TEST_CASE("a hello over the cap is refused, never waited for", "[core][client_hello]") {
  Shape shape;
  shape.extensions = extension(21, std::string(30 * 1024, '\0')) + names(name_entry("a.vn"));
  CHECK(words(hello(shape)) == "1 a.vn");
  CHECK(words(records(message(shape), 16)) == "bad");  // its record headers take it over
  ClientHello out;
  std::string drip;  // one byte per record, never complete
  while (drip.size() < max_hello_bytes)
    drip += '\x16' + number(0x0301, 2) + number(1, 2) + (drip.empty() ? "\x01" : std::string(1, '\0'));
  CHECK(parse_client_hello(drip, out) == HelloStatus::bad);
}

TEST_CASE("255 names are counted as many", "[core][client_hello]") {
  std::string entries;
  for (int i = 0; i < 300; ++i) entries += name_entry("a");
  ClientHello out;
  REQUIRE(parse_client_hello(hello(with(names(entries))), out) == HelloStatus::ok);
  CHECK(out.names == 255);
}
