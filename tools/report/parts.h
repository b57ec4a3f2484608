// What the three reports share. Internal to this folder.
#pragma once

#include <string>
#include <utility>

#include "config/text/vietnamese.h"
#include "rules/message.h"
#include "tools/report/report.h"

namespace schoolgate::tools {

class Parts {
 public:
  explicit Parts(const ReportOf& of) : of_(of) {}

  [[nodiscard]] std::string operator()(const Message& message) const {
    return message.in(of_.language == Language::vi ? vietnamese : nullptr);
  }
  [[nodiscard]] std::string number(std::uint64_t n) const { return number_text(n, of_.language); }
  [[nodiscard]] std::string count(const Folded& n) const { return count_text(n, of_.language); }
  [[nodiscard]] Cell cell(const Folded& n) const { return count_cell(n, of_.language); }
  // "1,234", "over 1,234", "fewer than five"
  [[nodiscard]] std::string in_sentence(const Folded& n) const;
  // "+12%", "−3%", "–" where there is too little to reckon from.
  [[nodiscard]] std::string change(const Folded& now, const Folded& then) const;
  // "3 h 5 min", "3 h"
  [[nodiscard]] std::string duration(std::int64_t ms) const;
  [[nodiscard]] std::string category(const std::string& id) const;
  [[nodiscard]] std::string tier(const std::string& id) const;
  [[nodiscard]] std::string weekday(std::size_t day) const;
  // Tiers of the files, then what the log knows besides.
  [[nodiscard]] std::vector<std::string> tiers() const;
  // Whether the proxy ran all the time.
  [[nodiscard]] std::string running() const;
  [[nodiscard]] std::string note_on_folding() const;
  [[nodiscard]] Document begin(const char* audience, std::string title) const;

 private:
  const ReportOf& of_;
};

}  // namespace schoolgate::tools
