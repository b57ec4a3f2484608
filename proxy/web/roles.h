// Who may do what: one table, role by page by verb. Nobody has all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/message.h"

namespace schoolgate::web {

enum class Role : std::uint8_t { teacher, admin, safeguarding, head, auditor };
inline constexpr std::array roles{Role::teacher, Role::admin, Role::safeguarding, Role::head, Role::auditor};

enum class Page : std::uint8_t {
  now,
  log,
  explain,
  policy,
  overrides,
  wishes,
  reports,
  lists,
  users,
  health,
  rooms,
  cases,
  account
};
inline constexpr std::array pages{Page::now,    Page::log,     Page::explain, Page::policy, Page::overrides,
                                  Page::wishes, Page::reports, Page::lists,   Page::users,  Page::health,
                                  Page::rooms,  Page::cases,   Page::account};

// change: what a form of the page does. take: rows as a file or with pseudonyms, or who is behind one; each
// leaves an event.
enum class Verb : std::uint8_t { view, change, take };
inline constexpr std::array verbs{Verb::view, Verb::change, Verb::take};

[[nodiscard]] bool may(Role role, Page page, Verb verb) noexcept;

[[nodiscard]] std::string_view to_string(Role role) noexcept;  // "teacher"
[[nodiscard]] std::optional<Role> role_of(std::string_view word) noexcept;
[[nodiscard]] std::string_view path_of(Page page) noexcept;
// Where a role begins: what it is there for.
[[nodiscard]] Page first_page_of(Role role) noexcept;  // "/now"
[[nodiscard]] Message name_of(Role role);              // for people
[[nodiscard]] Message name_of(Page page);

}  // namespace schoolgate::web
