// locked.yaml, hotlines.yaml and floor.txt, which stand above the tiers: of what can be read nothing is lost,
// and what cannot be read is an error.
#include <catch2/catch.hpp>

#include "config/policy/floor_reader.h"
#include "config/policy/tier_reader.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

std::string lines_of(const std::vector<PlacedLine>& lines) {
  std::string out;
  for (const PlacedLine& line : lines)
    out += to_string(line.line.effect) + " " + line.line.rule.text + " " +
           std::to_string(line.where.pos.line) + (line.line.why.empty() ? "\n" : " " + line.line.why + "\n");
  return out;
}

struct LockedReading : Reading {
  explicit LockedReading(const std::string& text) {
    folder.write("locked.yaml", text);
    locked = read_locked_file(folder.path("locked.yaml"), context, {});
  }
  [[nodiscard]] std::string told() const { return Reading::told("locked.yaml"); }
  LockedFile locked;
};

TEST_CASE("what no tier may change", "[config][locked]") {
  const LockedReading reading(R"(version: 1
categories: [gambling, adult]
allow: [{domain: exam.vn, why: the list is wrong}]
block:
  - bad.vn
  - {url: forum.vn/bad, why: Ban giám hiệu}
  - {pattern: 'casino[0-9]+', target: host}
)");
  CHECK_THAT(reading.told(), Tells(""));
  REQUIRE(reading.locked.categories.size() == 2);
  CHECK(reading.locked.categories[1].value == "adult");
  CHECK(reading.locked.categories[1].where.pos == SourcePos{2, 24});
  CHECK(lines_of(reading.locked.lines) ==
        "allow exam.vn 3 the list is wrong\n"
        "block+locked bad.vn 5\n"
        "block+locked forum.vn/bad 6 Ban giám hiệu\n"
        "block+locked casino[0-9]+ 7\n");
}

TEST_CASE("a locked file that is wrong in part keeps its other locks", "[config][locked]") {
  struct Row {
    const char *name, *text, *lines, *tells;
  };
  const Row rows[] = {
      {"nothing locked", "", "", ""},
      {"every line commented out", "block:\n", "", ""},
      {"a wrong line", "block: [a.vn, b vn, c.vn]\n", "block+locked a.vn 2\nblock+locked c.vn 2\n",
       "2:15: error SG1301"},
      {"an allow that says no reason", "allow: [a.vn]\n", "allow a.vn 2\n",
       "2:9: error SG1102: a locked allow line needs the key \"why\""},
      {"a warning cannot be locked", "warn: [a.vn]\n", "", "2:1: error SG1101"},
      {"one line without a list", "block: a.vn\n", "block+locked a.vn 2\n", ""},
      {"a map of lines", "block: {a.vn: b}\n", "", "2:8: error SG1103"},
      {"categories with actions", "categories: {a: block}\nblock: b.vn\n", "block+locked b.vn 3\n",
       "2:13: error SG1103"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const LockedReading reading("version: 1\n" + std::string(row.text));
      CHECK(lines_of(reading.locked.lines) == row.lines);
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("a part of the policy that is lost is an error, where the main file names it", "[config][locked]") {
  Reading reading;
  LoadContext& context = reading.context;
  const std::string gone = reading.folder.path("gone");
  const Place named{context.source(reading.folder.path("schoolgate.yaml")), {9, 9}, 4};
  CHECK(read_locked_file(gone, context, named).lines.empty());
  CHECK(read_help_file(gone, context, named).hotlines.empty());
  CHECK(read_floor_file(gone, context, named).empty());
  CHECK(read_floor_file(gone, context, {}).empty());
  CHECK_THAT(reading.told("schoolgate.yaml"),
             Tells("9:9: error SG1001\n9:9: error SG1001\n9:9: error SG1001\n"
                   "gone: error SG1001: cannot read gone: no such file"));
}

TEST_CASE("lines of help, and the sites that are always reachable for them", "[config][help]") {
  Reading reading;
  reading.folder.write("hotlines.yaml", R"(version: 1
hotlines:
  - id: "111"
    name: {vi: Tổng đài, en: Child helpline}
    phone: 111
    hours: 24/7
    cost: free
    note: for children
    web: https://tongdai111.vn/
    sites: [111.vn, zalo.me/111]
  - {id: b, name: B}
  - {name: no id, web: c vn}
  - {id: d, name: D, mail: d@d.vn}
)");
  const HelpFile help = read_help_file(reading.folder.path("hotlines.yaml"), reading.context, {});
  REQUIRE(help.hotlines.size() == 4);
  const Hotline& first = help.hotlines[0];
  CHECK(first.id == "111");
  CHECK(first.name_vi == "Tổng đài");
  CHECK(first.name_en == "Child helpline");
  CHECK(first.phone == "111");
  CHECK(first.hours == "24/7");
  CHECK(first.cost == "free");
  CHECK(first.note == "for children");
  CHECK(first.web == "https://tongdai111.vn/");  // as pages show it
  CHECK(lines_of(help.lines) ==
        "allow tongdai111.vn 9 Tổng đài\n"
        "allow 111.vn 10 Tổng đài\n"
        "allow zalo.me/111 10 Tổng đài\n");
  CHECK_THAT(reading.told("hotlines.yaml"), Tells("12:5: error SG1102: a help line needs the key \"id\"\n"
                                                  "12:24: error SG1301\n"
                                                  "13:22: error SG1101: a help line has no key \"mail\""));
}

TEST_CASE("a network may be locked, and never be a line of help", "[config][locked][network]") {
  const LockedReading locked(
      "version: 1\nallow: [{domain: 198.51.100.64/26, why: ours}]\nblock: [198.51.100.0/24]\n");
  CHECK_THAT(locked.told(), Tells(""));
  CHECK(lines_of(locked.locked.lines) == "allow 198.51.100.64/26 2 ours\nblock+locked 198.51.100.0/24 3\n");
  Reading reading;
  reading.folder.write("hotlines.yaml", R"(version: 1
hotlines:
  - {id: a, name: {vi: A, en: A}, sites: [a.vn, 198.51.100.0/24]}
)");
  const HelpFile help = read_help_file(reading.folder.path("hotlines.yaml"), reading.context, {});
  REQUIRE(help.lines.size() == 1);
  CHECK(help.lines[0].line.rule.text == "a.vn");
  CHECK_THAT(reading.told("hotlines.yaml"), Tells("3:49: error SG1301"));
}

TEST_CASE("the sealed floor, line by line", "[config][floor]") {
  const std::string a(64, 'a'), b(64, 'B');
  struct Row {
    const char* name;
    std::string text;
    std::vector<std::uint32_t> lines;  // of the entries
    const char* tells;
  };
  const Row rows[] = {
      {"comments and blank lines alone", "# none yet\n\n", {}, ""},
      {"emptied", "", {}, "error SG1012"},
      {"blanks alone, as of a disk that was full", "\n  \n", {}, "error SG1012"},
      {"hosts and paths", a + "\n# x\n" + a + " " + b + "\n", {1, 3}, ""},
      {"a byte order mark, CRLF and blanks", "\xEF\xBB\xBF" + a + "\r\n  " + b + " \r\n", {1, 2}, ""},
      {"a line cut short keeps the others", a + "\n" + a.substr(1) + "\n" + b, {1, 3}, "2:1: error SG1309"},
      {"not hexadecimal", a.substr(1) + "g\n", {}, "1:1: error SG1309"},
      {"three digests", a + " " + a + " " + a + "\n", {}, "1:1: error SG1309"},
      {"NUL bytes after a power cut", a + "\n" + std::string(64, '\0') + "\n", {1}, "2:1: error SG1309"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Reading reading;
      reading.folder.write("floor.txt", row.text);
      const auto floor = read_floor_file(reading.folder.path("floor.txt"), reading.context, {});
      std::vector<std::uint32_t> lines;
      for (const FloorEntry& entry : floor) {
        lines.push_back(entry.where.line);
        CHECK(reading.context.sources()[entry.where.source] == "floor.txt");
      }
      CHECK(lines == row.lines);
      CHECK_THAT(reading.told("floor.txt"), Tells(row.tells));
    }
  }
  SECTION("of a file that is no floor at all the first 20 lines are told") {
    Reading reading;
    std::string text;
    for (int i = 0; i < 100; ++i) text += "bad.vn\n";
    reading.folder.write("floor.txt", text + a + "\n");
    CHECK(read_floor_file(reading.folder.path("floor.txt"), reading.context, {}).size() == 1);
    CHECK(reading.context.diagnostics.size() == 20);
  }
  SECTION("no message shows what a wrong line says") {
    Reading reading;
    reading.folder.write("floor.txt", "geheim.example/path\n");
    CHECK(read_floor_file(reading.folder.path("floor.txt"), reading.context, {}).empty());
    const std::string said = render(reading.context.diagnostics, reading.context.texts, nullptr, false);
    CHECK_THAT(said, Catch::Contains("SG1309"));
    CHECK_THAT(said, !Catch::Contains("geheim"));
  }
}

}  // namespace
}  // namespace schoolgate
