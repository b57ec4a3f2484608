// Matching: the look for grams, and what is asked where one is found.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "rules/patterns/match/format.h"
#include "rules/patterns/match/index.h"
#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate::pattern {

// Belongs to one thread.
class IndexMatcher {
 public:
  explicit IndexMatcher(std::shared_ptr<const PatternIndex> index);

  // Appends the ids of the patterns for `target` that match `subject`, in no order, each once. False if one
  // could not be judged.
  [[nodiscard]] bool match(PatternTarget target, std::string_view subject, std::vector<std::uint32_t>& ids);
  // The same of whole addresses, of the patterns alone that may hold every address of some host
  // (Entry::front).
  [[nodiscard]] bool match_front(std::string_view subject, std::vector<std::uint32_t>& ids);

  struct Counters {
    std::uint64_t candidates = 0;  // grams that passed the filter
    std::uint64_t windows = 0;     // records that were compared with the text
    std::uint64_t walks = 0;       // records that went on to the automata
    std::uint64_t asked_re2 = 0;
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  [[nodiscard]] bool match(const TablesView& tables, std::string_view subject,
                           std::vector<std::uint32_t>& ids);
  void run_scanners(std::span<const ScannerEntry> scanners);
  void look_for_grams(const TablesView& tables);
  void look_up(const TablesView& tables);
  void try_records();
  void weigh(const Record& record, std::uint32_t at);
  [[nodiscard]] bool may_match(const Record& record, std::uint32_t at) const noexcept;
  void try_record(const Record& record, std::uint32_t at);
  template <int step>
  [[nodiscard]] bool walk_on(ProgramId program, std::uint32_t state, const Symbol* from) noexcept;
  void accepted(std::uint32_t id);
  void confirm(std::uint32_t id);
  void decide(std::uint32_t id, bool matches);

  // A gram whose neighbours fit, and where its records are: Slot::first.
  struct Lead {
    std::uint32_t first;
    std::uint32_t at;
  };
  struct Place {
    const Record* record;
    std::uint32_t at;  // of the gram
  };

  std::shared_ptr<const PatternIndex> index_;
  const IndexView& view_;
  const FindGrams find_grams_ = fastest_find_grams();
  SymbolText text_;
  std::string_view subject_;
  std::vector<std::uint32_t> found_;  // where grams passed the filter
  std::size_t found_count_ = 0;
  std::vector<Lead> leads_;
  std::size_t lead_count_ = 0;
  std::vector<Place> places_;           // where records may match
  std::ptrdiff_t steps_left_ = 0;       // of automata, until RE2 takes over
  std::vector<char> decided_;           // patterns about the current subject
  std::vector<std::uint32_t> touched_;  // those decided
  std::vector<std::unique_ptr<RE2>> confirmers_;
  std::vector<std::uint32_t>* ids_ = nullptr;
  bool judged_ = true;
  Counters counters_;
};

}  // namespace schoolgate::pattern
