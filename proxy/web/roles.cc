#include "proxy/web/roles.h"

#include <algorithm>

namespace schoolgate::web {
namespace {

struct Row {
  Page page;
  std::array<unsigned, 5> of;  // as Role
};

// The log is one page of five kinds: a teacher sees what was closed in own tiers, the head totals alone,
// admin and auditor rows without client, safeguarding none (rows of a case come with the case).
constexpr auto table = [] {
  constexpr unsigned v = 1, c = 2, t = 4;  // a bit for each Verb
  return std::array{
      //                    teacher admin safeguarding head auditor
      Row{Page::now, {v, v, v, v, v}},
      Row{Page::log, {v, v | t, 0, v, v | t}},
      Row{Page::explain, {v, v, v, v, v}},
      Row{Page::policy, {v | c, v | c, 0, v, v}},
      Row{Page::overrides, {v | c, v, 0, v, v}},
      Row{Page::wishes, {v | c, v | c, 0, v, v}},
      Row{Page::reports, {0, v | t, 0, v | t, v | t}},
      Row{Page::lists, {0, v, 0, 0, v}},
      Row{Page::users, {0, v | c, 0, 0, v}},
      Row{Page::health, {0, v, 0, 0, v}},
      Row{Page::rooms, {v | c, v, 0, v, v}},
      Row{Page::cases, {0, 0, v | c | t, 0, 0}},
      Row{Page::account, {v | c, v | c, v | c, v | c, v | c}},
  };
}();

constexpr bool whole() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].page != pages[i]) return false;
  return table.size() == pages.size();
}
static_assert(whole(), "a row for each page, in their order");

constexpr std::array<std::string_view, 5> role_words{"teacher", "admin", "safeguarding", "head", "auditor"};
constexpr std::array<std::string_view, 13> paths{"/now",    "/log",     "/explain", "/policy", "/overrides",
                                                 "/wishes", "/reports", "/lists",   "/users",  "/health",
                                                 "/rooms",  "/cases",   "/account"};

}  // namespace

bool may(Role role, Page page, Verb verb) noexcept {
  const unsigned bit = 1U << static_cast<unsigned>(verb);
  return (table[static_cast<std::size_t>(page)].of[static_cast<std::size_t>(role)] & bit) != 0;
}

std::string_view to_string(Role role) noexcept {
  return role_words[static_cast<std::size_t>(role)];
}

std::optional<Role> role_of(std::string_view word) noexcept {
  const auto found = std::find(role_words.begin(), role_words.end(), word);
  if (found == role_words.end()) return std::nullopt;
  return static_cast<Role>(found - role_words.begin());
}

std::string_view path_of(Page page) noexcept {
  return paths[static_cast<std::size_t>(page)];
}

Page first_page_of(Role role) noexcept {
  return role == Role::safeguarding ? Page::cases : Page::now;
}

Message name_of(Role role) {
  switch (role) {
    case Role::teacher:
      return say("Teacher");
    case Role::admin:
      return say("Administrator");
    case Role::safeguarding:
      return say("Safeguarding lead");
    case Role::head:
      return say("Head of the school");
    case Role::auditor:
      break;
  }
  return say("Auditor");
}

Message name_of(Page page) {
  switch (page) {
    case Page::now:
      return say("Now");
    case Page::log:
      return say("Log");
    case Page::explain:
      return say("Why?");
    case Page::policy:
      return say("Policy");
    case Page::overrides:
      return say("For this lesson");
    case Page::wishes:
      return say("Wrong blocks");
    case Page::reports:
      return say("Reports");
    case Page::lists:
      return say("Lists");
    case Page::users:
      return say("Accounts");
    case Page::health:
      return say("Health");
    case Page::rooms:
      return say("Rooms");
    case Page::cases:
      return say("Cases");
    case Page::account:
      break;
  }
  return say("My account");
}

}  // namespace schoolgate::web
