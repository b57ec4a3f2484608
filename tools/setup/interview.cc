#include "tools/setup/interview.h"

#include <algorithm>
#include <istream>
#include <iterator>
#include <ostream>
#include <string_view>

namespace schoolgate::tools {
namespace {

std::string without_blanks(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
}

// What Enter means: what is known if it still fits, else what is usual if that does.
std::string offered(const SetupQuestion& question, const SetupAnswers& answers, const SetupFacts& facts) {
  for (const std::string& one : {answers.*question.field, question.usual(answers, facts)})
    if (!one.empty())
      if (const auto fits = question.read(one, answers, facts)) return *fits;
  return "";
}

}  // namespace

bool interview(std::istream& in, Console& console, const SetupFacts& facts, SetupAnswers& answers) {
  for (const SetupQuestion& question : setup_questions()) {
    if (!question.applies(answers)) continue;
    const std::string otherwise = offered(question, answers, facts);
    for (;;) {
      console.out << console.text(question.ask(facts));
      if (!otherwise.empty()) console.out << " [" << console.text(Message(otherwise)) << "]";
      console.out << ": " << std::flush;
      std::string line;
      if (!std::getline(in, line)) {
        console.out << "\n";
        return false;
      }
      line = without_blanks(line);
      const auto read = question.read(line.empty() ? otherwise : line, answers, facts);
      if (read) {
        answers.*question.field = *read;
        break;
      }
      console.complain(read.error().message);
    }
    if (question.field == &SetupAnswers::language)
      console.catalogue = catalogue_of(answers.language == "vi" ? Language::vi : Language::en);
  }
  drop_what_does_not_apply(answers);
  return true;
}

Result<SetupAnswers, std::vector<Message>> settled(const SetupAnswers& given, const SetupAnswers& known,
                                                   const SetupFacts& facts) {
  SetupAnswers answers;
  std::vector<Message> wrong;
  for (const SetupQuestion& question : setup_questions()) {
    const std::string& flag = given.*question.field;
    const std::string name = std::string("--") + question.key;
    if (!question.applies(answers)) {
      if (!flag.empty()) wrong.push_back(say("{} does not go with --topology {}", name, answers.topology));
      continue;
    }
    SetupAnswers earlier = answers;
    earlier.*question.field = known.*question.field;
    const std::string text = flag.empty() ? offered(question, earlier, facts) : flag;
    if (text.empty()) {
      wrong.push_back(say("{} is needed: {}", name, question.ask(facts)));
      continue;
    }
    auto read = question.read(text, answers, facts);
    if (read)
      answers.*question.field = std::move(*read);
    else
      wrong.push_back(say("{}: {}", name, read.error().message));
  }
  if (!wrong.empty()) return wrong;
  return answers;
}

bool says_yes(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return false;
  line = without_blanks(line);
  for (char& c : line) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view yes[] = {"yes", "y", "có", "cÓ", "co\u0301", "co", "c"};
  return std::find(std::begin(yes), std::end(yes), line) != std::end(yes);
}

}  // namespace schoolgate::tools
