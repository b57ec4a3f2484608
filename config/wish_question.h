// What `schoolgate wishes` and the staff's pages ask about reports of wrong blocks: a line of fields with a
// tab between them.
//
//   wishes\tlist\tall=\tjson=\n
//   wishes\tshow\tcode=BN-7K3Q2F9A\n
//   wishes\tgrant\tcode=BN-7K3Q2F9A\ttier=thcs\tfor=45m\twhy=class 8A\n
//   wishes\tgrant\tcode=BN-7K3Q2F9A\tline=\twhy=the museum's own page\n
//   wishes\tdeny\tcode=BN-7K3Q2F9A\twhy=it is a shop\n
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct WishQuestion {
  enum class Verb : std::uint8_t { list, show, grant, deny } verb = Verb::list;
  std::string code;      // all but list: as typed_code() gives it
  std::string tier;      // grant: another tier than the report's; may be empty
  std::string how, end;  // grant: "for" or "until", and a time; or both empty
  std::string why;       // grant, deny
  bool line = false;     // grant: by a line of the tier, for good
  bool all = false;      // list: those that were answered, too
  bool json = false;     // list, show
  friend bool operator==(const WishQuestion&, const WishQuestion&) = default;
};

inline constexpr std::string_view wish_question_word = "wishes";  // such lines begin with it

// Nullopt: no such verb, a field that it does not have, one that it lacks, one twice, control characters,
// more than may be asked.
[[nodiscard]] std::optional<WishQuestion> parse_wish_question(std::string_view line);
// Nullopt: what parse_wish_question() would not take.
[[nodiscard]] std::optional<std::string> to_text(const WishQuestion& question);

}  // namespace schoolgate
