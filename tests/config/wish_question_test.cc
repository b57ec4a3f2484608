#include "config/wish_question.h"

#include <catch2/catch.hpp>
#include <string>

using namespace schoolgate;

TEST_CASE("wish question: what is understood", "[config][wishes]") {
  const auto asked =
      parse_wish_question("wishes\tgrant\tcode=BN-7K3Q2F9A\ttier=thcs\tfor=45m\twhy=lớp 8A = 8B");
  REQUIRE(asked);
  CHECK(asked->verb == WishQuestion::Verb::grant);
  CHECK(asked->code == "BN-7K3Q2F9A");
  CHECK(asked->how == "for");
  CHECK(asked->end == "45m");
  CHECK(asked->why == "lớp 8A = 8B");
  for (const char* line :
       {"wishes\tlist", "wishes\tlist\tall=\tjson=", "wishes\tshow\tcode=BN-7K3Q2F9A",
        "wishes\tshow\tcode=BN-7K3Q2F9A\tjson=", "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=x",
        "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=x\tline=",
        "wishes\tgrant\tcode=BN-7K3Q2F9A\tuntil=11:30\twhy=x", "wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=x"}) {
    INFO(line);
    const auto one = parse_wish_question(line);
    REQUIRE(one);
    CHECK(to_text(*one) == line);
  }
}

TEST_CASE("wish question: what is not", "[config][wishes]") {
  const std::string most = "wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=";
  CHECK(parse_wish_question(most + std::string(1000 - most.size(), 'x')));
  CHECK_FALSE(parse_wish_question(most + std::string(1001 - most.size(), 'x')));
  for (const char* line : {"",
                           "wishes",
                           "wishes\t",
                           "wishes\tlist\t",
                           "wishes\treload",
                           "wish\tlist",
                           "wishes\tlist\tcode=BN-7K3Q2F9A",
                           "wishes\tlist\tall=1",
                           "wishes\tlist\tall=\tall=",
                           "wishes\tshow",
                           "wishes\tshow\tcode=7K3Q2F9A",
                           "wishes\tshow\tcode=BN-7K3Q2F9I",
                           "wishes\tshow\tcode=bn-7k3q2f9a",
                           "wishes\tshow\tcode=BN-7K3Q2F9A\tcode=BN-7K3Q2F9A",
                           "wishes\tgrant\tcode=BN-7K3Q2F9A",
                           "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=",
                           "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=x\tfor=1h\tuntil=11:30",
                           "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=x\tfor=1h\tline=",
                           "wishes\tgrant\tcode=BN-7K3Q2F9A\twhy=x\tjson=",
                           "wishes\tdeny\tcode=BN-7K3Q2F9A",
                           "wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=x\tline=",
                           "wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=a\x01"
                           "b",
                           "wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=\xe2\x80\xae"}) {
    INFO(line);
    CHECK_FALSE(parse_wish_question(line));
  }
}
