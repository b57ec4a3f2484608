// The configurations that were accepted last, kept so that a start with a broken file has one to begin with.
//
//   FOLDER/                          0700, the proxy's user's
//     text-<SHA-256>                 the text of one file; shared by the sets that hold it
//     set-<number>-<SHA-256>         one set: the main file's path, every name with its text's digest; the
//                                    highest number is the newest
//
// Every file is 0600, named by the digest of its bytes and believed only if they fit. Texts are written
// before the set that names them and removed after it, each whole: whatever is cut short, the former sets
// stay usable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/text/config_texts.h"
#include "rules/result.h"

namespace schoolgate {

// What a set- file holds.
struct KeptSetIndex {
  std::string main_file;                     // absolute
  std::map<std::string, std::string> files;  // name -> SHA-256 hex of its text
  std::map<std::string, std::vector<std::string>> folders;

  friend bool operator==(const KeptSetIndex&, const KeptSetIndex&) = default;
};
[[nodiscard]] std::string to_text(const KeptSetIndex& index);
[[nodiscard]] std::optional<KeptSetIndex> parse_kept_set(
    std::string_view text);  // nullopt: not as to_text wrote it

// Where the sets of a main file are kept: `state` + "/last-good" if a state folder is named, the fixed place
// for /etc/schoolgate/schoolgate.yaml, else "": none are.
[[nodiscard]] std::string kept_sets_folder(const std::string& main_file, const std::string& state);

// Threads: one process at a time keeps (a lock on the folder), any may read.
class KeptSets {
 public:
  static constexpr std::size_t most_sets = 8;
  static constexpr std::uint64_t most_bytes = 256ull * 1024 * 1024;  // all texts together

  // `folder` "": nothing is kept, nothing found.
  KeptSets(std::string folder, const std::string& main_file);

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  // Makes `texts` the newest set and removes old ones beyond the bounds; the set's digest. Error: why it is
  // not kept; the former sets are as they were.
  [[nodiscard]] Result<std::string> keep(const ConfigTexts& texts) const;

  struct Found {
    std::optional<KeptSet> set;
    std::vector<Message> problems;  // of newer sets that could not be used: damaged, altered
  };
  // The sets of this main file that are whole, from the newest on; `skip` of them are passed over.
  [[nodiscard]] Found find(std::size_t skip = 0) const;

 private:
  std::string folder_, main_file_;
};

}  // namespace schoolgate
