#include "tools/console/csv_cell.h"

#include "rules/diagnostic.h"

namespace schoolgate::tools {

std::string csv_cell(std::string_view text) {
  std::string cell = printable(text);
  const bool formula = !cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos;
  if (formula) cell.insert(cell.begin(), '\'');
  if (!formula && cell.find_first_of("\",; ") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace schoolgate::tools
