// What the lines look like that a file's format has no use for: perhaps it is another format.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/lists/list_format.h"

namespace schoolgate {

// A kind of line; without a format it is one that is not read at all.
struct LineLook {
  std::optional<ListFormat> format;
  std::string_view shape;  // "local=/name/", or the English for it
  std::string_view kind;   // "dnsmasq"
};
// Nullopt: of no kind that is known.
[[nodiscard]] std::optional<LineLook> look_of(std::string_view line);

// Most lines of a file look like those of another format.
struct OtherFormat {
  LineLook look;
  std::uint64_t count = 0, of = 0;  // lines; all lines but comments
  std::uint32_t first_line = 0;
};
// "18298 of 18300 lines are like local=/name/, the first in line 3: this is dnsmasq"
[[nodiscard]] Message message_of(const OtherFormat& other);
// "format: dnsmasq", or what else to do.
[[nodiscard]] Message hint_of(const OtherFormat& other);

// Counts what the lines of a file look like that is read as `own`.
class Looks {
 public:
  explicit Looks(ListFormat own) : own_(own) {}
  // A line that gave no entry.
  void add(std::string_view line, std::uint32_t number);
  // A line of which a format made an entry that makes one of anything; a quick look.
  void add_taken(std::string_view line, std::uint32_t number);
  // Where there is one: the kind of more than half of `lines`.
  [[nodiscard]] std::optional<OtherFormat> most(std::uint64_t lines) const;
  // Formats that make an entry of nearly every line, so that lines of another one are no faults.
  [[nodiscard]] static bool takes_anything(ListFormat format) noexcept;

 private:
  void count(const LineLook& look, std::uint32_t number);

  ListFormat own_;
  std::array<OtherFormat, list_format_names.size() + 1> seen_{};  // by format; the last: none of ours
};

}  // namespace schoolgate
