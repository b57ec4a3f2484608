#include "rules/patterns/match/symbols.h"

#include <cstring>

namespace schoolgate::pattern {
namespace {

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101u;
}

SymbolSet make_text_symbols() {
  SymbolSet set;
  for (int c = 0x20; c < 0x7f; ++c)
    if (c < 'A' || c > 'Z') set.add(static_cast<Symbol>(c));
  for (const Symbol s : {symbol::control, symbol::other, symbol::long_s, symbol::kelvin}) set.add(s);
  return set;
}

SymbolSet make_word_symbols() {
  SymbolSet set;
  for (char c = '0'; c <= '9'; ++c) set.add(static_cast<Symbol>(c));
  for (char c = 'a'; c <= 'z'; ++c) set.add(static_cast<Symbol>(c));
  set.add('_');
  return set;
}

bool continues(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count >= text.size()) return false;
  for (std::size_t i = 1; i <= count; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
  return true;
}

// Length of the character at `at`, cut as RE2 cuts (overlong forms and surrogates count as characters);
// 1 for a byte that starts none.
std::size_t character_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead >= 0xc2 && lead <= 0xdf && continues(text, at, 1)) return 2;
  if (lead >= 0xe0 && lead <= 0xef && continues(text, at, 2)) return 3;
  if (lead >= 0xf0 && lead <= 0xf4 && continues(text, at, 3)) return 4;
  return 1;
}

// Eight bytes in lower case; the result is not 0 if one of them is not printable ASCII.
std::uint64_t lower_eight(const char* in, Symbol* out) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, in, 8);
  const std::uint64_t below_space = (word - each(0x20)) & ~word, is_del = word + each(1);
  const std::uint64_t from_a = word + each(0x80 - 'A'), beyond_z = word + each(0x80 - 'Z' - 1);
  const std::uint64_t lower = word | ((from_a & ~beyond_z) & each(0x80)) >> 2;
  std::memcpy(out, &lower, 8);
  return (word | below_space | is_del) & each(0x80);
}

Symbol ascii_symbol(unsigned char c) {
  if (c < 0x20 || c == 0x7f) return symbol::control;
  return c >= 'A' && c <= 'Z' ? static_cast<Symbol>(c + 32) : c;
}

}  // namespace

const SymbolSet& text_symbols() noexcept {
  static const SymbolSet set = make_text_symbols();
  return set;
}

const SymbolSet& word_symbols() noexcept {
  static const SymbolSet set = make_word_symbols();
  return set;
}

SymbolSet canonical(const SymbolSet& set) noexcept {
  SymbolSet out;
  set.for_each([&](Symbol s) { out.add(canonical(s)); });
  return out;
}

void SymbolText::assign(std::string_view subject) {
  if (const std::size_t need = subject.size() + 2 * margin + 16; symbols_.size() < need)
    symbols_.resize(need);
  folded_ = false;
  symbols_[margin] = symbol::start;
  plain_ = assign_plain(subject);
  if (!plain_) assign_any(subject);
}

// Eight bytes at a time, the last eight perhaps twice; false as soon as a byte is not printable ASCII.
bool SymbolText::assign_plain(std::string_view subject) noexcept {
  const char* const in = subject.data();
  Symbol* const out = symbols_.data() + margin + 1;
  const std::size_t size = subject.size();
  std::uint64_t strange = 0;
  if (size < 8) {
    char padded[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    for (std::size_t i = 0; i < size; ++i) padded[i] = subject[i];
    strange = lower_eight(padded, out);
  } else {
    for (std::size_t i = 0; i + 8 < size; i += 8) strange |= lower_eight(in + i, out + i);
    strange |= lower_eight(in + size - 8, out + size - 8);
  }
  finish(size);
  return strange == 0;
}

void SymbolText::assign_any(std::string_view subject) {
  Symbol* out = symbols_.data() + margin + 1;
  std::size_t length = 0;
  for (std::size_t i = 0; i < subject.size();) {
    const std::size_t bytes = character_length(subject, i);
    const std::string_view character = subject.substr(i, bytes);
    Symbol s = symbol::other;
    if (static_cast<unsigned char>(character[0]) < 0x80)
      s = ascii_symbol(static_cast<unsigned char>(character[0]));
    if (character == "\u017f") s = symbol::long_s;
    if (character == "\u212a") s = symbol::kelvin;
    folded_ = folded_ || canonical(s) != s;
    out[length++] = s;
    i += bytes;
  }
  finish(length);
  if (!folded_) return;
  lookup_ = symbols_;
  for (Symbol& s : lookup_) s = canonical(s);
}

void SymbolText::finish(std::size_t length) noexcept {
  Symbol* behind = symbols_.data() + margin + 1 + length;
  *behind = symbol::end;
  std::memset(behind + 1, symbol::pad, margin);
  size_ = length + 2;
}

}  // namespace schoolgate::pattern
