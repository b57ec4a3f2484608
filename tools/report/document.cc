#include "tools/report/document.h"

#include "config/main/local_time.h"
#include "proxy/core/json_text.h"
#include "tools/console/csv_cell.h"

namespace schoolgate::tools {
namespace {

std::string iso_day(std::int64_t days) {
  const CivilDate date = civil_from_days(days);
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(date.year) + "-" + two(date.month) + "-" + two(date.day);
}

JsonObject cell_json(const Cell& cell) {
  JsonObject json;
  json.add("text", cell.text);
  if (cell.blank) json.add("to_fill_in", true);
  if (cell.count) {
    if (cell.count->sum == 0 && cell.count->hidden != 0) {
      json.raw("count", "null");
    } else {
      json.add("count", cell.count->sum);
    }
    json.add("cells_under_five", cell.count->hidden);
  }
  return json;
}

JsonObject table_json(const Table& table) {
  JsonArray columns, rows;
  for (const std::string& column : table.columns) columns.add(column);
  for (const auto& row : table.rows) {
    JsonArray cells;
    for (const Cell& cell : row) cells.add(cell_json(cell));
    rows.raw(cells.text());
  }
  return JsonObject().add("id", table.id).add("title", table.title).add("columns", columns).add("rows", rows);
}

const Table* table_of(const Block& block) {
  if (const auto* table = std::get_if<Table>(&block)) return table;
  if (const auto* chart = std::get_if<Chart>(&block)) return &chart->table;
  return nullptr;
}

}  // namespace

std::string number_text(std::uint64_t n, Language language) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, language == Language::vi ? "." : ",");
  }
  return digits;
}

std::string count_text(const Folded& count, Language language) {
  if (count.sum != 0) return number_text(count.sum, language) + (count.hidden != 0 ? "+" : "");
  if (count.hidden == 0) return "0";
  // The most that so many cells of four could be, and one.
  const std::uint64_t bound = count.hidden * (fewest_told - 1) + 1;
  if (bound == fewest_told) return language == Language::vi ? "dưới 5" : "fewer than five";
  return (language == Language::vi ? "dưới " : "fewer than ") + number_text(bound, language);
}

std::string share_text(std::uint64_t part, std::uint64_t whole, Language language) {
  if (whole == 0) return {};
  const std::uint64_t tenths = (part * 1000 + whole / 2) / whole;
  return std::to_string(tenths / 10) + (language == Language::vi ? "," : ".") + std::to_string(tenths % 10) +
         "%";
}

Cell text_cell(std::string text) {
  return {std::move(text), false, false, {}};
}

Cell count_cell(const Folded& count, Language language) {
  return {count_text(count, language), true, false, count};
}

Cell blank_cell() {
  return {{}, false, true, {}};
}

// One line a cell, so that a program need not know the tables; with a mark by which spreadsheets know UTF-8.
std::string to_csv(const Document& document) {
  std::string csv = "\xef\xbb\xbftable,row,column,value,count,cells_under_five\r\n";
  if (!document.alarm.empty()) csv += "alarm,,," + csv_cell(document.alarm) + ",,\r\n";
  for (const Block& block : document.blocks) {
    const Table* table = table_of(block);
    if (table == nullptr) continue;
    for (const auto& row : table->rows) {
      for (std::size_t i = 1; i < row.size(); ++i) {
        const Cell& cell = row[i];
        const bool told = cell.count && (cell.count->sum != 0 || cell.count->hidden == 0);
        csv += csv_cell(table->id) + "," + csv_cell(row.front().text) + "," +
               csv_cell(i < table->columns.size() ? table->columns[i] : "") + "," + csv_cell(cell.text) +
               "," + (told ? std::to_string(cell.count->sum) : "") + "," +
               (cell.count ? std::to_string(cell.count->hidden) : "") + "\r\n";
      }
    }
  }
  return csv;
}

std::string to_json(const Document& document) {
  JsonArray sentences, tables;
  for (const Block& block : document.blocks) {
    if (const auto* paragraph = std::get_if<Paragraph>(&block); paragraph != nullptr && paragraph->lead)
      sentences.add(paragraph->text);
    if (const Table* table = table_of(block)) tables.add(table_json(*table));
  }
  return JsonObject()
             .add("for", document.audience)
             .add("language", document.language == Language::vi ? "vi" : "en")
             .add("school", document.school)
             .add("period", document.period)
             .add("from", iso_day(document.first_day))
             .add("to", iso_day(document.last_day))
             .add("compared_with", document.before)
             .add_or_null("alarm", document.alarm)
             .add_or_null("seal", document.seal_digest)
             .add("sentences", sentences)
             .add("tables", tables)
             .text() +
         "\n";
}

}  // namespace schoolgate::tools
