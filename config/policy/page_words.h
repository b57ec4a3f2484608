// Texts of pupils' pages that a school writes itself (pages.yaml), over those of config/defaults/pages.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"

namespace schoolgate {

// By key, as "block.pupils.title" or "block.thcs.body"; a title is a list of one.
using PageWordsOf = std::map<std::string, std::vector<std::string>, std::less<>>;

struct PageWords {
  std::array<PageWordsOf, 2> by_language;  // vi, en

  [[nodiscard]] const PageWordsOf& of(Language language) const noexcept {
    return by_language[language == Language::en ? 1 : 0];
  }
  [[nodiscard]] PageWordsOf& of(Language language) noexcept {
    return by_language[language == Language::en ? 1 : 0];
  }
};

// The pages whose texts a school may write. Of them labels, buttons, numbers to call and codes stay ours:
// they are no texts of these keys.
struct PageTextKind {
  std::string_view page;
  bool line;  // one text for each reader, in place of title and body
  // Values that its texts may name, and those that each text for pupils and adults must: what is blocked, and
  // until when, is not for a school to leave out. Small children are told no reason.
  std::span<const std::string_view> may, must;
};
[[nodiscard]] std::span<const PageTextKind> page_text_kinds() noexcept;

// In characters, not bytes; sentences of one body.
inline constexpr std::size_t most_title = 120, most_sentence = 400, most_sentences = 10;

}  // namespace schoolgate
