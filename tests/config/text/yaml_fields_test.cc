// Values out of YAML: nothing is guessed. What does not fit exactly is refused where it stands, and the value
// that was there before stays.
#include "config/text/yaml_fields.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Tells;

namespace made_up {
using namespace shape;
constexpr Key version_alone[]{shape::version};
constexpr Shape any_file{"any", version_alone};
constexpr Key name_keys[]{{"name", must}, {"game", may}, {"other", may}};
constexpr Shape named{"named", name_keys};
constexpr Key few_keys[]{{"workers", may}, {"timeouts", may}};
constexpr Shape few{"few", few_keys};
constexpr Key line_keys[]{{"a", may}, {"b", must}};
constexpr Shape line{"line", line_keys};
constexpr Key typed_keys[]{{"text", may, shape::text},
                           {"boolean", may, flag},
                           {"number", may, number(0, 99)},
                           {"seconds", may, seconds(0, 99)}};
constexpr Shape typed{"typed", typed_keys};
constexpr std::string_view two_words[]{"allow", "block"};
constexpr Key placed_keys[]{{"format", may, word(two_words)},
                            {"beside", must, shape::text, {}, {}, {"format", "block"}},
                            {"apart", may, shape::text, {}, {}, {"format", "block", false}},
                            {"after", may, shape::text, {}, {}, {"format"}}};
constexpr Shape placed{"placed", placed_keys};
}  // namespace made_up

// A text read as YAML, and what is told about it.
struct Document {
  explicit Document(const std::string& text) {
    auto read = read_yaml(text, "x", out);
    REQUIRE(read);
    root = std::move(*read);
  }
  // The value of "v: ...", which stands in column 4.
  [[nodiscard]] const YamlNode& value() const { return *root.find("v"); }
  [[nodiscard]] std::string told() const { return test::told(out, "x"); }
  Diagnostics out;
  YamlNode root;
  Reporter report{"x", out};
};

TEST_CASE("a text is any one value that is not empty", "[config][fields]") {
  struct Row {
    const char *yaml, *value, *tells;
  };
  const Row rows[] = {
      {"v: a b", "a b", ""},
      {"v: \"\\u0111\"", "đ", ""},
      {"v: no", "no", ""},  // nothing has a type but text
      {"v: 0755", "0755", ""},
      {"v: 'null'", "null", ""},
      {"v: |\n  a\n  b\n", "a\nb\n", ""},
      {"v: ''", nullptr, "1:4: error SG1113: this text is empty"},
      {"v: [a]", nullptr, "1:4: error SG1103: one text belongs here, not a list"},
      {"v: {a: b}", nullptr, "1:4: error SG1103: one text belongs here, not keys and values"},
      {"v:", nullptr, "1:1: error SG1103: one text belongs here, not nothing"},
      {"v: null", nullptr, "1:1: error SG1103: one text belongs here, not nothing"},
      {"v: ~", nullptr, "1:1: error SG1103: one text belongs here, not nothing"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      const auto read = read_text(yaml.value(), yaml.report);
      CHECK(read.has_value() == (row.value != nullptr));
      if (read) CHECK(*read == row.value);
      CHECK_THAT(yaml.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("only true and false are booleans", "[config][fields]") {
  for (const auto& [written, value] : {std::pair{"true", true}, {"false", false}}) {
    const Document yaml(std::string("v: ") + written);
    CHECK(read_boolean(yaml.value(), yaml.report) == value);
  }
  for (const char* const other :
       {"yes", "no", "on", "off", "True", "FALSE", "1", "0", "\"true\"", "'false'"}) {
    DYNAMIC_SECTION(other) {
      const Document yaml(std::string("v: ") + other);
      CHECK_FALSE(read_boolean(yaml.value(), yaml.report));
      CHECK_THAT(yaml.told(), Tells("1:4: error SG1106"));
    }
  }
}

TEST_CASE("numbers are digits alone, within their bounds", "[config][fields]") {
  struct Row {
    const char* written;
    std::uint32_t low, high;
    std::optional<std::uint32_t> value;
  };
  constexpr std::uint32_t most = 4'294'967'295;
  const Row rows[] = {
      {"16", 16, 500, 16u},
      {"500", 16, 500, 500u},
      {"15", 16, 500, {}},
      {"501", 16, 500, {}},
      {"0", 0, 9, 0u},
      {"4294967295", 0, most, most},
      {"4294967296", 0, most, {}},            // 2^32 does not become 0
      {"18446744073709551616", 0, most, {}},  // nor does 2^64
      {"08", 0, 9, {}},                       // octal to some, a mistake to others
      {"00", 0, 9, {}},
      {"0x10", 0, 99, {}},
      {"1e3", 0, 9999, {}},
      {"1_000", 0, 9999, {}},
      {"1,5", 0, 9, {}},
      {"1.5", 0, 9, {}},
      {"+1", 0, 9, {}},
      {"-1", 0, 9, {}},
      {"\"5\"", 0, 9, {}},
      {"5 MB", 0, 9, {}},
      {"''", 0, 9, {}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written << " from " << row.low << " to " << row.high) {
      const Document yaml(std::string("v: ") + row.written);
      CHECK(read_number(yaml.value(), yaml.report, row.low, row.high) == row.value);
      CHECK_THAT(yaml.told(), Tells(row.value ? "" : "1:4: error SG1105"));
    }
  }
}

TEST_CASE("a number that is meant is told, and no other", "[config][fields]") {
  struct Row {
    const char *written, *hint;
  };
  const Row rows[] = {
      {"1.000", "write 1000"},
      {"1,000", "write 1000"},
      {"\"50\"", "write 50, without quotes"},
      {"90 ngày", "write 90"},
      {"9999", "the most is 5000"},
      {"1", "the least is 2"},
      {"1.5", "write digits only, without quotes"},
      {"0x10", "write digits only, without quotes"},
      {"1e3", "write digits only, without quotes"},
      {"many", "write digits only, without quotes"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      const Document yaml(std::string("v: ") + row.written);
      CHECK_FALSE(read_number(yaml.value(), yaml.report, 2, 5000));
      CHECK(yaml.out.front().hint == row.hint);
    }
  }
}

TEST_CASE("a key that is needed and mistyped is one mistake", "[config][fields]") {
  struct Row {
    const char *name, *yaml, *tells;
  };
  const Row rows[] = {
      {"mistyped", "{naem: x}", "1:2: error SG1101"},
      {"in Vietnamese", "{tên: x}", "1:2: error SG1101"},
      {"not there", "{other: x}", "1:1: error SG1102"},
      {"a key of its own that looks like it", "{game: x}", "1:1: error SG1102"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Diagnostics out;
      const auto root = read_yaml(row.yaml, "f", out);
      REQUIRE(root);
      const Reporter report("f", out);
      {
        Fields fields(*root, report, made_up::named, Message("this"));
        CHECK(fields.get("name") == nullptr);
        CHECK(fields.get("name") == nullptr);  // told once
        fields.finish();
      }
      CHECK_THAT(test::told(out, "f"), Tells(row.tells));
      // Who gives up before the end has told all the same.
      out.clear();
      { CHECK(Fields(*root, report, made_up::named, Message("this")).get("name") == nullptr); }
      CHECK(has_errors(out));
    }
  }
}

TEST_CASE("times have a unit, or are seconds", "[config][fields]") {
  struct Row {
    const char* written;
    std::optional<int> seconds;  // within 1 to 7200
  };
  const Row rows[] = {
      {"15s", 15}, {"5m", 300},    {"2h", 7200}, {"90", 90},           {"\"15s\"", 15},
      {"1", 1},    {"7200", 7200}, {"0s", {}},   {"7201s", {}},        {"121m", {}},
      {"3h", {}},  {"s", {}},      {"1d", {}},   {"1.5h", {}},         {"5 m", {}},
      {"5M", {}},  {"05m", {}},    {"-5m", {}},  {"99999999999h", {}}, {"''", {}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.written) {
      const Document yaml(std::string("v: ") + row.written);
      const auto read = read_seconds(yaml.value(), yaml.report, 1, 7200);
      CHECK(read.has_value() == row.seconds.has_value());
      if (read) CHECK(read->count() == *row.seconds);
      CHECK_THAT(yaml.told(), Tells(row.seconds ? "" : "1:4: error SG1107"));
    }
  }
}

TEST_CASE("a word is one of those that are known, exactly", "[config][fields]") {
  struct Row {
    const char* yaml;
    std::optional<std::size_t> index;
    const char *tells, *hint;
  };
  const Row rows[] = {
      {"v: allow", 0, "", ""},
      {"v: \"block\"", 1, "", ""},
      {"v: Block", {}, "1:4: error SG1104", "did you mean \"block\"?"},
      {"v: deny", {}, "1:4: error SG1104", "did you mean \"block\"?"},
      {"v: colour", {}, "1:4: error SG1104", "write one of: allow, block"},
      {"v: [allow]", {}, "1:4: error SG1103", "write one text"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      CHECK(read_word(yaml.value(), yaml.report, {"allow", "block"}) == row.index);
      CHECK_THAT(yaml.told(), Tells(row.tells));
      if (!yaml.out.empty() && yaml.value().kind == YamlNode::Kind::scalar)
        CHECK(yaml.out.front().hint == row.hint);
    }
  }
}

TEST_CASE("a list, or one text as a list of one", "[config][fields]") {
  struct Row {
    const char *yaml, *items, *tells;
  };
  const Row rows[] = {
      {"v: [a, b]", "a b ", ""},
      {"v: a", "a ", ""},
      {"v: []", "", ""},
      {"v:", "", ""},  // "block:" with every line below it commented out
      {"v:\n  - a\n  -\n  - b\n", "a b ", "3:3: error SG1103: this item of the list is empty"},
      {"v: {a: b}", "", "1:4: error SG1103: a list belongs here, not keys and values"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      std::string items;
      for (const YamlNode* item : read_items(yaml.value(), yaml.report)) items += item->text + " ";
      CHECK(items == row.items);
      CHECK_THAT(yaml.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("every file says version 1", "[config][fields]") {
  struct Row {
    const char *yaml, *tells;
  };
  const Row rows[] = {
      {"version: 1", ""},
      {"version: \"1\"", ""},
      {"a: b", "1:1: error SG1102: this file needs the key \"version\"\n1:1: error SG1101"},
      {"version:", "1:1: error SG1102: the key \"version\" has no value"},
      {"version: 2", "1:10: error SG1110"},
      {"version: 1.0", "1:10: error SG1110"},
      {"version: [1]", "1:10: error SG1110"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      Fields fields(yaml.root, yaml.report, made_up::any_file, Message("this file"));
      read_version(fields);
      fields.finish();
      CHECK_THAT(yaml.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("a key that the shape has not is an error with a suggestion", "[config][fields]") {
  const Document yaml("workers: 2\nworkerz: 3\n\"\": 1\nlimits: 4\n");
  Fields fields(yaml.root, yaml.report, made_up::few, Message("this file"));
  CHECK(fields.get("workers") != nullptr);
  CHECK(fields.get("timeouts") == nullptr);
  fields.finish();
  CHECK_THAT(yaml.told(), Tells("2:1: error SG1101: this file has no key \"workerz\"\n"
                                "3:1: error SG1101: this file has no key \"\"\n"
                                "4:1: error SG1101: this file has no key \"limits\""));
  REQUIRE(yaml.out.size() == 3);
  CHECK(yaml.out[0].hint == "did you mean \"workers\"?");
  CHECK(yaml.out[2].hint == "it may have: workers, timeouts");
}

TEST_CASE("what is no map has one error and no keys", "[config][fields]") {
  for (const auto& [text, kind] : {std::pair{"v: a", "text"}, {"v: [a]", "a list"}, {"v:", "nothing"}}) {
    DYNAMIC_SECTION(kind) {
      const Document yaml(text);
      Fields fields(yaml.value(), yaml.report, made_up::line, Message("a line"));
      CHECK_FALSE(fields.valid());
      CHECK(fields.get("a") == nullptr);
      CHECK(fields.get("b") == nullptr);  // not missing besides
      fields.finish();
      CHECK_THAT(yaml.told(),
                 Tells(std::string(yaml.value().pos.column == 4 ? "1:4" : "1:1") +
                       ": error SG1103: a line holds keys and values (\"key: value\"), not " + kind));
    }
  }
}

TEST_CASE("a key that is absent, empty or wrong leaves the value as it was", "[config][fields]") {
  struct Row {
    const char *yaml, *tells;
  };
  const Row rows[] = {
      {"a: b", ""},
      {"text:\nboolean:\nnumber:\nseconds:\n", ""},
      {"text: ''\nboolean: yes\nnumber: 100\nseconds: 1d\n",
       "1:7: error SG1113\n2:10: error SG1106\n3:9: error SG1105\n4:10: error SG1107"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      Fields fields(yaml.root, yaml.report, made_up::typed, Message("this file"));
      std::string text = "before";
      bool boolean = true;
      std::uint32_t number = 7;
      std::chrono::seconds seconds{7};
      fields.text("text", text);
      fields.boolean("boolean", boolean);
      fields.number("number", number);
      fields.seconds("seconds", seconds);
      CHECK(text == "before");
      CHECK(boolean);
      CHECK(number == 7);
      CHECK(seconds.count() == 7);
      CHECK_THAT(yaml.told(), Tells(row.tells));
    }
  }
  const Document yaml("name:");
  Fields fields(yaml.root, yaml.report, made_up::named, Message("school"));
  CHECK(fields.get("name") == nullptr);
  CHECK_THAT(yaml.told(), Tells("1:1: error SG1102: the key \"name\" has no value"));
}

TEST_CASE("a key may belong only beside another, or beside a word", "[config][fields]") {
  struct Row {
    const char *yaml, *tells;
  };
  const Row rows[] = {
      {"{apart: x}", ""},
      {"{format: allow, apart: x, after: x}", ""},
      {"{format: block, beside: x, after: x}", ""},
      {"{format: block}", "1:1: error SG1102: this needs the key \"beside\""},
      {"{format: block, beside: x, apart: x}", "1:28: error SG1101: this has no key \"apart\""},
      {"{format: allow, beside: x}", "1:17: error SG1101: this has no key \"beside\""},
      {"{after: x}", "1:2: error SG1101: this has no key \"after\""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.yaml) {
      const Document yaml(row.yaml);
      Fields fields(yaml.root, yaml.report, made_up::placed, Message("this"));
      for (const Key& key : made_up::placed.keys) static_cast<void>(fields.get(key.name));
      fields.finish();
      CHECK_THAT(yaml.told(), Tells(row.tells));
    }
  }
  const Document yaml("{after: x, afters: y}");
  Fields fields(yaml.root, yaml.report, made_up::placed, Message("this"));
  fields.finish_leniently();
  CHECK_THAT(yaml.told(), Tells("1:12: error SG1101: this has no key \"afters\""));
  CHECK_THROWS_AS(fields.get("nowhere"), std::logic_error);  // a reader that asks for what no table states
}

}  // namespace
}  // namespace schoolgate
