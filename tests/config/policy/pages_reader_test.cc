// pages.yaml as values, and what a load makes of it. The messages that people read:
// tests/golden/diagnostics/page_texts.txt.
#include "config/policy/pages_reader.h"

#include <catch2/catch.hpp>

#include "config/policy/policy_shapes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Tells;

std::vector<Tier> three_tiers() {
  std::vector<Tier> tiers(3);
  tiers[0].id = "tieu_hoc";
  tiers[0].voice = Voice::small_children;
  tiers[1].id = "thcs";
  tiers[2].id = "staff";
  tiers[2].voice = Voice::adults;
  return tiers;
}

struct PagesReading : test::Reading {
  explicit PagesReading(const std::string& text) {
    folder.write("pages.yaml", "version: 1\n" + text);
    const std::vector<Tier> tiers = three_tiers();
    words = read_pages_file(folder.path("pages.yaml"), context, tiers);
  }
  [[nodiscard]] std::string told() const { return Reading::told("pages.yaml"); }
  // "key: text | text", sorted.
  [[nodiscard]] std::string of(Language language) const {
    std::string out;
    for (const auto& [key, texts] : words.of(language)) {
      out += key + ":";
      for (const std::string& text : texts) out += " " + text + " |";
      out.back() = '\n';
    }
    return out;
  }
  PageWords words;
};

TEST_CASE("pages.yaml: words for a voice and for a tier, in each language", "[config][page_words]") {
  const PagesReading reading(R"(vi:
  block:
    pupils: {title: "Không mở", body: ["{reason}", "Hỏi {it_contact}."]}
    tieu_hoc: {title: "Quay lại nhé", body: Hỏi cô nhé.}
  ask: {thcs: "Đưa mã cho {it_contact}."}
en:
  warn: {adults: {title: "Wait"}}
  help: {staff: {title: "Help", body: ["Talk to {safeguarding}.", "Kept for {keep_days} days."]}}
)");
  CHECK(reading.told() == "");
  CHECK(reading.of(Language::vi) ==
        "ask.thcs: Đưa mã cho {it_contact}. \n"
        "block.pupils.body: {reason} | Hỏi {it_contact}. \n"
        "block.pupils.title: Không mở \n"
        "block.tieu_hoc.body: Hỏi cô nhé. \n"
        "block.tieu_hoc.title: Quay lại nhé \n");
  CHECK(reading.of(Language::en) ==
        "help.staff.body: Talk to {safeguarding}. | Kept for {keep_days} days. \n"
        "help.staff.title: Help \n"
        "warn.adults.title: Wait \n");
}

TEST_CASE("pages.yaml: what cannot stand there is told, and left out", "[config][page_words]") {
  struct Row {
    const char *name, *text, *told;
  };
  const Row rows[] = {
      {"an unknown page", "en: {blok: {}}\n",
       "2:6: error SG1101: a language of this file has no key \"blok\""},
      {"a page without words for pages of errors", "en: {errors: {pupils: {title: x}}}\n",
       "2:6: error SG1101"},
      {"what is recorded is no school's to write", "en: {privacy: {pupils: [x]}}\n", "2:6: error SG1101"},
      {"a button", "en: {warn: {pupils: {continue: x}}}\n", "2:22: error SG1101"},
      {"an unknown reader", "en: {ask: {thcss: \"{it_contact}\"}}\n", "2:12: error SG1203"},
      {"no readers", "en: {ask: x}\n", "2:11: error SG1103"},
      {"a title with a value", "en: {block: {pupils: {title: \"{reason}\"}}}\n", "2:31: error SG1240"},
      {"a value of another page", "en: {block: {pupils: {body: [\"{reason} {room_until}\"]}}}\n",
       "2:40: error SG1240"},
      {"braces with blanks", "en: {block: {pupils: {body: [\"{ reason }\"]}}}\n", "2:31: error SG1240"},
      {"no reason for pupils", "en: {block: {pupils: {body: [\"No.\"]}}}\n", "2:29: error SG1240"},
      {"no reason for a tier of pupils", "en: {block: {thcs: {title: x, body: [\"No.\"]}}}\n",
       "2:37: error SG1240"},
      {"no reason for small children", "en: {block: {tieu_hoc: {title: x, body: [\"No.\"]}}}\n", ""},
      {"no person in charge", "en: {help: {pupils: {body: [\"Be brave.\"]}}}\n", "2:28: error SG1240"},
      {"a tier with a title alone", "en: {block: {thcs: {title: x}}}\n", "2:20: error SG1102"},
      {"no sentence", "en: {block_line: {pupils: {body: []}}}\n", "2:34: error SG1102"},
      {"a title that is a list", "en: {block_line: {pupils: {title: [a]}}}\n", "2:35: error SG1103"},
      {"markup", "en: {block_line: {pupils: {title: \"a <b>c</b>\"}}}\n", "2:35: warning SG1242"},
      {"an entity", "en: {block_line: {pupils: {title: \"a&nbsp;b\"}}}\n", "2:35: warning SG1242"},
      {"no markup", "en: {block_line: {pupils: {title: \"1 < 2 & 3 > 2; R&D <3\"}}}\n", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const PagesReading reading(row.text);
      CHECK_THAT(reading.told(), Tells(row.told));
      const bool wrong = std::string(row.told).find("error") != std::string::npos;
      CHECK((wrong ? 0U : 1U) <= reading.words.of(Language::en).size());
      if (wrong) CHECK(reading.of(Language::en).find("No.") == std::string::npos);
    }
}

TEST_CASE("pages.yaml: bounds, in characters and not in bytes", "[config][page_words]") {
  const auto repeat = [](const std::string& what, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += what;
    return out;
  };
  const auto title = [&](std::size_t times) {
    return PagesReading("vi: {block_line: {pupils: {title: \"" + repeat("ữ", times) + "\"}}}\n").told();
  };
  CHECK(title(most_title) == "");
  CHECK_THAT(title(most_title + 1), Tells("2:35: error SG1241"));
  const auto body = [&](std::size_t sentences, std::size_t times) {
    return PagesReading("vi: {block_line: {pupils: {body: [" +
                        repeat("\"" + repeat("ữ", times) + "\", ", sentences) + "]}}}\n")
        .told();
  };
  CHECK(body(most_sentences, most_sentence) == "");
  CHECK_THAT(body(1, most_sentence + 1), Tells("2:35: error SG1241"));
  CHECK_THAT(body(most_sentences + 1, 1), Tells("2:34: error SG1241"));
}

TEST_CASE("pages.yaml: the schema knows the pages that the reader knows", "[config][page_words]") {
  REQUIRE(page_language_shape.keys.size() == page_text_kinds().size());
  for (const PageTextKind& kind : page_text_kinds()) {
    INFO(kind.page);
    CHECK(page_language_shape.find(kind.page) != nullptr);
    for (const std::string_view needed : kind.must)
      CHECK(std::find(kind.may.begin(), kind.may.end(), needed) != kind.may.end());
  }
}

TEST_CASE("pages.yaml: taken with a load, or refused with it; part of the policy's digest",
          "[config][page_words]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const LoadResult without = folder.load();
  REQUIRE(without.snapshot != nullptr);
  CHECK(without.snapshot->page_words.of(Language::en).empty());
  folder.write("pages.yaml", "version: 1\nen: {block: {pupils: {title: Closed}}}\n");
  const LoadResult with = folder.load();
  REQUIRE(with.snapshot != nullptr);
  CHECK(with.snapshot->page_words.of(Language::en).size() == 1);
  CHECK(with.snapshot->page_words.of(Language::vi).empty());
  CHECK(with.snapshot->digest != without.snapshot->digest);
  folder.write("pages.yaml", "version: 1\nen: {block: {pupils: {titel: Closed}}}\n");
  CHECK(folder.load().snapshot == nullptr);
}

}  // namespace
}  // namespace schoolgate
