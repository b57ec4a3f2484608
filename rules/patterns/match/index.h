// An opened index of patterns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "rules/patterns/match/format.h"
#include "rules/patterns/match/pattern_re2.h"
#include "rules/result.h"

namespace schoolgate {

// A view on the bytes of an index, which are aligned to 8 and outlive it; immutable, shared by threads.
class PatternIndex {
 public:
  // Every offset is checked, so that damaged bytes give an error or wrong answers, never a wild read.
  [[nodiscard]] static Result<std::shared_ptr<const PatternIndex>> open(std::span<const std::byte> bytes);
  explicit PatternIndex(const pattern::IndexView& view) : view_(view) {}

  [[nodiscard]] std::size_t size() const noexcept { return view_.entries.size(); }
  [[nodiscard]] std::string_view text(std::uint32_t id) const noexcept;
  [[nodiscard]] Pattern pattern(std::uint32_t id) const;
  // No usable literal: the pattern costs something on every request.
  [[nodiscard]] bool weak(std::uint32_t id) const noexcept;
  [[nodiscard]] const pattern::IndexView& view() const noexcept { return view_; }

 private:
  pattern::IndexView view_;
};

}  // namespace schoolgate
