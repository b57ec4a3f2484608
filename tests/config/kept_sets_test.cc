// Accepted configurations: kept whole, found again, never believed when altered; a load of them keeps today's
// locks.
#include "config/kept_sets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "rules/policy/floor.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::verdict;

namespace fs = std::filesystem;

// A small school with a state folder of its own, and what was accepted of it.
struct School {
  School() {
    test::write_small_school(folder);
    folder.write("locked.yaml", "version: 1\ncategories: [gambling]\nblock: [then.test]\n");
    folder.write("floor.txt", "# no entries\n");
  }
  std::string keep() const {
    const LoadResult loaded = folder.load();
    REQUIRE(loaded.snapshot != nullptr);
    const auto set = sets.keep(loaded.read);
    REQUIRE(set);
    return set->digest;
  }
  [[nodiscard]] LoadResult load_kept(std::size_t skip = 0) const {
    const auto found = sets.find(skip);
    REQUIRE(found.set.has_value());
    LoadOptions options;
    options.kept = &found.set->texts;
    options.last_good_lists = true;
    return folder.load(options);
  }
  [[nodiscard]] std::vector<std::string> kept(const std::string& prefix) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path("kept/last-good")))
      if (entry.path().filename().string().starts_with(prefix)) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  test::Folder folder;
  KeptSets sets{folder.path("kept/last-good"), folder.path("schoolgate.yaml")};
};

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("where accepted configurations are kept", "[config][kept]") {
  CHECK(kept_sets_folder("/etc/schoolgate/schoolgate.yaml", "") == "/var/lib/schoolgate/last-good");
  CHECK(kept_sets_folder("/etc/schoolgate/../schoolgate/schoolgate.yaml", "") ==
        "/var/lib/schoolgate/last-good");
  CHECK(kept_sets_folder("/etc/schoolgate/draft.yaml", "").empty());
  CHECK(kept_sets_folder("schoolgate.yaml", "").empty());
  CHECK(kept_sets_folder("draft/schoolgate.yaml", "/srv/state") == "/srv/state/last-good");
}

TEST_CASE("an accepted configuration is kept and found again", "[config][kept]") {
  const School school;
  const std::string set = school.keep();
  CHECK(mode_of(school.folder.path("kept/last-good")) == 0700);
  for (const std::string& file : school.kept("")) CHECK(mode_of(file) == 0600);
  const auto found = school.sets.find();
  REQUIRE(found.set.has_value());
  CHECK(found.problems.empty());
  CHECK(found.set->digest == set);
  CHECK(found.set->texts.files.at("schoolgate.yaml") == school.folder.read("schoolgate.yaml"));
  CHECK(found.set->texts.folders.at("tiers.d") ==
        std::vector<std::string>{"tiers.d/pupil.yaml", "tiers.d/staff.yaml"});
  SECTION("the same once more is one set") {
    CHECK(school.keep() == set);
    CHECK(school.kept("set-").size() == 1);
  }
  SECTION("a former one that is accepted again is the newest") {
    const std::string tier = school.folder.read("tiers.d/pupil.yaml");
    school.folder.write("tiers.d/pupil.yaml", tier + "allow: [a.test]\n");
    CHECK(school.keep() != set);
    school.folder.write("tiers.d/pupil.yaml", tier);
    CHECK(school.keep() == set);
    CHECK(school.sets.find().set->digest == set);
    CHECK(school.kept("set-").size() == 2);
  }
  SECTION("another main file has none") {
    CHECK_FALSE(KeptSets(school.sets.folder(), school.folder.path("other.yaml")).find().set.has_value());
  }
  SECTION("what was cut short leaves the former set, and goes") {
    school.folder.write("kept/last-good/text-" + std::string(64, 'a') + ".new.1", "half");
    school.folder.write("kept/last-good/text-" + std::string(64, 'b'), "a text whose set was never written");
    CHECK(school.sets.find().set->digest == set);
    school.keep();
    CHECK(school.kept("text-").size() == school.sets.find().set->texts.files.size());
  }
}

// One more set with another tier file, accepted then under that policy.
KeptSets::Kept keep_variant(const School& school, int variant, std::int64_t at, const std::string& policy,
                            const KeptSets::Named& named = {}) {
  ConfigTexts texts = school.folder.load().read;
  texts.files["tiers.d/pupil.yaml"] += "allow: [a" + std::to_string(variant) + ".test]\n";
  const auto kept = school.sets.keep(texts, {at, "uid 1001 (lan)", "reload", policy}, named);
  REQUIRE(kept);
  return *kept;
}

TEST_CASE("history says who accepted what, and when", "[config][kept]") {
  const School school;
  keep_variant(school, 1, 1'000'000, "p1");
  CHECK(keep_variant(school, 1, 1'000'900, "p1").number == 1);  // a start with the same is no new one
  CHECK(keep_variant(school, 1, 1'001'000, "p2").number == 2);  // other lists: rows name another policy
  keep_variant(school, 2, 1'002'000, "p3");
  CHECK(keep_variant(school, 1, 1'003'000, "p2").number == 4);  // back to what was: an entry of its own
  const auto history = school.sets.history();
  CHECK(history.problems.empty());
  REQUIRE(history.entries.size() == 4);
  CHECK(history.entries[0].number == 4);
  CHECK(history.entries[1].index.accepted == Acceptance{1'002'000, "uid 1001 (lan)", "reload", "p3"});
  CHECK(history.entries[0].index.files == history.entries[3].index.files);
  CHECK(school.kept("text-").size() == school.sets.find().set->texts.files.size() + 1);  // stored once
  const auto texts = school.sets.texts_of(history.entries[1]);
  REQUIRE(texts);
  CHECK(texts->files.at("tiers.d/pupil.yaml").find("a2.test") != std::string::npos);
  CHECK(school.sets.find(1).set->number == 3);
  CHECK(school.sets.find().set->accepted.policy == "p2");
}

TEST_CASE("sets go after two years, unless rows of the log name them", "[config][kept]") {
  const School school;
  constexpr std::int64_t day = 24 * 60 * 60, now = 2000 * day;
  keep_variant(school, 1, now - 900 * day, "oldest");
  keep_variant(school, 2, now - 800 * day, "old");
  keep_variant(school, 3, now - 700 * day, "young");
  const auto numbers = [&] {
    std::vector<std::uint64_t> out;
    for (const auto& entry : school.sets.history().entries) out.push_back(entry.number);
    return out;
  };
  using Numbers = std::vector<std::uint64_t>;
  SECTION("no row names them") {
    CHECK(keep_variant(school, 4, now, "new").removed == Numbers{1, 2});
    CHECK(numbers() == Numbers{4, 3});
    CHECK(school.kept("text-").size() == school.sets.find().set->texts.files.size() + 1);
  }
  SECTION("rows name one") {
    const auto named = [] { return std::optional(std::set<std::string>{"oldest"}); };
    CHECK(keep_variant(school, 4, now, "new", named).removed == Numbers{2});
    CHECK(numbers() == Numbers{4, 3, 1});
  }
  SECTION("what rows name is not known") {
    const auto unknown = [] { return std::optional<std::set<std::string>>(); };
    CHECK(keep_variant(school, 4, now, "new", unknown).removed.empty());
    CHECK(numbers() == Numbers{4, 3, 2, 1});
  }
  SECTION("a clock that nobody believes makes nothing old") {
    ConfigTexts texts = school.folder.load().read;
    REQUIRE(school.sets.keep(texts, {now, "root", "reload", "new"}, {}, now - 150 * day));
    CHECK(numbers() == Numbers{4, 3, 2});
  }
  SECTION("the newest stays, however old its clock") {
    CHECK(keep_variant(school, 4, now + 5000 * day, "new").removed == Numbers{1, 2, 3});
    CHECK(keep_variant(school, 4, now + 9000 * day, "new").removed.empty());
    CHECK(numbers() == Numbers{4});
  }
}

TEST_CASE("sets go, the oldest first, where they take too much room", "[config][kept]") {
  const School school;
  const std::string much(100ull * 1024 * 1024, '#');
  const auto keep = [&](char first) {
    ConfigTexts texts = school.folder.load().read;
    texts.files["floor.txt"] = std::string(1, first) + much;
    const auto kept = school.sets.keep(texts, {1'000'000, "root", "reload", std::string(1, first)});
    REQUIRE(kept);
    return kept->removed;
  };
  CHECK(keep('a').empty());
  CHECK(keep('b').empty());
  CHECK(keep('c') == std::vector<std::uint64_t>{1});
}

TEST_CASE("an altered set is not used, the one before it is", "[config][kept]") {
  const School school;
  const std::string first = school.keep();
  const auto before = school.kept("text-");
  school.folder.write("tiers.d/pupil.yaml", school.folder.read("tiers.d/pupil.yaml") + "allow: [a.test]\n");
  const std::string second = school.keep();
  std::string fresh;  // the text that only the second set holds
  for (const std::string& file : school.kept("text-"))
    if (std::find(before.begin(), before.end(), file) == before.end()) fresh = file;
  REQUIRE_FALSE(fresh.empty());
  const std::string set = school.kept("set-").back();
  const auto spoil = [](const std::string& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  };
  const char* const ways[] = {"a text cut short",       "a text altered",  "a text gone",
                              "the set cut short",      "the set altered", "a text is a link",
                              "a text others may write"};
  for (std::size_t way = 0; way < std::size(ways); ++way) {
    DYNAMIC_SECTION(ways[way]) {
      std::ifstream in(fresh, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      switch (way) {
        case 0:
          spoil(fresh, text.substr(0, text.size() / 2));
          break;
        case 1:
          spoil(fresh, text + "default: allow\n");
          break;
        case 2:
          fs::remove(fresh);
          break;
        case 3:
          spoil(set, "schoolgate kept set 1");
          break;
        case 4:
          spoil(set, "nothing");
          break;
        case 5:
          fs::rename(fresh, school.folder.path("elsewhere"));
          fs::create_symlink(school.folder.path("elsewhere"), fresh);
          break;
        default:
          ::chmod(fresh.c_str(), 0666);
      }
      const auto found = school.sets.find();
      REQUIRE(found.set.has_value());
      CHECK(found.set->digest == first);
      REQUIRE(found.problems.size() == 1);
      CHECK(found.problems[0].english().find("is not used") != std::string::npos);
      CHECK(school.keep() == second);  // and mended by the next accepted load
      CHECK(school.sets.find().set->digest == second);
    }
  }
}

TEST_CASE("a folder that others can reach keeps nothing", "[config][kept]") {
  const School school;
  school.keep();
  const std::string folder = school.sets.folder();
  SECTION("open to others") {
    ::chmod(folder.c_str(), 0755);
  }
  SECTION("a link") {
    fs::rename(folder, folder + "-real");
    fs::create_directory_symlink(folder + "-real", folder);
  }
  SECTION("in a folder where everybody may replace it") {
    ::chmod(school.folder.path("kept").c_str(), 0777);
  }
  CHECK_FALSE(school.sets.find().set.has_value());
  CHECK(school.sets.find().problems.size() == 1);
  CHECK_FALSE(school.sets.keep(school.folder.load().read));
}

TEST_CASE("the index of a set says what was written, or nothing", "[config][kept]") {
  const std::string digest(64, 'a');
  const KeptSetIndex index{"/etc/a\nb", {{"x y\t", digest}}, {{"d", {"d/1", "d/2"}}, {"e", {}}}};
  CHECK(parse_kept_set(to_text(index)) == index);
  KeptSetIndex told = index;
  told.accepted = {1'700'000'000, "uid 0 (root)", "rollback 12", digest};
  CHECK(parse_kept_set(to_text(told)) == told);
  const std::string text = to_text(index);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto part = parse_kept_set(std::string_view(text).substr(0, length));
    if (part) CHECK(to_text(*part) == text.substr(0, length));
  }
}

TEST_CASE("kept texts are loaded from where the files lay", "[config][kept]") {
  const School school;
  school.keep();
  const std::string broken = "version: 1\n\tnothing: [\n";
  for (const char* file :
       {"schoolgate.yaml", "categories.yaml", "tiers.d/pupil.yaml", "locked.yaml", "floor.txt"})
    for (const bool gone : {false, true}) {
      DYNAMIC_SECTION(file << (gone ? " gone" : " broken")) {
        if (gone)
          fs::remove(school.folder.path(file));
        else
          school.folder.write(file, broken);
        const LoadResult loaded = school.load_kept();
        INFO(school.folder.text_of(loaded));
        CHECK(verdict(loaded, "http://bet.test/") ==
              Action::block);  // lists/bets.txt, found beside the main file
        CHECK(verdict(loaded, "http://then.test/") == Action::block);
        CHECK(verdict(loaded, "http://other.test/") == Action::allow);
        CHECK(loaded.snapshot->config.control_socket == school.folder.path("control.sock"));
      }
    }
  SECTION("lists gone: the compiled ones") {
    fs::remove_all(school.folder.path("lists"));
    CHECK(verdict(school.load_kept(), "http://bet.test/") == Action::block);
  }
  SECTION("lists gone and no compiled ones") {
    fs::remove_all(school.folder.path("lists"));
    fs::remove(school.folder.path("state/lists.sgdb"));
    CHECK(school.load_kept().snapshot == nullptr);
  }
}

TEST_CASE("a way back loosens no lock that was added since", "[config][kept]") {
  const School school;
  school.folder.write("tiers.d/pupil.yaml",
                      school.folder.read("tiers.d/pupil.yaml") + "allow: [free.test]\n");
  school.keep();
  SECTION("a locked line and a locked category, the main file broken") {
    school.folder.write("locked.yaml",
                        "version: 1\ncategories: [gambling, games]\nblock: [now.test, free.test]\n");
    school.folder.write("schoolgate.yaml", "version: [\n");
    const LoadResult loaded = school.load_kept();
    INFO(school.folder.text_of(loaded));
    CHECK(verdict(loaded, "http://now.test/") == Action::block);
    CHECK(verdict(loaded, "http://then.test/") == Action::block);  // out of today's file, and in the kept one
    CHECK(verdict(loaded, "http://free.test/") == Action::block);  // the kept tier allows it: the lock holds
    CHECK(verdict(loaded, "http://games.test/") == Action::block);
    CHECK(verdict(loaded, "http://games.test/", "staff") == Action::block);
  }
  SECTION("another locked file, another tier broken") {
    school.folder.write("more/locks.yaml", "version: 1\nblock: [now.test]\n");
    school.folder.write("schoolgate.yaml",
                        school.folder.read("schoolgate.yaml") + "locked: more/locks.yaml\n");
    school.folder.write("tiers.d/staff.yaml", "tier: staff\n");
    const LoadResult loaded = school.load_kept();
    CHECK(verdict(loaded, "http://now.test/") == Action::block);
    CHECK(verdict(loaded, "http://then.test/") == Action::block);
  }
  SECTION("a lock in a tier's own file") {
    std::string tier = school.folder.read("tiers.d/pupil.yaml");
    tier.replace(tier.find("games: warn"), 11, "games: block+locked");
    school.folder.write("tiers.d/pupil.yaml", tier);
    school.folder.write("tiers.d/staff.yaml", "tier: [\n");
    const LoadResult loaded = school.load_kept();
    CHECK(verdict(loaded, "http://games.test/") == Action::block);
    CHECK(verdict(loaded, "http://games.test/", "staff") == Action::allow);
  }
  SECTION("the floor") {
    Url url;
    REQUIRE(url.parse("http://sealed.test/").ok());
    school.folder.write("floor.txt", *seal_floor_line(url) + "\nnot a line of a floor\n");
    CHECK(verdict(school.load_kept(), "http://sealed.test/") == Action::block);
  }
  SECTION("a lock that cannot be read any more holds, and an allow line of today opens nothing") {
    school.folder.write("locked.yaml", "version: 1\nallow: [{domain: bet.test, why: x}]\n");
    school.folder.write("schoolgate.yaml", "version: [\n");
    const LoadResult loaded = school.load_kept();
    CHECK(verdict(loaded, "http://bet.test/") == Action::block);
    CHECK(verdict(loaded, "http://then.test/") == Action::block);
  }
}

TEST_CASE("a list that contradicts a kept line is a warning, and the lock holds", "[config][kept]") {
  const School school;
  school.folder.write("tiers.d/pupil.yaml",
                      school.folder.read("tiers.d/pupil.yaml") +
                          "allow: [lesson.test]\ntests: [{url: http://lesson.test/, expect: allow}]\n");
  school.keep();
  school.folder.write("lists/bets.txt", "bet.test\nlesson.test\n");
  CHECK(school.folder.load().snapshot == nullptr);
  const LoadResult loaded = school.load_kept();
  CHECK(verdict(loaded, "http://lesson.test/") == Action::block);
  CHECK_FALSE(has_errors(loaded.diagnostics));
}

}  // namespace
}  // namespace schoolgate
