#include "rules/db/name_codec.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace schoolgate {
namespace {

const std::vector<std::string> names = {
    "a",
    "ab",
    "abc",
    "com",
    "a.com",
    "example.com",
    "www.example.com",
    "x.blogspot.com",
    "blogspot.com",
    "com.com",
    "2001:db8::1",
    "192.0.2.1",
    "a_b-c.example",
    std::string(63, 'z') + ".com",
    std::string(250, 'q') + ".vn",
};

NamePacker packer() {
  NamePacker p;
  for (int i = 0; i < 5; ++i) {
    for (const std::string& name : names) p.sample(name);
  }
  p.choose();
  return p;
}

}  // namespace

TEST_CASE("name codec: a name equals itself and no other", "[rules][name_codec]") {
  const NamePacker p = packer();
  const Bytes endings = p.endings();
  const auto u = NameUnpacker::open(endings);
  REQUIRE(u);
  for (const std::string& name : names) {
    Bytes packed;
    p.pack(name, packed);
    ByteReader whole(packed);
    CHECK(u->unpack(whole) == name);
    CHECK(whole.left() == 0);
    for (const std::string& other : names) {
      ByteReader in(packed);
      CHECK(u->equals(in, other) == (other == name));
      CHECK(in.ok());
    }
    for (std::size_t cut = 0; cut < packed.size(); ++cut) {
      ByteReader in{std::span(packed).first(cut)};
      CHECK_FALSE(u->equals(in, name));
      CHECK_FALSE(in.ok());
    }
  }
}

TEST_CASE("name codec: common endings take one byte", "[rules][name_codec]") {
  const NamePacker p = packer();
  Bytes packed;
  p.pack("www.example.com", packed);
  CHECK(packed.size() == 2 + 2);  // "www" before ".example.com"
}

TEST_CASE("name codec: what cannot be packed", "[rules][name_codec]") {
  for (const char* bad : {"", "A.com", "a b", "b\xc3\xbc.de", "a/b", "a%41"}) CHECK_FALSE(is_packable(bad));
  CHECK_FALSE(is_packable(std::string(254, 'a')));
  CHECK(is_packable(std::string(253, 'a')));
}

TEST_CASE("name codec: damaged endings are refused, unknown numbers make the reader bad",
          "[rules][name_codec]") {
  const Bytes endings = packer().endings();
  for (std::size_t cut = 0; cut < endings.size(); ++cut)
    CHECK_FALSE(NameUnpacker::open(std::span(endings).first(cut)));
  const auto u = NameUnpacker::open(endings);
  REQUIRE(u);
  const Bytes unknown{std::byte{200}, std::byte{1}, std::byte{0}, std::byte{0}};
  ByteReader in(unknown);
  CHECK_FALSE(u->equals(in, "a"));
  CHECK_FALSE(in.ok());
  ByteReader again(unknown);
  CHECK(u->unpack(again).empty());
}

}  // namespace schoolgate
