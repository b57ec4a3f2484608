#include "config/floor/plain_list.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/floor/workbook.h"
#include "config/text/suggest.h"
#include "config/text/text_file.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

constexpr std::string_view white = " \t\r\n\v\f";

std::string_view bare_cell(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(white), cell.size()));
  return cell.substr(0, cell.find_last_not_of(white) + 1);
}

Result<std::string_view> plain_utf8(std::string_view text) {
  if (text.size() > ListCaps::file_bytes)
    return Error{say("larger than {} MiB", ListCaps::file_bytes / (1024 * 1024))};
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return Error{say("it is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)")};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.find('\0') != std::string_view::npos) return Error{say("it is no text")};
  if (const std::size_t at = first_bad_utf8(text); at != std::string_view::npos)
    return Error{say("line {} is not UTF-8", place_of(text, at).line)};
  return text;
}

Result<void> take_row(ListTable& table, ListTable::Row&& row) {
  const bool empty = std::all_of(row.cells.begin(), row.cells.end(),
                                 [](const std::string& cell) { return bare_cell(cell).empty(); });
  if (empty) return {};
  if (table.rows.size() == ListCaps::rows) return Error{say("it has more than {} rows", ListCaps::rows)};
  table.rows.push_back(std::move(row));
  return {};
}

char sign_between(std::string_view text) {
  constexpr std::array<char, 3> signs{',', ';', '\t'};
  std::array<std::size_t, 3> found{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    for (std::size_t i = 0; i < signs.size(); ++i) found[i] += c == signs[i] ? 1 : 0;
  }
  return signs[static_cast<std::size_t>(std::max_element(found.begin(), found.end()) - found.begin())];
}

// One CSV file, from left to right.
class CsvText {
 public:
  explicit CsvText(std::string_view text) : text_(text), sign_(sign_between(text)) {}

  Result<ListTable> read() {
    ListTable table;
    while (at_ < text_.size()) {
      ListTable::Row row;
      row.number = line_;
      for (bool more = true; more;) {
        auto cell = next_cell(more);
        if (!cell) return cell.error();
        if (cell->size() > ListCaps::cell_bytes)
          return Error{say("line {} has a cell of over 64 KiB", row.number)};
        if (row.cells.size() == ListCaps::cells_in_row)
          return Error{say("line {} has more than {} cells", row.number, ListCaps::cells_in_row)};
        row.cells.push_back(std::move(*cell));
      }
      if (const auto taken = take_row(table, std::move(row)); taken.failed()) return taken.error();
    }
    return table;
  }

 private:
  // `more`: another cell of this row follows.
  Result<std::string> next_cell(bool& more) {
    std::string cell;
    if (at_ < text_.size() && text_[at_] == '"') {
      auto quoted = quoted_cell();
      if (!quoted) return quoted;
      cell = *std::move(quoted);
    } else {
      const char ends[] = {sign_, '\n', '\0'};
      const std::size_t end = std::min(text_.find_first_of(ends, at_, 2), text_.size());
      cell = text_.substr(at_, end - at_);
      if (cell.ends_with('\r')) cell.pop_back();
      at_ = end;
    }
    more = at_ < text_.size() && text_[at_] == sign_;
    if (at_ < text_.size()) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
    return cell;
  }

  Result<std::string> quoted_cell() {
    std::string cell;
    const std::uint32_t begun = line_;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) return Error{say("the quotes of line {} are not closed", begun)};
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      cell += text_[at_];
    }
    ++at_;
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (at_ < text_.size() && text_[at_] != sign_ && text_[at_] != '\n')
      return Error{say("in line {} something stands behind the closing quotes", line_)};
    return cell;
  }

  std::string_view text_;
  const char sign_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

// The words in front of a column of addresses, as plain_letters() leaves them.
constexpr std::string_view heads[] = {"url",     "urls",        "host",        "hosts",     "hostname",
                                      "domain",  "domains",     "domain name", "website",   "web site",
                                      "site",    "link",        "links",       "address",   "ten mien",
                                      "dia chi", "dia chi web", "duong dan",   "trang web", "lien ket"};

std::optional<std::size_t> as_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

std::string_view cell_of(const ListTable::Row& row, std::size_t index) {
  return index < row.cells.size() ? bare_cell(row.cells[index]) : std::string_view();
}

// Columns of the first row that hold what `fits`.
template <class Fits>
std::vector<std::size_t> columns_headed(const ListTable& table, Fits fits) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < table.rows.front().cells.size(); ++i)
    if (fits(plain_letters(cell_of(table.rows.front(), i)))) out.push_back(i);
  return out;
}

// Columns in which most of what stands there looks like addresses.
std::vector<std::size_t> columns_of_addresses(const ListTable& table) {
  constexpr std::size_t looked_at = 200;
  std::vector<std::size_t> out;
  for (std::size_t column = 0; column < ListCaps::cells_in_row; ++column) {
    std::size_t filled = 0, fitting = 0;
    const std::size_t begin = table.rows.size() > 1 ? 1 : 0;  // the first may be a head
    for (std::size_t i = begin; i < std::min(looked_at, table.rows.size()); ++i) {
      const std::string_view cell = cell_of(table.rows[i], column);
      if (cell.empty()) continue;
      ++filled;
      if (cell.find('.') != std::string_view::npos && cell.find('@') == std::string_view::npos &&
          addresses_in(cell))
        ++fitting;
    }
    if (filled != 0 && 2 * fitting > filled) out.push_back(column);
  }
  return out;
}

void refang(std::string& text) {
  for (const auto& [from, to] :
       {std::pair<std::string_view, std::string_view>{"[.]", "."}, {"(.)", "."}, {"[:]", ":"}})
    for (std::size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), to);
  for (const std::string_view defanged : {"hxxp", "hXXp", "HXXP"})
    if (text.starts_with(defanged)) text.replace(0, 4, "http");
}

}  // namespace

Result<ListTable> read_text_list(std::string_view text) {
  const auto plain = plain_utf8(text);
  if (!plain) return plain.error();
  ListTable table;
  table.one_cell = true;
  std::optional<Error> failed;
  for_each_line(*plain, [&](std::string_view line, std::uint32_t number) {
    if (line.front() == '#' || failed) return;
    if (line.size() > ListCaps::cell_bytes)
      failed = Error{say("line {} has a cell of over 64 KiB", number)};
    else if (const auto taken = take_row(table, {number, {std::string(line)}}); taken.failed())
      failed = taken.error();
  });
  if (failed) return *failed;
  return table;
}

Result<ListTable> read_csv_list(std::string_view text) {
  const auto plain = plain_utf8(text);
  if (!plain) return plain.error();
  return CsvText(*plain).read();
}

Result<std::vector<ListTable>> read_list(std::string_view bytes, std::string_view name) {
  if (bytes.size() > ListCaps::file_bytes)
    return Error{say("larger than {} MiB", ListCaps::file_bytes / (1024 * 1024))};
  if (bytes.starts_with("PK")) return read_workbook(bytes);
  if (bytes.starts_with("\xD0\xCF\x11\xE0"))
    return Error{
        say("it is a workbook of the old form (.xls), or one with a password; save it as .xlsx or CSV")};
  const bool in_cells = name.ends_with(".csv") || name.ends_with(".CSV") || name.ends_with(".tsv");
  auto table = in_cells ? read_csv_list(bytes) : read_text_list(bytes);
  if (!table) return table.error();
  return std::vector<ListTable>{std::move(*table)};
}

Result<ListColumn> find_column(const ListTable& table, std::string_view wanted) {
  if (table.one_cell || table.rows.empty()) return ListColumn{};
  if (const auto number = as_number(wanted)) {
    // A head is a row whose cell is no address, above one that is.
    const std::size_t index = *number - 1;
    const bool has_head = table.rows.size() > 1 && !addresses_in(cell_of(table.rows[0], index));
    return ListColumn{index, has_head ? std::size_t{1} : 0};
  }
  const std::string head = plain_letters(wanted);
  auto found = columns_headed(table, [&](const std::string& cell) {
    return wanted.empty() ? std::find(std::begin(heads), std::end(heads), cell) != std::end(heads)
                          : cell == head;
  });
  if (found.size() == 1) return ListColumn{found.front(), 1};
  if (found.empty() && !wanted.empty()) return Error{say("no column has that head")};
  if (found.empty()) found = columns_of_addresses(table);
  if (found.size() == 1) {
    const bool has_head = table.rows.size() > 1 && !addresses_in(cell_of(table.rows[0], found.front()));
    return ListColumn{found.front(), has_head ? std::size_t{1} : 0};
  }
  return Error{found.empty() ? say("no column of addresses was found: name it with --column")
                             : say("several columns may hold the addresses: name one with --column")};
}

namespace {

// Nullopt: it has one that is not of the web.
std::optional<std::string> behind_web_scheme(const std::string& word) {
  const std::size_t scheme = word.find("://");
  if (scheme == std::string::npos || scheme + 1 != word.find('/')) return word;
  std::string name = word.substr(0, scheme);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (name != "http" && name != "https") return std::nullopt;
  return word.substr(scheme + 3);
}

}  // namespace

std::optional<std::vector<std::string>> addresses_in(std::string_view cell) {
  std::vector<std::string> out;
  while (!(cell = bare_cell(cell)).empty()) {
    std::string word(cell.substr(0, cell.find_first_of(white)));
    cell.remove_prefix(word.size());
    while (word.ends_with(',') || word.ends_with(';')) word.pop_back();
    if (word.empty()) continue;
    refang(word);
    auto rest = behind_web_scheme(word);
    if (!rest) return std::nullopt;
    if (rest->starts_with("*.")) rest->erase(0, 2);
    if (rest->starts_with(".")) rest->erase(0, 1);
    const std::string address = "http://" + escape_typed_url(*rest);
    Url url;
    if (url.parse(address).failed()) return std::nullopt;
    if (!url.host().is_address() && url.match_host().find('.') == std::string_view::npos) return std::nullopt;
    out.push_back(address);
  }
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace schoolgate
