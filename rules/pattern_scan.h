// Matching: the look for grams, and what is asked where one is found.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "rules/pattern_format.h"
#include "rules/pattern_re2.h"

namespace schoolgate::pattern {

// Belongs to one thread.
class Scanner {
 public:
  explicit Scanner(std::shared_ptr<const PatternIndex> index);

  // Appends the ids of the patterns for `target` that match `subject`, in no order, each once. False if one
  // could not be judged.
  [[nodiscard]] bool match(PatternTarget target, std::string_view subject, std::vector<std::uint32_t>& ids);

  struct Counters {
    std::uint64_t candidates = 0;  // grams that passed the filter
    std::uint64_t windows = 0;     // records whose window was compared
    std::uint64_t walks = 0;       // records that went on to the automata
    std::uint64_t asked_re2 = 0;
  };
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  void find_grams(const PlanView& plan);
  void look_up(const PlanView& plan, std::uint32_t at);
  void try_record(const Record& record, std::uint32_t at);
  void accepted(std::uint32_t id);
  void confirm(std::uint32_t id);
  void decide(std::uint32_t id, bool matches);

  // What is known about a pattern and the current subject: attempts made, or decided.
  static constexpr std::uint8_t max_attempts = 32, decided = 255;

  std::shared_ptr<const PatternIndex> index_;
  const IndexView& view_;
  SymbolText text_;
  std::string_view subject_;
  std::vector<std::uint32_t> found_;  // places of grams that passed the filter
  std::vector<std::uint8_t> attempts_;
  std::vector<std::uint32_t> touched_;  // ids whose attempts are not 0
  std::vector<std::unique_ptr<RE2>> confirmers_;
  std::vector<std::uint32_t>* ids_ = nullptr;
  bool judged_ = true;
  Counters counters_;
};

}  // namespace schoolgate::pattern
