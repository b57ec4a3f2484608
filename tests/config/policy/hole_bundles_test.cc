// Holes of the gateway's firewall that lead to what a bundle names.
#include "config/policy/hole_bundles.h"

#include <catch2/catch.hpp>

#include "config/main/main_reader.h"
#include "config/policy/bundle_reader.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

constexpr const char* bundles = R"(version: 1
bundles:
  calls: {hosts: [calls.vn], networks: [203.0.113.0/24, "2001:db8::/32"], source: s, date: 2026-11-29, checked: false}
  pages: {hosts: [pages.vn], source: s, date: 2026-11-29, checked: false}
)";

// What a test says of `to:` stands in line 5.
struct HoleReading : Reading {
  explicit HoleReading(const std::string& to, const std::string& bundles_file = bundles) {
    folder.write("schoolgate.yaml",
                 "version: 1\nschool: {name: T}\nunknown_tier: pupil\nlisten: {proxy: \"127.0.0.1:3128\"}\n"
                 "gateway: {open: [{to: " +
                     to + ", proto: udp, ports: 3478, why: calls, review_by: 2099-01-01}]}\n");
    if (!bundles_file.empty()) folder.write("bundles.yaml", bundles_file);
    main = read_main_file(context);
    REQUIRE(main);
    open_to_bundles(*main, context);
  }
  [[nodiscard]] std::string told() const { return Reading::told("schoolgate.yaml"); }
  [[nodiscard]] std::string leads_to() const {
    std::string text;
    for (const Network& network : main->config.gateway.open.at(0).to) text += network.cidr() + " ";
    return text;
  }
  std::optional<MainFile> main;
};

TEST_CASE("a hole leads to the networks of a bundle", "[config][bundles]") {
  const HoleReading reading("calls");
  CHECK_THAT(reading.told(), Tells(""));
  CHECK(reading.leads_to() == "203.0.113.0/24 2001:db8::/32 ");
  const HoleReading both("[198.51.100.7, calls]");
  CHECK_THAT(both.told(), Tells(""));
  CHECK(both.leads_to() == "198.51.100.7/32 203.0.113.0/24 2001:db8::/32 ");
}

TEST_CASE("a hole to what is no bundle of networks leads nowhere", "[config][bundles]") {
  struct Row {
    const char* to;
    const char* bundles_file;
    const char* tells;
  };
  const Row rows[] = {
      {"pages", bundles, "5:23: error SG1321: bundle \"pages\" names no networks"},
      {"cals", bundles, "5:23: error SG1322: \"cals\" is neither a network nor a bundle"},
      {"calls", "", "5:23: error SG1322: \"calls\" is neither a network nor a bundle"},
      // Told where the policy is read, once.
      {"calls", "version: 1\nbundles: [", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.to << " " << row.tells) {
      const HoleReading reading(row.to, row.bundles_file);
      CHECK_THAT(reading.told(), Tells(row.tells));
      CHECK(reading.leads_to().empty());
    }
  }
}

TEST_CASE("networks of a bundle are networks", "[config][bundles]") {
  Reading reading;
  reading.folder.write("bundles.yaml",
                       "version: 1\nbundles:\n  a: {hosts: [a.vn], networks: [a.vn], source: s, date: "
                       "2026-11-29, checked: false}\n");
  const Bundles read = read_bundles(reading.folder.path("bundles.yaml"), "", reading.context, {});
  CHECK_FALSE(read.whole);
  CHECK(read.networks.at("a").empty());
}

}  // namespace
}  // namespace schoolgate
