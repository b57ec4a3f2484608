// Tables of tests/*/data/*.tsv: lines that begin with "#" are comments, the first other line names the
// columns.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace schoolgate::testing {

using TsvRow = std::map<std::string, std::string>;
// Throws std::runtime_error when the file cannot be read or a line has more columns than the first.
[[nodiscard]] std::vector<TsvRow> read_tsv(const std::string& path);

}  // namespace schoolgate::testing
