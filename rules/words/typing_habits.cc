#include "rules/words/typing_habits.h"

#include <cstdint>

namespace schoolgate {
namespace {

constexpr bool is_figure(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_mark(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_vowel(char c) noexcept {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}
constexpr bool is_tone(char c) noexcept {
  return c == 'S' || c == 'F' || c == 'R' || c == 'X' || c == 'J';
}

// A syllable as an input method builds it, key by key.
class Syllable {
 public:
  // True: the key was taken as a letter or a mark.
  bool letter(char c) noexcept {
    if (size_ == units_.size()) return false;
    units_[size_++] = {c, 0};
    has_vowel_ |= is_vowel(c);
    return true;
  }
  bool tone(char mark) noexcept {
    if (tone_ != 0 || !has_vowel_) return false;
    tone_ = mark;
    return true;
  }
  // On the last letter of `takers` that has no mark yet.
  bool quality(std::string_view takers, char mark) noexcept {
    for (std::size_t i = size_; i-- > 0;) {
      Unit& unit = units_[i];
      if (unit.mark != 0 || takers.find(unit.letter) == std::string_view::npos) continue;
      unit.mark = mark == 0 ? static_cast<char>(unit.letter - 'a' + 'A') : mark;
      marked_ = true;
      const bool horn = mark == 'W' && unit.letter == 'o' && i > 0;  // "uo" takes it on both
      if (horn && units_[i - 1].letter == 'u' && units_[i - 1].mark == 0) units_[i - 1].mark = 'W';
      return true;
    }
    return false;
  }
  [[nodiscard]] bool has(char c) const noexcept {
    for (std::size_t i = 0; i < size_; ++i)
      if (units_[i].letter == c && units_[i].mark == 0) return true;
    return false;
  }
  [[nodiscard]] bool has_vowel() const noexcept { return has_vowel_; }

  // The key; 0: no mark was typed, or it is no syllable: "java" is no "jâv".
  std::size_t write(char* out, bool marks) const noexcept {
    if ((!marked_ && tone_ == 0) || !is_syllable()) return 0;
    std::size_t length = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      out[length++] = units_[i].letter;
      if (marks && units_[i].mark != 0) out[length++] = units_[i].mark;
    }
    if (marks && tone_ != 0) out[length++] = tone_;
    return length;
  }

 private:
  struct Unit {
    char letter, mark;
  };
  // Consonants, vowels, and an end that a syllable may have.
  [[nodiscard]] bool is_syllable() const noexcept {
    std::size_t first = 0;
    while (first < size_ && !is_vowel(units_[first].letter)) ++first;
    std::size_t last = first;
    while (last < size_ && is_vowel(units_[last].letter)) ++last;
    if (first == last || first > 3) return false;
    const std::size_t rest = size_ - last;
    const char end = rest > 0 ? units_[last].letter : 0, after = rest > 1 ? units_[last + 1].letter : 0;
    if (rest == 0) return true;
    if (rest == 1) return std::string_view("cmnpt").find(end) != std::string_view::npos;
    return rest == 2 && ((end == 'n' && (after == 'g' || after == 'h')) || (end == 'c' && after == 'h'));
  }

  std::array<Unit, 12> units_{};  // the longest syllable has seven letters
  std::size_t size_ = 0;
  char tone_ = 0;
  bool has_vowel_ = false, marked_ = false;
};

// "tuwj": tự. The keys may stand anywhere behind their letter.
std::size_t from_telex(std::string_view word, bool marks, char* out) noexcept {
  Syllable syllable;
  for (const char c : word) {
    const std::size_t tone = std::string_view("sfrxj").find(c);
    if (tone != std::string_view::npos && syllable.has_vowel()) {
      if (!syllable.tone(std::string_view("SFRXJ")[tone])) return 0;
    } else if (c == 'w') {
      if (!syllable.quality("oua", 'W') && !(syllable.letter('u') && syllable.quality("u", 'W'))) return 0;
    } else if ((c == 'a' || c == 'e' || c == 'o') && syllable.has(c)) {
      syllable.quality({&c, 1}, 0);
    } else if (c == 'd' && syllable.has('d')) {
      syllable.quality("d", 'D');
    } else if (!syllable.letter(c)) {
      return 0;
    }
  }
  return syllable.write(out, marks);
}

// "tu75": tự.
std::size_t from_vni(std::string_view word, bool marks, char* out) noexcept {
  Syllable syllable;
  for (const char c : word) {
    bool taken = false;
    if (!is_figure(c)) taken = syllable.letter(c);
    if (c >= '1' && c <= '5')
      taken = syllable.tone(std::string_view("SFRXJ")[static_cast<std::size_t>(c - '1')]);
    if (c == '6') taken = syllable.quality("aeo", 0);
    if (c == '7') taken = syllable.quality("ou", 'W');
    if (c == '8') taken = syllable.quality("a", 'W');
    if (c == '9') taken = syllable.quality("d", 'D');
    if (!taken) return 0;
  }
  return syllable.write(out, marks);
}

// "s3x": sex.
std::size_t from_digits(std::string_view word, char* out) noexcept {
  constexpr std::string_view meant = "oi?eas?tb?";
  std::size_t length = 0;
  for (const char c : word) {
    const char letter = is_figure(c) ? meant[static_cast<std::size_t>(c - '0')] : c;
    if (letter == '?') return 0;
    out[length++] = letter;
  }
  return length;
}

// "seeex", "tuwWuW": each letter with its marks once.
std::size_t without_repeats(std::string_view word, char* out) noexcept {
  std::size_t length = 0;
  std::string_view last;
  for (std::size_t at = 0; at < word.size();) {
    std::size_t end = at + 1;
    while (end < word.size() && is_mark(word[end]) && !is_tone(word[end])) ++end;
    const std::string_view unit = word.substr(at, end - at);
    if (unit != last || is_figure(unit[0])) {
      for (const char c : unit) out[length++] = c;
    }
    last = unit;
    at = end;
  }
  return length == word.size() ? 0 : length;
}

// What a word holds that a reading could begin with. Nearly every word holds nothing of it.
struct Signs {
  bool letters = false, digits = false, marks = false;
  bool telex = false;    // a key that may be a mark
  bool repeats = false;  // a letter twice in a row
};

constexpr std::uint32_t letter_bit(char c) noexcept {
  return std::uint32_t{1} << (c - 'a');
}
constexpr std::uint32_t letter_bits(std::string_view letters) noexcept {
  std::uint32_t bits = 0;
  for (const char c : letters) bits |= letter_bit(c);
  return bits;
}

Signs signs_of(std::string_view word) noexcept {
  constexpr std::uint32_t vowels = letter_bits("aeiouy"), tones = letter_bits("sfrxj"),
                          doubled = letter_bits("aeod"), horn = letter_bits("w");
  Signs signs;
  std::uint32_t seen = 0;
  char last = 0;
  for (const char c : word) {
    if (is_mark(c)) {
      signs.marks = true;
    } else if (is_figure(c)) {
      signs.digits = true;
    } else {
      const std::uint32_t bit = letter_bit(c);
      signs.letters = true;
      signs.telex |=
          (bit & horn) != 0 || ((seen & vowels) != 0 && (bit & tones) != 0) || (bit & seen & doubled) != 0;
      signs.repeats |= c == last;
      seen |= bit;
      last = c;
    }
  }
  return signs;
}

}  // namespace

void TypingHabits::add(std::size_t length) noexcept {
  if (length < 2) return;
  readings_[count_] = {texts_[count_].data(), length};
  ++count_;
}

void TypingHabits::add_typed(std::string_view word, bool digits, bool marks) noexcept {
  if (!digits) return add(from_telex(word, marks, next()));
  add(from_vni(word, marks, next()));
  add(from_digits(word, next()));
}

void TypingHabits::read(std::string_view word, bool marks) noexcept {
  count_ = 0;
  if (word.size() < 2 || word.size() > longest_word) return;
  const Signs signs = signs_of(word);
  const bool typed = !signs.marks && (signs.telex || (signs.digits && signs.letters));
  if (typed) add_typed(word, signs.digits, marks);
  if (!signs.repeats) return;
  const std::size_t before = count_;
  add(without_repeats(word, next()));
  if (count_ > before && typed) add_typed(readings_[before], signs.digits, marks);
}

}  // namespace schoolgate
