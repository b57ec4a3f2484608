// What is asked over the control socket to change the policy.
#include "config/policy_question.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

TEST_CASE("questions that change the policy are read as they were written", "[config][policy_question]") {
  PolicyQuestion back;
  back.number = 12;
  back.why = "too strict";
  back.accept_shrunk = back.json = true;
  REQUIRE(to_text(back) == "policy\trollback\tnumber=12\twhy=too strict\taccept-shrunk=\tjson=");
  CHECK(parse_policy_question(*to_text(back)) == back);
  PolicyQuestion drop;
  drop.verb = PolicyQuestion::Verb::drop;
  drop.name = "tiers.d/Khối 8.yaml";
  REQUIRE(to_text(drop));
  CHECK(parse_policy_question(*to_text(drop)) == drop);
}

TEST_CASE("questions about pins", "[config][policy_question]") {
  PolicyQuestion pin;
  pin.verb = PolicyQuestion::Verb::pin;
  pin.url = "https://olm.vn/lop-8?x=1";
  pin.tier = "thcs";
  pin.at = "2026-11-29 08:30";
  pin.was = "block";
  pin.why = "homework";
  REQUIRE(to_text(pin));
  CHECK(parse_policy_question(*to_text(pin)) == pin);
  pin.why.clear();
  CHECK_FALSE(to_text(pin));
  pin.verb = PolicyQuestion::Verb::unpin;
  CHECK_FALSE(to_text(pin));
  pin.at.clear();
  pin.was.clear();
  CHECK(to_text(pin) == "policy\tunpin\turl=https://olm.vn/lop-8?x=1\ttier=thcs");
}

TEST_CASE("questions that are none are refused", "[config][policy_question]") {
  for (const char* text : {"",
                           "policy",
                           "policy\t",
                           "policy\trollback",
                           "policy\trollback\t",
                           "policy\trollback\tnumber=",
                           "policy\trollback\tnumber=0",
                           "policy\trollback\tnumber=-1",
                           "policy\trollback\tnumber=1x",
                           "policy\trollback\tnumber=01",
                           "policy\trollback\tnumber=1\tnumber=2",
                           "policy\trollback\tnumber=99999999999999999999",
                           "policy\trollback\tnumber=1\tname=a.yaml",
                           "policy\tdrop\tname=../a",
                           "policy\tdrop\tname=/etc/a",
                           "policy\tdrop\tnumber=1",
                           "policy\tdrop\tname=a.yaml\tjson=1",
                           "policy\tdrop\tname=a.yaml\tother=1",
                           "policy\tdrop\tname=a.yaml\twhy=a\x01",
                           "policy\tburn\tname=a.yaml",
                           "status"})
    CHECK_FALSE(parse_policy_question(text));
  PolicyQuestion long_one;
  long_one.number = 1;
  long_one.why = std::string(2000, 'a');
  CHECK_FALSE(to_text(long_one));
}

}  // namespace
}  // namespace schoolgate
