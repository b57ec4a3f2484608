// What must stay as it is: expect.yaml and pins.yaml as they are read, and what a load makes of them.
#include "config/policy/expect_reader.h"

#include <catch2/catch.hpp>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;

TEST_CASE("pins are written as they are read", "[config][expect]") {
  test::Reading reading;
  std::vector<Pin> pins(2);
  pins[0].test = {"https://a.test/x?q=\"1\"\\", Action::block, *parse_local_time("2027-02-06 08:30"), {}};
  pins[0].tier.value = "thcs";
  pins[0].why = "lớp 8A: \"bài tập\"";
  pins[0].by = "uid 1001 (lan)";
  pins[1].test = {"https://b.test/", Action::help, *parse_local_time("T2 08:30"), {}};
  pins[1].tier.value = "thpt";
  pins[1].why = "# no comment";
  pins[1].by = "uid 0 (root)";
  reading.folder.write("pins.yaml", pins_text(pins));
  const std::vector<Pin> read = read_pins_file(reading.folder.path("pins.yaml"), reading.context);
  CHECK(reading.told("pins.yaml") == "");
  REQUIRE(read.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(read[i].test.url == pins[i].test.url);
    CHECK(read[i].test.expect == pins[i].test.expect);
    CHECK(read[i].test.at == pins[i].test.at);
    CHECK(read[i].tier.value == pins[i].tier.value);
    CHECK(read[i].why == pins[i].why);
    CHECK(read[i].by == pins[i].by);
  }
  reading.folder.write("pins.yaml", pins_text({}));
  CHECK(read_pins_file(reading.folder.path("pins.yaml"), reading.context).empty());
  CHECK(reading.told("pins.yaml") == "");
}

struct ExpectingSchool {
  ExpectingSchool() { test::write_small_school(folder); }
  [[nodiscard]] LoadResult load(const Snapshot* before = nullptr, bool to_rule = false) const {
    LoadOptions options;
    options.before = before;
    options.to_rule = to_rule;
    return folder.load(options);
  }
  test::Folder folder;
};

TEST_CASE("what must work and is closed refuses the load", "[config][expect]") {
  const ExpectingSchool school;
  school.folder.write("expect.yaml", "version: 1\nmust_work: [olm.vn, games.test]\n");
  const LoadResult open = school.load();
  INFO(school.folder.text_of(open));
  REQUIRE(open.snapshot != nullptr);  // games are warned of: that is no closing
  school.folder.write("lists/bets.txt", "bet.test\nolm.vn\n");
  const LoadResult closed = school.load();
  CHECK(closed.snapshot == nullptr);
  CHECK(school.folder.text_of(closed).find(
            "olm.vn must work, and tier \"pupil\" closes it (lists/bets.txt:2)") != std::string::npos);
  CHECK(school.load(open.snapshot.get(), true).snapshot == nullptr);  // a reload that breaks it
  SECTION("a start goes on, with a warning") {
    const LoadResult start = school.load(nullptr, true);
    REQUIRE(start.snapshot != nullptr);
    CHECK(has(start, diag::must_work_closed, Severity::warning));
    const LoadResult reload = school.load(start.snapshot.get(), true);  // it was closed before
    CHECK(reload.snapshot != nullptr);
    CHECK(has(reload, diag::must_work_closed, Severity::warning));
  }
  SECTION("tiers that open nothing by themselves are not meant") {
    school.folder.write("lists/bets.txt", "bet.test\n");
    std::string tier = school.folder.read("tiers.d/pupil.yaml");
    tier.replace(tier.find("default: allow"), 14, "default: block");
    school.folder.write("tiers.d/pupil.yaml", tier);
    CHECK(school.load().snapshot != nullptr);
    school.folder.write("expect.yaml", "version: 1\nmust_work: [{host: olm.vn, tiers: [pupil]}]\n");
    CHECK(has(school.load(), diag::must_work_closed));
  }
}

TEST_CASE("a pin refuses what decides otherwise, and says who wants it so", "[config][expect]") {
  const ExpectingSchool school;
  school.folder.write(
      "pins.yaml",
      "version: 1\npins:\n  - {url: \"https://bet.test/\", tier: pupil, expect: block, at: \"T2 "
      "08:30\", why: \"never\", by: \"uid 0 (root)\"}\n");
  REQUIRE(school.load().snapshot != nullptr);
  school.folder.write("lists/bets.txt", "lucky.test\n");
  const LoadResult loaded = school.load();
  CHECK(has(loaded, diag::policy_test_failed));
  CHECK(school.folder.text_of(loaded).find("why: \"never\", by: \"uid 0 (root)\"") != std::string::npos);
}

TEST_CASE("the shipped sites that must work do", "[config][expect][defaults]") {
  const auto hosts = read_must_work(std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults/schoolgate.yaml");
  CHECK(hosts.size() > 30);
  CHECK(std::find(hosts.begin(), hosts.end(), "tongdai111.vn") != hosts.end());
}

}  // namespace
}  // namespace schoolgate
