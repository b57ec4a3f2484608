#include <catch2/catch.hpp>

#include "rules/words/text_fold.h"
#include "tests/support/allocations.h"
#include "tests/support/tsv.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

const std::string data = SCHOOLGATE_SOURCE_DIR "/tests/rules/data/";

TextKeys keys_of(std::string_view utf8) {
  TextKeys keys;
  fold_text(utf8, keys);
  return keys;
}

TextKeys keys_of_encoded(std::string_view encoded) {
  TextReadings readings;
  readings.read(encoded, TextReadings::From::query);
  return keys_of(readings.all().back());
}

}  // namespace

TEST_CASE("fold vectors", "[rules][text_fold]") {
  const auto rows = read_tsv(data + "fold_vectors.tsv");
  CHECK(rows.size() == 23);
  for (const TsvRow& row : rows) {
    DYNAMIC_SECTION(row.at("kind")) {
      const TextKeys keys = keys_of_encoded(row.at("input"));
      CHECK(keys.telex == row.at("telex_key"));
      CHECK(keys.folded == row.at("folded_key"));
    }
  }
}

TEST_CASE("the keys of every term test", "[rules][text_fold]") {
  const auto rows = read_tsv(data + "terms_tests.tsv");
  CHECK(rows.size() == 1432);
  for (const TsvRow& row : rows) {
    INFO(row.at("input"));
    const TextKeys keys = keys_of_encoded(row.at("input"));
    CHECK(keys.telex == row.at("telex_key"));
    CHECK(keys.folded == row.at("folded_key"));
  }
}

TEST_CASE("text keys", "[rules][text_fold]") {
  struct Row {
    const char *name, *text, *telex, *folded;
  };
  const Row rows[] = {
      {"nothing", "", "", ""},
      {"no letters", " -_./!", "", ""},
      {"spaces fold and are trimmed", "  a  b ", "a b", "a b"},
      {"every quality mark", "â ă đ ê ô ơ ư", "aA aW dD eE oO oW uW", "a a d e o o u"},
      {"every tone", "á à ả ã ạ", "aS aF aR aX aJ", "a a a a a"},
      {"a tone stands at the end of the syllable", "thuở thuỷ thủy", "thuoWR thuyR thuyR", "thuo thuy thuy"},
      {"upper case", "ĐƯỜNG", "dDuWoWngF", "duong"},
      {"marks in another order", "o\xcc\xa3\xcc\x82 o\xcc\x82\xcc\xa3", "oOJ oOJ", "o o"},
      {"a horn comes before a circumflex, in any order", "o\xcc\x9b\xcc\x82 o\xcc\x82\xcc\x9b", "oW oW",
       "o o"},
      {"a dot comes before another tone, in any order", "o\xcc\xa3\xcc\x81 o\xcc\x81\xcc\xa3", "oS oS",
       "o o"},
      {"a mark on nothing", "\xcc\x81 a", "a", "a"},
      {"a quality mark on a letter that has none", "i\xcc\x82x", "ix", "ix"},
      {"a variation selector is not there",
       "c\xef\xb8\x8f"
       "a",
       "ca", "ca"},
      {"a bidi control is not there",
       "c\xe2\x80\xaa"
       "a",
       "ca", "ca"},
      {"the African D", "Ɖỏ", "dDoR", "do"},
      {"a ligature", "ﬁ", "fi", "fi"},
      {"another script ends a word", "ca中do", "ca do", "ca do"},
      {"an emoji ends a word", "ca🙂do", "ca do", "ca do"},
      {"bytes that are no UTF-8 end a word",
       "ca\xff"
       "do",
       "ca do", "ca do"},
      {"a rating", "18+ 16＋x +", "18plus 16plusx", "18plus 16plusx"},
      {"a plus after a letter", "c+d", "c d", "c d"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const TextKeys keys = keys_of(row.text);
      CHECK(keys.telex == row.telex);
      CHECK(keys.folded == row.folded);
    }
  }
}

TEST_CASE("readings of a percent-encoded text", "[rules][text_fold]") {
  using From = TextReadings::From;
  struct Row {
    const char* name;
    const char* encoded;
    From from;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {"plain", "a+b", From::query, {"a b"}},
      {"a plus in a path", "a+b", From::path, {"a+b"}},
      {"an escaped plus", "18%2B", From::query, {"18+"}},
      {"no escape", "100%+a%zz%4", From::query, {"100% a%zz%4"}},
      {"encoded twice: both readings", "a%2541", From::query, {"a%41", "aA"}},
      {"not a third time", "a%252541", From::query, {"a%2541", "a%41"}},
      {"an escaped plus of the second round is none", "1%252B2%2b3", From::query, {"1%2B2+3", "1+2+3"}},
      {"windows-1258 beside the bytes", "%F0%F4%F2", From::query, {"\xf0\xf4\xf2", "đô\xcc\xa3"}},
      {"windows-1258 and twice",
       "%F0%2541",
       From::query,
       {"\xf0%41", "đ%41",
        "\xf0"
        "A",
        "đA", "đA"}},
  };
  TextReadings readings;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      readings.read(row.encoded, row.from);
      const std::vector<std::string> got(readings.all().begin(), readings.all().end());
      CHECK(got == row.want);
    }
  }
}

TEST_CASE("folding allocates nothing once warm", "[rules][text_fold]") {
  TextReadings readings;
  TextKeys keys;
  const auto fold = [&] {
    readings.read("c%C3%A1+%C4%91%E1%BB%99+b%C3%B3ng+%C4%91%C3%A1+tr%E1%BB%B1c+tuy%E1%BA%BFn+%2541",
                  TextReadings::From::query);
    for (const std::string& text : readings.all()) fold_text(text, keys);
  };
  fold();
  const std::size_t before = allocations();
  fold();
  CHECK(allocations() == before);
}
