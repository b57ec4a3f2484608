#include "config/main/examples.h"

#include <array>
#include <string>

namespace schoolgate {
namespace {

// A test holds these against the shipped file.
struct Example {
  std::string_view key;
  std::string School::*value;
  std::string_view shipped;
  bool of_a_person;
};
constexpr std::array examples = {
    Example{"name", &School::name, "Trường THCS Lê Lợi", false},
    Example{"safeguarding: person", &School::safeguarding_person, "cô Lan, tổ Tư vấn học đường", true},
    Example{"safeguarding: room", &School::safeguarding_room, "phòng 105", true},
    Example{"safeguarding: phone", &School::safeguarding_phone, "0280 000 0000", true},
    Example{"it_contact", &School::it_contact, "thầy Nam, tổ Tin học", true},
};

// "phòng 105" alone may be a real room: it counts only beside the person who was shipped with it.
bool is_example(const School& school, const Example& example) {
  if (school.*example.value != example.shipped) return false;
  return example.value != &School::safeguarding_room || school.safeguarding_person == examples[1].shipped;
}

}  // namespace

std::vector<std::string_view> example_keys(const School& school) {
  std::vector<std::string_view> keys;
  for (const Example& example : examples)
    if (is_example(school, example)) keys.push_back(example.key);
  return keys;
}

void forget_examples(School& school) {
  const School before = school;
  for (const Example& example : examples)
    if (example.of_a_person && is_example(before, example)) (school.*example.value).clear();
}

}  // namespace schoolgate
