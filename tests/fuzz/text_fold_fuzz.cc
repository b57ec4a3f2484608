// Any bytes give keys of the promised alphabet; folding is a fixed point; every normal form gives the same
// keys.
#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "rules/url/utf8.h"
#include "rules/words/text_fold.h"
#include "tests/fuzz/require.h"

namespace {

using namespace schoolgate;

TextKeys keys_of(std::string_view text) {
  TextKeys keys;
  fold_text(text, keys);
  return keys;
}

void check_alphabet(const TextKeys& keys) {
  std::string without_marks;
  for (const char c : keys.telex) {
    const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ';
    require(small || std::strchr("ADEOWSFRXJ", c) != nullptr, "the telex key has its alphabet");
    if (small) without_marks += c;
  }
  require(without_marks == keys.folded, "the folded key is the telex key without marks");
  require(keys.folded.empty() || (keys.folded.front() != ' ' && keys.folded.back() != ' '),
          "no space at the ends");
  require(keys.folded.find("  ") == std::string::npos, "words are one space apart");
}

std::string normalized(std::string_view text, int form) {
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  require(size >= 0, "valid text has a normal form");
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view encoded(copy.get(), size);
  TextReadings readings;
  for (const auto from : {TextReadings::From::query, TextReadings::From::path}) {
    readings.read(encoded, from);
    require(!readings.all().empty(), "there is a reading");
    for (const std::string& text : readings.all()) {
      const TextKeys keys = keys_of(text);
      check_alphabet(keys);
      require(keys_of(keys.folded).telex == keys.folded, "folding is a fixed point");
      if (!is_utf8(text)) continue;
      for (const int form :
           {0 + UTF8PROC_COMPOSE, 0 + UTF8PROC_DECOMPOSE, UTF8PROC_COMPOSE | UTF8PROC_COMPAT}) {
        require(keys_of(normalized(text, form)).telex == keys.telex, "normal forms give the same key");
      }
    }
  }
  return 0;
}
