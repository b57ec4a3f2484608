// Tables for narrow windows: each cell carries the name of its column, which the style sheet shows before the
// cell where a row is a card. Internal to proxy/web.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate::web {

// Of HTML of our own: `data-label` for each cell below a named column, of tables with a thead and cells that
// span nothing. All else stays as it is, byte for byte.
[[nodiscard]] std::string labelled_tables(std::string_view html);

}  // namespace schoolgate::web
