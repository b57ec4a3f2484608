// What the last good load compiled, as the measure of a new one: a list of then that has no successor now is
// gone, and one that holds less has shrunk. Pure: values in, answers out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"

namespace schoolgate {

struct HeldList {
  ListSource source;           // name, category, path and format as they were; the rest is not set
  std::uint64_t accepted = 0;  // entries of its file; 0: a person accepted that it holds nothing
  std::uint64_t blocking = 0;  // of these, the ones that are no exceptions
};

class HeldLists {
 public:
  // Exactly this list, or everything of this folder or collection: "ut1/gambling", "ut1".
  enum class Standing : std::uint8_t { unknown, emptied, filled };

  void add(HeldList list) { lists_.push_back(std::move(list)); }
  [[nodiscard]] bool empty() const noexcept { return lists_.empty(); }
  [[nodiscard]] std::span<const HeldList> all() const noexcept { return lists_; }

  // Finds for each list of now the one of then that it continues: of the same name, wherever its file lies
  // now, else of the same path under a new name. Nobody has two successors, and nobody succeeds two.
  void match(std::span<const ListSource> now);
  // The index in all() of the list that `now[index]` continues; `none` for a new one.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t before(std::size_t index) const noexcept;
  // Indices of those without a successor, in the order of then.
  [[nodiscard]] std::vector<std::size_t> gone() const;

  // `filled` when any of them had entries; `emptied` when all that are known had none.
  [[nodiscard]] Standing standing(std::string_view name) const noexcept;
  // The entries that block, of all of them together.
  [[nodiscard]] std::uint64_t entries(std::string_view name) const noexcept;
  // Whether `list` is `name` itself or lies in it.
  [[nodiscard]] static bool belongs(std::string_view list, std::string_view name) noexcept;

 private:
  std::vector<HeldList> lists_;
  std::vector<std::size_t> before_;  // by index of now
  std::vector<bool> continued_;      // beside lists_
};

}  // namespace schoolgate
