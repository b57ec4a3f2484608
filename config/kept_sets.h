// The configurations that were accepted: who, when, and every text; the newest is also what a start with a
// broken file begins with.
//
//   FOLDER/                          0700, the proxy's user's
//     text-<SHA-256>                 the text of one file; shared by the sets that hold it
//     set-<number>-<SHA-256>         one set: the main file's path, who accepted it and when, every name with
//                                    its text's digest; the highest number is the newest
//
// Every file is 0600, named by the digest of its bytes and believed only if they fit. Texts are written
// before the set that names them and removed after it, each whole: whatever is cut short, the former sets
// stay usable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
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
  Acceptance accepted{};  // empty: an earlier version wrote it

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
  static constexpr std::int64_t most_days = 730;
  static constexpr std::uint64_t most_bytes = 256ull * 1024 * 1024;  // all texts and sets together

  // `folder` "": nothing is kept, nothing found.
  KeptSets(std::string folder, const std::string& main_file);

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

  // The policies that rows of the log name; asked only where something would go. Nullopt: that cannot be
  // known, and nothing goes.
  using Named = std::function<std::optional<std::set<std::string>>()>;
  struct Kept {
    std::string digest;
    std::uint64_t number = 0;
    std::vector<std::uint64_t> removed;  // sets that went, by their numbers
  };
  // Makes `texts` the newest set, unless the newest is the same texts under the same policy. Then sets that
  // are older than most_days, and the oldest beyond most_bytes, go; never the newest, nor one whose policy a
  // row names. `believed`: by which clock they are old (UTC seconds; a wrong one deletes nothing),
  // 0 = by that of `accepted`. Error: why it is not kept; the former sets are as they were.
  [[nodiscard]] Result<Kept> keep(const ConfigTexts& texts, const Acceptance& accepted = {},
                                  const Named& named = {}, std::int64_t believed = 0) const;

  struct Found {
    std::optional<KeptSet> set;
    std::vector<Message> problems;  // of newer sets that could not be used: damaged, altered
  };
  // The sets of this main file that are whole, from the newest on; `skip` of them are passed over.
  [[nodiscard]] Found find(std::size_t skip = 0) const;

  // One set without its texts.
  struct Entry {
    std::uint64_t number = 0;
    std::string digest;
    KeptSetIndex index;
  };
  struct History {
    std::vector<Entry> entries;  // the newest first
    std::vector<Message> problems;
  };
  // All sets of this main file.
  [[nodiscard]] History history() const;
  // The texts of one of them. Error: one is damaged or gone.
  [[nodiscard]] Result<ConfigTexts> texts_of(const Entry& entry) const;

 private:
  std::string folder_, main_file_;
};

}  // namespace schoolgate
