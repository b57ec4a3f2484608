#include "tools/console/export_row.h"

#include <variant>

#include "proxy/audit/codes.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/csv_cell.h"

namespace schoolgate::tools {
namespace {

using audit::LogRow;

// monostate: this row has none. CellWords: a list in JSON, with blanks between them in CSV.
struct CellWords {
  std::vector<std::string_view> words;
};
using ExportCell = std::variant<std::monostate, std::string, std::int64_t, bool, CellWords>;

enum class Column : unsigned char { every, json_alone, client };
struct ExportField {
  std::string_view name;
  Column column;
  ExportCell (*of)(const LogRow& row, ExportClients clients);
};

ExportCell text_or_none(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

ExportCell number_or_none(std::int64_t number) {
  if (number == 0) return {};
  return number;
}

ExportCell time_of(const LogRow& row, ExportClients clients) {
  constexpr std::int64_t minute_ms = 60'000;
  const bool whole = clients == ExportClients::named;
  return audit::utc_text(whole ? row.time_ms : row.time_ms - row.time_ms % minute_ms);
}

ExportCell type_of(const LogRow& row, ExportClients /*clients*/) {
  const bool passed = !row.refused && row.action == Action::allow;
  return CellWords{{"access", passed ? "allowed" : "denied"}};
}

ExportCell action_of_row(const LogRow& row, ExportClients /*clients*/) {
  return std::string(row.refused ? audit::action_name(audit::refused_action) : to_string(row.action));
}

ExportCell rule_of_row(const LogRow& row, ExportClients /*clients*/) {
  if (row.file.empty()) return {};
  return row.line == 0 ? row.file : row.file + ":" + std::to_string(row.line);
}

ExportCell flags_of_row(const LogRow& row, ExportClients /*clients*/) {
  CellWords flags;
  if (row.flags.record) flags.words.emplace_back("record");
  if (row.flags.alert) flags.words.emplace_back("alert");
  if (row.flags.locked) flags.words.emplace_back("locked");
  if (flags.words.empty()) return {};
  return flags;
}

constexpr std::int64_t ns_per_ms = 1'000'000;

constexpr ExportField export_table[] = {
    {"@timestamp", Column::every, time_of},
    {"ecs.version", Column::json_alone, [](const LogRow&, ExportClients) -> ExportCell { return "8.11.0"; }},
    {"event.dataset", Column::json_alone,
     [](const LogRow&, ExportClients) -> ExportCell { return "schoolgate.access"; }},
    {"event.kind", Column::json_alone, [](const LogRow&, ExportClients) -> ExportCell { return "event"; }},
    {"event.category", Column::json_alone,
     [](const LogRow&, ExportClients) -> ExportCell { return CellWords{{"web"}}; }},
    {"event.type", Column::every, type_of},
    {"event.action", Column::every, action_of_row},
    {"event.id", Column::every, [](const LogRow& row, ExportClients) { return text_or_none(row.code); }},
    {"event.reason", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.reason); }},
    {"event.duration", Column::every,
     [](const LogRow& row, ExportClients) -> ExportCell { return row.duration_ms * ns_per_ms; }},
    {"client.address", Column::client,
     [](const LogRow& row, ExportClients) { return text_or_none(row.client); }},
    {"client.bytes", Column::every,
     [](const LogRow& row, ExportClients) -> ExportCell { return row.bytes_up; }},
    {"server.bytes", Column::every,
     [](const LogRow& row, ExportClients) -> ExportCell { return row.bytes_down; }},
    {"http.request.method", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.method); }},
    {"http.response.status_code", Column::every,
     [](const LogRow& row, ExportClients) { return number_or_none(row.status); }},
    {"url.domain", Column::every, [](const LogRow& row, ExportClients) { return text_or_none(row.host); }},
    {"url.port", Column::every, [](const LogRow& row, ExportClients) { return number_or_none(row.port); }},
    {"url.path", Column::every, [](const LogRow& row, ExportClients) { return text_or_none(row.path); }},
    {"rule.ruleset", Column::every, [](const LogRow& row, ExportClients) { return text_or_none(row.tier); }},
    {"rule.category", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.category); }},
    {"rule.name", Column::every, rule_of_row},
    {"rule.version", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.digest); }},
    {"error.message", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.cause); }},
    {"schoolgate.flags", Column::every, flags_of_row},
    {"schoolgate.layer", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.layer); }},
    {"schoolgate.seen", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.seen); }},
    {"schoolgate.ended", Column::every,
     [](const LogRow& row, ExportClients) { return text_or_none(row.ended); }},
    {"schoolgate.visit", Column::every,
     [](const LogRow& row, ExportClients) -> ExportCell { return row.visit; }},
    {"schoolgate.count", Column::every,
     [](const LogRow& row, ExportClients) -> ExportCell { return row.count; }},
};

bool stands_in(const ExportField& field, ExportFormat format, ExportClients clients) {
  if (field.column == Column::client) return clients == ExportClients::named;
  return field.column == Column::every || format == ExportFormat::jsonl;
}

void add_json(JsonObject& json, std::string_view name, const ExportCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) json.add(name, printable(*text));
  if (const auto* number = std::get_if<std::int64_t>(&cell)) json.add(name, *number);
  if (const auto* truth = std::get_if<bool>(&cell)) json.add(name, *truth);
  if (const auto* words = std::get_if<CellWords>(&cell)) {
    JsonArray all;
    for (const std::string_view word : words->words) all.add(word);
    json.add(name, all);
  }
}

std::string csv_of(const ExportCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_cell(*text);
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "1" : "0";
  std::string joined;
  if (const auto* words = std::get_if<CellWords>(&cell)) {
    for (const std::string_view word : words->words) joined.append(joined.empty() ? "" : " ").append(word);
  }
  return csv_cell(joined);
}

}  // namespace

std::optional<ExportFormat> export_format(std::string_view word) noexcept {
  if (word == "jsonl") return ExportFormat::jsonl;
  if (word == "csv") return ExportFormat::csv;
  return std::nullopt;
}

std::vector<std::string_view> export_names() {
  std::vector<std::string_view> names;
  for (const ExportField& field : export_table) names.push_back(field.name);
  return names;
}

std::string export_header(ExportFormat format, ExportClients clients) {
  std::string line;
  if (format == ExportFormat::jsonl) return line;
  for (const ExportField& field : export_table) {
    if (stands_in(field, format, clients)) line.append(line.empty() ? "" : ",").append(field.name);
  }
  return line + "\r\n";
}

std::string export_line(const LogRow& row, ExportFormat format, ExportClients clients) {
  JsonObject json;
  std::string csv;
  bool first = true;
  for (const ExportField& field : export_table) {
    if (!stands_in(field, format, clients)) continue;
    const ExportCell cell = field.of(row, clients);
    if (format == ExportFormat::jsonl) {
      add_json(json, field.name, cell);
    } else {
      csv.append(first ? "" : ",").append(csv_of(cell));
      first = false;
    }
  }
  return format == ExportFormat::jsonl ? json.text() + "\n" : csv + "\r\n";
}

}  // namespace schoolgate::tools
