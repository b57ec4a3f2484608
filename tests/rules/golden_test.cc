// tests/golden/*.txt: a policy, questions, and the answers a person expects.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/policy_text.h"

using namespace schoolgate;
using namespace schoolgate::testing;

TEST_CASE("golden cases", "[rules][golden]") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SCHOOLGATE_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() != ".txt") continue;
    ++files;
    DYNAMIC_SECTION(entry.path().filename().string()) {
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      const std::unique_ptr<World> world = parse_world(text);
      Judge judge = world->judge();
      CHECK_FALSE(world->asks.empty());
      for (const Ask& ask : world->asks) {
        INFO(entry.path().filename().string() << ":" << ask.line << ": " << ask.text);
        CHECK(check_ask(*world, judge, ask) == "");
      }
    }
  }
  CHECK(files >= 6);
}
