#include "config/teacher_question.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("teacher question: what is understood", "[config][teacher]") {
  using Verb = TeacherQuestion::Verb;
  const auto asked = parse_teacher_question("allow\ttarget=zalo.me\ttier=thcs\tfor=45m\twhy=lớp 8A = 8B");
  REQUIRE(asked);
  CHECK(asked->verb == Verb::allow);
  CHECK(asked->target == "zalo.me");
  CHECK(asked->tier == "thcs");
  CHECK(asked->how == "for");
  CHECK(asked->end == "45m");
  CHECK(asked->why == "lớp 8A = 8B");
  for (const char* line :
       {"allow\ttarget=zalo.me\ttier=thcs\twhy=x",
        "block\ttarget=games\ttier=thcs\tuntil=11:30\twhy=x\tcolour=", "overrides",
        "overrides\tjson=", "revoke\tid=17", "room\troom=Phòng máy 1\tstate=off\twhy=x",
        "room\tuntil=end-of-lesson\troom=P\tstate=off\twhy=x",
        "room\ttarget=olm\tfor=45m\troom=P\tstate=only\twhy=x", "room\troom=P\tstate=normal\twhy=x",
        "room\troom=P\tstate=normal", "rooms", "rooms\tjson=", "explain\ttarget=http://a.vn/\troom=P",
        "explain\ttarget=http://a.vn/\tjson=\tcolour=", "explain\ttarget=http://a.vn/?b=c\ttier=thcs"}) {
    INFO(line);
    const auto one = parse_teacher_question(line);
    REQUIRE(one);
    CHECK(to_text(*one) == line);
  }
}

TEST_CASE("teacher question: what is not", "[config][teacher]") {
  const std::string most = "allow\ttarget=a.vn\ttier=thcs\twhy=";
  CHECK(parse_teacher_question(most + std::string(1000 - most.size(), 'x')));
  CHECK_FALSE(parse_teacher_question(most + std::string(1001 - most.size(), 'x')));
  for (const char* line : {"",
                           "reload",
                           "stop",
                           "status",
                           "allow",
                           "allow target=a.vn tier=thcs why=x",
                           "allow\ttarget=a.vn\ttier=thcs",
                           "allow\ttarget=a.vn\twhy=x",
                           "allow\ttier=thcs\twhy=x",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=",
                           "allow\ttarget=a.vn\ttarget=b.vn\ttier=thcs\twhy=x",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=x\tid=1",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=x\tfor=1m\tuntil=11:30",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=x\tfor=",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=x\taccount=root",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=x\t",
                           "allow\t\ttarget=a.vn\ttier=thcs\twhy=x",
                           "allow\ttarget=a\rvn\ttier=thcs\twhy=x",
                           "allow\ttarget=a.vn\ttier=thcs\twhy=\xff",
                           "overrides\ttier=thcs",
                           "room\troom=P\tstate=off",
                           "room\tstate=off\twhy=x",
                           "room\troom=P\twhy=x",
                           "room\troom=P\tstate=closed\twhy=x",
                           "room\troom=P\tstate=only\twhy=x",
                           "room\ttarget=olm\troom=P\tstate=off\twhy=x",
                           "room\tfor=45m\troom=P\tstate=normal\twhy=x",
                           "room\troom=P\tstate=off\twhy=x\ttier=thcs",
                           "rooms\troom=P",
                           "allow\ttarget=a.vn\ttier=thcs\troom=P\twhy=x",
                           "overrides\tstate=off",
                           "explain\ttarget=http://a.vn/\ttier=thcs\troom=P",
                           "overrides\tjson",
                           "overrides\tjson=1",
                           "overrides\tjson=\tjson=",
                           "revoke",
                           "revoke\tid=",
                           "revoke\tid=0",
                           "revoke\tid=01",
                           "revoke\tid=-1",
                           "revoke\tid=1x",
                           "revoke\tid=4294967296",
                           "revoke\tid=1\tid=2",
                           "revoke\tid=1\twhy=x",
                           "explain",
                           "explain\ttarget=a.vn\twhy=x",
                           "explain\ttarget=a.vn\tfor=1m"}) {
    INFO(line);
    CHECK_FALSE(parse_teacher_question(line));
  }
}

TEST_CASE("teacher question: what cannot be asked has no text", "[config][teacher]") {
  TeacherQuestion question;
  question.verb = TeacherQuestion::Verb::allow;
  question.target = "a.vn";
  question.tier = "thcs";
  question.why = "x";
  CHECK(to_text(question));
  const auto with = [&](auto&& change) {
    TeacherQuestion other = question;
    change(other);
    return to_text(other).has_value();
  };
  CHECK_FALSE(with([](TeacherQuestion& q) { q.why = "a\nb"; }));
  CHECK_FALSE(with([](TeacherQuestion& q) { q.why = "a\tid=1"; }));
  CHECK_FALSE(with([](TeacherQuestion& q) { q.why = std::string(1000, 'x'); }));
  CHECK_FALSE(with([](TeacherQuestion& q) { q.why.clear(); }));
  CHECK_FALSE(with([](TeacherQuestion& q) { q.how = "from", q.end = "10:00"; }));
}
