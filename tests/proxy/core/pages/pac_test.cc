// What the script does with a host is tried in a browser's engine: tests/integration/test_pac.py.
#include "proxy/core/pages/pac.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using Catch::Contains;
using Catch::EndsWith;

TEST_CASE("a proxy configuration ends with proxies, never with DIRECT", "[core][pac]") {
  CHECK_THAT(pac_text({}, "10.0.0.254:3128"), EndsWith("  return \"PROXY 10.0.0.254:3128\";\n}\n"));
  const PacSettings two{{"10.0.0.1:3128", "[fd00::2]:3128"}, {}};
  CHECK_THAT(
      pac_text(two, "10.0.0.254:3128"),
      EndsWith("  return \"PROXY 10.0.0.1:3128; PROXY [fd00::2]:3128\";\n}\n") && !Contains("10.0.0.254"));
}

TEST_CASE("a proxy configuration names what is direct, and nothing where nothing is", "[core][pac]") {
  CHECK_THAT(pac_text({}, "10.0.0.254:3128"), !Contains("direct["));
  CHECK_THAT(pac_text({{}, {"noibo.truong.vn", "so.vn"}}, "10.0.0.254:3128"),
             Contains("var direct = [\"noibo.truong.vn\", \"so.vn\"];"));
}

TEST_CASE("a proxy configuration looks nothing up", "[core][pac]") {
  const std::string text = pac_text({{}, {"a.vn"}}, "10.0.0.254:3128");
  for (const char* asks : {"dnsResolve", "isResolvable", "isInNet", "myIpAddress"})
    CHECK_THAT(text, !Contains(asks));
}
