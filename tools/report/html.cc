// A report as one page that needs nothing else: it may be mailed, printed, and opened years later.
#include "proxy/core/pages/qr_code.h"
#include "proxy/core/pages/template.h"
#include "tools/report/document.h"

namespace schoolgate::tools {
namespace {

constexpr char style[] = R"css(
:root{color-scheme:light dark;--ground:#fff;--ink:#1b2537;--quiet:#56627a;--line:#cfd8e6;--soft:#eef3fb;--tone:#2f5597}
@media(prefers-color-scheme:dark){:root{--ground:#12181f;--ink:#e8eef8;--quiet:#a8b4c8;--line:#35425a;--soft:#1b2533;--tone:#8fb4ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 3rem;max-width:52rem;background:var(--ground);color:var(--ink);font:1rem/1.55 "Times New Roman","Liberation Serif",Tinos,serif}
body.screen{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.25rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0}
.quiet,.note,figcaption{color:var(--quiet)}
.note{font-size:.875rem}
.lead{font-size:1.15rem}
.alarm{color:#b3261e;border:2px solid;padding:.5rem .75rem;font-weight:700}
@media(prefers-color-scheme:dark){.alarm{color:#ffb4ab}}
.letter{display:grid;grid-template-columns:1fr 1.3fr;gap:1rem;text-align:center}
.letter p,.sign p{margin:0}
.letter .left p:not(:last-child){text-transform:uppercase}
.letter+h1{margin-top:1.5rem}
.subject{font-weight:700}
.letter b{border-bottom:1px solid}
.middle{text-align:center}
.sign{display:grid;grid-template-columns:1.2fr 1fr 1fr;gap:1rem;margin-top:2.5rem;break-inside:avoid}
.sign .name{text-align:center;font-weight:700;min-height:7rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 .25rem;font-size:.95rem}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:var(--soft)}
th.number,td.number{text-align:right;font-variant-numeric:tabular-nums}
thead th,td.number{overflow-wrap:normal}
td.number{white-space:nowrap}
tbody th{font-weight:400}
tr.total>*{font-weight:700}
.blank::after{content:"……";color:var(--quiet)}
tbody th{overflow-wrap:normal}
.scroll{overflow-x:auto}
@media screen and (max-width:40rem){td.number{white-space:normal}th,td{padding:.25rem .35rem}tbody th{min-width:6.5rem}.hours tbody th{min-width:0}}
.hours table{font-size:.8rem}.hours th,.hours td{padding:.15rem .3rem}
figure{margin:1rem 0;break-inside:avoid}
figcaption{margin-bottom:.5rem}
figcaption b{color:var(--ink);display:block}
svg{display:block;width:100%;max-width:30rem;height:auto;font:14px system-ui,"Liberation Sans",Arial,sans-serif;fill:var(--ink)}
.bar,.heat{fill:var(--tone)}
.h0{fill:var(--soft)}.h1{fill-opacity:.18}.h2{fill-opacity:.38}.h3{fill-opacity:.58}.h4{fill-opacity:.79}
details summary{cursor:pointer;color:var(--quiet);font-size:.9rem}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.5rem;color:var(--quiet);font-size:.85rem}
.seal{display:flex;gap:1rem;align-items:center;overflow-wrap:anywhere;break-inside:avoid}
.seal svg{width:2.6cm;flex:none}
@page{size:A4;margin:2cm 1.5cm 2cm 2.5cm}
@media print{.alarm{color:#b3261e}:root{color-scheme:light;--ground:#fff;--ink:#000;--quiet:#333;--line:#888;--soft:#eee;--tone:#2f5597}
body{padding:0;max-width:none;font-size:11pt}body.screen{font-size:9pt}.screen h1{font-size:15pt}.screen .lead{font-size:11pt}
.screen figure{margin:.4rem 1% .4rem 0;display:inline-block;width:48%;vertical-align:top}.screen h3{margin:.5rem 0 .2rem;font-size:9.5pt}.screen p{margin:.2rem 0}.screen figcaption{margin-bottom:.15rem}
.screen table{font-size:8.5pt}.screen .note{font-size:7.5pt}.screen th,.screen td{padding:.1rem .4rem}.screen footer{margin-top:.5rem;font-size:7.5pt}.screen .seal svg{width:1.8cm}details{display:none}h2,h3{break-after:avoid}tr{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";

// The margins of Decree 30/2020/NĐ-CP: 30 to 35 mm on the left.
constexpr char letter_page[] = "@page{margin-left:3cm}\n";

std::string tag(const std::string& name, const std::string& text, const std::string& kind = {}) {
  return "<" + name + (kind.empty() ? "" : " class=\"" + kind + "\"") + ">" + escape_html(text) + "</" +
         name + ">";
}

std::string table_html(const Table& table, bool with_title) {
  std::string html;
  if (with_title && !table.title.empty()) html += tag("h3", table.title) + "\n";
  html +=
      "<div class=\"scroll" + std::string(table.id == "hours" ? " hours" : "") + "\" tabindex=\"0\"><table>";
  const auto is_number = [&](std::size_t column) {
    return !table.rows.empty() && column < table.rows.front().size() && table.rows.front()[column].number;
  };
  if (!table.columns.empty()) {
    html += "<thead><tr>";
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      html += "<th scope=\"col\"" + std::string(is_number(i) ? " class=\"number\"" : "") + ">" +
              escape_html(table.columns[i]) + "</th>";
    html += "</tr></thead>\n";
  }
  html += "<tbody>\n";
  for (const auto& row : table.rows) {
    html += table.has_total && &row == &table.rows.back() ? "<tr class=\"total\">" : "<tr>";
    for (const Cell& cell : row) {
      const std::string kind = cell.blank ? " class=\"blank\"" : cell.number ? " class=\"number\"" : "";
      if (&cell == &row.front()) {
        html += "<th scope=\"row\"" + kind + ">" + escape_html(cell.text) + "</th>";
      } else {
        html += "<td" + kind + ">" + escape_html(cell.text) + "</td>";
      }
    }
    html += "</tr>\n";
  }
  html += "</tbody></table></div>\n";
  if (!table.note.empty()) html += tag("p", table.note, "note") + "\n";
  return html;
}

struct ToHtml {
  Language language;
  std::string operator()(const Heading& heading) const { return tag("h2", heading.text) + "\n"; }
  std::string operator()(const Paragraph& paragraph) const {
    return tag("p", paragraph.text, paragraph.lead ? "lead" : "") + "\n";
  }
  std::string operator()(const Table& table) const { return table_html(table, true); }
  std::string operator()(const Chart& chart) const {
    return "<figure><figcaption>" + tag("b", chart.title) + escape_html(chart.sentence) + "</figcaption>\n" +
           chart.svg + "\n<details><summary>" +
           (language == Language::vi ? "Bảng số liệu của hình này" : "The figures of this picture") +
           "</summary>" + table_html(chart.table, false) + "</details></figure>\n";
  }
};

std::string letter_head(const Letter& letter) {
  const auto side = [](const char* kind, const std::vector<std::string>& lines, std::size_t bold) {
    std::string html = "<div class=\"" + std::string(kind) + "\">";
    for (std::size_t i = 0; i < lines.size(); ++i)
      html += i == bold ? "<p><b>" + escape_html(lines[i]) + "</b></p>" : tag("p", lines[i]);
    return html + "</div>";
  };
  return "<div class=\"letter\">" + side("left", letter.left, 1) + side("right", letter.right, 1) +
         "</div>\n";
}

std::string letter_end(const Letter& letter) {
  std::string html = "<div class=\"sign\"><div>";
  for (const std::string& line : letter.below_left) html += tag("p", line);
  html += "</div>";
  for (const std::string& name : letter.below_right) html += tag("div", name, "name");
  return html + "</div>\n";
}

}  // namespace

std::string to_html(const Document& document) {
  const bool official = document.letter.has_value();
  std::string html = "<!DOCTYPE html>\n<html lang=\"" +
                     std::string(document.language == Language::vi ? "vi" : "en") +
                     "\">\n<head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                     "'unsafe-inline'\">\n";
  html += tag("title", document.title + ": " + document.period +
                           (document.school.empty() ? "" : ", " + document.school));
  html += "\n<style>" + std::string(style) + std::string(official ? letter_page : "") +
          "</style></head>\n<body" + std::string(official ? "" : " class=\"screen\"") + ">\n<header>\n";
  if (official) html += letter_head(*document.letter);
  if (!official) html += tag("p", document.school, "quiet") + "\n";
  html += tag("h1", document.title, official ? "middle" : "") + "\n";
  html += tag("p", document.subtitle, official ? "middle subject" : "quiet") + "\n";
  if (official) html += tag("p", document.letter->addressee, "middle") + "\n";
  html += "</header>\n<main>\n";
  if (!document.alarm.empty()) html += tag("p", document.alarm, "alarm") + "\n";
  for (const Block& block : document.blocks) html += std::visit(ToHtml{document.language}, block);
  if (official) html += letter_end(*document.letter);
  html += "</main>\n<footer>" + tag("p", document.made);
  if (!document.seal.empty()) {
    const auto code = QrCode::of(document.seal_digest);
    html += "\n<div class=\"seal\">" + (code ? code->svg("QR: " + document.seal_digest) : std::string()) +
            tag("p", document.seal) + "</div>";
  }
  return html + "</footer>\n</body>\n</html>\n";
}

}  // namespace schoolgate::tools
