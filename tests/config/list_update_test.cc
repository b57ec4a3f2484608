// New files of lists are tried with the configuration in force: the good rule, the bad keep no good one out.
#include "config/list_update.h"

#include <catch2/catch.hpp>

#include "config/text/diag_codes.h"
#include "config/text/suggest.h"
#include "tests/config/support.h"
#include "tests/support/made_names.h"

namespace schoolgate {
namespace {

using Catch::Contains;

std::string hosts(const std::string& name, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += name + std::to_string(i) + ".test\n";
  return text;
}

// The small school with two lists that are fetched and one of a protecting category, all there.
struct School {
  School() {
    test::write_small_school(folder);
    folder.write("lists.d/web.yaml", R"(version: 1
lists:
  - {name: web-bets, category: gambling, format: adblock, update: {from: "https://a.example/bets"}}
  - {name: web-fun, category: games, format: domains, update: {from: "https://a.example/fun", every_days: 7}}
  - {name: web-learn, category: learning, format: domains, update: {from: "https://a.example/learn"}}
)");
    folder.write("state/lists/web-bets.list", hosts("bet", 100));
    folder.write("state/lists/web-fun.list", hosts("fun", 100));
    folder.write("state/lists/web-learn.list", hosts("learn", 100));
    REQUIRE(folder.load().snapshot != nullptr);  // which leaves the measure
  }

  // Tries what is given by the names of the lists; what may rule, and of the others why not.
  std::string tried(const std::map<std::string, std::string>& fresh,
                    const std::vector<std::string>& must_work = {}, bool accepted = false,
                    std::optional<ConfigTexts> last_good = {}, const std::vector<VisitedHost>& visited = {}) {
    Diagnostics diagnostics;
    SourceTexts texts;
    auto opened = ListUpdates::open(folder.path("schoolgate.yaml"), std::move(last_good), diagnostics, texts);
    if (!opened) return "not opened: " + opened.error().message.english();
    in_force = opened->files_are_in_force();
    std::vector<TriedList> lists;
    for (const auto& [name, text] : fresh) {
      folder.write("state/lists/" + name + ".list.incoming", text);
      REQUIRE(opened->find(name) != nullptr);
      lists.push_back({opened->find(name), folder.path("state/lists/" + name + ".list.incoming"), accepted});
    }
    opened->judge(lists, must_work, visited, [this] {
      ++asked_for_hosts;
      return hosts_of_last_week;
    });
    std::string out;
    for (const TriedList& list : lists) {
      out += list.entry->name + ": ";
      if (list.may_rule()) out += "rules";
      if (list.change.no_list) out += "no list";
      out += join_messages(list.waits).english();
      for (const ClosedVisit& one : list.closes)
        out +=
            " closes " + one.visited.host + " of " + std::to_string(one.visited.clients) + " in " + one.tier;
      for (const Diagnostic& error : list.errors) out += "SG" + std::to_string(error.code);
      out += "\n";
    }
    return out;
  }

  test::Folder folder;
  bool in_force = false;
  std::vector<std::string> hosts_of_last_week;
  int asked_for_hosts = 0;
};

std::string lines(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += name + "\n";
  return out;
}

// zebra<first>giraffe.zoo and so on.
std::vector<std::string> zebras(int first, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("zebra" + std::to_string(first + i) + "giraffe.zoo");
  return out;
}

// ... in which the names of web-bets and of web-fun are learned, against those of web-learn.
struct LearningSchool : School {
  LearningSchool() {
    folder.write("categories.yaml", R"(version: 1
categories:
  gambling: {name: Gambling, reason: No., names: lookalikes}
  games: {name: Games, reason: Later., names: lookalikes}
  learning: {name: Learning, reason: Open., kind: protecting, names: benign}
)");
    folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + "lookalikes: record\n");
    folder.write("state/lists/web-bets.list", bets);
    folder.write("state/lists/web-learn.list", lines(testing::MadeNames(2).ordinary(6'000)));
    LoadOptions options;
    options.accept_shrunk = true;
    const LoadResult first = folder.load(options);
    INFO(folder.text_of(first));
    REQUIRE(first.snapshot != nullptr);
    REQUIRE(first.snapshot->lists->lookalikes().all().size() == 1);
    hosts_of_last_week = zebras(5'000, 60);
  }
  const std::string bets = lines(testing::MadeNames(1).betting(2'500));
};

TEST_CASE("a good list rules; what waits or is none keeps no good one out", "[config][list_update]") {
  School school;
  CHECK(school.tried({{"web-bets", hosts("bet", 120)}}) == "web-bets: rules\n");
  CHECK(school.in_force);
  CHECK(school.tried({{"web-bets", hosts("bet", 10)}, {"web-fun", hosts("fun", 101)}, {"web-learn", "\n"}}) ==
        "web-bets: it has shrunk from 100 entries to 10\nweb-fun: rules\nweb-learn: no list\n");
  CHECK(school.tried({{"web-learn", hosts("learn", 111)}}) ==
        "web-learn: it opens 11 entries (learn100.test, learn101.test, learn102.test, ...)\n");
  CHECK(school.tried({{"web-bets", hosts("bet", 100) + "@@||bet1.test^\n"}}) ==
        "web-bets: it opens 1 entry (@@bet1.test) of a locked category\n");
  // What rules is as it was, and nothing that was tried is the measure of the next load.
  CHECK(school.folder.read("state/lists/web-bets.list") == hosts("bet", 100));
  CHECK(school.folder.text_of(school.folder.load()) == "");
}

TEST_CASE("of what people visit it is said which list closes it, also where that waits",
          "[config][list_update]") {
  School school;
  const std::vector<VisitedHost> visited{
      {"olm.vn", 31}, {"www.shop.vn", 9}, {"bet1.test", 7}, {"other.vn", 5}};
  CHECK(school.tried({{"web-bets", hosts("bet", 100) + "shop.vn\n"}}, {}, false, {}, visited) ==
        "web-bets: rules closes www.shop.vn of 9 in pupil\n");
  CHECK(school.tried({{"web-bets", "olm.vn\n" + hosts("bet", 10)}, {"web-fun", hosts("fun", 101)}}, {}, false,
                     {}, visited) ==
        "web-bets: it has shrunk from 100 entries to 11 closes olm.vn of 31 in pupil\nweb-fun: rules\n");
  CHECK(school.tried({{"web-bets", hosts("bet", 101)}}, {}, false, {}, visited) == "web-bets: rules\n");
}

TEST_CASE("a person may accept what waits, but no file that is none", "[config][list_update]") {
  School school;
  CHECK(school.tried({{"web-bets", hosts("bet", 10)}}, {}, true) == "web-bets: rules\n");
  CHECK(school.tried({{"web-bets", std::string("a\0b", 3)}}, {}, true) == "web-bets: no list\n");
  CHECK(school.tried({{"web-fun", hosts("fun", 100) + "olm.vn\n"}}, {"olm.vn"}, true) == "web-fun: rules\n");
}

TEST_CASE("a list that closes what must work waits; the others rule", "[config][list_update]") {
  School school;
  const std::map<std::string, std::string> both{{"web-bets", hosts("bet", 101)},
                                                {"web-fun", hosts("fun", 100) + "vnedu.vn\n"}};
  // games are warned of in this school: that is no closing
  CHECK(school.tried(both, {"www.vnedu.vn"}) == "web-bets: rules\nweb-fun: rules\n");
  const std::map<std::string, std::string> bets{{"web-bets", hosts("bet", 100) + "vnedu.vn\n"},
                                                {"web-fun", hosts("fun", 101)}};
  CHECK(school.tried(bets, {"moet.gov.vn", "www.vnedu.vn"}) ==
        "web-bets: it closes www.vnedu.vn, which must work, in tier pupil\nweb-fun: rules\n");
  CHECK(school.tried(bets, {"bet1.test"}) == "web-bets: rules\nweb-fun: rules\n");  // closed before, too
  // A pattern names no host.
  CHECK(school.tried({{"web-bets", hosts("bet", 100) + "/vnedu/\n"}}, {"www.vnedu.vn"}) ==
        "web-bets: it closes www.vnedu.vn, which must work, in tier pupil\n");
}

TEST_CASE("a host that a list no longer opens is closed by nobody's name: all of them wait",
          "[config][list_update]") {
  School school;
  school.folder.write("lists/fun.txt", "games.test\nlearn7.test\n");
  school.folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
categories: {gambling: block+locked, games: block, learning: allow}
)");
  REQUIRE(school.folder.load().snapshot != nullptr);
  std::string without = hosts("learn", 100);
  without.erase(without.find("learn7.test\n"), 12);
  CHECK_THAT(school.tried({{"web-learn", without}}, {"learn7.test"}), Contains("it closes learn7.test"));
}

TEST_CASE("a list whose names would have much of last week judged otherwise waits",
          "[config][list_update][lookalike]") {
  LearningSchool school;
  const std::string more = school.bets + lines(zebras(0, 2'000));
  const std::map<std::string, std::string> both{{"web-bets", more}, {"web-fun", hosts("fun", 101)}};
  SECTION("alone") {
    const std::string said = school.tried(both);
    CHECK_THAT(said, Contains("web-bets: by what its names teach, "));
    CHECK_THAT(said, Contains(" of last week's hosts look otherwise than before (zebra5"));
    CHECK_THAT(said, Contains("web-fun: rules\n"));
    CHECK(school.asked_for_hosts == 1);
  }
  SECTION("not where few are asked for, nor where a person has looked") {
    school.hosts_of_last_week.resize(20);
    CHECK(school.tried(both) == "web-bets: rules\nweb-fun: rules\n");
    school.hosts_of_last_week = zebras(5'000, 60);
    CHECK(school.tried(both, {}, true) == "web-bets: rules\nweb-fun: rules\n");
  }
  SECTION("where nothing is learned anew nobody asks for hosts") {
    CHECK(school.tried({{"web-bets", school.bets}}) == "web-bets: rules\n");
    CHECK(school.asked_for_hosts == 0);
  }
}

TEST_CASE("a list that fails a tier's own test is refused with its error", "[config][list_update]") {
  School school;
  school.folder.write("tiers.d/pupil.yaml", school.folder.read("tiers.d/pupil.yaml") +
                                                "tests:\n  - {url: \"http://vnedu.vn/\", expect: allow}\n");
  const LoadResult loaded = school.folder.load();
  INFO(school.folder.text_of(loaded));
  REQUIRE(loaded.snapshot != nullptr);
  CHECK(school.tried({{"web-bets", hosts("bet", 100) + "vnedu.vn\n"}, {"web-fun", hosts("fun", 101)}}) ==
        "web-bets: SG1304\nweb-fun: rules\n");
}

TEST_CASE("files that somebody is editing: lists are tried with what was accepted last",
          "[config][list_update]") {
  School school;
  const ConfigTexts accepted = school.folder.load().read;
  CHECK(school.tried({{"web-fun", hosts("fun", 101)}}, {}, false, accepted) == "web-fun: rules\n");
  CHECK(school.in_force);
  school.folder.write("tiers.d/pupil.yaml", school.folder.read("tiers.d/pupil.yaml") + "# a note\n");
  CHECK(school.tried({{"web-fun", hosts("fun", 101)}}, {}, false, accepted) == "web-fun: rules\n");
  CHECK_FALSE(school.in_force);
  school.folder.write("tiers.d/pupil.yaml", "tier: [");
  CHECK(school.tried({{"web-fun", hosts("fun", 101)}}, {}, false, accepted) == "web-fun: rules\n");
  CHECK_FALSE(school.in_force);
  CHECK(school.tried({}) == "not opened: the configuration has errors");
}

TEST_CASE("a list that never was, and one that is broken, can be brought", "[config][list_update]") {
  School school;
  std::filesystem::remove(
      school.folder.path("state/lists/web-fun.list"));  // it ruled once: a load is refused
  CHECK(school.folder.load().snapshot == nullptr);
  CHECK(school.tried({{"web-fun", hosts("fun", 100)}}) == "web-fun: rules\n");
  std::filesystem::remove_all(school.folder.path("state"));  // nothing is known of any
  CHECK(school.tried({{"web-bets", hosts("bet", 5)}, {"web-fun", hosts("fun", 3)}}) ==
        "web-bets: rules\nweb-fun: rules\n");
}

}  // namespace
}  // namespace schoolgate
