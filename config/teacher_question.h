// What `schoolgate allow`, `block`, `overrides`, `room` and `rooms` ask the running proxy over the teachers'
// socket: a line of fields with a tab between them.
//
//   allow\ttarget=zalo.me\ttier=thcs\tfor=45m\twhy=class 8A\n
//   overrides\tjson=\n
//   revoke\tid=17\n
//   explain\ttarget=https://zalo.me/\ttier=thcs\n
//   room\troom=Phòng máy 1\tstate=only\ttarget=olm\tuntil=end-of-lesson\twhy=test\n
//   rooms\tjson=\n
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

struct TeacherQuestion {
  enum class Verb : std::uint8_t {
    allow,
    block,
    overrides,
    revoke,
    explain,
    room,
    rooms
  } verb = Verb::overrides;
  // allow, block: a site, a category or "bundle:olm"; explain: a URL; room: what is open alone
  std::string target;
  std::string tier;                   // explain: may be empty
  std::string room;                   // room; explain: may be empty, and is where the tier is
  std::string room_state;             // room: "off", "only" or "normal"
  std::string how, end;               // "for" or "until", and a time; or both empty
  std::string why;                    // allow, block, room; "normal" may have none
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
