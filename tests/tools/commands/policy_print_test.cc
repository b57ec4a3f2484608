// What is printed of accepted policies: who, when, what changed; never a line of the floor.
#include "tools/commands/policy_print.h"

#include <catch2/catch.hpp>

#include "config/text/vietnamese.h"
#include "tests/tools/valid_json.h"

namespace schoolgate::tools {
namespace {

KeptSets::Entry accepted(std::uint64_t number, std::int64_t at, const char* who, const char* why,
                         std::map<std::string, std::string> files) {
  KeptSets::Entry entry;
  entry.number = number;
  entry.digest = std::string(64, 'a');
  entry.index.files = std::move(files);
  entry.index.accepted = {at, who, why, "p" + std::to_string(number)};
  return entry;
}

TEST_CASE("history tells who accepted what, and when", "[tools][policy_print]") {
  const std::vector<KeptSets::Entry> entries{
      accepted(12, 1'780'000'300, "uid 0 (root)", "rollback 3", {{"a.yaml", "2"}, {"b.yaml", "1"}}),
      accepted(11, 1'780'000'200, "uid 1001 (lan)", "reload", {{"a.yaml", "1"}, {"b.yaml", "1"}}),
      accepted(10, 1'780'000'100, "schoolgate", "start", {{"a.yaml", "1"}, {"b.yaml", "1"}}),
      accepted(3, 0, "", "", {{"a.yaml", "1"}, {"c.yaml", "1"}})};
  CHECK(history_text(entries, 0, TimeZone(), nullptr) ==
        "12    2026-05-29T03:31  uid 0 (root)        rollback 3    changed: a.yaml\n"
        "11    2026-05-29T03:30  uid 1001 (lan)      reload        the lists alone\n"
        "10    2026-05-29T03:28  schoolgate          start         changed: b.yaml, c.yaml\n"
        "3     1970-01-01T07:00  -                   -             the first one that is kept\n");
  CHECK(history_text(entries, 1, TimeZone(), nullptr).find("11 ") == std::string::npos);
  CHECK(history_text({}, 0, TimeZone(), nullptr) == "no accepted policy is kept\n");
  CHECK(history_text(entries, 2, TimeZone(), vietnamese).find("chỉ danh sách thay đổi") != std::string::npos);
  const std::string json = history_json(entries, 0, TimeZone());
  CHECK(tools_test::is_json(json));
  CHECK(json.find("\"policy\":\"p11\",\"changed\":[]") != std::string::npos);
}

TEST_CASE("a difference shows the lines that changed, of the floor only how many", "[tools][policy_print]") {
  const ConfigTexts before{{{"floor.txt", "bad.example\n"}, {"a.yaml", "x: 1\ny: 2\n"}, {"gone.yaml", "z\n"}},
                           {}};
  const ConfigTexts after{{{"floor.txt", "worse.example\nbad.example\n"},
                           {"a.yaml", "x: 1\ny: \x1b[31m3\n"},
                           {"new.yaml", "n\n"}},
                          {}};
  const PolicyDiff diff{before, after, {"floor.txt"}};
  const std::string text = diff_text(diff, nullptr, false), json = diff_json(diff, 1, 2);
  CHECK(text ==
        "a.yaml: 1 lines went, 1 came\n@@ -1,2 +1,2 @@\n x: 1\n-y: 2\n+y: \\x1b[31m3\n"
        "floor.txt: 0 lines went, 1 came\n  its lines are not shown\n"
        "gone.yaml: gone, 1 lines\n@@ -1,1 +1,0 @@\n-z\n"
        "new.yaml: new, 1 lines\n@@ -1,0 +1,1 @@\n+n\n");
  for (const char* hidden : {"worse.example", "bad.example"}) {
    CHECK(text.find(hidden) == std::string::npos);
    CHECK(json.find(hidden) == std::string::npos);
  }
  CHECK(tools_test::is_json(json));
  CHECK(diff_text({before, before, {}}, nullptr, false) == "the texts are the same\n");
}

}  // namespace
}  // namespace schoolgate::tools
