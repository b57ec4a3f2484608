#include "rules/message.h"

#include <ostream>

namespace schoolgate {

Message Message::foreign(std::string words) {
  Message out;
  out.verbatim_ = std::move(words);
  out.foreign_ = true;
  return out;
}

std::string Message::in(Catalogue catalogue) const {
  if (sentence_.empty()) return foreign_ && catalogue != nullptr ? '"' + verbatim_ + '"' : verbatim_;
  std::string_view text = catalogue == nullptr ? std::string_view() : catalogue(sentence_);
  if (text.empty()) text = sentence_;
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    std::size_t which = values_.size(), length = 1;
    if (rest.starts_with("{}")) {
      which = next++;
      length = 2;
    } else if (rest.size() >= 3 && rest[0] == '{' && rest[1] >= '0' && rest[1] <= '9' && rest[2] == '}') {
      which = static_cast<std::size_t>(rest[1] - '0');
      length = 3;
    }
    if (which < values_.size()) {
      out += values_[which].in(catalogue);
    } else {
      out += rest.substr(0, length);
    }
    at += length;
  }
  return out;
}

std::ostream& operator<<(std::ostream& out, const Message& message) {
  return out << message.english();
}

Message grouped(std::uint64_t number) {
  if (number < 1000) return Message(number);
  const std::string last = std::to_string(1000 + number % 1000).substr(1);
  return say("{},{}", grouped(number / 1000), last);
}

}  // namespace schoolgate
