#include "proxy/audit/event_details.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using audit::EventDetail;
using audit::EventDetails;

namespace {

std::string told_of(const std::vector<EventDetail>& details) {
  std::string out;
  for (const EventDetail& one : details) {
    out += one.name + (one.truth ? "?" : "=");
    for (const std::string& value : one.values) out += "[" + value + "]";
    out += ";";
  }
  return out;
}

}  // namespace

TEST_CASE("details of events, as names and values", "[audit][events]") {
  auto reader = EventDetails::open();
  REQUIRE(reader);
  struct Row {
    const char *json, *want;
  };
  const Row rows[] = {
      {R"({})", ""},
      {R"({"id":7,"action":"off","admin":false})", "id=[7];action=[off];admin?[false];"},
      {R"({"why":["a","b \"c\""],"then":1})", "why=[a][b \"c\"];then=[1];"},
      {R"({"list":{"name":"x","old":null},"ok":true})", "name=[x];ok?[true];"},
      {R"({"a.b":[["x"],{"c":"y"}]})", "a.b=[x];c=[y];"},
      {R"("out of memory")", "=[out of memory];"},
      {R"({"broken":)", ""},
      {"", ""},
      {R"({"again":"works"})", "again=[works];"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(told_of(reader->of(row.json)) == row.want);
  }
}
