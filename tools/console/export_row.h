// Rows of the access log for another program: names of the Elastic Common Schema (ECS 8.11) where it has one
// for what is meant, `schoolgate.` before the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/log_reader.h"

namespace schoolgate::tools {

enum class ExportFormat : unsigned char { jsonl, csv };
// Without clients times are to the minute: whoever watched a screen must not find its row by the second.
enum class ExportClients : unsigned char { left_out, named };

// Nullopt: neither "jsonl" nor "csv".
[[nodiscard]] std::optional<ExportFormat> export_format(std::string_view word) noexcept;
// Every name that a row may have, in the order of the columns; those that are the same in each row stand in
// JSON lines alone.
[[nodiscard]] std::vector<std::string_view> export_names();
// The first line of a CSV file; "" of JSON lines.
[[nodiscard]] std::string export_header(ExportFormat format, ExportClients clients);
// With its end of line. What a row has not is left out of its JSON, and empty in CSV. Texts are harmless on a
// terminal and in a spreadsheet (printable(), csv_cell()).
[[nodiscard]] std::string export_line(const audit::LogRow& row, ExportFormat format, ExportClients clients);

}  // namespace schoolgate::tools
