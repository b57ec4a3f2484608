// New files of lists are tried before they rule: each against what it replaces, all together with the
// configuration in force. Reads and judges; moving files is the caller's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/lists/list_change.h"
#include "config/main/main_file.h"
#include "config/snapshot.h"
#include "config/text/config_texts.h"
#include "config/text/text_file.h"
#include "rules/diagnostic.h"
#include "rules/result.h"

namespace schoolgate {

// A host that people look at, and how many clients did last week.
struct VisitedHost {
  std::string host;  // canonical
  std::uint64_t clients = 0;
};

// One that a list newly closes, in the first tier where it does.
struct ClosedVisit {
  VisitedHost visited;
  std::string tier;
};

// One new file of a list, and what becomes of it.
struct TriedList {
  const ListEntry* entry = nullptr;  // of ListUpdates::lists()
  std::string file;                  // the new one
  bool accepted = false;             // a person has looked: only what makes it no list keeps it out
  ListChange change{};
  std::vector<Message> waits{};       // why a person has to look; none, and a list: it may rule
  std::vector<ClosedVisit> closes{};  // of what people look at; also where the list waits
  Diagnostics errors{};               // why the configuration refuses it; not even a person can accept it
  SourceTexts texts{};                // of `errors`

  [[nodiscard]] bool may_rule() const { return !change.no_list && waits.empty() && errors.empty(); }
};

// The configuration that lists are tried with: the files, or where they have errors the texts that were
// accepted last.
class ListUpdates {
 public:
  // `last_good`: those texts, where they are kept. Error: neither can be loaded; `out` says why.
  [[nodiscard]] static Result<ListUpdates> open(const std::string& config_file,
                                                std::optional<ConfigTexts> last_good, Diagnostics& out,
                                                SourceTexts& texts);

  [[nodiscard]] const Config& config() const noexcept { return main_.config; }
  // Those that are fetched; addresses stay as they are.
  [[nodiscard]] const std::vector<ListEntry>& lists() const noexcept { return main_.lists; }
  [[nodiscard]] const ListEntry* find(const std::string& name) const noexcept;
  // The files are what was accepted last; true also where nothing that was accepted is kept.
  [[nodiscard]] bool files_are_in_force() const noexcept { return files_are_in_force_; }

  // Fills what is empty in each. Lists are judged by themselves first; those that may rule are loaded
  // together, and where that fails one after another, so that a bad one keeps no good one out. Hosts of
  // `must_work` that a tier may open now must be so afterwards. What names teach may not judge many of
  // `hosts_of_last_week` otherwise (asked only where something is learned anew). Of `visited` it is said what
  // is closed.
  void judge(std::vector<TriedList>& lists, const std::vector<std::string>& must_work,
             const std::vector<VisitedHost>& visited = {},
             const std::function<std::vector<std::string>()>& hosts_of_last_week = {}) const;

 private:
  ListUpdates() = default;
  struct Loaded {
    std::shared_ptr<const Snapshot> snapshot;
    Diagnostics diagnostics;
    SourceTexts texts;
  };
  // `whatever_shrank`: of a trial that only looks at what is closed.
  [[nodiscard]] Loaded load(const std::vector<const TriedList*>& with, bool whatever_shrank = false) const;
  [[nodiscard]] ListRole role_of(const ListEntry& entry) const;
  void compare(TriedList& list) const;
  // All that may rule, loaded together; null: none may.
  [[nodiscard]] std::shared_ptr<const Snapshot> try_with_policy(std::vector<TriedList>& lists) const;
  // True: some list that may rule no longer may.
  [[nodiscard]] bool keep_open(std::vector<TriedList>& lists, const Snapshot& now,
                               const std::vector<std::string>& must_work) const;
  // The same. Which of several lists teaches it is found by each alone; where none does alone, all of them
  // wait.
  [[nodiscard]] bool keep_lookalikes(std::vector<TriedList>& lists, const Snapshot& now,
                                     const std::vector<std::string>& hosts) const;
  [[nodiscard]] bool teaches(const TriedList& list) const;
  void find_closed(std::vector<TriedList>& lists, const std::vector<VisitedHost>& visited) const;

  std::string config_file_;
  std::optional<ConfigTexts> texts_;  // the files have errors: these in their place
  bool files_are_in_force_ = true;
  MainFile main_;  // of its lists only those that are fetched
  std::shared_ptr<const Snapshot> before_;
};

}  // namespace schoolgate
