// How much of what lists block the lists of protecting categories lift: an entry of theirs speaks for its
// host and below, and lifts the entries that name this host or a parent of it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "rules/lists/list_parser.h"
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

// The protecting lists that lift anything, in the order given. `lifts(protecting, blocking)`: whether the
// first category opens anywhere what the second one closes. Entries of hosts only. Reads every file again;
// one that cannot be read holds nothing.
[[nodiscard]] std::vector<Lifts> count_lifts(std::span<const LiftFile> files,
                                             const std::function<bool(CategoryId, CategoryId)>& lifts);

// Of a whole configuration: a pair of categories counts when some tier opens the one and closes the other
// without a lock.
[[nodiscard]] std::vector<Lifts> count_lifts(const Snapshot& snapshot);

// "updates lifts 3 entries of other lists, such as ngrok.io"
[[nodiscard]] Message message_of(const Lifts& lifts);

}  // namespace schoolgate
