// What commands laid over the files: whole or not at all, believed only as it was written, and read in place
// of what lies below.
#include "config/text/overlay.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "config/text/diag_codes.h"
#include "rules/bytes/sha256.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

namespace fs = std::filesystem;
using test::has;
using test::verdict;

struct LaidSchool {
  LaidSchool() {
    test::write_small_school(folder);
    fs::create_directory(folder.path("state"));
  }
  [[nodiscard]] std::string main_file() const { return folder.path("schoolgate.yaml"); }
  [[nodiscard]] std::string below(const std::string& name) const {
    const auto digest = digest_below(main_file(), name);
    REQUIRE(digest);
    return *digest;
  }
  void lay(const std::string& name, std::optional<std::string> text) const {
    Overlay overlay = find_overlay(main_file()).overlay;
    overlay.files[name] = {std::move(text), below(name), "uid 1001 (lan)", 1'700'000'000};
    const auto written = write_overlay(main_file(), overlay);
    INFO((written.failed() ? written.error().message.english() : std::string()));
    REQUIRE(written.ok());
  }
  [[nodiscard]] std::string laid(const std::string& name) const {
    return folder.path("state/policy/current/" + name);
  }
  test::Folder folder;
};

TEST_CASE("a text laid over a file rules, and messages name it", "[config][overlay]") {
  const LaidSchool school;
  const std::string tier = school.folder.read("tiers.d/pupil.yaml");
  school.lay("tiers.d/pupil.yaml", tier + "block: [laid.test]\n");
  LoadResult loaded = school.folder.load();
  INFO(school.folder.text_of(loaded));
  CHECK(verdict(loaded, "http://laid.test/") == Action::block);
  CHECK(has(loaded, diag::overlay_laid, Severity::note));
  CHECK_FALSE(has(loaded, diag::overlay_over_changed, Severity::warning));
  CHECK(loaded.read.files.at("tiers.d/pupil.yaml") == tier + "block: [laid.test]\n");
  const auto& sources = loaded.snapshot->sources;
  CHECK(std::find(sources.begin(), sources.end(), school.laid("tiers.d/pupil.yaml")) != sources.end());
  CHECK(school.folder.read("state/policy/current/tiers.d/pupil.yaml") == tier + "block: [laid.test]\n");
  SECTION("its digest is that of the same texts in the folder") {
    const std::string digest = loaded.snapshot->digest;
    fs::remove_all(school.folder.path("state/policy"));
    school.folder.write("tiers.d/pupil.yaml", tier + "block: [laid.test]\n");
    loaded = school.folder.load();
    REQUIRE(loaded.snapshot != nullptr);
    CHECK(loaded.snapshot->digest == digest);
  }
  SECTION("an error in it is at its own place") {
    school.lay("tiers.d/pupil.yaml", tier + "blok: [laid.test]\n");
    loaded = school.folder.load();
    REQUIRE(has(loaded, diag::unknown_key));
    CHECK(school.folder.text_of(loaded).find("state/policy/current/tiers.d/pupil.yaml:6:1: error") !=
          std::string::npos);
    CHECK(school.folder.text_of(loaded).find("    blok: [laid.test]") != std::string::npos);
  }
  SECTION("a change of the file below is told, and does not rule") {
    school.folder.write("tiers.d/pupil.yaml", tier + "block: [below.test]\n");
    loaded = school.folder.load();
    CHECK(verdict(loaded, "http://below.test/") == Action::allow);
    CHECK(verdict(loaded, "http://laid.test/") == Action::block);
    CHECK(has(loaded, diag::overlay_over_changed, Severity::warning));
    CHECK(school.folder.text_of(loaded).find("tiers.d/pupil.yaml: warning SG1702") != std::string::npos);
  }
  SECTION("the file below gone is told too") {
    fs::remove(school.folder.path("tiers.d/pupil.yaml"));
    loaded = school.folder.load();
    CHECK(verdict(loaded, "http://laid.test/") == Action::block);
    CHECK(has(loaded, diag::overlay_over_changed, Severity::warning));
  }
}

TEST_CASE("files are added and taken out by what is laid", "[config][overlay]") {
  const LaidSchool school;
  school.folder.write("locked.yaml", "version: 1\nblock: [locked.test]\n");
  REQUIRE(verdict(school.folder.load(), "http://locked.test/") == Action::block);
  SECTION("a file that stands alone") {
    school.lay("locked.yaml", std::nullopt);
    CHECK(verdict(school.folder.load(), "http://locked.test/") == Action::allow);
  }
  SECTION("a file of a folder") {
    std::string tier = school.folder.read("tiers.d/staff.yaml");
    tier.replace(tier.find("tier: staff"), 11, "tier: guest");
    school.lay("tiers.d/guest.yaml", tier);
    CHECK(verdict(school.folder.load(), "http://games.test/", "guest") == Action::allow);
    school.lay("tiers.d/guest.yaml", std::nullopt);
    CHECK(school.folder.load().read.folders.at("tiers.d").size() == 2);
  }
  SECTION("a file of a folder that is not there") {
    school.lay(
        "lists.d/more.yaml",
        "version: 1\nlists:\n  - {name: more, category: gambling, format: domains, path: lists/fun.txt}\n");
    CHECK(verdict(school.folder.load(), "http://games.test/") == Action::block);
  }
  SECTION("the main file, also where the one below is broken") {
    const std::string main = school.folder.read("schoolgate.yaml");
    school.lay("schoolgate.yaml", main);
    school.folder.write("schoolgate.yaml", "version: [\nstate_directory: state\n");
    CHECK(verdict(school.folder.load(), "http://bet.test/") == Action::block);
  }
}

TEST_CASE("what is laid is believed only as it was written", "[config][overlay]") {
  const LaidSchool school;
  school.lay("tiers.d/pupil.yaml", school.folder.read("tiers.d/pupil.yaml") + "block: [laid.test]\n");
  const std::string laid = school.laid("tiers.d/pupil.yaml"), index = school.laid(".laid");
  const auto spoil = [](const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  };
  const char* const ways[] = {"altered",   "gone",       "others may write it", "a link",
                              "index cut", "index gone", "folder open",         "current is no link"};
  for (std::size_t way = 0; way < std::size(ways); ++way) DYNAMIC_SECTION(ways[way]) {
      if (way == 0) spoil(laid, "version: 1\n");
      if (way == 1) fs::remove(laid);
      if (way == 2) ::chmod(laid.c_str(), 0666);
      if (way == 3) {
        fs::rename(laid, school.folder.path("elsewhere"));
        fs::create_symlink(school.folder.path("elsewhere"), laid);
      }
      if (way == 4) spoil(index, "schoolgate overlay 1");
      if (way == 5) fs::remove(index);
      if (way == 6) ::chmod(school.folder.path("state/policy").c_str(), 0777);
      if (way == 7) {
        fs::remove(school.folder.path("state/policy/current"));
        school.folder.write("state/policy/current", "gen-000000000001");
      }
      const LoadResult loaded = school.folder.load();
      CHECK(loaded.snapshot == nullptr);  // never as if nothing had been changed
      CHECK(has(loaded, diag::overlay_unusable));
    }
}

TEST_CASE("a change that was cut short leaves the former", "[config][overlay]") {
  const LaidSchool school;
  const std::string tier = school.folder.read("tiers.d/pupil.yaml");
  school.lay("tiers.d/pupil.yaml", tier + "block: [first.test]\n");
  // As a process leaves it that was killed before it turned to the new one.
  school.folder.write("state/policy/gen-000000000002/tiers.d/pupil.yaml", "half");
  fs::create_symlink("gen-000000000002", school.folder.path("state/policy/current.new"));
  CHECK(verdict(school.folder.load(), "http://first.test/") == Action::block);
  school.lay("tiers.d/pupil.yaml", tier + "block: [second.test]\n");
  CHECK(verdict(school.folder.load(), "http://second.test/") == Action::block);
  CHECK_FALSE(fs::exists(school.folder.path("state/policy/gen-000000000002")));
  CHECK(fs::exists(school.folder.path("state/policy/gen-000000000001")));  // somebody may be reading it
  CHECK_FALSE(fs::is_symlink(school.folder.path("state/policy/current.new")));
}

TEST_CASE("an overlay of another main file is none of this one", "[config][overlay]") {
  const LaidSchool school;
  school.lay("tiers.d/pupil.yaml", "nothing");
  school.folder.write("draft.yaml", school.folder.read("schoolgate.yaml"));
  CHECK(find_overlay(school.folder.path("draft.yaml")).overlay.files.empty());
  CHECK(find_overlay(school.folder.path("draft.yaml")).problem.empty());
  CHECK(find_overlay(school.main_file()).overlay.files.size() == 1);
}

TEST_CASE("which names can be laid", "[config][overlay]") {
  for (const char* good : {"schoolgate.yaml", "tiers.d/thcs.yaml", "tiers.d/Khối 8.yaml", "a/b/c.yaml"})
    CHECK(can_be_laid(good));
  for (const char* bad : {"", "/etc/passwd", "../x", "tiers.d/../../x", "tiers.d//x", ".laid", "a/.laid",
                          "a/", "a\nb", "./a", "a\x1b[31m"})
    CHECK_FALSE(can_be_laid(bad));
}

TEST_CASE("the index of an overlay says what was written, or nothing", "[config][overlay]") {
  const std::string digest(64, 'a');
  const OverlayIndex index{
      "/etc/a\nb",
      {{"tiers.d/a.yaml", {digest, digest, "uid 0 (root)", 5}}, {"x.yaml", {std::nullopt, "", "", -7}}}};
  CHECK(parse_overlay(to_text(index)) == index);
  const std::string text = to_text(index);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto part = parse_overlay(std::string_view(text).substr(0, length));
    if (part) CHECK(to_text(*part) == text.substr(0, length));
  }
}

TEST_CASE("a value of a text that is no YAML any more", "[config][overlay]") {
  CHECK(top_value_in("x: [\nstate_directory: /srv/x  # why\n", "state_directory") == "/srv/x");
  CHECK(top_value_in("state_directory: 'a b'\n", "state_directory") == "a b");
  CHECK(top_value_in("  state_directory: a\nstate_directory:\n", "state_directory").empty());
  CHECK(top_value_in("state_directory_2: a\n", "state_directory").empty());
}

}  // namespace
}  // namespace schoolgate
