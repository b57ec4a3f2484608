// The pages' texts of one language, by dotted key: "block.pupils.title", "block.pupils.body".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"
#include "config/policy/page_words.h"

namespace schoolgate {

class PageTexts {
 public:
  // `yaml` as in config/defaults/pages/. A text that cannot be read is our own bug: logic_error.
  explicit PageTexts(std::string_view yaml);

  // "" or an empty list if there is no such key.
  [[nodiscard]] const std::string& text(std::string_view key) const noexcept;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const noexcept;
  [[nodiscard]] bool has(std::string_view key) const noexcept { return lists_.contains(key); }
  [[nodiscard]] const std::map<std::string, std::vector<std::string>, std::less<>>& all() const noexcept {
    return lists_;
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> lists_;  // a lone text is a list of one
};

// Those of a page: what the school wrote itself (pages.yaml), else the embedded. A view, of both languages'
// texts that live longer.
class TextsOf {
 public:
  TextsOf(const PageTexts& ours, const PageWordsOf* schools) noexcept : ours_(&ours), schools_(schools) {}
  [[nodiscard]] const std::string& text(std::string_view key) const noexcept;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const noexcept;
  [[nodiscard]] bool has(std::string_view key) const noexcept;

 private:
  const PageTexts* ours_;
  const PageWordsOf* schools_;  // null: none
};

// The embedded ones; read at the first call, then shared by all threads.
[[nodiscard]] const PageTexts& page_texts(Language language);

}  // namespace schoolgate
