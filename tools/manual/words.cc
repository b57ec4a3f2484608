#include "tools/manual/words.h"

#include <optional>

namespace schoolgate::tools {
namespace {

// "\"two\\nlines\"" -> two lines; nullopt: no text in double quotes.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else {
      if (++i == text.size()) return std::nullopt;
      out += text[i] == 'n' ? '\n' : text[i];
    }
  }
  return out;
}

}  // namespace

Result<Words> Words::parse(std::string_view po) {
  Words words;
  words.english_ = false;
  std::string id, text;
  std::string* filling = nullptr;
  const auto keep = [&] {
    if (!id.empty() && !text.empty()) words.words_[id] = text;
  };
  std::size_t number = 0;
  while (!po.empty()) {
    const std::size_t end = std::min(po.find('\n'), po.size());
    std::string_view line = po.substr(0, end);
    po.remove_prefix(std::min(end + 1, po.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("msgid ")) {
      keep();
      id.clear();
      text.clear();
      filling = &id;
      line.remove_prefix(6);
    } else if (line.starts_with("msgstr ")) {
      filling = &text;
      line.remove_prefix(7);
    }
    const auto part = unquoted(line);
    if (!part || filling == nullptr)
      return Error{"line " + std::to_string(number) + " is neither msgid \"...\" nor msgstr \"...\""};
    *filling += *part;
  }
  keep();
  return words;
}

const std::string& Words::operator()(const std::string& english) const {
  if (english_ || english.empty()) return english;
  const auto found = words_.find(english);
  (found != words_.end() ? used_ : missing_).insert(english);
  return found != words_.end() ? found->second : english;
}

std::vector<std::string> Words::unused() const {
  std::vector<std::string> unused;
  for (const auto& [id, text] : words_)
    if (!used_.contains(id)) unused.push_back(id);
  return unused;
}

}  // namespace schoolgate::tools
