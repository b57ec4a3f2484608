// Lists: what is refused, the cache, the last good lists, trees and their import.
#include <catch2/catch.hpp>
#include <random>

#include "config/list_import.h"
#include "config/lists/list_cache.h"
#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;
using test::verdict;

std::string names(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "bet" + std::to_string(i) + ".test\n";
  return out;
}

TEST_CASE("a list that cannot be right stops the load", "[config][lists]") {
  struct Row {
    const char* name;
    std::string text;
    int code;
  };
  const Row rows[] = {
      {"empty", "", diag::list_empty},
      {"only comments", "# nothing\n\n", diag::list_empty},
      {"NUL bytes", std::string("bet.test\n\0\0", 11), diag::list_binary},
      {"not UTF-8", "\xff\xfe\n\xff\n\xc0\xc0\n", diag::list_not_text},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("lists/bets.txt", row.text);
      const LoadResult result = folder.load();
      CHECK(result.snapshot == nullptr);
      CHECK(has(result, row.code));
      CHECK(folder.text_of(result).find("lists/bets.txt") != std::string::npos);
    }
  }
  SECTION("missing") {
    const test::Folder folder;
    test::write_small_school(folder);
    std::filesystem::remove(folder.path("lists/bets.txt"));
    const LoadResult result = folder.load();
    CHECK(result.snapshot == nullptr);
    CHECK(has(result, diag::list_unreadable));
  }
}

TEST_CASE("thousands of problems are cut short, errors first", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string text = folder.read("tiers.d/pupil.yaml") + "allow:\n";
  for (int i = 0; i < 3000; ++i) text += "  - 'bad site'\n";
  folder.write("tiers.d/pupil.yaml", text);
  const LoadResult result = folder.load();
  CHECK(result.snapshot == nullptr);
  REQUIRE(result.diagnostics.size() == 501);
  CHECK(result.diagnostics.back().message == "2500 more problems are not shown");
}

TEST_CASE("the compiled lists are kept and taken again", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const LoadResult cold = folder.load();
  REQUIRE(cold.snapshot != nullptr);
  const std::string path = folder.path("state/lists.sgdb");
  struct stat before {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  CHECK((before.st_mode & 0777) == 0640);
  const auto same_file = [&] {
    struct stat now {};
    return ::stat(path.c_str(), &now) == 0 && now.st_ino == before.st_ino;
  };

  SECTION("nothing changed") {
    const LoadResult warm = folder.load();
    CHECK(warm.diagnostics.empty());
    CHECK(same_file());
    CHECK(warm.snapshot->digest == cold.snapshot->digest);
    CHECK(warm.snapshot->list_status[0].report.accepted == 2);
    CHECK(verdict(warm, "http://www.lucky.test/") == Action::block);
  }
  SECTION("a list changed") {
    folder.write("lists/bets.txt", "bet.test\nlucky.test\nnew.test\n");
    const LoadResult warm = folder.load();
    CHECK_FALSE(same_file());
    CHECK(warm.snapshot->digest != cold.snapshot->digest);
    CHECK(verdict(warm, "http://new.test/") == Action::block);
  }
  SECTION("the category of a list changed") {
    std::string text = folder.read("schoolgate.yaml");
    text.replace(text.find("category: gambling"), 18, "category: games");
    folder.write("schoolgate.yaml", text);
    CHECK(verdict(folder.load(), "http://lucky.test/") == Action::warn);
  }
  SECTION("any flipped byte is found, and the lists are compiled anew") {
    const std::string good = folder.read("state/lists.sgdb");
    std::mt19937 random(1);
    for (int i = 0; i < 40; ++i) {
      std::string bad = good;
      bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
      folder.write("state/lists.sgdb", bad);
      ::chmod(path.c_str(), 0640);
      const LoadResult again = folder.load();
      REQUIRE(verdict(again, "http://lucky.test/") == Action::block);
      REQUIRE(has(again, diag::cache_damaged, Severity::warning));
      REQUIRE(folder.read("state/lists.sgdb") == good);
    }
  }
  SECTION("cut short, or empty") {
    for (const std::size_t length : {std::size_t{0}, std::size_t{10}, std::size_t{90}, std::size_t{500}}) {
      folder.write("state/lists.sgdb", folder.read("state/lists.sgdb").substr(0, length));
      const LoadResult again = folder.load();
      CHECK(verdict(again, "http://lucky.test/") == Action::block);
      CHECK(has(again, diag::cache_damaged, Severity::warning));
    }
  }
  SECTION("a file that others may write is not believed") {
    ::chmod(path.c_str(), 0660);
    const LoadResult again = folder.load();
    CHECK(has(again, diag::cache_damaged, Severity::warning));
    CHECK_FALSE(same_file());
  }
  SECTION("a link is not followed") {
    std::filesystem::rename(path, folder.path("state/other.sgdb"));
    std::filesystem::create_symlink(folder.path("state/other.sgdb"), path);
    const LoadResult again = folder.load();
    CHECK(has(again, diag::cache_damaged, Severity::warning));
    CHECK_FALSE(std::filesystem::is_symlink(path));
  }
  SECTION("without the cache nothing is written") {
    std::filesystem::remove_all(folder.path("state"));
    LoadOptions options;
    options.use_cache = false;
    CHECK(verdict(folder.load(options), "http://lucky.test/") == Action::block);
    CHECK_FALSE(std::filesystem::exists(folder.path("state")));
  }
}

TEST_CASE("a state directory that cannot be written is no reason not to start", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("state", "a file in the way");
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://lucky.test/") == Action::block);
  CHECK(has(result, diag::cache_not_written, Severity::note));
}

TEST_CASE("a list that shrank is refused, unless that is wanted", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", names(100));
  REQUIRE(folder.load().snapshot != nullptr);
  folder.write("lists/bets.txt", names(70));
  CHECK(folder.load().snapshot != nullptr);
  folder.write("lists/bets.txt", names(48));
  const LoadResult shrunk = folder.load();
  CHECK(shrunk.snapshot == nullptr);
  CHECK(folder.text_of(shrunk) ==
        "schoolgate.yaml:8:61: error SG1407: list bets has shrunk from 70 entries to 48\n"
        "      - {name: bets, category: gambling, format: domains, path: lists/bets.txt}\n"
        "                                                                ^~~~~~~~~~~~~~\n"
        "    hint: a broken download? if it is right, run: schoolgate lists compile --accept-shrunk\n");
  LoadOptions options;
  options.accept_shrunk = true;
  CHECK(folder.load(options).snapshot != nullptr);
  CHECK(folder.load().snapshot != nullptr);  // 48 is the new measure
}

TEST_CASE("a start takes the last good lists when an update broke them", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  REQUIRE(folder.load().snapshot != nullptr);
  LoadOptions start;
  start.last_good_lists = true;
  SECTION("an empty file") {
    folder.write("lists/bets.txt", "");
  }
  SECTION("a missing file") {
    std::filesystem::remove(folder.path("lists/bets.txt"));
  }
  CHECK(folder.load().snapshot == nullptr);  // a reload keeps what runs
  const LoadResult result = folder.load(start);
  CHECK(verdict(result, "http://lucky.test/") == Action::block);
  CHECK(has(result, diag::last_good_lists_used, Severity::warning));
  CHECK_FALSE(has_errors(result.diagnostics));
}

TEST_CASE("a start without any good lists stays closed", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("lists/bets.txt", "");
  LoadOptions start;
  start.last_good_lists = true;
  CHECK(folder.load(start).snapshot == nullptr);
}

TEST_CASE("a list's own action replaces its category's, never stricter", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write(
      "lists.d/own.yaml",
      "version: 1\nlists:\n"
      "  - {name: weak, category: games, format: patterns, path: lists/weak.txt, action: allow+record}\n"
      "  - {name: hard, category: games, format: domains, path: lists/hard.txt, action: block}\n");
  folder.write("lists/weak.txt", "host: ^play[0-9]+\\.\n");
  folder.write("lists/hard.txt", "hard.test\n");
  for (int round = 0; round < 2; ++round) {  // compiled, then from the cache
    const LoadResult result = folder.load();
    CHECK(folder.text_of(result) == "");
    CHECK(verdict(result, "http://games.test/") == Action::warn);
    CHECK(verdict(result, "http://play88.example/") == Action::allow);
    CHECK(verdict(result, "http://hard.test/") == Action::warn);
  }
}

void write_tree(const test::Folder& folder) {
  folder.write("ut1/gambling/domains", "casino.test\n");
  folder.write("ut1/gambling/urls", "news.test/betting\n");
  folder.write("ut1/arjel/domains", "arjel.test\n");
  folder.write("ut1/games/expressions", "play[0-9]+\\.test\n");
  folder.write("ut1/mixed/domains", "mixed.test\n");
  folder.write("ut1/strange/domains", "strange.test\n");
  folder.write("ut1/empty/usage", "black\n");
  std::filesystem::create_directory_symlink("gambling", folder.path("ut1/bets"));
}

TEST_CASE("a tree of lists", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_tree(folder);
  folder.write("lists.d/ut1.yaml", "version: 1\nlists:\n  - {name: ut1, format: squidguard, path: ut1}\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) ==
        "lists.d/ut1.yaml:3:43: warning SG1405: list ut1: no category for: strange\n"
        "      - {name: ut1, format: squidguard, path: ut1}\n"
        "                                              ^~~\n"
        "    hint: add under map: \"strange: skip\", or a category\n");
  CHECK(verdict(result, "http://casino.test/") == Action::block);
  CHECK(verdict(result, "http://arjel.test/") == Action::block);
  CHECK(verdict(result, "http://news.test/betting/today") == Action::block);
  CHECK(verdict(result, "http://news.test/weather") == Action::allow);
  CHECK(verdict(result, "http://play7.test/") == Action::warn);
  CHECK(verdict(result, "http://mixed.test/") == Action::allow);
  std::vector<std::string> lists;
  for (const ListStatus& status : result.snapshot->list_status) lists.push_back(status.source.name);
  CHECK(lists == std::vector<std::string>{"bets", "fun", "ut1/arjel", "ut1/gambling", "ut1/gambling/urls",
                                          "ut1/games/expressions"});
}

TEST_CASE("an import reports, then writes a file that loads", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  write_tree(folder);
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), "ut1");
  REQUIRE(plan);
  CHECK(plan->diagnostics.empty());
  std::string report;
  for (const ImportFolder& one : plan->folders)
    report += one.name + " " + one.category.value_or(one.skipped ? "(skipped)" : "(unknown)") + " " +
              std::to_string(one.entries()) + "\n";
  CHECK(report ==
        "arjel gambling 1\ngambling gambling 2\ngames games 1\nmixed (skipped) 1\nstrange (unknown) 1\n");
  const auto written = write_import(folder.path("schoolgate.yaml"), *plan);
  REQUIRE(written);
  CHECK(*written == folder.path("lists.d/ut1.yaml"));
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) == "");
  CHECK(verdict(result, "http://casino.test/") == Action::block);
  CHECK(verdict(result, "http://strange.test/") == Action::allow);

  CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("lists"), "ut1"));
  CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("nowhere"), "ut1"));
  CHECK_FALSE(plan_import(folder.path("nowhere.yaml"), folder.path("ut1"), "ut1"));
  for (const char* name : {"", "My Lists", "../ut1", "a: b"})
    CHECK_FALSE(plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), name));
}

TEST_CASE("an import says which entries name a public suffix, as loading it will",
          "[config][lists][suffix]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("ut1/gambling/domains", "casino.test\ncom.vn\ngithub.io\n");
  folder.write("ut1/gambling/urls", "net/\ncasino.test/x\n");
  folder.write("ut1/mixed/domains", "org\nmixed.test\n");  // not wanted: not a word of it
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("ut1"), "ut1");
  REQUIRE(plan);
  LoadResult told;
  told.diagnostics = plan->diagnostics;
  const std::string text = folder.text_of(told);
  CHECK(text ==
        "lists.d/ut1.yaml: warning SG1412: list ut1/gambling (ut1/gambling/domains:2): \"com.vn\" would "
        "block every site whose name ends in .com.vn; it is left out\n"
        "    hint: if it is meant: suffixes: true in the entry of the list\n"
        "lists.d/ut1.yaml: warning SG1412: list ut1/gambling/urls (ut1/gambling/urls:1): \"net\" would "
        "block every site whose name ends in .net; it is left out\n"
        "    hint: if it is meant: suffixes: true in the entry of the list\n"
        "lists.d/ut1.yaml: note SG1413: list ut1/gambling: under github.io everybody has a site of their "
        "own, and the list holds them all\n");
  CHECK(plan->folders.at(0).entries() == 3);  // what will be compiled
  REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://school.com.vn/") == Action::allow);
  std::uint64_t loaded = 0;
  for (const ListStatus& status : result.snapshot->list_status)
    if (status.source.name.starts_with("ut1/")) loaded += status.report.accepted;
  CHECK(loaded == 3);
}

TEST_CASE("an archive unpacked with its top folder is found", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("down/blacklists/games/domains", "play.test\n");
  const auto plan = plan_import(folder.path("schoolgate.yaml"), folder.path("down"), "ut1");
  REQUIRE(plan);
  REQUIRE(plan->folders.size() == 1);
  CHECK(plan->folders[0].name == "games");
  REQUIRE(write_import(folder.path("schoolgate.yaml"), *plan));
  CHECK(verdict(folder.load(), "http://play.test/") == Action::warn);
}

}  // namespace
}  // namespace schoolgate
