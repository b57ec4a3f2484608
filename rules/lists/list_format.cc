#include "rules/lists/list_format.h"

#include <algorithm>

namespace schoolgate {

static_assert(list_format_names.size() == static_cast<std::size_t>(ListFormat::clash) + 1, "a name for each");

std::optional<ListFormat> parse_list_format(std::string_view name) noexcept {
  const auto found = std::find(list_format_names.begin(), list_format_names.end(), name);
  if (found == list_format_names.end()) return std::nullopt;
  return static_cast<ListFormat>(found - list_format_names.begin());
}

std::string_view to_string(ListFormat format) noexcept {
  const auto place = static_cast<std::size_t>(format);
  return place < list_format_names.size() ? list_format_names[place] : std::string_view();
}

Message message_of(Ignored reason) {
  switch (reason) {
    case Ignored::comment_or_blank:
      return say("comment or blank");
    case Ignored::cosmetic_rule:
      return say("cosmetic rule");
    case Ignored::path_rule:
      return say("rule about a path");
    case Ignored::unsupported_option:
      return say("unsupported option");
    case Ignored::local_name:
      return say("local name");
    case Ignored::duplicate_in_file:
      return say("duplicate in the file");
    case Ignored::other_rule:
      return say("other rule");
    case Ignored::takes_back:
      return say("rule that takes another back");
    case Ignored::taken_back:
      return say("taken back by another rule");
    case Ignored::too_broad:
      return say("for nearly every site");
    case Ignored::names_a_server:
      return say("answer that blocks nothing");
    case Ignored::included_list:
      return say("file that is a list of its own");
  }
  return {};
}

std::string_view to_string(Ignored reason) noexcept {
  return message_of(reason).sentence();
}

}  // namespace schoolgate
