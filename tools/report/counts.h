// How often what was done, so that nobody can be found in it: a count under five is never told, nor can it be
// reckoned from what is told.
//
// Every figure of a report is made of the same cells (what was done, tier, category). A cell under five has
// no figure, and goes into no sum either: of two sets of cells that differ in such cells alone the reports
// are the same, byte for byte.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace schoolgate::tools {

inline constexpr std::uint64_t fewest_told = 5;

// A cell, or the sum of some.
struct Folded {
  std::uint64_t sum = 0;     // of cells of five or more
  std::uint32_t hidden = 0;  // cells of one to four

  void add(std::uint64_t cell) noexcept {
    if (cell >= fewest_told) sum += cell;
    if (cell > 0 && cell < fewest_told) ++hidden;
  }
  Folded& operator+=(const Folded& other) noexcept {
    sum += other.sum;
    hidden += other.hidden;
    return *this;
  }
  friend bool operator==(const Folded&, const Folded&) = default;
};
[[nodiscard]] inline Folded folded(std::uint64_t cell) noexcept {
  Folded one;
  one.add(cell);
  return one;
}

class Counts {
 public:
  enum class Deed : std::uint8_t { allowed, warned, blocked, continued };

  void add(Deed done, const std::string& tier, const std::string& category, std::uint64_t n) {
    cells_[{done, tier, category}] += n;
  }
  // Of one tier or category, or of all.
  [[nodiscard]] Folded sum(Deed done, const std::optional<std::string>& tier = {},
                           const std::optional<std::string>& category = {}) const;
  // Whether this cell has a figure: what is counted in another way must leave out what has none.
  [[nodiscard]] bool told(Deed done, const std::string& tier, const std::string& category) const;
  [[nodiscard]] bool empty() const noexcept { return cells_.empty(); }
  // The categories of a thing done, most first; by their sums, then by name.
  [[nodiscard]] std::vector<std::string> categories(Deed done) const;
  [[nodiscard]] std::vector<std::string> tiers() const;

 private:
  std::map<std::tuple<Deed, std::string, std::string>, std::uint64_t> cells_;
};

}  // namespace schoolgate::tools
