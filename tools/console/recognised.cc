#include "tools/console/recognised.h"

#include "config/text/vietnamese.h"

namespace schoolgate::tools {

std::optional<std::vector<Message>> values_in(std::string_view sentence, std::string_view text) {
  std::vector<Message> values;
  for (;;) {
    const std::size_t place = sentence.find("{}");
    const std::string_view before = sentence.substr(0, place);
    if (place == std::string_view::npos) return text == before ? std::optional(values) : std::nullopt;
    if (!text.starts_with(before)) return std::nullopt;
    text.remove_prefix(before.size());
    sentence.remove_prefix(place + 2);
    const std::string_view behind = sentence.substr(0, sentence.find("{}"));
    const std::size_t end = behind.empty() ? text.size() : text.find(behind);
    if (end == std::string_view::npos) return std::nullopt;
    values.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

Message recognised(const std::string& text) {
  std::size_t own_letters = 5;  // fewer: "{}s" and "{}: {}" are anything
  Message best = Message::foreign(text);
  for (const auto& table : vietnamese_tables())
    for (const Translation& one : table) {
      const std::size_t own = one.english.size() - 2 * places_of(one.english);
      if (own <= own_letters) continue;
      if (auto values = values_in(one.english, text)) {
        own_letters = own;
        best = Message::of_table(one.english, std::move(*values));
      }
    }
  return best;
}

}  // namespace schoolgate::tools
