// Words of keys: what they may have been meant to be is of the keys' alphabet too, no longer than it may be,
// and without marks where none are asked for.
//   input: flags, text; its keys are read word for word
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "rules/words/text_fold.h"
#include "rules/words/typing_habits.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void check_word(TypingHabits& habits, std::string_view word, bool marks) {
  habits.read(word, marks);
  require(word.size() <= TypingHabits::longest_word || habits.readings().empty(), "a long word has none");
  for (const std::string_view reading : habits.readings()) {
    require(reading.size() >= 2 && reading.size() <= 2 * TypingHabits::longest_word,
            "a reading has a length");
    for (const char c : reading) {
      const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      require(small || (marks && std::strchr("ADEOWSFRXJ", c) != nullptr), "a reading is of a key");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 400) return 0;
  const bool marks = (data[0] & 1) != 0;
  TextKeys keys;
  fold_text({reinterpret_cast<const char*>(data) + 1, size - 1}, keys);
  const std::string_view key = marks ? keys.telex : keys.folded;
  TypingHabits habits;
  for (std::size_t begin = 0; begin < key.size();) {
    const std::size_t end = std::min(key.find(' ', begin), key.size());
    check_word(habits, key.substr(begin, end - begin), marks);
    begin = end + 1;
  }
  return 0;
}
