// What an account may change of a tier's file for good: compared as YAML reads it, never by text.
#include "config/tier_edit.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace schoolgate;
using Catch::Matchers::Contains;

namespace {

constexpr char pupil_file[] = R"(version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
default: allow
may_override: [games]
categories: {gambling: block+locked, games: warn, learning: allow}
allow: [olm.vn]
)";

struct EditedSchool {
  EditedSchool() {
    test::write_small_school(folder);
    folder.write("tiers.d/pupil.yaml", pupil_file);
    folder.write("tiers.d/small.yaml", "version: 1\ntier: small\nname: Small\nextends: pupil\n");
    folder.write("delegation.yaml", R"(version: 1
teachers:
  - {account: lan, tiers: [pupil, small], edit: lines}
  - {account: minh, tiers: [pupil, small, staff], edit: whole}
  - {account: half, tiers: [pupil], edit: lines}
  - {account: below, tiers: [small], edit: lines}
  - {account: none, tiers: [pupil, small]}
)");
    loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
  }
  [[nodiscard]] TierId tier(const char* id) const { return *loaded.snapshot->policy->find_tier(id); }
  // "" = within a teacher's rights.
  [[nodiscard]] std::string beyond(const std::string& after) const {
    const auto why = beyond_lines(pupil_file, after, *loaded.snapshot->policy, tier("pupil"));
    return why ? why->english() : std::string();
  }
  [[nodiscard]] std::string with(const std::string& old, const std::string& now) const {
    std::string text = pupil_file;
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
  }
  test::Folder folder;
  LoadResult loaded;
};

}  // namespace

TEST_CASE("a teacher changes lines, tests and actions of may_override", "[config][tier_edit]") {
  const EditedSchool school;
  const std::string all = pupil_file;
  struct Row {
    const char* name;
    std::string after;
    const char* beyond;  // "" = nothing
  };
  const Row rows[] = {
      {"nothing", all, ""},
      {"comments and order of keys",
       "# why\n" + school.with("version: 1\ntier: pupil\n", "tier: \"pupil\"\nversion: 1\n"), ""},
      {"a line more", school.with("[olm.vn]", "[olm.vn, zalo.me]"), ""},
      {"no lines any more", school.with("allow: [olm.vn]\n", ""), ""},
      {"new keys for lines and tests",
       all + "block: [a.test]\nwarn: [b.test]\ntests:\n  - {url: http://a.test/, expect: block}\n", ""},
      {"an action of may_override", school.with("games: warn", "games: block"), ""},
      {"the default", school.with("default: allow", "default: block"), "the key \"default\""},
      {"what may be overridden", school.with("[games]", "[games, gambling]"), "the key \"may_override\""},
      {"its name", school.with("en: Pupils", "en: Children"), "the key \"name\""},
      {"another tier", school.with("tier: pupil", "tier: staff"), "the key \"tier\""},
      {"a key more", all + "https: names\n", "the key \"https\""},
      {"a timetable", all + "timetable:\n  - {when: T2-T6 07:00-11:30, categories: [games], action: allow}\n",
       "the key \"timetable\""},
      {"a lock", school.with("block+locked", "block"), "may_override of this tier does not name it"},
      {"another category", school.with("learning: allow", "learning: block"),
       "may_override of this tier does not name it"},
      {"every other category", school.with("learning: allow", "learning: allow, other: allow"),
       "may_override of this tier does not name it"},
      {"what is told of it", school.with("games: warn", "games: allow+record"), "only its action may change"},
      {"help", school.with("games: warn", "games: help"), "it is about help"},
      {"a category no longer named", school.with("games: warn, ", ""), "would no longer be named"},
      {"categories that are no map",
       school.with("categories: {gambling: block+locked, games: warn, learning: allow}", "categories: games"),
       "the key \"categories\""},
      {"no YAML: the load refuses it", "allow: [\n", ""},
      {"a mistyped action: the load refuses it", school.with("games: warn", "games: wran"), ""},
      {"a key twice: the load refuses it", all + "default: block\n", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const std::string why = school.beyond(row.after);
      if (*row.beyond == '\0')
        CHECK(why.empty());
      else
        CHECK_THAT(why, Contains(row.beyond));
    }
}

TEST_CASE("who may change which file", "[config][tier_edit]") {
  const EditedSchool school;
  const Policy& policy = *school.loaded.snapshot->policy;
  const auto why = [&](const char* account, const char* tier) {
    const auto said = not_to_edit(policy, account, school.tier(tier));
    return said ? said->english() : std::string();
  };
  CHECK(why("lan", "pupil").empty());
  CHECK(why("minh", "staff").empty());
  CHECK(why("below", "small").empty());
  CHECK_THAT(why("lan", "staff"), Contains("does not let \"lan\" change the file of the tier \"staff\""));
  CHECK_THAT(why("half", "pupil"), Contains("the tier \"small\" extends \"pupil\""));
  CHECK_FALSE(why("none", "pupil").empty());
  CHECK_FALSE(why("eve", "pupil").empty());
  CHECK_FALSE(why("", "pupil").empty());
  CHECK(edit_right(policy, "minh", school.tier("pupil")) == TierEdit::whole);
  CHECK(edit_right(policy, "none", school.tier("pupil")) == TierEdit::nothing);
}

TEST_CASE("the file of a tier, and texts that a field would not bring back", "[config][tier_edit]") {
  const EditedSchool school;
  const auto found = text_of_tier(*school.loaded.snapshot, school.loaded.read, school.tier("small"));
  REQUIRE(found);
  CHECK(found->name == "tiers.d/small.yaml");
  CHECK_THAT(found->text, Contains("extends: pupil"));
  CHECK(version_of(found->text) != version_of(found->text + " "));
  CHECK(unseen_line("a\nb\r\nchữ Việt\n") == 0);
  CHECK(unseen_line("a\nb\tc\n") == 2);
  CHECK(unseen_line("a\xE2\x80\xAE") == 1);
  CHECK(unseen_line("a\xff") == 1);
  CHECK(with_plain_ends("a\r\nb\rc") == "a\nb\nc\n");
  CHECK(with_plain_ends("").empty());
}
