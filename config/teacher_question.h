// What `schoolgate allow`, `block` and `overrides` ask the running proxy over the teachers' socket: a line of
// fields with a tab between them.
//
//   allow\ttarget=zalo.me\ttier=thcs\tfor=45m\twhy=class 8A\n
//   overrides\tjson=\n
//   revoke\tid=17\n
//   explain\ttarget=https://zalo.me/\ttier=thcs\n
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct TeacherQuestion {
  enum class Verb : std::uint8_t { allow, block, overrides, revoke, explain } verb = Verb::overrides;
  std::string target;                 // allow, block: a site or category; explain: a URL
  std::string tier;                   // explain: may be empty
  std::string how, end;               // "for" or "until", and a time; or both empty
  std::string why;                    // allow, block
  std::uint32_t id = 0;               // revoke
  bool json = false, colour = false;  // how to answer
  friend bool operator==(const TeacherQuestion&, const TeacherQuestion&) = default;
};

// Nullopt: no such verb, a field that it does not have, one that it needs and lacks, one twice, control
// characters, more than may be asked.
[[nodiscard]] std::optional<TeacherQuestion> parse_teacher_question(std::string_view line);
// Nullopt: what parse_teacher_question() would not take.
[[nodiscard]] std::optional<std::string> to_text(const TeacherQuestion& question);

}  // namespace schoolgate
