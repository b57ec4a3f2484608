// All lists of a configuration -> one compiled rule database, from the cache when nothing changed.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/lists/list_cache.h"
#include "config/lists/list_status.h"
#include "config/main/main_file.h"
#include "config/policy/category_reader.h"
#include "config/text/load_context.h"
#include "rules/judge/judge.h"
#include "rules/message.h"

namespace schoolgate {

struct ListLoadOptions {
  // Start-up: when a list cannot be used, take the last good compiled lists and warn.
  bool last_good_lists = false;
  // Lists that are gone, or lost more than 30 % of their entries, are what the admin wants.
  bool accept_shrunk = false;
  bool use_cache = true;  // false: compile in memory, write nothing
  // False: compiled lists that fit are used, none are written (commands that only look).
  bool write_cache = true;
  // Files to read in place of lists' own, by the path of these: an update is tried before it rules.
  const std::map<std::string, std::string>* staged = nullptr;
  // A list that was never fetched is a warning even where nothing is known of the last good load.
  bool unfetched_may_lack = false;
  // Hosts that were asked for, of the log in this folder: what is newly learned of names has to judge most of
  // them as before. Asked only where something was learned anew; may be empty.
  std::function<std::vector<std::string>(const std::string& log_directory)> hosts_of_last_week;
  std::function<void(const Message& what, double done)> progress;  // done 0..1; may be empty
};

// The lists that a running proxy judges by, as the measure of new ones.
struct RunningLists {
  const RuleDb& db;
  std::span<const ListStatus> status;
  bool kept = false;  // they lie on the disk as they are here
};

struct LoadedLists {
  CompiledLists compiled;             // db is null after an error
  std::vector<ListMeaning> meanings;  // by Tag
  std::vector<ListStatus> status;     // by Tag
  bool from_cache = false;
  bool kept = false;  // they lie on the disk as they are here, for the next start and as its measure
  std::shared_ptr<const std::vector<std::byte>> fresh;  // what was compiled now; `compiled` looks at it
};

// One load of all lists: first load(), then, when everything else of the configuration is good, keep().
class ListLoad {
 public:
  // All of them outlive this object.
  ListLoad(const MainFile& main, const CategoryCatalogue& catalogue, const ListLoadOptions& options,
           const std::optional<RunningLists>& running, LoadContext& context);
  ~ListLoad();
  // Errors go to the context: a list missing, empty, not text; anything that the last good load had and this
  // one lacks, as a shrunk list. A key with the same bytes in the same files is a warm start: the files are
  // hashed, not parsed.
  [[nodiscard]] LoadedLists load();
  // Writes lists that were compiled as the new last good ones.
  // A refused load leaves the file as it was: it is the measure of the next one.
  void keep(LoadedLists& lists);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
