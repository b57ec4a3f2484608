// A folder of folders as UT1 publishes it: what is taken for a list, and that what cannot be looked into is
// told.
#include "config/lists/list_tree.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

// "adult: domains urls; games: expressions", a problem in brackets; or the error.
std::string tree_of(const test::Folder& folder, const std::string& root = "ut1",
                    const std::string& named = {}) {
  const auto tree = read_tree(folder.path(root), [&](const std::string& name) { return name == named; });
  if (!tree) return "error: " + tree.error().message.english();
  std::string out;
  for (const TreeFolder& one : *tree) {
    out += (out.empty() ? "" : "; ") + one.name + ":";
    for (const auto& [path, format] : one.files) {
      CHECK(base_name(path) == to_string(format));
      out += " " + folder.without_path(path);
    }
    if (!one.problem.empty()) out += " (" + one.problem.english() + ")";
  }
  return out;
}

TEST_CASE("folders with lists in them, by name", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("ut1/games/domains", "a.test\n");
  folder.write("ut1/adult/urls", "a.test/x\n");
  folder.write("ut1/adult/domains", "a.test\n");
  folder.write("ut1/adult/expressions", "a\n");
  folder.write("ut1/adult/very_restrictive_expression", "a\n");  // UT1 has such files, too
  folder.write("ut1/usage-only/usage", "black\n");
  folder.write("ut1/emptied/domains", "");
  folder.write("ut1/.git/domains", "a.test\n");
  folder.write("ut1/domains", "a.test\n");  // in no folder of its own
  CHECK(tree_of(folder) ==
        "adult: ut1/adult/domains ut1/adult/urls ut1/adult/expressions; games: ut1/games/domains");
  CHECK(tree_of(folder, "ut1/games").empty());
}

TEST_CASE("folders of folders, and what lies deeper is named and not read", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("bl/hobby/domains", "a.test\n");
  folder.write("bl/hobby/games-online/domains", "b.test\n");
  folder.write("bl/hobby/games-online/urls", "b.test/x\n");
  folder.write("bl/finance/banking/domains", "c.test\n");
  folder.write("bl/finance/banking/old/very/domains", "d.test\n");
  folder.write("bl/finance/banking/older/domains", "e.test\n");
  folder.write("bl/finance/.git/domains", "f.test\n");
  folder.write("bl/urls/expressions", "g\n");  // the name of a list is no folder of the collection
  CHECK(
      tree_of(folder, "bl") ==
      "finance/banking: bl/finance/banking/domains; finance/banking/older: (it lies below two folders, where "
      "no list is read); hobby: bl/hobby/domains; hobby/games-online: bl/hobby/games-online/domains "
      "bl/hobby/games-online/urls");
  SECTION("links are second names here too") {
    std::filesystem::create_directory_symlink("games-online", folder.path("bl/hobby/games"));
    std::filesystem::create_directory_symlink("..", folder.path("bl/hobby/all"));
    CHECK(tree_of(folder, "bl").find("hobby/games:") == std::string::npos);
    CHECK_THAT(tree_of(folder, "bl", "hobby/games"),
               Catch::Contains("hobby/games: bl/hobby/games/domains bl/hobby/games/urls"));
  }
  SECTION("one that may not be looked into") {
    ::chmod(folder.path("bl/finance/banking").c_str(), 0);
    {
      const test::AsAnybody anybody;
      CHECK_THAT(tree_of(folder, "bl"), Catch::Contains("finance/banking: (Permission denied)"));
    }
    ::chmod(folder.path("bl/finance/banking").c_str(), 0755);
    ::chmod(folder.path("bl/finance").c_str(), 0111);  // what is below cannot even be named
    {
      const test::AsAnybody anybody;
      CHECK_THAT(tree_of(folder, "bl"), Catch::Contains("finance: (Permission denied)"));
    }
    ::chmod(folder.path("bl/finance").c_str(), 0755);
  }
}

TEST_CASE("a link is a second name of a list, unless somebody wrote it down", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("ut1/adult/domains", "a.test\n");
  folder.write("elsewhere/urls", "a.test/x\n");
  std::filesystem::create_directory_symlink("adult", folder.path("ut1/porn"));
  std::filesystem::create_directory_symlink("../elsewhere", folder.path("ut1/own"));
  CHECK(tree_of(folder) == "adult: ut1/adult/domains");
  CHECK(tree_of(folder, "ut1", "own") == "adult: ut1/adult/domains; own: ut1/own/urls");
  std::filesystem::remove_all(folder.path("elsewhere"));
  CHECK(tree_of(folder, "ut1", "own") == "adult: ut1/adult/domains; own: (No such file or directory)");
}

TEST_CASE("an archive unpacked with its top folder", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("down/blacklists/adult/domains", "a.test\n");
  folder.write("down/README", "");
  CHECK(tree_of(folder, "down") == "adult: down/blacklists/adult/domains");
  SECTION("beside lists it is a folder like any other") {
    folder.write("down/games/domains", "a.test\n");
    CHECK(tree_of(folder, "down") ==
          "blacklists/adult: down/blacklists/adult/domains; games: down/games/domains");
  }
  SECTION("not twice") {
    std::filesystem::remove_all(folder.path("down/blacklists/adult"));
    folder.write("down/blacklists/blacklists/adult/domains", "a.test\n");
    CHECK(tree_of(folder, "down") == "blacklists/adult: down/blacklists/blacklists/adult/domains");
  }
  SECTION("of another publisher, with nothing but folders of folders in it") {
    folder.write("other/BL/hobby/games-online/domains", "a.test\n");
    CHECK(tree_of(folder, "other") == "hobby/games-online: other/BL/hobby/games-online/domains");
  }
}

TEST_CASE("what is there and no list is named, so that its reader says why", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("ut1/a/domains", "a.test\n");
  SECTION("a pipe") {
    REQUIRE(::mkfifo(folder.path("ut1/a/urls").c_str(), 0644) == 0);
  }
  SECTION("a folder") {
    std::filesystem::create_directory(folder.path("ut1/a/urls"));
  }
  SECTION("a link in a circle") {
    std::filesystem::create_symlink("urls", folder.path("ut1/a/urls"));
  }
  CHECK(tree_of(folder) == "a: ut1/a/domains ut1/a/urls");
}

TEST_CASE("what may not be looked into is a problem, not an empty folder", "[config][list_tree]") {
  const test::Folder folder;
  folder.write("ut1/a/domains", "a.test\n");
  folder.write("ut1/b/domains", "b.test\n");
  folder.write("file", "");
  CHECK(tree_of(folder, "nowhere") == "error: No such file or directory");
  CHECK(tree_of(folder, "file") == "error: Not a directory");
  ::chmod(folder.path("ut1/a").c_str(), 0);
  {
    const test::AsAnybody anybody;
    CHECK(tree_of(folder) == "a: (Permission denied); b: ut1/b/domains");
  }
  ::chmod(folder.path("ut1").c_str(), 0);
  const test::AsAnybody anybody;
  CHECK(tree_of(folder) == "error: Permission denied");
}

TEST_CASE("what a list of a collection is called, and why there is none", "[config][list_tree]") {
  CHECK(tree_list_name("ut1", "adult", "/u/adult/domains", ListFormat::domains) == "ut1/adult");
  CHECK(tree_list_name("ut1", "adult", "/u/adult/urls", ListFormat::urls) == "ut1/adult/urls");
  CHECK(tree_list_name("ut1", "adult", "/u/adult/expressions", ListFormat::expressions) ==
        "ut1/adult/expressions");

  CHECK(tree_folder_of("adult") == "adult");
  CHECK(tree_folder_of("adult/urls") == "adult");
  CHECK(tree_folder_of("hobby/games-online") == "hobby/games-online");
  CHECK(tree_folder_of("hobby/games-online/expressions") == "hobby/games-online");

  const test::Folder folder;
  folder.write("empty", "");
  folder.write("full", "a.test\n");
  CHECK(why_no_list(folder.path("gone")) == "no such file");
  CHECK(why_no_list(folder.path("")) == "not a regular file");
  CHECK(why_no_list(folder.path("empty")) == "it is empty");
  CHECK(why_no_list(folder.path("full")) == "no list names it");
  CHECK(why_no_list(folder.path("full/below")) == "Not a directory");
}

}  // namespace
}  // namespace schoolgate
