#include "tools/backup/manifest.h"

#include <catch2/catch.hpp>

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

Manifest usual_manifest() {
  Manifest manifest;
  manifest.version = "0.1.0";
  manifest.made = 1'796'000'000;
  manifest.config_file = "/etc/schoolgate/schoolgate.yaml";
  manifest.left = {"keys/config/ca/ca.key"};
  manifest.folders = {{"config/tiers.d", {02775, "root", "schoolgate-teachers"}}};
  manifest.files = {{"config/schoolgate.yaml", {0644, "root", "root"}, 3, std::string(64, 'a')},
                    {"config/tiers.d/a b.yaml", {0664, "-", "-"}, 0, std::string(64, '0')}};
  return manifest;
}

}  // namespace

TEST_CASE("what a backup says of itself is read as it was written", "[tools][backup]") {
  const auto read = parse_manifest(to_text(usual_manifest()), "0.1.0");
  REQUIRE(read);
  CHECK(*read == usual_manifest());
  std::string cut = to_text(usual_manifest());
  for (std::size_t i = 0; i < cut.size(); ++i) CHECK(parse_manifest(cut.substr(0, i), "0.1.0").failed());
  for (std::size_t i = 0; i < cut.size(); ++i) {
    std::string changed = cut;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(parse_manifest(changed, "0.1.0").failed());
  }
}

TEST_CASE("a newer version's backup is refused, and says so", "[tools][backup]") {
  Manifest newer = usual_manifest();
  newer.version = "0.10.0";
  CHECK(parse_manifest(to_text(newer), "0.9.3").error().message ==
        "Schoolgate 0.10.0 made it, and this is 0.9.3: install the newer version first");
  CHECK(parse_manifest(to_text(newer), "0.10.0"));
  CHECK(parse_manifest("schoolgate backup 2\nwhatever\n", "0.1.0")
            .error()
            .message.english()
            .find("in a form") != std::string::npos);
  CHECK(is_newer_version("1.0.0", "0.99.99"));
  CHECK_FALSE(is_newer_version("0.1.0", "0.1.0"));
  CHECK_FALSE(is_newer_version("x", "0.0.1"));
}

TEST_CASE("names that a backup may hold", "[tools][backup]") {
  for (const char* good :
       {"config/schoolgate.yaml", "config/tiers.d/a b.yaml", "state/policy/.laid", "log/totals.db",
        "keys/config/ca/ca.key", "keys/accounts", "keys/month", "config/đường.txt"})
    CHECK(is_backup_name(good));
  for (const char* bad : {"", "/etc/passwd", "config/../x", "config/..", "config/.bashrc", "config//x",
                          "config/", "../config/x", "log/access-2026-11.db", "keys/other", "config/a\nb",
                          "config/a\x1b[1m", "CONFIG/x", "config"})
    CHECK_FALSE(is_backup_name(bad));
  CHECK_FALSE(is_backup_name("config/" + std::string(600, 'a')));
}
