// Reports as Word files: word for word as XML, and as an archive by libzip. LibreOffice opens them in
// tests/integration/test_report.py. After a wanted change: SCHOOLGATE_UPDATE_GOLDEN=1
// build/release/tests/tools_test "[word][golden]", then read the difference and look at them.
#include "tools/report/word.h"

#include <expat.h>
#include <zip.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/tools/report/sample_report.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using Catch::Contains;

namespace {

const std::string expected_word = SCHOOLGATE_SOURCE_DIR "/tests/tools/report/expected/";

bool is_xml(const std::string& text) {
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate("UTF-8"),
                                                                       XML_ParserFree);
  return XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK;
}

std::string body_of_word(const Document& document) {
  for (const WordPart& part : word_parts(document)) {
    if (part.name == "word/document.xml") return part.text;
  }
  return {};
}

std::size_t times_in(const std::string& text, std::string_view what) {
  std::size_t times = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

}  // namespace

TEST_CASE("word: of a generated school, word for word", "[tools][report][word][golden]") {
  struct Row {
    const char* file;
    const char* audience;
    Language language;
  };
  const Row rows[] = {{"department.vi.docx.xml", "department", Language::vi},
                      {"head.en.docx.xml", "head", Language::en},
                      {"admin.vi.docx.xml", "admin", Language::vi}};
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.file) {
      std::string got = body_of_word(sample(row.audience, row.language));
      // A paragraph a line, so that a difference can be read.
      for (std::size_t at = got.find("</w:p>"); at != std::string::npos; at = got.find("</w:p>", at + 7))
        got.insert(at + 6, "\n");
      if (std::getenv("SCHOOLGATE_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected_word + row.file, std::ios::binary) << got;
      std::ifstream in(expected_word + row.file, std::ios::binary);
      const std::string want{std::istreambuf_iterator<char>(in), {}};
      CHECK(got == want);
    }
  }
}

TEST_CASE("word: the letter of the decree", "[tools][report][word]") {
  const std::string body = body_of_word(sample("department", Language::vi));
  // Side by side above the title, the fields of people empty, the names to sign last.
  std::size_t at = 0;
  for (const char* text :
       {"Trường THCS Mẫu", "Số: ……/BC-……", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "ngày 02 tháng 12 năm 2026", "BÁO CÁO", "Kính gửi:", ">A. ", ">B. ",
        ">C. ", ">D. ", ">E. ", ">F. ", ">G. ", ">H. ", ">I. ", "Nơi nhận:", "NGƯỜI LẬP", "HIỆU TRƯỞNG"}) {
    CAPTURE(text);
    const std::size_t found = body.find(text, at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
  CHECK(times_in(body, "<w:tbl>") == times_in(body, "</w:tbl>"));
  CHECK(times_in(body, "</w:tbl><w:tbl>") == 0);  // two tables that touch are one
}

TEST_CASE("word: hostile values stay text", "[tools][report][word]") {
  const std::string evil =
      "=cmd|'/c calc'!A1\"><w:fldSimple "
      "w:instr=\"DDEAUTO\"/>]]>\xe2\x80\xae&\x1b[2J\xff\xef\xbf\xbe\xef\xbf\xbf";
  for (const char* audience : {"head", "admin", "department"}) {
    CAPTURE(audience);
    const Document document = hostile_document(audience, evil);
    std::size_t fields = 0;
    for (const WordPart& part : word_parts(document)) {
      CAPTURE(part.name);
      CHECK(is_xml(part.text));
      CHECK_THAT(part.text, !Contains("\xe2\x80\xae") && !Contains("\x1b") && !Contains("\xff") &&
                                !Contains("\xef\xbf\xbe") && !Contains("\xef\xbf\xbf") && !Contains("]]>") &&
                                !Contains("External") && !Contains("instrText"));
      fields += times_in(part.text, "<w:fldSimple");
    }
    CHECK(fields == 1);  // the number of the page
    CHECK_THAT(body_of_word(document), Contains("&lt;w:fldSimple"));
  }
}

TEST_CASE("word: an archive that is the same wherever and whenever it is made", "[tools][report][word]") {
  const Document document = sample("department", Language::vi);
  const auto one = to_docx(document);
  REQUIRE(one);
  REQUIRE(setenv("TZ", "America/Los_Angeles", 1) == 0);
  const auto other = to_docx(document);
  REQUIRE(unsetenv("TZ") == 0);
  REQUIRE(other);
  CHECK(*one == *other);

  zip_source_t* const source = zip_source_buffer_create(one->data(), one->size(), 0, nullptr);
  const std::unique_ptr<zip_t, void (*)(zip_t*)> zip(
      zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr), zip_discard);
  REQUIRE(zip);
  const auto parts = word_parts(document);
  REQUIRE(zip_get_num_entries(zip.get(), 0) == static_cast<zip_int64_t>(parts.size()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(zip_get_name(zip.get(), i, 0) == std::string(parts[i].name));
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip.get(), i, 0),
                                                                 zip_fclose);
    REQUIRE(file);
    std::string text(parts[i].text.size() + 1, '\0');
    REQUIRE(zip_fread(file.get(), text.data(), text.size()) ==
            static_cast<zip_int64_t>(parts[i].text.size()));
    text.pop_back();
    CHECK(text == parts[i].text);
  }
}
