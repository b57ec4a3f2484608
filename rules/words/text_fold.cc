#include "rules/words/text_fold.h"

#include <utf8proc.h>

#include <iterator>

#include "rules/bytes/hex.h"
#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

// The letter that a small letter of another script, or of phonetics, cannot be told from; 0 = none. Also
// those whose capital looks alike: all are in lower case here.
char latin_look_alike(char32_t c) noexcept {
  struct Pair {
    char32_t other;
    char latin;
  };
  static constexpr Pair pairs[] = {
      {0x0131, 'i'}, {0x0251, 'a'}, {0x0261, 'g'}, {0x03b1, 'a'}, {0x03b2, 'b'}, {0x03b5, 'e'}, {0x03b6, 'z'},
      {0x03b7, 'n'}, {0x03b9, 'i'}, {0x03ba, 'k'}, {0x03bc, 'm'}, {0x03bd, 'v'}, {0x03bf, 'o'}, {0x03c1, 'p'},
      {0x03c4, 't'}, {0x03c5, 'u'}, {0x03c7, 'x'}, {0x0430, 'a'}, {0x0432, 'b'}, {0x0433, 'r'}, {0x0435, 'e'},
      {0x043a, 'k'}, {0x043c, 'm'}, {0x043d, 'h'}, {0x043e, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0442, 't'},
      {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04bb, 'h'}, {0x0501, 'd'},
      {0x051b, 'q'}, {0x051d, 'w'},
  };
  if (c < pairs[0].other || c > std::end(pairs)[-1].other) return 0;
  for (const Pair& pair : pairs)
    if (pair.other == c) return pair.latin;
  return 0;
}

// A key as it is written: a string that is longer than what is in it, until finish().
class KeyText {
 public:
  explicit KeyText(std::string& text) : text_(text) {}
  // Room for so many letters more, for all that follows.
  void make_room(std::size_t letters) {
    if (text_.size() - size_ < letters) text_.resize(2 * text_.size() + letters);
  }
  void add(char c) noexcept { text_[size_++] = c; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] char& back() noexcept { return text_[size_ - 1]; }
  void finish() { text_.resize(size_); }

 private:
  std::string& text_;
  std::size_t size_ = 0;
};

// Writes both keys, one decomposed code point after the other.
class KeyWriter {
 public:
  KeyWriter(TextKeys& out, std::size_t bytes) : telex_(out.telex), folded_(out.folded) {
    telex_.make_room(2 * bytes + most_at_once);
    folded_.make_room(bytes + most_at_once);
  }

  // Small letters, digits, and what ends a word.
  void write_ascii(char c) {
    make_room();
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return letter(c);
    if (c == '+') return plus();
    end_word();
  }

  void write(char32_t c) {
    if (c < 0x80) return write_ascii(static_cast<char>(c));
    make_room();
    switch (c) {
      case 0x0111:  // đ
      case 0x00f0:  // ð
      case 0x0256:  // what Ɖ, the African D, is in lower case; it looks the same as Đ
        return d_with_stroke();
      case 0x0302:
      case 0x0306:
      case 0x031b:
        return quality(c);
      case 0x0301:
        return tone('S');
      case 0x0300:
        return tone('F');
      case 0x0309:
        return tone('R');
      case 0x0303:
        return tone('X');
      case 0x0323:
        return tone('J');
      default:
        if (const char alike = latin_look_alike(c); alike != 0) return letter(alike);
        if (!is_unseen(c)) end_word();
    }
  }

  void finish() {
    make_room();
    end_word();
    telex_.finish();
    folded_.finish();
  }

  void end_word() {
    if (in_word_ && tone_ != 0) telex_.add(tone_);
    in_word_ = after_digit_ = own_tone_ = horn_may_replace_ = false;
    tone_ = base_ = 0;
  }

 private:
  // A tone, a space, and "plus".
  static constexpr std::size_t most_at_once = 8;
  void make_room() {
    telex_.make_room(most_at_once);
    folded_.make_room(most_at_once);
  }

  // Marks that no key knows, and format characters: variation selectors, joiners, soft hyphens.
  static bool is_unseen(char32_t c) noexcept {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
      case UTF8PROC_CATEGORY_MN:
      case UTF8PROC_CATEGORY_MC:
      case UTF8PROC_CATEGORY_ME:
      case UTF8PROC_CATEGORY_CF:
        return true;
      default:
        return false;
    }
  }

  void letter(char c) {
    if (!in_word_ && !telex_.empty()) {
      telex_.add(' ');
      folded_.add(' ');
    }
    in_word_ = true;
    telex_.add(c);
    folded_.add(c);
    base_ = c;
    after_digit_ = c <= '9';
    own_tone_ = horn_may_replace_ = false;
  }

  void d_with_stroke() {
    letter('d');
    telex_.add('D');
    base_ = 0;
  }

  // "18+" is an age, not an addition.
  void plus() {
    if (!after_digit_) return end_word();
    for (const char c : std::string_view("plus")) letter(c);
  }

  // The marks of one letter may come in any order; in canonical order the horn is first. So a horn takes the
  // place of a circumflex on the same letter.
  void quality(char32_t c) {
    const bool horn = c == 0x031b, circumflex = c == 0x0302;
    if (horn && horn_may_replace_) {
      telex_.back() = 'W';
      horn_may_replace_ = false;
      return;
    }
    const std::string_view takers = horn ? "ou" : circumflex ? "aeo" : "a";
    if (!in_word_ || base_ == 0 || takers.find(base_) == std::string_view::npos) return;
    telex_.add(circumflex ? static_cast<char>(base_ - 'a' + 'A') : 'W');
    horn_may_replace_ = circumflex && base_ == 'o';
    base_ = 0;
  }

  // Canonical order puts the dot below before the other tones, and of several the last one counts.
  void tone(char mark) {
    if (!in_word_ || (mark == 'J' && own_tone_)) return;
    tone_ = mark;
    own_tone_ = true;
  }

  KeyText telex_, folded_;
  bool in_word_ = false;
  bool after_digit_ = false;
  bool own_tone_ = false;          // the last letter has brought a tone
  bool horn_may_replace_ = false;  // telex_ ends in the "oO" of the last letter
  char tone_ = 0;                  // of the syllable so far
  char base_ = 0;                  // the last letter, while it may still take a quality mark
};

// What a code point is in lower case and taken apart.
struct Parts {
  static constexpr std::size_t longest = 18;  // U+FDFA
  std::array<utf8proc_int32_t, longest> points;
  std::size_t count = 0;
  bool known = false;
};

Parts take_apart(char32_t c) noexcept {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                          UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  Parts parts;
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), parts.points.data(), Parts::longest, options, &boundary);
  parts.known = count >= 0 && count <= static_cast<utf8proc_ssize_t>(Parts::longest);
  if (parts.known) parts.count = static_cast<std::size_t>(count);
  return parts;
}

// The letters of Vietnamese and their marks, taken apart once: Latin, combining marks, Latin additional.
class LatinParts {
 public:
  struct Short {
    std::array<char32_t, 3> points{};
    std::uint8_t count = 0;
    bool known = false;
  };
  LatinParts() noexcept {
    for (char32_t c = low_begin; c < low_end; ++c) low_[c - low_begin] = make(c);
    for (char32_t c = high_begin; c < high_end; ++c) high_[c - high_begin] = make(c);
  }
  // Null: not one of them.
  [[nodiscard]] const Short* find(char32_t c) const noexcept {
    const Short* found = nullptr;
    if (c - low_begin < low_end - low_begin) found = &low_[c - low_begin];
    if (c - high_begin < high_end - high_begin) found = &high_[c - high_begin];
    return found != nullptr && found->known ? found : nullptr;
  }

 private:
  static constexpr char32_t low_begin = 0xc0, low_end = 0x370, high_begin = 0x1e00, high_end = 0x1f00;
  static Short make(char32_t c) noexcept {
    const Parts parts = take_apart(c);
    Short out;
    out.known = parts.known && parts.count <= out.points.size();
    if (!out.known) return out;
    out.count = static_cast<std::uint8_t>(parts.count);
    for (std::size_t i = 0; i < parts.count; ++i) out.points[i] = static_cast<char32_t>(parts.points[i]);
    return out;
  }
  std::array<Short, low_end - low_begin> low_;
  std::array<Short, high_end - high_begin> high_;
};

void write_code_point(char32_t c, KeyWriter& keys) {
  static const LatinParts latin;
  if (const LatinParts::Short* const parts = latin.find(c)) {
    for (std::size_t i = 0; i < parts->count; ++i) keys.write(parts->points[i]);
    return;
  }
  const Parts parts = take_apart(c);
  if (!parts.known) return keys.end_word();
  for (std::size_t i = 0; i < parts.count; ++i) keys.write(static_cast<char32_t>(parts.points[i]));
}

// The byte that is escaped at text[at], or -1.
int escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (text[at] != '%' || at + 2 >= text.size()) return -1;
  const int high = hex_value(text[at + 1]), low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool has_escape(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (escaped_byte(text, at) >= 0) return true;
  }
  return false;
}

void decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.resize(text.size());
  std::size_t size = 0;
  const char plus = plus_is_space ? ' ' : '+';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const int byte = c == '%' ? escaped_byte(text, at) : -1;
    out[size++] = byte >= 0 ? static_cast<char>(byte) : c == '+' ? plus : c;
    if (byte >= 0) at += 2;
  }
  out.resize(size);
}

// The upper half of windows-1258, where it differs from Latin-1 in letters and marks (Microsoft's bestfit1258
// table). Of 0x80-0x9f only the letters count; the rest is punctuation or nothing.
char32_t windows_1258(unsigned char byte) noexcept {
  switch (byte) {
    case 0x83:
      return 0x0192;
    case 0x8c:
      return 0x0152;
    case 0x9c:
      return 0x0153;
    case 0x9f:
      return 0x0178;
    case 0xc3:
      return 0x0102;
    case 0xcc:
      return 0x0300;
    case 0xd0:
      return 0x0110;
    case 0xd2:
      return 0x0309;
    case 0xd5:
      return 0x01a0;
    case 0xdd:
      return 0x01af;
    case 0xde:
      return 0x0303;
    case 0xe3:
      return 0x0103;
    case 0xec:
      return 0x0301;
    case 0xf0:
      return 0x0111;
    case 0xf2:
      return 0x0323;
    case 0xf5:
      return 0x01a1;
    case 0xfd:
      return 0x01b0;
    case 0xfe:
      return 0x20ab;
    default:
      return byte >= 0x80 && byte < 0xa0 ? U' ' : byte;
  }
}

}  // namespace

void fold_text(std::string_view utf8, TextKeys& out) {
  KeyWriter keys(out, utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const auto byte = static_cast<unsigned char>(utf8[at]);
    if (byte < 0x80) {
      keys.write_ascii(static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte));
      ++at;
      continue;
    }
    const Utf8Char c = utf8_at(utf8, at);
    if (c.bytes == 0) keys.end_word();
    if (c.bytes != 0) write_code_point(c.value, keys);
    at += c.bytes == 0 ? 1 : c.bytes;
  }
  keys.finish();
}

void TextReadings::read(std::string_view encoded, From from) {
  count_ = 0;
  add_decoded(encoded, from);
  const std::size_t once = count_;
  for (std::size_t i = 0; i < once; ++i) {
    if (has_escape(texts_[i])) add_decoded(texts_[i], From::path);  // a "+" that was escaped is no space
  }
}

void TextReadings::add_decoded(std::string_view encoded, From from) {
  const std::string& decoded = texts_[count_];
  decode(encoded, from == From::query, texts_[count_++]);
  if (is_utf8(decoded)) return;
  std::string& legacy = texts_[count_++];
  legacy.clear();
  for (const char c : decoded) append_utf8(legacy, windows_1258(static_cast<unsigned char>(c)));
}

}  // namespace schoolgate
