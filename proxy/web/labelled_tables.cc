#include "proxy/web/labelled_tables.h"

#include <vector>

namespace schoolgate::web {
namespace {

// The text of an element's content, tags away; it is escaped already.
std::string without_tags(std::string_view html) {
  std::string out;
  bool tag = false;
  for (const char c : html) {
    if (c == '<') tag = true;
    if (!tag) out += c;
    if (c == '>') tag = false;
  }
  return out;
}

bool starts_cell(std::string_view html) {
  const bool named = html.starts_with("<td") || html.starts_with("<th");
  return named && html.size() > 3 && (html[3] == '>' || html[3] == ' ');
}

std::vector<std::string> columns_of(std::string_view head) {
  std::vector<std::string> out;
  for (std::size_t at = head.find('<'); at != std::string_view::npos; at = head.find('<', at + 1)) {
    if (!starts_cell(head.substr(at))) continue;
    const std::size_t begin = head.find('>', at), end = head.find("</t", at);
    if (begin == std::string_view::npos || end == std::string_view::npos) return out;
    out.push_back(without_tags(head.substr(begin + 1, end - begin - 1)));
  }
  return out;
}

void add_rows(std::string& out, std::string_view body, const std::vector<std::string>& columns) {
  std::size_t column = 0, copied = 0;
  for (std::size_t at = body.find('<'); at != std::string_view::npos; at = body.find('<', at + 1)) {
    const std::string_view here = body.substr(at);
    if (here.starts_with("<tr")) column = 0;
    if (!starts_cell(here)) continue;
    const std::size_t after = at + 3;
    out += body.substr(copied, after - copied);
    if (column < columns.size() && !columns[column].empty()) out += " data-label=\"" + columns[column] + "\"";
    copied = after;
    ++column;
  }
  out += body.substr(copied);
}

}  // namespace

std::string labelled_tables(std::string_view html) {
  constexpr std::string_view begin = "<thead>", head_ends = "</thead>", end = "</table>";
  std::string out;
  out.reserve(html.size() + html.size() / 4);
  std::size_t at = 0;
  for (;;) {
    const std::size_t head = html.find(begin, at);
    if (head == std::string_view::npos) break;
    const std::size_t body = html.find(head_ends, head);
    const std::size_t done = body == std::string_view::npos ? body : html.find(end, body);
    if (done == std::string_view::npos) break;
    const std::size_t rows = body + head_ends.size();
    out += html.substr(at, rows - at);
    add_rows(out, html.substr(rows, done - rows), columns_of(html.substr(head, body - head)));
    at = done;
  }
  return out += html.substr(at);
}

}  // namespace schoolgate::web
