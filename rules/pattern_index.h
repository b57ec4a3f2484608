// Many RE2 patterns asked at once: RE2 decides, a literal prefilter in front sees to it that it is asked only
// about the few patterns whose required literals occur in the subject. Bytes are a section of a rule database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/rule_db.h"
#include "rules/url.h"

namespace schoolgate {

struct Pattern {
  std::string text;
  PatternTarget target = PatternTarget::url;
  bool case_sensitive = false;
};

// RE2's complaint and the byte of `text` it points at, or nullopt when the pattern can be used (it also
// has a bounded program size).
struct PatternProblem { std::string message; std::uint32_t offset = 0; };
[[nodiscard]] std::optional<PatternProblem> check_pattern(std::string_view text, bool case_sensitive);

// Pattern ids are positions in `patterns`. Deterministic.
[[nodiscard]] Result<std::vector<std::byte>> build_pattern_index(std::span<const Pattern> patterns);

// A view on those bytes, which outlive it; immutable, shared by threads.
class PatternIndex {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const PatternIndex>> open(std::span<const std::byte> bytes);
  virtual ~PatternIndex() = default;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  [[nodiscard]] virtual std::string_view text(std::uint32_t id) const noexcept = 0;
  [[nodiscard]] virtual bool weak(std::uint32_t id) const noexcept = 0;  // tried on every request: no usable literal
};

// One per thread: confirmers and scratch.
class PatternMatcher {
 public:
  explicit PatternMatcher(std::shared_ptr<const PatternIndex> index);
  ~PatternMatcher();
  PatternMatcher(PatternMatcher&&) noexcept;
  PatternMatcher& operator=(PatternMatcher&&) noexcept;
  // Appends the ids of all patterns that match, ascending, each once. At Stage::host only patterns with target
  // host are asked. Returns false if some pattern could not be asked (RE2 out of memory, subject over 8 KiB):
  // an error, never "no match".
  [[nodiscard]] bool match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
