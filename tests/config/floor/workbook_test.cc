// Workbooks packed by Python's zipfile, as Excel and LibreOffice lay them out.
#include "config/floor/workbook.h"

#include <cstdlib>

#include "config/floor/floor_build.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Folder;

constexpr char workbook_xml[] =
    R"(<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" )"
    R"(xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>)"
    R"(<sheet name="Danh sách" sheetId="1" r:id="rId1"/><sheet name="Hai" sheetId="2" r:id="rId2"/></sheets></workbook>)";
constexpr char relations_xml[] =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/>)"
    R"(<Relationship Id="rId2" Type="x" Target="/xl/worksheets/sheet2.xml"/></Relationships>)";
constexpr char strings_xml[] =
    R"(<sst><si><t>Tên miền</t></si><si><r><t>bad.</t></r><r><t>example</t></r><rPh><t>spoken</t></rPh></si></sst>)";
constexpr char first_sheet[] =
    R"(<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>STT</t></is></c><c r="B1" t="s"><v>0</v></c></row>)"
    R"(<row r="3"><c r="A3"><v>1</v></c><c r="B3" t="s"><v>1</v></c></row>)"
    R"(<row r="4"><c r="B4" t="str"><f>A1</f><v>http://worse.example/x&amp;y</v></c></row></sheetData></worksheet>)";
constexpr char empty_sheet[] = "<worksheet><sheetData/></worksheet>";

struct Packed {
  Packed() {
    folder.write("xl/workbook.xml", workbook_xml);
    folder.write("xl/_rels/workbook.xml.rels", relations_xml);
    folder.write("xl/sharedStrings.xml", strings_xml);
    folder.write("xl/worksheets/sheet1.xml", first_sheet);
    folder.write("xl/worksheets/sheet2.xml", empty_sheet);
  }
  [[nodiscard]] std::string bytes() const {
    const std::string command = "cd " + folder.path("") +
                                " && python3 -c \"import shutil; shutil.make_archive('" + out.path("book") +
                                "', 'zip', '.')\"";
    REQUIRE(std::system(command.c_str()) == 0);
    return out.read("book.zip");
  }
  [[nodiscard]] std::string why() const {
    const auto read = read_workbook(bytes());
    return read ? "" : read.error().message.english();
  }
  Folder folder, out;
};

TEST_CASE("the sheets of a workbook", "[config][floor][workbook]") {
  const Packed packed;
  const std::string bytes = packed.bytes();
  const auto read = read_workbook(bytes);
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  const ListTable& table = read->front();
  CHECK(table.sheet == "Danh sách");
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0].cells == std::vector<std::string>{"STT", "Tên miền"});
  CHECK(table.rows[1].number == 3);
  CHECK(table.rows[1].cells == std::vector<std::string>{"1", "bad.example"});
  CHECK(table.rows[2].cells == std::vector<std::string>{"", "http://worse.example/x&y"});

  FloorBuilder builder(FloorSalt{1});
  const auto taken = builder.take(bytes, "list.xlsx", FloorKind::terrorism, "");
  REQUIRE(taken);
  CHECK(taken->entries == 2);
  // Cut anywhere it is refused, and never reads beyond its end.
  for (std::size_t size = 2; size + 1 < bytes.size(); size += 7)
    CHECK_FALSE(read_workbook(bytes.substr(0, size)));
}

TEST_CASE("workbooks that are none, or too much", "[config][floor][workbook]") {
  Packed packed;
  SECTION("no workbook of Excel") {
    std::filesystem::remove(packed.folder.path("xl/workbook.xml"));
    CHECK(packed.why() == "it is an archive, but no workbook of Excel (.xlsx)");
  }
  SECTION("a sheet is missing") {
    std::filesystem::remove(packed.folder.path("xl/worksheets/sheet1.xml"));
    CHECK(packed.why() == "the workbook lacks the part xl/worksheets/sheet1.xml");
  }
  SECTION("a text that is not there") {
    packed.folder.write("xl/sharedStrings.xml", "<sst><si><t>one</t></si></sst>");
    CHECK(packed.why() == "the workbook names a text that it does not hold: it is damaged");
  }
  SECTION("entities are neither expanded nor fetched") {
    packed.folder.write("xl/worksheets/sheet1.xml",
                        "<!DOCTYPE w [<!ENTITY a \"x\"><!ENTITY f SYSTEM \"/etc/passwd\">]>"
                        "<worksheet><sheetData><row><c t=\"str\"><v>&f;&a;</v></c></row>"
                        "</sheetData></worksheet>");
    CHECK(packed.why() == "the part xl/worksheets/sheet1.xml of the workbook is not as Excel writes it");
  }
  SECTION("no XML") {
    packed.folder.write("xl/worksheets/sheet1.xml", "<worksheet><row></worksheet>");
    CHECK(packed.why() == "the part xl/worksheets/sheet1.xml of the workbook is not as Excel writes it");
  }
  SECTION("elements in elements") {
    std::string deep = "<worksheet>";
    for (int i = 0; i < 100; ++i) deep += "<a>";
    packed.folder.write("xl/worksheets/sheet1.xml", deep);
    CHECK(packed.why() == "the part xl/worksheets/sheet1.xml of the workbook is not as Excel writes it");
  }
  SECTION("a bomb") {
    packed.folder.write("xl/worksheets/sheet1.xml",
                        "<worksheet>" + std::string(20'000'000, ' ') + "</worksheet>");
    CHECK(packed.why() == "the workbook unpacks to far more than a list holds: it is not read");
  }
  SECTION("a cell far to the right") {
    packed.folder.write("xl/worksheets/sheet1.xml",
                        R"(<worksheet><row r="1"><c r="XFD1" t="str"><v>a.vn</v></c></row></worksheet>)");
    CHECK(packed.why() == "line 1 has more than 256 cells");
  }
  SECTION("many sheets") {
    std::string book = R"(<workbook xmlns:r="r"><sheets>)";
    for (int i = 0; i < 65; ++i) book += R"(<sheet name="a" r:id="rId1"/>)";
    packed.folder.write("xl/workbook.xml", book + "</sheets></workbook>");
    CHECK(packed.why() == "the workbook has more than 64 sheets");
  }
}

}  // namespace
}  // namespace schoolgate
