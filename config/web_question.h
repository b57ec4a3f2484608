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
  std::string verb;  // "standing", "lists", "tiers", "tier", "explain", "overrides", "delegated", "change",
                     // "revoke", "wishes", "wish", "event"
  std::map<std::string, std::string> fields;
  [[nodiscard]] const std::string& get(const std::string& name) const;  // "" = not there
};

inline constexpr std::size_t most_web_question = 1000;  // of a line; the socket takes 1,024

// Nullopt: no verb, a field without "=", one twice, control characters, more than may be asked.
[[nodiscard]] std::optional<WebQuestion> parse_web_question(std::string_view line);
// Nullopt: what parse_web_question() would not take.
[[nodiscard]] std::optional<std::string> to_text(const WebQuestion& question);

// A line of an answer. Control characters of fields become blanks.
[[nodiscard]] std::string web_row(const std::vector<std::string>& fields);
// Lines, each as its fields.
[[nodiscard]] std::vector<std::vector<std::string>> web_rows(std::string_view text);

}  // namespace schoolgate
