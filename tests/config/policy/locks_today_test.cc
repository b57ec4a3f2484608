// What is locked now, beside a load of kept texts: whatever can still be read of the files as they are, and
// nothing of what is wrong with them.
#include "config/policy/locks_today.h"

#include <catch2/catch.hpp>

#include "config/main/main_reader.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Tells;

const std::string sealed_host(64, 'a');

// A school as it was kept, and the same files on the disk for a test to change.
struct KeptSchool {
  explicit KeptSchool(bool had_locks = true) {
    test::write_small_school(folder);
    if (had_locks) {
      folder.write("locked.yaml", "version: 1\ncategories: [gambling]\nblock: [then.test]\n");
      folder.write("floor.txt", "# no entries\n");
    }
    kept = folder.load().read;
  }
  // "category gambling, block then.test, floor 1, pupil gambling": what is found, in this order.
  std::string locks() {
    LoadContext context(folder.path("schoolgate.yaml"), &kept);
    const auto main = read_main_file(context);
    REQUIRE(main);
    const std::string shown = context.texts.line(context.config_file(), 1);
    const std::size_t told_before = context.diagnostics.size();
    const LocksToday today = read_locks_today(*main, context);
    CHECK(context.uses_kept());                                    // as before
    CHECK(context.diagnostics.size() == told_before);              // what is wrong today a load of today says
    CHECK(context.texts.line(context.config_file(), 1) == shown);  // a message shows the line that was kept
    std::string out;
    for (const auto& category : today.locked.categories) out += ", category " + category.value;
    for (const PlacedLine& line : today.locked.lines)
      out += ", " + std::string(to_string(line.line.effect.action)) + " " + line.line.rule.text;
    if (!today.floor.empty()) out += ", floor " + std::to_string(today.floor.size());
    for (const auto& lock : today.tiers) out += ", " + lock.tier + " " + lock.category.value;
    return out.empty() ? out : out.substr(2);
  }
  test::Folder folder;
  ConfigTexts kept;
};

constexpr const char* tiers_lock = "pupil gambling, staff gambling";

TEST_CASE("a load of the files finds no locks beside them", "[config][locks_today]") {
  const KeptSchool school;
  LoadContext context(school.folder.path("schoolgate.yaml"));
  const auto main = read_main_file(context);
  REQUIRE(main);
  const LocksToday today = read_locks_today(*main, context);
  CHECK(today.locked.categories.empty());
  CHECK(today.locked.lines.empty());
  CHECK(today.floor.empty());
  CHECK(today.tiers.empty());
}

TEST_CASE("what is locked today is found", "[config][locks_today]") {
  KeptSchool school;
  const std::string locked = "category gambling, block then.test, ";
  SECTION("nothing changed") {
    CHECK(school.locks() == locked + tiers_lock);
  }
  SECTION("locks that were added; an allow line opens nothing") {
    school.folder.write("locked.yaml",
                        "version: 1\ncategories: [gambling, games]\nblock: [then.test, now.test]\n"
                        "allow: [{domain: bet.test, why: x}]\n");
    CHECK(school.locks() ==
          "category gambling, category games, block then.test, block now.test, " + std::string(tiers_lock));
  }
  SECTION("the floor, but for its wrong lines") {
    school.folder.write("floor.txt", sealed_host + "\nnonsense\n" + sealed_host + " " + sealed_host + "\n");
    CHECK(school.locks() == locked + "floor 2, " + tiers_lock);
  }
  SECTION("a lock of a tier; a block without one is the tier's own matter") {
    school.folder.write(
        "tiers.d/pupil.yaml",
        "version: 1\ntier: pupil\nname: P\ncategories: {games: block+locked, learning: block}\n");
    CHECK(school.locks() == locked + "pupil games, staff gambling");
  }
  SECTION("a new tier") {
    school.folder.write("tiers.d/z.yaml",
                        "version: 1\ntier: z\nname: Z\ncategories: {games: block+locked}\n");
    CHECK(school.locks() == locked + tiers_lock + ", z games");
  }
  SECTION("where the main file of today says that they lie, and where it said it then") {
    school.folder.write("schoolgate.yaml",
                        school.folder.read("schoolgate.yaml") +
                            "locked: more/locks.yaml\nfloor: more/floor.txt\ntiers_dir: more\n");
    school.folder.write("more/locks.yaml", "version: 1\nblock: [more.test]\n");
    school.folder.write("more/floor.txt", sealed_host + "\n");
    school.folder.write("more/pupil.yaml",
                        "version: 1\ntier: pupil\nname: P\ncategories: {games: block+locked}\n");
    CHECK(school.locks() == locked + "block more.test, floor 1, pupil games, " + tiers_lock);
  }
}

TEST_CASE("the first locks of a school are found, whatever became of the main file",
          "[config][locks_today]") {
  KeptSchool school(false);
  CHECK(school.locks() == tiers_lock);
  school.folder.write("locked.yaml", "version: 1\nblock: [now.test]\n");
  school.folder.write("floor.txt", sealed_host + "\n");
  CHECK(school.locks() == std::string("block now.test, floor 1, ") + tiers_lock);
  school.folder.write("schoolgate.yaml", "version: [\n");
  CHECK(school.locks() == std::string("block now.test, floor 1, ") + tiers_lock);
}

TEST_CASE("what cannot be read any more adds nothing, and hides nothing", "[config][locks_today]") {
  KeptSchool school;
  const std::string locked = "category gambling, block then.test, ";
  SECTION("the main file") {
    for (const char* const text : {"", "version: [\n", "version: 1\nlocked: other.yaml\n"}) {
      school.folder.write("schoolgate.yaml", text);
      CHECK(school.locks() == locked + tiers_lock);
    }
    std::filesystem::remove(school.folder.path("schoolgate.yaml"));
    CHECK(school.locks() == locked + tiers_lock);
  }
  SECTION("the locked file") {
    school.folder.write("locked.yaml", "version: 1\nblock: [\n");
    CHECK(school.locks() == tiers_lock);
    std::filesystem::remove(school.folder.path("locked.yaml"));
    CHECK(school.locks() == tiers_lock);
  }
  SECTION("one line of the locked file") {
    school.folder.write("locked.yaml", "version: 1\nblock: [a b, now.test]\n");
    CHECK(school.locks() == std::string("block now.test, ") + tiers_lock);
  }
  SECTION("a tier") {
    school.folder.write("tiers.d/pupil.yaml", "tier: [\n");
    CHECK(school.locks() == locked + "staff gambling");
  }
  SECTION("the tiers' folder") {
    std::filesystem::remove_all(school.folder.path("tiers.d"));
    CHECK(school.locks() == "category gambling, block then.test");
  }
}

}  // namespace
}  // namespace schoolgate
