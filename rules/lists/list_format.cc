#include "rules/lists/list_format.h"

namespace schoolgate {
namespace {

struct NamedFormat {
  std::string_view name;
  ListFormat format;
};
constexpr NamedFormat formats[] = {
    {"domains", ListFormat::domains},         {"urls", ListFormat::urls},
    {"expressions", ListFormat::expressions}, {"hosts", ListFormat::hosts},
    {"adblock", ListFormat::adblock},         {"patterns", ListFormat::patterns}};

}  // namespace

std::optional<ListFormat> parse_list_format(std::string_view name) noexcept {
  for (const NamedFormat& f : formats) {
    if (f.name == name) return f.format;
  }
  return std::nullopt;
}

std::string_view to_string(ListFormat format) noexcept {
  for (const NamedFormat& f : formats) {
    if (f.format == format) return f.name;
  }
  return {};
}

std::string_view to_string(Ignored reason) noexcept {
  switch (reason) {
    case Ignored::comment_or_blank:
      return "comment or blank";
    case Ignored::cosmetic_rule:
      return "cosmetic rule";
    case Ignored::path_rule:
      return "rule about a path";
    case Ignored::unsupported_option:
      return "unsupported option";
    case Ignored::local_name:
      return "local name";
    case Ignored::duplicate_in_file:
      return "duplicate in the file";
    case Ignored::other_rule:
      return "other rule";
  }
  return {};
}

}  // namespace schoolgate
