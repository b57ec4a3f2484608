// What the last good load had and a later one lacks: refused, until a person accepts it.
#include <catch2/catch.hpp>
#include <functional>

#include "config/lists/list_cache.h"
#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::has;

std::string names(const std::string& stem, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += stem + std::to_string(i) + ".test\n";
  return out;
}

Action verdict(const Snapshot& snapshot, const std::string& address) {
  Url url;
  REQUIRE(url.parse(address).ok());
  return snapshot.make_judge()
      ->evaluate({url, Stage::request, *snapshot.policy->find_tier("pupil"), LocalTime{}, {}})
      .action;
}

// Lists of the main file, of lists.d and a collection with a map, of which one folder is mapped by the
// catalogue alone.
void write_school(const test::Folder& folder) {
  test::write_small_school(folder);
  folder.write(
      "lists.d/own.yaml",
      "version: 1\nlists:\n  - {name: own, category: gambling, format: domains, path: lists/own.txt}\n");
  folder.write("lists.d/ut1.yaml",
               "version: 1\nlists:\n  - name: ut1\n    format: squidguard\n    path: ut1\n"
               "    map: {bets: gambling, casinos: gambling}\n");
  folder.write("lists/own.txt", names("own", 60));
  folder.write("ut1/bets/domains", names("bets", 60));
  folder.write("ut1/bets/urls", "news.test/bets\nnews.test/odds\n");
  folder.write("ut1/casinos/domains", "casino.test\n");
  folder.write("ut1/arjel/domains", names("arjel", 3));
}

LoadResult load(const test::Folder& folder, bool accept = false, const Snapshot* running = nullptr) {
  LoadOptions options;
  options.accept_shrunk = accept;
  options.running_lists = running;
  return folder.load(options);
}

LoadResult start(const test::Folder& folder) {
  LoadOptions options;
  options.last_good_lists = true;
  return folder.load(options);
}

LoadResult look(const test::Folder& folder) {
  LoadOptions options;
  options.write_cache = false;
  return folder.load(options);
}

struct Loss {
  const char* name;
  std::function<void(const test::Folder&)> happen;
  const char* address;  // blocked before
  std::string says;     // part of the diagnostic
};

const Loss losses[] = {
    {"a list's file is emptied", [](const test::Folder& f) { f.write("lists/own.txt", ""); },
     "http://own1.test/",
     "SG1407: list own (lists/own.txt): no entry in the whole file; the last good load had 60 entries of it"},
    {"a list's file holds comments alone",
     [](const test::Folder& f) { f.write("lists/own.txt", "# soon\n"); }, "http://own1.test/",
     "SG1407: list own (lists/own.txt): no entry"},
    {"a short list's file is emptied", [](const test::Folder& f) { f.write("lists/bets.txt", "\n"); },
     "http://lucky.test/", "SG1407: list bets (lists/bets.txt): no entry"},
    {"a list's file is gone", [](const test::Folder& f) { std::filesystem::remove(f.path("lists/own.txt")); },
     "http://own1.test/",
     "SG1401: list own: cannot read lists/own.txt: no such file; the last good load had 60 entries"},
    {"a pipe is in its place",
     [](const test::Folder& f) {
       std::filesystem::remove(f.path("lists/own.txt"));
       REQUIRE(::mkfifo(f.path("lists/own.txt").c_str(), 0644) == 0);
     },
     "http://own1.test/", "SG1401: list own: cannot read lists/own.txt: not a regular file"},
    {"only exceptions are left",
     [](const test::Folder& f) {
       std::string text = f.read("lists.d/own.yaml");
       text.replace(text.find("format: domains"), 15, "format: adblock");
       f.write("lists.d/own.yaml", text);
       f.write("lists/own.txt", "@@||own1.test^\n");
     },
     "http://own1.test/", "SG1407: list own has shrunk from 60 entries to 0"},
    {"a file of lists.d is gone",
     [](const test::Folder& f) { std::filesystem::remove(f.path("lists.d/own.yaml")); }, "http://own1.test/",
     "SG1407: list own (gambling, lists/own.txt) is named in no file any more; the last good load had 60 "
     "entries"},
    {"the file of a collection is gone",
     [](const test::Folder& f) { std::filesystem::remove(f.path("lists.d/ut1.yaml")); }, "http://bets1.test/",
     "SG1407: list ut1 is named in no file any more; the last good load had 4 lists of it with 66 entries"},
    {"a list is renamed and lies elsewhere",
     [](const test::Folder& f) {
       f.write(
           "lists.d/own.yaml",
           "version: 1\nlists:\n  - {name: new, category: games, format: domains, path: lists/fun.txt}\n");
     },
     "http://own1.test/", "SG1407: list own (gambling"},
    {"a collection's file is emptied", [](const test::Folder& f) { f.write("ut1/bets/domains", ""); },
     "http://bets1.test/",
     "SG1407: list ut1/bets is gone (ut1/bets/domains: it is empty); the last good load had 60 entries"},
    {"a collection's urls are gone",
     [](const test::Folder& f) { std::filesystem::remove(f.path("ut1/bets/urls")); }, "http://news.test/bets",
     "SG1407: list ut1/bets/urls is gone (ut1/bets/urls: no such file); the last good load had 2 entries"},
    {"a folder of the map is gone",
     [](const test::Folder& f) { std::filesystem::remove_all(f.path("ut1/casinos")); }, "http://casino.test/",
     "SG1407: list ut1: the folder casinos: it holds no file domains, urls or expressions with anything in "
     "it; "
     "the last good load had 1 entry of it"},
    {"a folder of the map is empty",
     [](const test::Folder& f) { std::filesystem::remove(f.path("ut1/casinos/domains")); },
     "http://casino.test/", "SG1407: list ut1: the folder casinos"},
    {"a folder that only the catalogue knows is gone",
     [](const test::Folder& f) { std::filesystem::remove_all(f.path("ut1/arjel")); }, "http://arjel1.test/",
     "SG1407: list ut1/arjel is gone (ut1/arjel/domains: no such file); the last good load had 3 entries"},
    {"a folder of lists leads in a circle",
     [](const test::Folder& f) {
       std::filesystem::remove(f.path("ut1/arjel/domains"));
       std::filesystem::create_symlink("domains", f.path("ut1/arjel/domains"));
     },
     "http://arjel1.test/",
     "SG1401: list ut1/arjel: cannot read ut1/arjel/domains: too many symbolic links; the last good load had "
     "3 entries"},
    {"a pipe in a collection",
     [](const test::Folder& f) {
       std::filesystem::remove(f.path("ut1/bets/domains"));
       REQUIRE(::mkfifo(f.path("ut1/bets/domains").c_str(), 0644) == 0);
     },
     "http://bets1.test/",
     "SG1401: list ut1/bets: cannot read ut1/bets/domains: not a regular file; the last good load had 60 "
     "entries"},
    {"a line of the map skips a folder",
     [](const test::Folder& f) {
       std::string text = f.read("lists.d/ut1.yaml");
       text.replace(text.find("bets: gambling"), 14, "bets: skip");
       f.write("lists.d/ut1.yaml", text);
     },
     "http://bets1.test/", "SG1407: list ut1/bets is gone (ut1/bets/domains: no list names it)"},
    {"the collection's disk is not mounted",
     [](const test::Folder& f) {
       std::filesystem::remove_all(f.path("ut1"));
       std::filesystem::create_directory(f.path("ut1"));
     },
     "http://bets1.test/",
     "SG1406: list ut1: no subfolder of ut1 holds a file domains, urls or expressions; the last good load "
     "had 66 entries"},
    {"the collection is gone", [](const test::Folder& f) { std::filesystem::remove_all(f.path("ut1")); },
     "http://bets1.test/",
     "SG1401: list ut1: cannot read the folder ut1: No such file or directory; the last good load had 66 "
     "entries"},
};

TEST_CASE("what is gone is never nothing to block", "[config][lists]") {
  for (const Loss& loss : losses) {
    DYNAMIC_SECTION(loss.name) {
      const test::Folder folder;
      write_school(folder);
      const LoadResult good = load(folder);
      REQUIRE(folder.text_of(good) == "");
      REQUIRE(verdict(*good.snapshot, loss.address) == Action::block);
      const std::string kept = folder.read("state/lists.sgdb");
      loss.happen(folder);

      for (int round = 0; round < 2; ++round) {  // the refused load is not the next one's measure
        const LoadResult refused = load(folder);
        CHECK(refused.snapshot == nullptr);
        CHECK(folder.text_of(refused).find(loss.says) != std::string::npos);
        INFO(folder.text_of(refused));
        CHECK(folder.text_of(look(folder)) == folder.text_of(refused));
        CHECK(folder.read("state/lists.sgdb") == kept);
      }
      const LoadResult started = start(folder);
      REQUIRE(started.snapshot != nullptr);
      CHECK(has(started, diag::last_good_lists_used, Severity::warning));
      CHECK(verdict(*started.snapshot, loss.address) == Action::block);

      const LoadResult accepted = load(folder, true);
      INFO(folder.text_of(accepted));
      REQUIRE(accepted.snapshot != nullptr);
      CHECK(verdict(*accepted.snapshot, loss.address) == Action::allow);
      const LoadResult again = load(folder), restarted = start(folder);
      INFO(folder.text_of(again));
      CHECK(again.snapshot != nullptr);
      CHECK(restarted.snapshot != nullptr);
      CHECK_FALSE(has(restarted, diag::last_good_lists_used, Severity::warning));
    }
  }
}

TEST_CASE("what was accepted as gone is taken again when it is back", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  REQUIRE(load(folder).snapshot != nullptr);
  std::filesystem::rename(folder.path("ut1"), folder.path("away"));
  REQUIRE(load(folder, true).snapshot != nullptr);
  std::filesystem::rename(folder.path("away"), folder.path("ut1"));
  const LoadResult back = load(folder);
  CHECK(folder.text_of(back) == "");
  CHECK(verdict(*back.snapshot, "http://casino.test/") == Action::block);
  std::filesystem::remove_all(folder.path("ut1/casinos"));
  CHECK(load(folder).snapshot == nullptr);
}

TEST_CASE("a list that only moved is not gone", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  REQUIRE(load(folder).snapshot != nullptr);
  SECTION("to another file of lists.d") {
    std::filesystem::rename(folder.path("lists.d/own.yaml"), folder.path("lists.d/90-own.yaml"));
  }
  SECTION("its file to another folder") {
    std::filesystem::create_directory(folder.path("more"));
    std::filesystem::rename(folder.path("lists/own.txt"), folder.path("more/own.txt"));
    std::string text = folder.read("lists.d/own.yaml");
    text.replace(text.find("lists/own.txt"), 13, "more/own.txt");
    folder.write("lists.d/own.yaml", text);
  }
  SECTION("to another name") {
    std::string text = folder.read("lists.d/ut1.yaml");
    text.replace(text.find("ut1"), 3, "toulouse");
    folder.write("lists.d/ut1.yaml", text);
  }
  const LoadResult result = load(folder);
  CHECK(folder.text_of(result) == "");
  CHECK(verdict(*result.snapshot, "http://own1.test/") == Action::block);
}

TEST_CASE("a folder that a map names must hold a list", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  std::filesystem::remove(folder.path("ut1/casinos/domains"));
  for (const bool accept : {false, true}) {  // nothing was there before: there is nothing to accept
    const LoadResult result = load(folder, accept);
    CHECK(result.snapshot == nullptr);
    CHECK(folder.text_of(result).find("SG1401: list ut1: the folder casinos: it holds no file") !=
          std::string::npos);
  }
  folder.write("elsewhere/domains", "linked.test\n");
  std::filesystem::remove(folder.path("ut1/casinos"));
  std::filesystem::create_directory_symlink(folder.path("elsewhere"), folder.path("ut1/casinos"));
  const LoadResult linked = load(folder);  // a link that somebody names is followed
  REQUIRE(linked.snapshot != nullptr);
  CHECK(verdict(*linked.snapshot, "http://linked.test/") == Action::block);
}

TEST_CASE("what runs is the measure where nothing can be kept", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  folder.write("state", "a file in the way");
  const LoadResult running = load(folder);
  REQUIRE(running.snapshot != nullptr);
  std::filesystem::remove(folder.path("lists.d/own.yaml"));
  CHECK(has(load(folder, false, running.snapshot.get()), diag::list_shrunk));
  CHECK(load(folder, true, running.snapshot.get()).snapshot != nullptr);
}

TEST_CASE("a refused load leaves the last good lists as they were", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  REQUIRE(load(folder).snapshot != nullptr);
  const std::string kept = folder.read("state/lists.sgdb");
  folder.write("lists/own.txt", folder.read("lists/own.txt") + "wanted.test\n");
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") +
                                         "tests:\n  - {url: \"http://wanted.test/\", expect: allow}\n");
  CHECK(has(load(folder), diag::policy_test_failed));
  CHECK(folder.read("state/lists.sgdb") == kept);
}

TEST_CASE("an error of an entry is not also a list that is gone", "[config][lists]") {
  const test::Folder folder;
  write_school(folder);
  REQUIRE(load(folder).snapshot != nullptr);
  SECTION("an unknown category") {
    folder.write(
        "lists.d/own.yaml",
        "version: 1\nlists:\n  - {name: own, category: bets, format: domains, path: lists/own.txt}\n");
  }
  SECTION("an unknown key") {
    folder.write(
        "lists.d/own.yaml",
        "version: 1\nlists:\n  - {name: own, kategory: gambling, format: domains, path: lists/own.txt}\n");
  }
  const LoadResult result = load(folder);
  CHECK(result.snapshot == nullptr);
  CHECK_FALSE(has(result, diag::list_shrunk));
}

TEST_CASE("files that may not be read are not empty", "[config][lists]") {
  for (const char* const closed :
       {"ut1", "ut1/bets", "ut1/arjel", "ut1/bets/urls", "lists/own.txt", "lists.d"}) {
    DYNAMIC_SECTION(closed) {
      const test::Folder folder;
      write_school(folder);
      const LoadResult fresh = load(folder);
      REQUIRE(fresh.snapshot != nullptr);
      ::chmod(folder.path("state").c_str(), 0755);
      ::chmod(folder.path("state/lists.sgdb").c_str(), 0644);
      ::chmod(folder.path(closed).c_str(), 0);
      {
        const test::AsAnybody anybody;
        CHECK(load(folder).snapshot == nullptr);
      }
      std::filesystem::remove(folder.path("state/lists.sgdb"));
      const test::AsAnybody anybody;
      CHECK(load(folder).snapshot == nullptr);  // without a last good load neither
      ::chmod(folder.path(closed).c_str(), 0755);
    }
  }
}

}  // namespace
}  // namespace schoolgate
