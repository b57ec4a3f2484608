// The parts of a Word document. Sizes and places of an official letter are those of Decree 30/2020/ND-CP,
// appendix I: A4, 30 mm on the left, Times New Roman 13 to 14; the number of the page in the upper margin,
// not on the first.
#include "tools/report/word.h"

#include <algorithm>
#include <array>

#include "proxy/core/pages/template.h"

namespace schoolgate::tools {
namespace {

// In twentieths of a point, of which a millimetre has 56.7.
constexpr int page_width = 11'906, page_height = 16'838, margin_left = 1'701, margin_right = 851,
              margin_top = 1'134, text_width = page_width - margin_left - margin_right;
constexpr std::size_t most_plain_columns = 12;  // a table with more is written small

constexpr char declaration[] = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                               "\n";
constexpr char main_names[] = R"(xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main")";

constexpr char content_types[] =
    R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
    R"(<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>)"
    R"(<Default Extension="xml" ContentType="application/xml"/>)"
    R"(<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>)"
    R"(<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>)"
    R"(<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>)"
    R"(</Types>)";

constexpr char package_rels[] =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>)"
    R"(</Relationships>)";

constexpr char document_rels[] =
    R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)"
    R"(<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>)"
    R"(<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>)"
    R"(</Relationships>)";

constexpr char page_number[] =
    R"(<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple></w:p>)";

// How a paragraph stands: a style, and what differs from it.
struct Look {
  const char* style = "Normal";
  const char* align = nullptr;  // "center", "right", "both"
  bool bold = false, italic = false, capitals = false;
  int half_points = 0;  // 0: the style's
  int after = -1;       // below it; -1: the style's
};

// What may stand in XML 1.0, escaped: two points that are no characters besides what escape_html() leaves
// out.
std::string xml_text(std::string_view text) {
  std::string out = escape_html(text);
  for (const std::string_view none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (std::size_t at = out.find(none); at != std::string::npos; at = out.find(none, at + none.size()))
      out.replace(at, none.size(), "\xef\xbf\xbd");
  }
  return out;
}

std::string valued(const char* element, const std::string& value) {
  return std::string("<w:") + element + " w:val=\"" + value + "\"/>";
}

std::string paragraph_of(std::string_view text, const Look& look) {
  std::string out = "<w:p><w:pPr>" + valued("pStyle", look.style);
  if (look.after >= 0) out += "<w:spacing w:after=\"" + std::to_string(look.after) + "\"/>";
  if (look.align != nullptr) out += valued("jc", look.align);
  out += "</w:pPr>";
  if (!text.empty()) {
    std::string run;
    if (look.bold) run += "<w:b/>";
    if (look.italic) run += "<w:i/>";
    if (look.capitals) run += "<w:caps/>";
    if (look.half_points != 0) run += valued("sz", std::to_string(look.half_points));
    out += "<w:r>" + (run.empty() ? "" : "<w:rPr>" + run + "</w:rPr>") + "<w:t xml:space=\"preserve\">" +
           xml_text(text) + "</w:t></w:r>";
  }
  return out + "</w:p>";
}

// A line in the middle of `room`, below what it belongs to.
std::string ruled_line(int room, int length) {
  const std::string side = std::to_string(std::max(0, (room - length) / 2));
  return "<w:p><w:pPr>" + valued("pStyle", "Normal") +
         R"(<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>)"
         R"(<w:spacing w:after="0" w:line="120" w:lineRule="exact"/><w:ind w:left=")" +
         side + "\" w:right=\"" + side + "\"/></w:pPr></w:p>";
}

std::string grid_of(const std::vector<int>& widths) {
  std::string out = "<w:tblGrid>";
  for (const int width : widths) out += "<w:gridCol w:w=\"" + std::to_string(width) + "\"/>";
  return out + "</w:tblGrid>";
}

std::string cell_of(int width, const std::string& content, const std::string& shade = {}) {
  return "<w:tc><w:tcPr><w:tcW w:w=\"" + std::to_string(width) + "\" w:type=\"dxa\"/>" +
         (shade.empty() ? "" : R"(<w:shd w:val="clear" w:color="auto" w:fill=")" + shade + "\"/>") +
         "</w:tcPr>" + content + "</w:tc>";
}

// Places side by side, without borders; never cut by the end of a page.
std::string side_by_side(const std::vector<int>& widths, const std::vector<std::string>& contents) {
  std::string out = "<w:tbl><w:tblPr><w:tblW w:w=\"" + std::to_string(text_width) +
                    R"(" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>)" + grid_of(widths) +
                    "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
  for (std::size_t i = 0; i < contents.size(); ++i) out += cell_of(widths[i], contents[i]);
  return out + "</w:tr></w:tbl>";
}

std::size_t points_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xc0') != '\x80'; }));
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    longest = std::max(longest, points_in(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

// Columns as wide as their texts want them, within limits, and together as wide as the page. A head may break
// between its words. What is asked and filled in shares the page.
std::vector<int> column_widths(const Table& table, std::size_t columns) {
  constexpr std::size_t least = 6, most = 40;
  std::vector<std::size_t> wanted(columns, least);
  const auto want = [&](std::size_t column, std::size_t points) {
    wanted[column] = std::max(wanted[column], std::min(points, most));
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) want(i, longest_word(table.columns[i]) + 3);
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) want(i, points_in(row[i].text));
  }
  if (columns > most_plain_columns) std::fill(wanted.begin() + 1, wanted.end(), 2);
  if (table.columns.empty()) std::fill(wanted.begin(), wanted.end(), least);
  std::size_t all = 0;
  for (const std::size_t one : wanted) all += one;
  std::vector<int> widths;
  for (const std::size_t one : wanted)
    widths.push_back(static_cast<int>(one * static_cast<std::size_t>(text_width) / all));
  return widths;
}

// The picture of the hours is its table, coloured.
std::string shade_of(const Table& table, const Cell& cell) {
  constexpr std::array<const char*, 6> blues = {"", "E6EDF8", "CBDAF0", "AFC7E8", "94B4E0", "78A0D8"};
  const bool step = cell.text.size() == 1 && cell.text[0] > '0' && cell.text[0] < '6';
  return table.id == "hours" && cell.number && step ? blues[static_cast<std::size_t>(cell.text[0] - '0')]
                                                    : "";
}

std::string table_of_cells(const Table& table) {
  std::size_t columns = table.columns.size();
  for (const auto& row : table.rows) columns = std::max(columns, row.size());
  if (columns == 0) return {};
  const bool small = columns > most_plain_columns;
  const std::vector<int> widths = column_widths(table, columns);
  Look look{.style = small ? "SmallCell" : "Cell"};
  std::string out =
      "<w:tbl><w:tblPr><w:tblStyle w:val=\"Figures\"/><w:tblW w:w=\"" + std::to_string(text_width) +
      R"(" w:type="dxa"/><w:tblLayout w:type="fixed"/>)" +
      (small
           ? R"(<w:tblCellMar><w:left w:w="20" w:type="dxa"/><w:right w:w="20" w:type="dxa"/></w:tblCellMar>)"
           : "") +
      "</w:tblPr>" + grid_of(widths);
  const auto is_number = [&](std::size_t column) {
    return !table.rows.empty() && column < table.rows.front().size() && table.rows.front()[column].number;
  };
  if (!table.columns.empty()) {
    out += "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
    look.bold = true;
    for (std::size_t i = 0; i < columns; ++i) {
      look.align = is_number(i) ? "right" : nullptr;
      out +=
          cell_of(widths[i], paragraph_of(i < table.columns.size() ? table.columns[i] : "", look), "EEF3FB");
    }
    out += "</w:tr>";
  }
  for (const auto& row : table.rows) {
    out += "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
    look.bold = table.has_total && &row == &table.rows.back();
    for (std::size_t i = 0; i < columns; ++i) {
      const Cell cell = i < row.size() ? row[i] : Cell{};
      look.align = cell.number ? "right" : nullptr;
      out += cell_of(widths[i], paragraph_of(cell.text, look), shade_of(table, cell));
    }
    out += "</w:tr>";
  }
  return out + "</w:tbl>";
}

std::string with_note(const Table& table) {
  // Something must stand between two tables: else they are one.
  return table_of_cells(table) + paragraph_of(table.note, {.style = "Note"});
}

struct ToWord {
  bool official;
  std::string operator()(const Heading& heading) const {
    return paragraph_of(heading.text, {.style = "Heading1"});
  }
  std::string operator()(const Paragraph& paragraph) const {
    return paragraph_of(paragraph.text,
                        {.style = paragraph.lead ? "Lead" : "Body", .align = official ? "both" : nullptr});
  }
  std::string operator()(const Table& table) const {
    return (table.title.empty() ? "" : paragraph_of(table.title, {.style = "Heading2"})) + with_note(table);
  }
  std::string operator()(const Chart& chart) const {
    return paragraph_of(chart.title, {.style = "Heading2"}) +
           paragraph_of(chart.sentence, {.style = "Caption"}) + with_note(chart.table);
  }
};

std::string head_of_letter(const Letter& letter) {
  const std::vector<int> widths = {text_width * 2 / 5, text_width - text_width * 2 / 5};
  constexpr int beside = 216;  // what a cell leaves free at its sides
  std::string left, right;
  for (std::size_t i = 0; i < letter.left.size(); ++i) {
    const bool issuer = i == 1;
    left += paragraph_of(
        letter.left[i],
        {.align = "center", .bold = issuer, .capitals = i < 2, .half_points = i < 2 ? 24 : 26, .after = 0});
    if (issuer) left += ruled_line(widths[0] - beside, 1'200);
  }
  for (std::size_t i = 0; i < letter.right.size(); ++i) {
    const bool motto = i == 1;
    right += paragraph_of(
        letter.right[i],
        {.align = "center", .bold = i < 2, .italic = i >= 2, .half_points = i == 0 ? 24 : 26, .after = 0});
    if (motto) right += ruled_line(widths[1] - beside, 3'300);
  }
  return side_by_side(widths, {left, right}) + paragraph_of({}, {.after = 0});
}

std::string end_of_letter(const Letter& letter) {
  constexpr int room_to_sign = 1'500;
  std::vector<int> widths = {text_width * 2 / 5};
  std::vector<std::string> contents = {{}};
  for (std::size_t i = 0; i < letter.below_left.size(); ++i)
    contents[0] +=
        paragraph_of(letter.below_left[i],
                     {.bold = i == 0, .italic = i == 0, .half_points = i == 0 ? 24 : 22, .after = 0});
  if (letter.below_left.empty()) contents[0] = paragraph_of({}, {});
  for (const std::string& name : letter.below_right) {
    widths.push_back((text_width - widths[0]) / static_cast<int>(letter.below_right.size()));
    contents.push_back(paragraph_of(name, {.align = "center", .bold = true, .after = room_to_sign}));
  }
  return paragraph_of({}, {.after = 0}) + side_by_side(widths, contents);
}

std::string body_of(const Document& document) {
  const bool official = document.letter.has_value();
  std::string out;
  if (official) {
    out += head_of_letter(*document.letter);
    out += paragraph_of(document.title, {.style = "Title", .align = "center", .capitals = true});
    out += paragraph_of(document.subtitle, {.align = "center", .bold = true, .after = 40});
    out += ruled_line(text_width, 1'800);
    out += paragraph_of(document.letter->addressee, {.align = "center", .after = 200});
  } else {
    out += paragraph_of(document.school, {.style = "Note"});
    out += paragraph_of(document.title, {.style = "Title"});
    out += paragraph_of(document.subtitle, {.style = "Note"});
  }
  if (!document.alarm.empty()) out += paragraph_of(document.alarm, {.style = "Alarm"});
  for (const Block& block : document.blocks) out += std::visit(ToWord{official}, block);
  if (official) out += end_of_letter(*document.letter);
  out += paragraph_of(document.made, {.style = "Note"});
  if (!document.seal.empty()) out += paragraph_of(document.seal, {.style = "Note"});
  const auto of = [](const char* name, int value) {
    return std::string(" w:") + name + "=\"" + std::to_string(value) + "\"";
  };
  out += R"(<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:pgSz)" + of("w", page_width) +
         of("h", page_height) + "/><w:pgMar" + of("top", margin_top) + of("right", margin_right) +
         of("bottom", margin_top) + of("left", margin_left) + of("header", 567) + of("footer", 567) +
         of("gutter", 0) + "/><w:titlePg/></w:sectPr>";
  return std::string("<w:document ") + main_names +
         R"( xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>)" + out +
         "</w:body></w:document>";
}

std::string style_of(const char* id, const char* name, const std::string& paragraph, const std::string& run) {
  return std::string(R"(<w:style w:type="paragraph" w:styleId=")") + id + "\"" +
         (std::string_view(id) == "Normal" ? " w:default=\"1\"" : "") + ">" + valued("name", name) +
         (std::string_view(id) == "Normal" ? "" : valued("basedOn", "Normal")) +
         (paragraph.empty() ? "" : "<w:pPr>" + paragraph + "</w:pPr>") +
         (run.empty() ? "" : "<w:rPr>" + run + "</w:rPr>") + "</w:style>";
}

std::string styles_of(const Document& document) {
  const bool official = document.letter.has_value();
  const std::string size = valued("sz", official ? "26" : "24");
  const auto spacing = [](int before, int after) {
    return "<w:spacing w:before=\"" + std::to_string(before) + "\" w:after=\"" + std::to_string(after) +
           "\"/>";
  };
  const std::string language = document.language == Language::vi ? "vi-VN" : "en-GB";
  std::string out =
      R"(<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="Times New Roman"/>)" +
      size + "<w:lang w:val=\"" + language + "\" w:eastAsia=\"" + language +
      R"("/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>)";
  out += style_of("Normal", "Normal", spacing(0, 120), size);
  out +=
      style_of("Body", "Body Text", spacing(0, 120) + (official ? R"(<w:ind w:firstLine="567"/>)" : ""), "");
  out += style_of("Lead", "Lead", spacing(0, 120), valued("sz", "28"));
  out += style_of("Title", "Title", "<w:keepNext/>" + spacing(120, 60),
                  "<w:b/>" + valued("sz", official ? "28" : "36"));
  out += style_of("Heading1", "heading 1", "<w:keepNext/>" + spacing(240, 80) + valued("outlineLvl", "0"),
                  "<w:b/>" + valued("sz", "28"));
  out += style_of("Heading2", "heading 2", "<w:keepNext/>" + spacing(200, 60) + valued("outlineLvl", "1"),
                  "<w:b/>" + valued("sz", "26"));
  out += style_of("Caption", "caption", "<w:keepNext/>" + spacing(0, 60), valued("sz", "22"));
  out += style_of("Cell", "Cell", spacing(20, 20), valued("sz", "22"));
  out += style_of("SmallCell", "Small cell", spacing(20, 20), valued("sz", "13"));
  out += style_of("Note", "Note", spacing(40, 120), valued("color", "444444") + valued("sz", "20"));
  out += style_of("Alarm", "Alarm",
                  R"(<w:pBdr><w:top w:val="single" w:sz="12" w:space="4" w:color="B3261E"/>)"
                  R"(<w:left w:val="single" w:sz="12" w:space="4" w:color="B3261E"/>)"
                  R"(<w:bottom w:val="single" w:sz="12" w:space="4" w:color="B3261E"/>)"
                  R"(<w:right w:val="single" w:sz="12" w:space="4" w:color="B3261E"/></w:pBdr>)" +
                      spacing(120, 120),
                  "<w:b/>" + valued("color", "B3261E"));
  out += R"(<w:style w:type="table" w:styleId="Figures"><w:name w:val="Figures"/><w:tblPr><w:tblBorders>)";
  for (const char* side : {"top", "left", "bottom", "right", "insideH", "insideV"})
    out += std::string("<w:") + side + R"( w:val="single" w:sz="4" w:space="0" w:color="808080"/>)";
  out += "</w:tblBorders></w:tblPr></w:style>";
  return std::string("<w:styles ") + main_names + ">" + out + "</w:styles>";
}

}  // namespace

std::vector<WordPart> word_parts(const Document& document) {
  const auto part = [](std::string_view name, const std::string& text) {
    return WordPart{name, declaration + text + "\n"};
  };
  return {part("[Content_Types].xml", content_types),
          part("_rels/.rels", package_rels),
          part("word/document.xml", body_of(document)),
          part("word/_rels/document.xml.rels", document_rels),
          part("word/styles.xml", styles_of(document)),
          part("word/header1.xml", std::string("<w:hdr ") + main_names + ">" + page_number + "</w:hdr>")};
}

}  // namespace schoolgate::tools
