#include "tools/manual/words.h"

namespace schoolgate::tools {

Words::Words(std::span<const Translation> table) : english_(false) {
  for (const Translation& one : table) words_.emplace(one.english, one.vietnamese);
}

std::string Words::operator()(const std::string& english) const {
  if (english_ || english.empty()) return english;
  const auto found = words_.find(english);
  (found != words_.end() ? used_ : missing_).insert(english);
  return found != words_.end() ? std::string(found->second) : english;
}

std::vector<std::string> Words::unused() const {
  std::vector<std::string> unused;
  for (const auto& [english, other] : words_)
    if (!used_.contains(std::string(english))) unused.emplace_back(english);
  return unused;
}

}  // namespace schoolgate::tools
