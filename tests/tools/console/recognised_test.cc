#include "tools/console/recognised.h"

#include <catch2/catch.hpp>

#include "config/text/vietnamese.h"

using namespace schoolgate;
using namespace schoolgate::tools;

TEST_CASE("recognised: the values of a sentence that came as text", "[tools][console]") {
  struct Row {
    const char *sentence, *text;
    std::vector<std::string> want;
    bool fits;
  };
  const Row rows[] = {
      {"{} is required", "url is required", {"url"}, true},
      {"{} is required", "url is wanted", {}, false},
      {"{} is required", " is required", {""}, true},
      {"{}: {}", "a: b: c", {"a", "b: c"}, true},
      {"{} of {} left", "1 of 2 left", {"1", "2"}, true},
      {"{} of {} left", "1 of 2 left over", {}, false},
      {"nothing", "nothing", {}, true},
      {"nothing", "nothing more", {}, false},
      {"{}", "", {""}, true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.sentence << " <- " << row.text) {
      const auto values = values_in(row.sentence, row.text);
      CHECK(values.has_value() == row.fits);
      if (!values) continue;
      REQUIRE(values->size() == row.want.size());
      for (std::size_t i = 0; i < values->size(); ++i) CHECK((*values)[i] == row.want[i]);
    }
}

TEST_CASE("recognised: a sentence of the program is said in Vietnamese, other text stays",
          "[tools][console]") {
  CHECK(recognised("the server answers 404").in(vietnamese) == "máy chủ trả lời 404");
  CHECK(recognised("it is larger than 64 MiB").in(vietnamese) == "nó lớn hơn 64 MiB");
  CHECK(recognised("the server's certificate is not trusted: a: b").in(vietnamese) ==
        "không tin được chứng chỉ của máy chủ: a: b");  // not the "{}: {}" that it is, too
  CHECK(recognised("what nobody says").in(vietnamese) == "\"what nobody says\"");  // in quotes: not ours
  CHECK(recognised("the server answers 404").english() == "the server answers 404");
}

TEST_CASE("recognised: whatever comes, its English is what came", "[tools][console]") {
  for (const auto& table : vietnamese_tables())
    for (const Translation& one : table)
      for (const char* const value : {"", "a", "{}", "{0}", ": ", "/etc/x: no such file", "\xff\n"}) {
        const std::vector<Message> values(places_of(one.english), Message(value));
        const std::string text = Message::of_table(one.english, values).english();
        if (recognised(text).english() != text) FAIL_CHECK(text);
      }
}
