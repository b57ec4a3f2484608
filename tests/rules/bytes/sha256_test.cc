#include "rules/bytes/sha256.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>

using namespace schoolgate;

TEST_CASE("SHA-256 of the NIST examples", "[rules][sha256]") {
  struct Row {
    const char* name;
    std::string text;
    const char* want;
  };
  const Row rows[] = {
      {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"896 bits",
       "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
       "rst"
       "nopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {"a million a", std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(to_hex(sha256(row.text)) == row.want);
    }
}

TEST_CASE("SHA-256 is the same however the message is cut", "[rules][sha256]") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (std::size_t length = 0; length <= text.size(); length += 13) {
    const std::string_view message = std::string_view(text).substr(0, length);
    for (std::size_t cut = 0; cut <= length; ++cut) {
      Sha256 hash;
      hash.update(message.substr(0, cut));
      Sha256 copy = hash;  // a prefix's digest does not disturb what follows
      REQUIRE(copy.finish() == sha256(message.substr(0, cut)));
      hash.update(message.substr(cut));
      REQUIRE(hash.finish() == sha256(message));
    }
  }
}

TEST_CASE("digests in hex", "[rules][sha256]") {
  const Sha256Digest digest = sha256("abc");
  CHECK(parse_sha256_hex(to_hex(digest)) == digest);
  CHECK(parse_sha256_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD") == digest);
  const std::string good = to_hex(digest);
  for (const std::string& bad : {std::string(), good.substr(1), good + "0", "g" + good.substr(1)}) {
    CHECK_FALSE(parse_sha256_hex(bad).has_value());
  }
}
