#include <catch2/catch.hpp>

#include "tests/tools/program_runner.h"
#include "tools/console/console.h"

using namespace schoolgate::tools;
using namespace schoolgate::tools_test;

TEST_CASE("wrong usage is exit code 2, help and version are 0", "[tools]") {
  struct Case {
    const char* command;
    int want;
    const char* says;
  };
  const Case cases[] = {
      {"--version", 0, "schoolgate 0."},
      {"--help", 0, "Examples:"},
      {"check --help", 0, "--strict"},
      {"upgrade --help", 0, "no\nconnection is refused"},
      {"explain --help", 0, "schoolgate explain"},
      {"log --help", 0, "--follow"},
      {"lists --help", 0, "search"},
      {"", 2, "--help"},
      {"no-such-command", 2, "--help"},
      {"check --no-such-option", 2, "--no-such-option"},
      {"explain", 2, "url"},
      {"explain http://a.vn/ --tier a --client 10.0.0.1", 2, "excludes"},
      {"explain http://a.vn/ --stage somewhere", 2, "--stage"},
      {"log --json --csv", 2, "excludes"},
      {"log --safeguarding", 2, "--why"},
      {"log --limit many", 2, "--limit"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION("schoolgate " << c.command) {
      const Ran ran = run(words(c.command));
      CHECK(ran.exit_code == c.want);
      CHECK((ran.out + ran.err).find(c.says) != std::string::npos);
      CHECK((c.want == 0 ? ran.err : ran.out).empty());
    }
  }
}

TEST_CASE("a configuration that is not there", "[tools]") {
  for (const char* command : {"check", "explain http://a.vn/", "log", "lists show"}) {
    DYNAMIC_SECTION(command) {
      auto arguments = words(command);
      arguments.insert(arguments.end(), {"--config", "/nonexistent/schoolgate.yaml"});
      const Ran ran = run(arguments);
      CHECK(ran.exit_code == exit_config_errors);
      CHECK((ran.out + ran.err).find("/nonexistent/schoolgate.yaml") != std::string::npos);
    }
  }
}

TEST_CASE("numbers and nouns", "[tools]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(counted(1, "error") == "1 error");
  CHECK(counted(0, "error") == "0 errors");
}
