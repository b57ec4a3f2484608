// What an update would make of a list, in numbers and names; and whether a person has to look first. Pure:
// texts in, answers out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lists/list_parser.h"

namespace schoolgate {

// Of an entry count below this nobody says that it has shrunk: a handful of lines may come and go.
inline constexpr std::uint64_t shrink_matters_from = 50;

// What the policy makes of the list.
struct ListRole {
  bool protects = false;  // its entries open: a protecting category, or the list's own action is allow
  bool locked = false;    // some tier locks its category
  bool reaches = false;   // its exceptions lift rules of other lists of the category, too
  bool suffixes = false;  // its public suffixes are meant
};

struct ListChange {
  static constexpr std::size_t most_examples = 3;
  struct Some {
    std::uint64_t count = 0;
    std::vector<std::string> examples;  // of the list's entries as they are written
  };

  bool first = false;              // nothing ruled before
  std::uint64_t was = 0, is = 0;   // entries that are no exceptions
  Some come, go;                   // of all entries
  Some suffixes;                   // of those that come: public suffixes, which a load leaves out
  Some opens;                      // what nobody could reach by this list before, and can now
  ListReport report;               // of the new text
  std::optional<Message> no_list;  // why the new text is none: the old one stays, whatever a person says
};

// `old`: the text that rules; none: the list is new.
[[nodiscard]] ListChange compare_lists(std::optional<std::string_view> old, std::string_view now,
                                       ListFormat format, ListRole role);

// So much that a load refuses it until a person accepts it (SG1407).
[[nodiscard]] bool has_shrunk(const ListChange& change) noexcept;

// Why a person has to look before the new list rules: a sentence each; none: it may rule at once. A list that
// is new may block as much as it likes; what opens is looked at.
[[nodiscard]] std::vector<Message> why_wait(const ListChange& change, ListFormat format, ListRole role);

// Of the public suffixes that come; empty: none does.
[[nodiscard]] Message suffixes_left_out(const ListChange& change);

// "1,204 entries come (bet9.example, ...), 17 go (...)": for people.
[[nodiscard]] Message message_of(const ListChange& change);

}  // namespace schoolgate
