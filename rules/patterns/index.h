// Many RE2 patterns asked at once, with exactly the answers RE2 would give one by one. Literals that a match
// must hold are looked for first, small automata of our own decide most of what is found, and RE2 decides
// the rest. The bytes are a section of a rule database; rules/README.md draws them.
//
// Subject of a pattern, by its target, always of the match form with the case kept (url.h):
//   host   match_host()           path   match_path(), "/path"
//   query  match_query(), no "?"  url    match(), "http://host[:port]/path?query"
// A query that holds "+" is asked about twice: as it came, and with blanks in their place.
// Patterns ignore case (RE2's (?i), with Unicode folding) unless case_sensitive says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/result.h"
#include "rules/url/url.h"

namespace schoolgate {

struct Pattern {
  std::string text;
  PatternTarget target = PatternTarget::url;
  bool case_sensitive = false;
};

// Why a pattern cannot be used, and the byte of its text to point at.
struct PatternProblem {
  std::string message;
  std::uint32_t offset = 0;
};

// Nullopt when the pattern can be used. Refused: what RE2 refuses, more than 4 KiB of text or 10,000 steps of
// program, and a pattern that is content with no text at all, for it would match every address.
[[nodiscard]] std::optional<PatternProblem> check_pattern(std::string_view text, bool case_sensitive);

// Pattern ids are positions in `patterns`. Deterministic. Error: a pattern that check_pattern refuses.
[[nodiscard]] Result<std::vector<std::byte>> build_pattern_index(std::span<const Pattern> patterns);

// A view on those bytes, which are aligned to 8 and outlive it; immutable, shared by threads.
class PatternIndex {
 public:
  // Every offset is checked, so that damaged bytes give an error or wrong answers, never a wild read.
  [[nodiscard]] static Result<std::shared_ptr<const PatternIndex>> open(std::span<const std::byte> bytes);
  virtual ~PatternIndex() = default;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  [[nodiscard]] virtual std::string_view text(std::uint32_t id) const noexcept = 0;
  [[nodiscard]] virtual Pattern pattern(std::uint32_t id) const = 0;
  // No usable literal: the pattern costs something on every request.
  [[nodiscard]] virtual bool weak(std::uint32_t id) const noexcept = 0;
};

// One per thread: confirmers (RE2 objects made on first use) and scratch.
class PatternMatcher {
 public:
  explicit PatternMatcher(std::shared_ptr<const PatternIndex> index);
  ~PatternMatcher();
  PatternMatcher(PatternMatcher&&) noexcept;
  PatternMatcher& operator=(PatternMatcher&&) noexcept;
  // Appends the ids of all patterns that match, ascending, each once. At Stage::host (url's path is "/")
  // these are patterns of target host, and those of target url that hold every address of the host. Returns
  // false if some pattern could not be judged: RE2 would have to decide it, but the subject is longer than 8
  // KiB or RE2 has no memory. That is an error, never "no match".
  [[nodiscard]] bool match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
