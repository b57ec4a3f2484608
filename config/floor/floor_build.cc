#include "config/floor/floor_build.h"

#include <utility>

#include "rules/url/public_suffix.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

Message row_place(const ListTable& table, std::uint32_t number) {
  return table.sheet.empty() ? say("line {}", number) : say("sheet {}, row {}", table.sheet, number);
}

bool is_whole_host(const Url& url) {
  return url.match_query(true).empty() && url.match_path(true) == "/";
}

}  // namespace

void FloorBuilder::take_row(const ListTable& table, const ListTable::Row& row, std::size_t column,
                            FloorKind kind, Taken& taken) {
  const auto wrong = [&](const Message& why) {
    if (++taken.wrong <= Taken::most_told)
      taken.first_wrong.push_back(say("{}: {}", row_place(table, row.number), why));
  };
  if (column >= row.cells.size()) return wrong(say("nothing stands in the column of addresses"));
  const auto addresses = addresses_in(row.cells[column]);
  if (!addresses) return wrong(say("neither a host nor the address of a page"));
  for (const std::string& address : *addresses) {
    Url url;
    if (url.parse(address).failed()) return wrong(say("neither a host nor the address of a page"));
    const bool whole = is_whole_host(url);
    if (whole && !url.host().is_address() && public_suffix(url.match_host()) != Suffix::none)
      return wrong(say("a public suffix, below which everybody registers: it would seal them all"));
    auto entry = seal_with(file_.floor.salt, url);
    if (!entry) return wrong(entry.error().message);
    if (whole && url.match_host().starts_with("www.")) ++taken.www_alone;
    file_.floor.entries.push_back(*entry);
    file_.kinds.push_back(kind);
    ++taken.entries;
  }
}

Result<FloorBuilder::Taken> FloorBuilder::take(std::string_view bytes, std::string_view name, FloorKind kind,
                                               std::string_view column) {
  const auto tables = read_list(bytes, name);
  if (!tables) return tables.error();
  Taken taken;
  for (const ListTable& table : *tables) {
    const auto found = find_column(table, column);
    if (!found)
      return table.sheet.empty() ? found.error()
                                 : Error{say("sheet {}: {}", table.sheet, found.error().message)};
    for (std::size_t i = found->first_row; i < table.rows.size(); ++i)
      take_row(table, table.rows[i], found->index, kind, taken);
  }
  if (taken.entries == 0 && taken.wrong == 0) return Error{say("it holds no address")};
  return taken;
}

SealedFile FloorBuilder::finish(std::int64_t now) {
  file_.made = now;
  put_in_order(file_);
  return file_;
}

}  // namespace schoolgate
