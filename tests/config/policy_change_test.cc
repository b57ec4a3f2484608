// Changes of the policy: what they lay, what undoes them, and what only the admin may change.
#include "config/policy_change.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

namespace fs = std::filesystem;
using test::verdict;

struct ChangingSchool {
  ChangingSchool() {
    test::write_small_school(folder);
    fs::create_directory(folder.path("state"));
    folder.write("locked.yaml", "version: 1\nblock: [locked.test]\n");
    folder.write("floor.txt", "# no entries\n");
  }
  [[nodiscard]] std::string main_file() const { return folder.path("schoolgate.yaml"); }
  // Lays it, and what the files say then.
  [[nodiscard]] LoadResult change(const PolicyChange& change, Overlay now) const {
    const auto laid = with_change(main_file(), now, change, {"uid 1001 (lan)", 1'700'000'000});
    REQUIRE(laid);
    REQUIRE(write_overlay(main_file(), *laid).ok());
    return folder.load();
  }
  [[nodiscard]] LoadResult change(const PolicyChange& wanted) const {
    return change(wanted, find_overlay(main_file()).overlay);
  }
  test::Folder folder;
};

TEST_CASE("a change lays what the folder does not say", "[config][policy_change]") {
  const ChangingSchool school;
  const std::string tier = school.folder.read("tiers.d/pupil.yaml");
  LoadResult loaded = school.change({{{"tiers.d/pupil.yaml", tier + "block: [a.test]\n"}}, {}});
  CHECK(verdict(loaded, "http://a.test/") == Action::block);
  CHECK(school.folder.read("tiers.d/pupil.yaml") == tier);
  SECTION("the text of the folder again: nothing is laid") {
    loaded = school.change({{{"tiers.d/pupil.yaml", tier}}, {}});
    CHECK(find_overlay(school.main_file()).overlay.files.empty());
    CHECK(verdict(loaded, "http://a.test/") == Action::allow);
  }
  SECTION("dropped") {
    loaded = school.change({{}, {"tiers.d/pupil.yaml"}});
    CHECK(find_overlay(school.main_file()).overlay.files.empty());
    CHECK(with_change(school.main_file(), {}, {{}, {"tiers.d/pupil.yaml"}}, {}).failed());
  }
  SECTION("the same once more keeps who laid it, over what") {
    const Overlay before = find_overlay(school.main_file()).overlay;
    school.folder.write("tiers.d/pupil.yaml", tier + "# changed\n");
    loaded = school.change({{{"tiers.d/pupil.yaml", tier + "block: [a.test]\n"}}, {}});
    CHECK(find_overlay(school.main_file()).overlay.files == before.files);
    CHECK(laid_files(school.main_file(), before)[0].below_changed);
  }
  SECTION("brought back into the folder, it is laid no more") {
    school.folder.write("tiers.d/pupil.yaml", tier + "block: [a.test]\n");
    const Overlay laid = find_overlay(school.main_file()).overlay;
    CHECK_FALSE(laid_files(school.main_file(), laid)[0].below_changed);
    CHECK(without_repeats(school.main_file(), laid).files.empty());
  }
  SECTION("names beyond the folder are refused") {
    for (const char* name : {"../x.yaml", "/etc/passwd", "tiers.d/.x.yaml"})
      CHECK(with_change(school.main_file(), {}, {{{name, "x"}}, {}}, {}).failed());
  }
}

TEST_CASE("a former policy comes back, whatever lies in the folder now", "[config][policy_change]") {
  const ChangingSchool school;
  const LoadResult then = school.folder.load();
  REQUIRE(then.snapshot != nullptr);
  const auto back = [&] {
    const LoadResult now = school.folder.load();
    const auto change = change_to(school.main_file(), then.read, now.read);
    REQUIRE(change);
    return school.change(*change, {});
  };
  const auto is_as_then = [&](const LoadResult& loaded) {
    INFO(school.folder.text_of(loaded));
    CHECK(loaded.read == then.read);
    REQUIRE(loaded.snapshot != nullptr);
    CHECK(loaded.snapshot->digest == then.snapshot->digest);
  };
  const std::string tier = school.folder.read("tiers.d/pupil.yaml");
  SECTION("a file changed") {
    school.folder.write("tiers.d/pupil.yaml", tier + "block: [a.test]\n");
    is_as_then(back());
  }
  SECTION("a file broken") {
    school.folder.write("categories.yaml", "version: [\n");
    is_as_then(back());
  }
  SECTION("a file gone") {
    fs::remove(school.folder.path("locked.yaml"));
    is_as_then(back());
  }
  SECTION("files came") {
    school.folder.write("tiers.d/more.yaml", "not even a tier");
    school.folder.write("terms.yaml", "version: 1\nterms: {}\n");
    school.folder.write("delegation.yaml", "version: 1\nteachers: []\n");
    school.folder.write("pages.yaml", "version: 1\nen: {ask: {adults: \"Ask {it_contact}.\"}}\n");
    school.folder.write(
        "lists.d/more.yaml",
        "version: 1\nlists:\n  - {name: x, category: games, format: domains, path: lists/x.txt}\n");
    const LoadResult loaded = back();
    CHECK(loaded.read.files == then.read.files);
    REQUIRE(loaded.snapshot != nullptr);
  }
}

TEST_CASE("what only the admin may change", "[config][policy_change]") {
  const ChangingSchool school;
  school.folder.write("delegation.yaml", "version: 1\nteachers: []\n");
  const LoadResult before = school.folder.load();
  REQUIRE(before.snapshot != nullptr);
  const auto why = [&](const std::string& name, const std::string& text) {
    const std::string was = school.folder.read(name);
    school.folder.write(name, text);
    const LoadResult after = school.folder.load();
    INFO(school.folder.text_of(after));
    REQUIRE(after.snapshot != nullptr);
    const auto message = loosened({*before.snapshot, before.read}, {*after.snapshot, after.read});
    school.folder.write(name, was);
    return message ? message->english() : std::string();
  };
  const std::string tier = school.folder.read("tiers.d/pupil.yaml");
  const auto with = [](std::string text, const std::string& old, const std::string& fresh) {
    REQUIRE(text.find(old) != std::string::npos);
    return text.replace(text.find(old), old.size(), fresh);
  };
  CHECK(why("tiers.d/pupil.yaml", tier + "allow: [a.test]\n").empty());
  CHECK(why("tiers.d/pupil.yaml", with(tier, "games: warn", "games: block+locked")).empty());
  CHECK(why("tiers.d/pupil.yaml", with(tier, "block+locked", "block")) ==
        "\"gambling\" would no longer be locked in tier \"pupil\"");
  CHECK(why("locked.yaml", "version: 1\n") == "the file of locks would be another");
  CHECK(why("floor.txt", "# other\n") == "the floor would be another");
  CHECK(why("delegation.yaml", "version: 1\nteachers:\n  - {account: lan, tiers: [pupil]}\n") ==
        "the delegation would be another");
  CHECK(why("schoolgate.yaml", school.folder.read("schoolgate.yaml") + "workers: 1\n") ==
        "the main file would be another");
}

}  // namespace
}  // namespace schoolgate
