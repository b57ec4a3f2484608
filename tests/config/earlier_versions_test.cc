// Files that an earlier version shipped or read, under this one: what a school kept through an upgrade. A
// package's upgrade brings new files in place of those that nobody changed, so old and new ones meet.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using Catch::Equals;

const std::string earlier_folder = std::string(SCHOOLGATE_SOURCE_DIR) + "/tests/config/earlier/0.1";
const std::string shipped_folder = std::string(SCHOOLGATE_SOURCE_DIR) + "/config/defaults";

void copy_files(const std::string& from, const test::Folder& to) {
  std::filesystem::copy(from, to.path("."), std::filesystem::copy_options::recursive);
}

LoadResult load_uncached(const test::Folder& folder) {
  LoadOptions options;
  options.use_cache = false;
  return load_snapshot(folder.path("schoolgate.yaml"), options);
}

// Without `begin` to the end of what is one line, or one block of lines that are indented more.
std::string without_block(std::string text, const std::string& begin) {
  const std::size_t at = text.find("\n" + begin);
  REQUIRE(at != std::string::npos);
  const std::size_t indent = begin.find_first_not_of(' ');
  std::size_t end = text.find('\n', at + 1);
  while (text.compare(end + 1, indent + 1, std::string(indent + 1, ' ')) == 0) end = text.find('\n', end + 1);
  return text.erase(at, end - at);
}

TEST_CASE("every key of the first version is still understood", "[config][earlier]") {
  const test::Folder folder;
  copy_files(earlier_folder, folder);
  folder.write("hosts", "");
  std::filesystem::create_directory(folder.path("crl"));
  const LoadResult loaded = load_uncached(folder);
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot);
  for (const Diagnostic& one : loaded.diagnostics) CHECK(one.severity == Severity::note);
  CHECK(test::verdict(loaded, "http://bets.test/", "thcs") == Action::block);
  CHECK(test::verdict(loaded, "http://cuoc.test/", "thcs") == Action::block);
  CHECK(test::verdict(loaded, "http://games.test/", "thcs") == Action::warn);
  CHECK(test::verdict(loaded, "http://choi7.test/", "thcs") == Action::allow);
  CHECK(test::verdict(loaded, "http://dien-dan.test/", "thcs") == Action::warn);
  CHECK(test::verdict(loaded, "http://lo-de88.test/", "thcs") == Action::block);
  CHECK(test::verdict(loaded, "http://khoa.test/", "giao_vien") == Action::block);
  CHECK(test::verdict(loaded, "http://khong-biet.test/", "khach") == Action::block);
  CHECK(loaded.snapshot->config.log.keep_days == 60);
}

TEST_CASE("a tier that was written before a category came goes by the one it names for it",
          "[config][earlier]") {
  const test::Folder folder;
  copy_files(shipped_folder, folder);
  const std::string tier = "tiers.d/30-thcs.yaml";
  folder.write(tier, without_block(folder.read(tier), "  horror:"));
  const LoadResult loaded = load_uncached(folder);
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot);
  std::string told;
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.code != diag::category_not_named) continue;
    CHECK(one.severity == Severity::warning);
    told += one.message.english() + " | " + one.hint.english();
  }
  CHECK_THAT(
      told,
      Equals(
          "this tier says nothing about horror, which is newer than this file: it goes by violence_hate | to "
          "choose for yourself, add a line under categories:  horror: block"));
  CHECK(test::verdict(loaded, "http://horror.schoolgate.test/", "thcs") == Action::block);
  CHECK(test::verdict(loaded, "http://horror.schoolgate.test/", "khach") == Action::block);  // extends it
  CHECK(test::verdict(loaded, "http://horror.schoolgate.test/", "thpt") == Action::allow);
}

TEST_CASE("a catalogue that was changed before a category came: where the upgrade left it",
          "[config][earlier]") {
  const test::Folder folder;
  copy_files(shipped_folder, folder);
  const std::string newer = folder.read("categories.yaml");
  folder.write("categories.yaml", without_block(newer, "  horror:"));
  std::string hint = "the categories stand in categories.yaml";
  SECTION("nothing was left") {}
  SECTION("the package's own file lies beside it") {
    folder.write("categories.yaml.dpkg-dist", newer);
    const auto line =
        1 + std::count(newer.begin(), newer.begin() + static_cast<long>(newer.find("\n  horror:") + 1), '\n');
    hint =
        "an upgrade brought it, and categories.yaml is as you changed it: copy the block of horror from "
        "line " +
        std::to_string(line) + " of categories.yaml.dpkg-dist";
  }
  SECTION("one lies beside it that has it neither") {
    folder.write("categories.yaml.dpkg-dist", without_block(newer, "  horror:"));
  }
  const LoadResult loaded = load_uncached(folder);
  CHECK_FALSE(loaded.snapshot);
  std::size_t seen = 0;
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.code != diag::unknown_category) continue;
    ++seen;
    CHECK_THAT(folder.without_path(one.hint.english()), Equals(hint));
  }
  CHECK(seen > 2);  // in tiers, lists and terms
}

TEST_CASE("unnamed_as: only what settles something", "[config][earlier][catalogue]") {
  struct Row {
    const char *name, *categories, *tier, *tells;
  };
  const Row rows[] = {
      {"as the other", "a: {name: x, reason: x}, b: {name: x, reason: x, unnamed_as: a}", "a: warn",
       "tiers.d/t.yaml:4:13: warning SG1206: this tier says nothing about b, which is newer"},
      {"named: nothing to tell", "a: {name: x, reason: x}, b: {name: x, reason: x, unnamed_as: a}",
       "a: warn, b: allow", ""},
      {"other: speaks for it", "a: {name: x, reason: x}, b: {name: x, reason: x, unnamed_as: a}",
       "other: warn", ""},
      {"neither is named", "a: {name: x, reason: x}, b: {name: x, reason: x, unnamed_as: a}", "{}",
       "tiers.d/t.yaml:4:13: error SG1206: this tier says nothing about: a, b"},
      {"no such category", "a: {name: x, reason: x, unnamed_as: c}", "a: warn",
       "categories.yaml:2:50: error SG1204: unknown category \"c\""},
      {"itself", "a: {name: x, reason: x, unnamed_as: a}", "a: warn", "categories.yaml:2:50: error SG1104"},
      {"one after the other",
       "a: {name: x, reason: x}, b: {name: x, reason: x, unnamed_as: a}, c: {name: x, reason: x, unnamed_as: "
       "b}",
       "a: warn, b: warn",
       "categories.yaml:2:115: error SG1104: unnamed_as names a category that every tier names, not "
       "b\ntiers.d/t.yaml:4:13: error SG1206"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      std::filesystem::remove_all(folder.path("tiers.d"));
      folder.write("schoolgate.yaml",
                   "version: 1\nschool: {name: T}\nlisten: {proxy: [\"127.0.0.1:3128\"]}\nunknown_tier: "
                   "t\ncategories: categories.yaml\n"
                   "tiers_dir: tiers.d\n");
      folder.write("categories.yaml", std::string("version: 1\ncategories: {") + row.categories + "}\n");
      const std::string said = row.tier == std::string("{}") ? "{}" : "{" + std::string(row.tier) + "}";
      folder.write("tiers.d/t.yaml", "version: 1\ntier: t\nname: T\ncategories: " + said +
                                         "\nvoice: pupils\npupils: true\ndefault: allow\n");
      Diagnostics about;
      for (const Diagnostic& one : load_uncached(folder).diagnostics)
        if (one.severity != Severity::note) about.push_back(one);
      CHECK_THAT(folder.without_path(test::told(about, "")), test::Tells(row.tells));
    }
  }
}

}  // namespace
}  // namespace schoolgate
