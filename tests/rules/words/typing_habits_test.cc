#include "rules/words/typing_habits.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using namespace schoolgate;

namespace {

std::string readings_of(std::string_view word, bool marks) {
  TypingHabits habits;
  habits.read(word, marks);
  std::string text;
  for (const std::string_view reading : habits.readings())
    text += (text.empty() ? "" : " ") + std::string(reading);
  return text;
}

}  // namespace

TEST_CASE("what a word may have been meant to be", "[rules][terms]") {
  struct Row {
    const char *name, *word, *marks, *folded;
  };
  const Row rows[] = {
      {"Telex", "tuwj", "tuWJ", "tu"},
      {"Telex, the tone inside", "tuwrng", "tuWngR", "tung"},
      {"Telex, one w for both letters", "dduowcj", "dDuWoWcJ", "duoc"},
      {"Telex, w alone", "nhwng", "nhuWng", "nhung"},
      {"Telex, a letter again", "cheets", "cheEtS", "chet"},
      {"VNI", "tu75", "tuWJ", "tu"},
      {"VNI, a letter with two marks", "d9o65", "dDoOJ", "do"},
      {"a letter that takes no such mark", "se8x", "sebx", "sebx"},
      {"digits for letters", "p0rn", "porn", "porn"},
      {"digits that are no letter", "b29n", "", ""},
      {"a number", "2025", "", ""},
      {"a letter held", "seeex", "sex", "sex"},
      {"a letter held, with its mark", "tuWuWJ", "tuWJ", "tuWJ"},
      {"a word with marks is no Telex", "tuWs", "", ""},
      {"two tones", "tusf", "", ""},
      {"no syllable", "java", "", ""},
      {"nor a name", "windows", "", ""},
      {"nothing to undo", "hoc", "", ""},
      {"one letter", "s", "", ""},
      {"too long", "seeexseeexseeexseeexseeexseeexseeex", "", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const std::string marks = readings_of(row.word, true), folded = readings_of(row.word, false);
      const auto has = [](const std::string& all, const std::string& one) {
        return one.empty() ? all.empty() : (" " + all + " ").find(" " + one + " ") != std::string::npos;
      };
      INFO(marks << " / " << folded);
      CHECK(has(marks, row.marks));
      CHECK(has(folded, row.folded));
    }
  }
}
