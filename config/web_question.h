// What the staff's pages ask the running proxy over web.sock, and how it answers: lines of fields with a tab
// between them, which hold neither tabs nor ends of line themselves.
//
//   > change\taccount=lan\taction=allow\ttarget=zalo.me\ttier=thcs\tminutes=45\twhy=class 8A\tlang=vi\n
//   < fault\tthe log is full\n
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schoolgate {

struct WebQuestion {
  // "standing", "lists", "tiers", "categories", "tier", "explain", "overrides", "delegated", "change",
  // "revoke", "event", "rooms", "room", "tier_text", "edit", "cases", "case", "case_step", "reveal",
  // "history", "difference", "catalogue", "wishes", "wish", "lesson", "policy_facts"
  std::string verb;
  std::map<std::string, std::string> fields;
  [[nodiscard]] const std::string& get(const std::string& name) const;  // "" = not there
};

inline constexpr std::size_t most_web_question = 1000;  // of a line
// Of a line that brings a file's text, packed: it may be twice as long as the text.
inline constexpr std::size_t most_text_question = 300 * 1024;
// Whether a question of that verb brings a text: "edit".
[[nodiscard]] bool brings_text(std::string_view verb) noexcept;

// Nullopt: no verb, a field without "=", one twice, control characters, more than may be asked.
[[nodiscard]] std::optional<WebQuestion> parse_web_question(std::string_view line);
// Nullopt: what parse_web_question() would not take.
[[nodiscard]] std::optional<std::string> to_text(const WebQuestion& question);

// A text of several lines as a field: ends of line, tabs and "\" as \n, \t and \\.
[[nodiscard]] std::string packed_text(std::string_view text);
// Nullopt: no such text: a "\" before anything else, an end of line or a tab as itself.
[[nodiscard]] std::optional<std::string> unpacked_text(std::string_view packed);

// A line of an answer. Control characters of fields become blanks.
[[nodiscard]] std::string web_row(const std::vector<std::string>& fields);
// Lines, each as its fields.
[[nodiscard]] std::vector<std::vector<std::string>> web_rows(std::string_view text);

}  // namespace schoolgate
