// The school's own lists: sites that somebody of the school looked at (`schoolgate log review`), each in the
// category that it was given, or marked as harmless. Plain files that a person may edit:
//
//   lists/own/games.txt       x.github.io  # 2026-11-29 uid 0 (root)
//   lists/own/reviewed.txt    the same, of what needs no category; no list
//   lists.d/own.yaml          names the first kind, one entry a category; made by this
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message.h"
#include "rules/result.h"

namespace schoolgate {

// What a review says where no category is meant.
inline constexpr std::string_view reviewed_ok = "ok";

struct Review {
  std::string site;      // canonical
  std::string category;  // or reviewed_ok
  std::string note;      // "2026-11-29 uid 0 (root)"; "" = a person wrote the line
};
// Every site of these files, ascending. Files that cannot be read hold none.
[[nodiscard]] std::vector<Review> read_reviews(const std::string& config_file);

struct Reviewed {
  std::string site;        // what is marked: the site that the host is of
  std::string file;        // that holds it now
  bool new_list = false;   // lists.d/own.yaml has an entry more
  bool gone_list = false;  // ... or fewer: a reload wants --accept-shrunk
};
// Puts the site of `host` into the file of `category`, out of every other, and lists.d/own.yaml in order.
// Each file is written whole or not at all, the new mark before the old one goes. `who`: "uid 0 (root)".
// Errors: no site, no such category, lists.d/own.yaml is somebody else's, a file cannot be written.
[[nodiscard]] Result<Reviewed> review_site(const std::string& config_file, const std::string& host,
                                           const std::string& category, const std::string& who,
                                           std::int64_t now_seconds);

}  // namespace schoolgate
