#include "config/main/examples.h"

#include <catch2/catch.hpp>

#include "tests/config/shipped.h"

using namespace schoolgate;
using namespace schoolgate::test;

TEST_CASE("the examples are what schoolgate.yaml ships with", "[config][main]") {
  School school = shipped().snapshot->config.school;
  CHECK(example_keys(school) == std::vector<std::string_view>{"name", "safeguarding: person",
                                                              "safeguarding: room", "safeguarding: phone",
                                                              "it_contact"});
  forget_examples(school);
  CHECK(school.safeguarding_person.empty());
  CHECK(school.safeguarding_room.empty());
  CHECK(school.safeguarding_phone.empty());
  CHECK(school.it_contact.empty());
  CHECK(school.name == "Trường THCS Lê Lợi");
}

TEST_CASE("a school's own words stay", "[config][main]") {
  School school;
  school.name = "Trường THCS Hồng Bàng";
  school.safeguarding_person = "cô Lan";
  school.safeguarding_room = "phòng 105";
  school.safeguarding_phone = "0225 111 222";
  CHECK(example_keys(school).empty());
  forget_examples(school);
  CHECK(school.safeguarding_room == "phòng 105");
}
