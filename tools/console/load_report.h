// What a load came to: is everything right, and if not, where? What `check` and `reload` print.
#pragma once

#include <string>

#include "config/load_snapshot.h"
#include "tools/console/console.h"

namespace schoolgate::tools {

// For people: all diagnostics, a line per list, what is thin, and one sentence at the end.
[[nodiscard]] std::string check_text(const LoadResult& loaded, Catalogue catalogue, bool colour);
// For programs: {"ok", "errors", "warnings", "digest", "counts", "diagnostics", "lists", "thin"}.
// `standing`, where it is not empty: what is out of the ordinary in the running proxy.
[[nodiscard]] std::string check_json(const LoadResult& loaded, const std::string& standing = {});
// "fetched 3 days ago", red where that is more than twice its rhythm; "" of a list that is not fetched.
[[nodiscard]] std::string list_age(const ListSource& list, std::int64_t now, Catalogue catalogue,
                                   bool colour);
// "thin: ...", a line each, in red.
[[nodiscard]] std::string thin_lines(const Snapshot& snapshot, Catalogue catalogue, bool colour);
[[nodiscard]] int check_exit_code(const LoadResult& loaded, bool strict);

}  // namespace schoolgate::tools
