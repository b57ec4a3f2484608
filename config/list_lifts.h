// How much of what lists block the lists of protecting categories lift: an entry of theirs speaks for its
// host and below, and lifts the entries that name this host or a parent of it. Entries of hosts only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/snapshot.h"
#include "rules/lists/list_parser.h"
#include "rules/rule.h"
#include "rules/verdict.h"

namespace schoolgate {

struct LiftFile {
  std::string name, path;
  ListFormat format = ListFormat::domains;
  CategoryId category = no_category;
  bool protects = false;
};

struct Lifts {
  std::string list;           // the protecting one
  std::uint64_t entries = 0;  // of other lists that it lifts
  std::string example;        // one of them
};

// Whether the first category opens anywhere what the second one closes.
using LiftsCategory = std::function<bool(CategoryId protecting, CategoryId blocking)>;

// Of files that are read now: first every one that protects, then the others.
class LiftCounter {
 public:
  LiftCounter(std::vector<LiftFile> files, LiftsCategory lifts);

  [[nodiscard]] const std::vector<LiftFile>& files() const noexcept { return files_; }
  // An entry of files()[file], each once.
  void add(std::size_t file, const RuleEntry& entry);
  // All entries of files()[file]; one that cannot be read holds nothing.
  void read(std::size_t file);
  // The protecting lists that lift anything, in the order of the files.
  [[nodiscard]] std::vector<Lifts> take();

 private:
  void speak(std::string_view host, std::uint32_t file);

  std::vector<LiftFile> files_;
  LiftsCategory lifts_;
  // Which files speak for a host: those that name it or something below it.
  std::unordered_map<std::string, std::vector<std::uint32_t>> speakers_;
  std::vector<Lifts> found_;  // beside files_
};

// Of a whole configuration, as its lists are in force: a pair of categories counts when some tier opens the
// one and closes the other without a lock. Of the files only those of protecting categories are read again.
[[nodiscard]] std::vector<Lifts> count_lifts(const Snapshot& snapshot);

// "updates lifts 3 entries of other lists, such as ngrok.io"
[[nodiscard]] Message message_of(const Lifts& lifts);

}  // namespace schoolgate
