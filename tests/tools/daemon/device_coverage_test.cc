#include "tools/daemon/device_coverage.h"

#include <catch2/catch.hpp>

#include "proxy/core/json_text.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

audit::LogEvent device_test(std::int64_t ms, const std::string& room, const char* kind, bool passed) {
  JsonObject json;
  json.add("passed", passed).add("kind", kind).add_or_null("room", room).add("tier", "thcs");
  return {ms, "client", "device_test", json.text()};
}

}  // namespace

TEST_CASE("which rooms are covered", "[tools][device_coverage]") {
  Config config;
  const auto line = [](const char* text, const char* label) {
    return ClientNetwork{*Network::parse(text), "thcs", label};
  };
  config.who = {line("127.0.0.0/8", "Máy này"), line("10.0.1.0/24", "Phòng \"máy\" 1"),
                line("10.0.2.0/24", "Phòng \"máy\" 1"), line("10.0.3.0/24", ""),
                line("10.0.4.0/24", "Thư viện")};
  const auto rooms = coverage_of(
      config,
      {device_test(1000, "Phòng \"máy\" 1", "windows", true),
       device_test(2000, "Phòng \"máy\" 1", "android", true),
       device_test(2500, "Phòng \"máy\" 1", "android", true),
       device_test(3000, "10.0.3.0/24", "android", true), device_test(4000, "10.0.3.0/24", "android", false),
       device_test(5000, "Phòng cũ", "android", true), device_test(5000, "", "android", true)});
  REQUIRE(rooms.size() == 3);
  CHECK(rooms[0] == RoomCoverage{"Phòng \"máy\" 1", 2500, 0, {"android", "windows"}});
  CHECK(rooms[0].state() == RoomCoverage::State::passed);
  CHECK(rooms[1].room == "10.0.3.0/24");
  CHECK(rooms[1].state() == RoomCoverage::State::failed);
  CHECK(rooms[2].state() == RoomCoverage::State::untested);
}
