// What the manual says in another language: the msgid and msgstr of a .po file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

class Words {
 public:
  Words() = default;  // English: as it is written in the program
  [[nodiscard]] static Result<Words> parse(std::string_view po);

  // `english` in this language; as it is where the file has no word for it.
  [[nodiscard]] const std::string& operator()(const std::string& english) const;

  // What was asked for in vain; what the file holds and nobody asked for.
  [[nodiscard]] std::vector<std::string> missing() const { return {missing_.begin(), missing_.end()}; }
  [[nodiscard]] std::vector<std::string> unused() const;

 private:
  bool english_ = true;
  std::map<std::string, std::string> words_;
  mutable std::set<std::string> used_, missing_;
};

}  // namespace schoolgate::tools
