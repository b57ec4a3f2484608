// What the manual says in another language: a table of sentences, and which of them were asked for.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/text/vietnamese.h"

namespace schoolgate::tools {

class Words {
 public:
  Words() = default;  // English: as it is written in the program
  explicit Words(std::span<const Translation> table);

  // `english` in this language; as it is where the table has no word for it.
  [[nodiscard]] std::string operator()(const std::string& english) const;

  // What was asked for in vain; what the table holds and nobody asked for.
  [[nodiscard]] std::vector<std::string> missing() const { return {missing_.begin(), missing_.end()}; }
  [[nodiscard]] std::vector<std::string> unused() const;

 private:
  bool english_ = true;
  std::unordered_map<std::string_view, std::string_view> words_;
  mutable std::set<std::string> used_, missing_;
};

}  // namespace schoolgate::tools
