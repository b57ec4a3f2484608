// The fast URL code against the plain one, on random text made of what hurts.
#include <catch2/catch.hpp>

#include <utf8proc.h>

#include <cstdlib>
#include <random>
#include <set>

#include "rules/url/idna.h"
#include "rules/url/punycode.h"
#include "rules/url/url.h"
#include "rules/url/utf8.h"
#include "tests/support/url_laws.h"

using namespace schoolgate;

namespace {

using Random = std::mt19937;  // the same numbers everywhere

std::string pick(Random& random, const std::vector<std::string>& parts, std::size_t most) {
  std::string text;
  for (std::size_t n = random() % (most + 1); n > 0; --n) text += parts[random() % parts.size()];
  return text;
}

const std::vector<std::string> host_parts{"a",
                                          "b",
                                          "com",
                                          ".",
                                          ".",
                                          "-",
                                          "_",
                                          "xn--",
                                          "xn--bcher-kva",
                                          "xn--ls8h",
                                          "A",
                                          "XN--",
                                          "1",
                                          "0x7f",
                                          "127",
                                          "%61",
                                          "%2e",
                                          "%C3%BC",
                                          "%EF%BC%91",
                                          "%C2%AD",
                                          "%E3%80%82",
                                          "%e2%9d%a4",
                                          "%00",
                                          "%2f",
                                          "%zz",
                                          "0177",
                                          "abcdefghijklmnopqrstuvwxyz",
                                          "%F0%9F%92%A9",
                                          "%D7%90",
                                          "%CC%81",
                                          "--"};

const std::vector<std::string> target_parts{"/",
                                            "/",
                                            "/",
                                            "//",
                                            ".",
                                            "..",
                                            "%2e",
                                            "%2E",
                                            "%2F",
                                            "%5c",
                                            "\\",
                                            "?",
                                            "%3f",
                                            "#",
                                            "%23",
                                            "%00",
                                            "%0a",
                                            "%7f",
                                            "%zz",
                                            "%",
                                            "%2",
                                            "%25",
                                            "%2541",
                                            "%41",
                                            "a",
                                            "A",
                                            "Zz9",
                                            "e%CC%81",
                                            "%CC%A3",
                                            "%CC%87",
                                            "%E1%BB%AB",
                                            "%ff",
                                            "%C3",
                                            "%A9",
                                            "%C2%85",
                                            "%C5%BF",
                                            "%E2%84%AA",
                                            "%C8%BA",
                                            "+",
                                            ";",
                                            "=",
                                            "&",
                                            ":",
                                            "@",
                                            "%F0%9F%92%A9",
                                            "%ED%A0%80",
                                            "%E0%A5%98",
                                            "%EA%B0%80%E1%86%A8",
                                            "abcdefghijklmno",
                                            "abcdefghijklmnop",
                                            "A0123456789abcdef",
                                            "%20",
                                            "~",
                                            "/../",
                                            "/./",
                                            "%E1%84%80%E1%85%A1"};

}  // namespace

TEST_CASE("the URL laws hold on random URLs", "[rules][url]") {
  Random random(20240605);
  std::size_t accepted = 0;
  for (int i = 0; i < 60000; ++i) {
    std::string raw = random() % 8 == 0 ? "HTTPS://" : "http://";
    raw += random() % 4 == 0 ? pick(random, host_parts, 6) : "www.example.com";
    if (random() % 10 == 0) raw += ":" + std::to_string(random() % 100);
    if (random() % 10 != 0) raw += "/";
    raw += pick(random, target_parts, 12);
    const std::string law = broken_url_law(raw);
    if (!law.empty()) {
      CAPTURE(raw);
      REQUIRE(law == "");
    }
    Url url;
    accepted += url.parse(raw).ok() ? 1 : 0;
  }
  CHECK(accepted > 30000);  // most were worth asking
}

TEST_CASE("the authority laws hold on random authorities", "[rules][url]") {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::string raw =
        pick(random, host_parts, 5) + (random() % 8 == 0 ? "" : ":" + std::to_string(random() % 70000));
    const std::string law = broken_authority_law(raw);
    if (!law.empty()) {
      CAPTURE(raw);
      REQUIRE(law == "");
    }
  }
}

TEST_CASE("Punycode is its own inverse, and every made A-label is a valid one", "[rules][host]") {
  Random random(11);
  const char32_t samples[] = {U'a',  U'z',  U'0',   U'-',   0xfc,    0x1eeb, 0x111,
                              0x3b1, 0x5d0, 0x4e2d, 0xac00, 0x1f4a9, 0x2764};
  for (int i = 0; i < 5000; ++i) {
    std::u32string label;
    for (std::size_t n = 1 + random() % 12; n > 0; --n) label += samples[random() % std::size(samples)];
    const std::optional<std::string> encoded = punycode_encode(label);
    if (encoded) REQUIRE(punycode_decode(*encoded) == label);
    std::string name;
    for (const char32_t c : label) append_utf8(name, c);
    const std::optional<std::string> ascii = idna_to_ascii(name);
    if (!ascii || !ascii->starts_with("xn--") || ascii->size() > 63) continue;
    CAPTURE(*ascii);
    REQUIRE(is_valid_a_label(*ascii));
  }
}

TEST_CASE("case folding is idempotent", "[rules][url]") {
  std::set<char32_t> unstable;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c == 0xd800) c = 0xe000;
    if (fold_case(fold_case(c)) != fold_case(c)) unstable.insert(c);
    if (c >= 0x80 && fold_case(c) < 0x20) unstable.insert(c);
  }
  CHECK(unstable.empty());
  CHECK(fold_case(U'\u1e9e') == U'\u00df');
  CHECK(fold_case(U'\u00b5') == U'\u03bc');
  CHECK(fold_case(U'\u0110') == U'\u0111');
  CHECK(fold_case(U'\U00010400') == U'\U00010428');
}

TEST_CASE("the quick way to NFC agrees with utf8proc after any starter", "[rules][url]") {
  std::size_t wrong = 0;
  for (const char* before : {"", "a", "\u01b0", "\u1ea1", "\u1e63", "\u304b", "\uac00", "\u0435"}) {
    for (char32_t c = 0x80; c < 0x110000; ++c) {
      if (c == 0xd800) c = 0xe000;
      std::string text = before, nfc;
      append_utf8(text, c);
      append_nfc(nfc, text);
      utf8proc_uint8_t* const want = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
      if (nfc != reinterpret_cast<const char*>(want)) ++wrong;
      std::free(want);
    }
  }
  CHECK(wrong == 0);
}
