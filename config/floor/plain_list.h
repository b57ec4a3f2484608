// Lists as authorities hand them out, in rows and cells: text, CSV (RFC 4180, also with ";" or tabs) and the
// workbooks of Excel. Nothing of them is ever printed or written: messages name rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/floor/list_table.h"
#include "rules/result.h"

namespace schoolgate {

// A line an entry; empty lines and those that begin with "#" are none. Error: not UTF-8, over the caps.
[[nodiscard]] Result<ListTable> read_text_list(std::string_view text);
// The sign between cells is the one of , ; tab that the first row has most of outside quotes. Error also:
// quotes that do not fit.
[[nodiscard]] Result<ListTable> read_csv_list(std::string_view text);
// By what it begins with ("PK": a workbook), then by the file's ending, .csv or .tsv.
[[nodiscard]] Result<std::vector<ListTable>> read_list(std::string_view bytes, std::string_view name);

struct ListColumn {
  std::size_t index = 0;
  std::size_t first_row = 0;  // in `rows`: behind the head, where there is one
};
// `wanted`: a head, in any case, or a number from 1; "" looks for a head as authorities write it (URL, host,
// domain, tên miền, website, địa chỉ), else for the one column that holds addresses in most rows. Error: none
// is it, or several are.
[[nodiscard]] Result<ListColumn> find_column(const ListTable& table, std::string_view wanted);

// Of one cell each address, as a URL with its scheme: "hxxps://bad[.]com/x", "*.bad.com", "tên.vn" are
// understood. Nullopt: something in it is none.
[[nodiscard]] std::optional<std::vector<std::string>> addresses_in(std::string_view cell);

}  // namespace schoolgate
