// What `check` finds beside what the configuration's own files say.
#include <catch2/catch.hpp>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;

namespace {

// A school whose pupils' connections are opened, with a folder of revocation lists.
void write_inspecting_school(const test::Folder& folder) {
  test::write_small_school(folder);
  folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") +
                                      "https: {crl_dir: crl, never_inspect: {categories: []}}\n"
                                      "upstream: {extra_ca: [school.pem]}\n");
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") + "https: {mode: inspect, reason: a test}\n");
  std::filesystem::create_directory(folder.path("crl"));
  const std::string config = folder.path("schoolgate.yaml");
  REQUIRE(run({"ca", "create", "-c", config, "--user", "root"}).exit_code == 0);
  std::filesystem::copy(folder.path("ca/ca.crt"), folder.path("school.pem"));
}

}  // namespace

TEST_CASE("check reads what a start reads: revocation lists and certificates", "[tools][check]") {
  const test::Folder folder;
  write_inspecting_school(folder);
  const auto check = [&] { return run({"check", "-c", folder.path("schoolgate.yaml")}); };
  const Ran good = check();
  INFO(good.out << good.err);
  REQUIRE(good.exit_code == 0);

  folder.write("crl/broken.crl", "no list\n");
  const Ran broken = check();
  CHECK(broken.exit_code == tools::exit_config_errors);
  CHECK_THAT(broken.out, Catch::Contains("error SG1503: https.crl_dir: " + folder.path("crl/broken.crl") +
                                         " holds no revocation list that can be read: ") &&
                             Catch::Contains("remove it, or put the authority's list there again"));
  CHECK_THAT(run({"check", "--json", "-c", folder.path("schoolgate.yaml")}).out,
             Catch::Contains("\"code\":\"SG1503\""));

  std::filesystem::remove(folder.path("crl/broken.crl"));
  folder.write("school.pem", "no certificate\n");
  const Ran unknown = check();
  CHECK(unknown.exit_code == tools::exit_config_errors);
  CHECK_THAT(unknown.out, Catch::Contains("error SG1503: upstream.extra_ca: " + folder.path("school.pem") +
                                          " holds no certificate that can be read: "));

  // Where no tier inspects, nobody reads them.
  folder.write("crl/broken.crl", "no list\n");
  folder.write("tiers.d/pupil.yaml", [&] {
    std::string tier = folder.read("tiers.d/pupil.yaml");
    return tier.erase(tier.find("https:"));
  }());
  CHECK(check().exit_code == 0);
}
