// The table against the sources: every sentence that the program can say has its Vietnamese, in words that a
// teacher reads.
#include "config/text/vietnamese.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/text/suggest.h"
#include "rules/message.h"

namespace schoolgate {
namespace {

const std::string source = SCHOOLGATE_SOURCE_DIR;

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Token {
  enum class Kind { word, literal, other } kind;
  std::string text;  // of a literal: what the compiler makes of it
};

// C++ as far as it is needed to find literals: comments are left out, and adjacent literals are one.
class Source {
 public:
  explicit Source(const std::string& text) : text_(text) {
    while (at_ < text_.size()) next();
  }
  std::vector<Token> tokens;

 private:
  [[nodiscard]] bool here(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }

  void next() {
    const char c = text_[at_];
    if (here("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (here("/*")) {
      at_ = std::min(text_.find("*/", at_), text_.size() - 2) + 2;
    } else if (here("R\"")) {
      raw();
    } else if (c == '"') {
      literal();
    } else if (c == '\'') {
      for (++at_; text_[at_] != '\''; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
      ++at_;
      tokens.push_back({Token::Kind::other, "'"});
    } else if (is_letter(c) || is_digit(c)) {  // a number too: 10'000
      const std::size_t begin = at_;
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) ||
                                    (text_[at_] == '\'' && is_digit(text_[begin]))))
        ++at_;
      tokens.push_back({Token::Kind::word, text_.substr(begin, at_ - begin)});
    } else {
      ++at_;
      if (c != ' ' && c != '\n') tokens.push_back({Token::Kind::other, std::string(1, c)});
    }
  }

  void raw() {
    const std::size_t open = text_.find('(', at_);
    const std::string end = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const std::size_t close = text_.find(end, open);
    add(text_.substr(open + 1, close - open - 1));
    at_ = close + end.size();
  }

  void literal() {
    std::string out;
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') {
        out += text_[at_];
        continue;
      }
      switch (text_[++at_]) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case 'x':  // "\xE2": no sentence has one
          out += static_cast<char>(std::strtol(text_.substr(at_ + 1, 2).c_str(), nullptr, 16));
          at_ += 2;
          break;
        default:
          out += text_[at_];
      }
    }
    ++at_;
    add(out);
  }

  void add(const std::string& text) {
    if (!tokens.empty() && tokens.back().kind == Token::Kind::literal)
      tokens.back().text += text;
    else
      tokens.push_back({Token::Kind::literal, text});
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

template <class Look>
void each_source(std::initializer_list<const char*> rooms, Look look) {
  for (const char* const room : rooms)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source + "/" + room)) {
      const std::string path = entry.path().string();
      if (path.ends_with(".cc") || path.ends_with(".h")) look(path, Source(text_of(path)).tokens);
    }
}

bool follows(const std::vector<Token>& tokens, std::size_t at,
             std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (at >= tokens.size() || tokens[at].kind == Token::Kind::literal || tokens[at].text != text)
      return false;
    ++at;
  }
  return at < tokens.size() && tokens[at].kind == Token::Kind::literal;
}

// The sentences of say("..."), each with a file that says it.
std::map<std::string, std::string> sentences() {
  std::map<std::string, std::string> out;
  each_source({"rules", "config", "proxy", "tools"},
              [&](const std::string& path, const std::vector<Token>& tokens) {
                for (std::size_t i = 0; i + 2 < tokens.size(); ++i)
                  if (follows(tokens, i, {"say", "("})) out.emplace(tokens[i + 2].text, path);
              });
  return out;
}

std::vector<Translation> all_translations() {
  std::vector<Translation> out;
  for (const auto& table : vietnamese_tables()) out.insert(out.end(), table.begin(), table.end());
  return out;
}

// The values that a sentence takes, by number.
std::multiset<std::size_t> values_of(std::string_view sentence) {
  std::multiset<std::size_t> out;
  std::size_t next = 0;
  for (std::size_t at = 0; (at = sentence.find('{', at)) != std::string_view::npos; ++at) {
    const std::string_view rest = sentence.substr(at + 1);
    if (rest.starts_with('}')) out.insert(next++);
    if (rest.size() >= 2 && is_digit(rest[0]) && rest[1] == '}')
      out.insert(static_cast<std::size_t>(rest[0] - '0'));
  }
  return out;
}

TEST_CASE("the scanner of sources", "[config][vietnamese]") {
  const std::string text = R"x(f(10'000, '"'); // say("no")
    say("a \"b\" "
        "c"); /* say("no") */ say(console, "no"); R"(raw " )" )x";
  std::string found;
  for (const Token& token : Source(text).tokens) found += token.text + "|";
  CHECK(found == "f|(|10'000|,|'|)|;|say|(|a \"b\" c|)|;|say|(|console|,|no|)|;|raw \" |");
}

TEST_CASE("every sentence has one translation, and every translation is said", "[config][vietnamese]") {
  const auto said = sentences();
  CHECK(said.size() > 600);
  std::map<std::string_view, int> translated;
  for (const Translation& one : all_translations()) {
    ++translated[one.english];
    INFO(one.english);
    CHECK(said.count(std::string(one.english)) == 1);
  }
  for (const auto& [sentence, path] : said) {
    INFO(path << ": " << sentence);
    CHECK(translated[sentence] == 1);
  }
}

TEST_CASE("a translation takes the values of its sentence, each once", "[config][vietnamese]") {
  for (const Translation& one : all_translations()) {
    INFO(one.english << "\n" << one.vietnamese);
    CHECK_FALSE(one.vietnamese.empty());
    CHECK(values_of(one.english) == values_of(one.vietnamese));
    // "{}" counts by itself: beside numbers nobody sees which value it is.
    CHECK((one.vietnamese.find("{}") == std::string_view::npos ||
           one.vietnamese.find("{0}") == std::string_view::npos));
  }
}

TEST_CASE("a translation is at most two sentences, and ends as the English does", "[config][vietnamese]") {
  for (const Translation& one : all_translations()) {
    INFO(one.vietnamese);
    std::size_t ends = 0;
    for (std::size_t at = 0; (at = one.vietnamese.find(". ", at)) != std::string_view::npos; ++at) ++ends;
    CHECK(ends <= 1);
    CHECK(one.english.ends_with('.') == one.vietnamese.ends_with('.'));
    CHECK(one.english.ends_with('\n') == one.vietnamese.ends_with('\n'));
    utf8proc_uint8_t* composed =
        utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(std::string(one.vietnamese).c_str()));
    REQUIRE(composed != nullptr);
    CHECK(reinterpret_cast<const char*>(composed) == one.vietnamese);  // as every keyboard types it
    std::free(composed);                                               // NOLINT: the library's malloc
  }
}

// Initial, vowels, final: of a word whose marks are taken off.
bool is_vietnamese(const std::string& plain) {
  static const std::set<std::string_view> initials{"",   "b",  "c", "ch", "d", "g",  "gh",  "gi", "h",
                                                   "k",  "kh", "l", "m",  "n", "ng", "ngh", "nh", "p",
                                                   "ph", "qu", "r", "s",  "t", "th", "tr",  "v",  "x"};
  static const std::set<std::string_view> vowels{
      "a",  "ai",  "ao",  "au",  "ay", "e",   "eo",  "eu",  "i",  "ia",  "ie",  "ieu", "iu",
      "o",  "oa",  "oai", "oay", "oe", "oi",  "oo",  "u",   "ua", "uai", "uay", "ue",  "ui",
      "uo", "uoi", "uou", "uu",  "uy", "uya", "uye", "uyu", "y",  "ye",  "yeu"};
  static const std::set<std::string_view> finals{"", "c", "ch", "m", "n", "ng", "nh", "p", "t"};
  for (const std::string_view initial : initials) {
    if (!plain.starts_with(initial)) continue;
    const std::string_view rest = std::string_view(plain).substr(initial.size());
    for (const std::string_view vowel : vowels)
      if (rest.starts_with(vowel) && finals.count(rest.substr(vowel.size())) != 0) return true;
  }
  return initials.count(plain) != 0 && plain == "gi";
}

struct Glossary {
  std::set<std::string> loans, typed;
};

Glossary glossary() {
  Glossary out;
  std::istringstream lines(text_of(source + "/config/text/glossary.txt"));
  std::set<std::string>* into = &out.loans;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# Words of the configuration")) into = &out.typed;
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) into->insert(word);
  }
  return out;
}

// The words of a sentence, without its places; a "word" has no signs within.
std::vector<std::string> words_of(std::string_view sentence) {
  std::vector<std::string> out{""};
  for (const char c : sentence) {
    const bool letter = is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
    if (letter || (is_digit(c) && !out.back().empty()))
      out.back() += c;
    else if (!out.back().empty())
      out.emplace_back();
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// What stands in the English as it is typed: "tiers.d", "T2-T6", "{}s", between blanks.
std::set<std::string> typed_words(std::string_view english) {
  std::set<std::string> out;
  std::istringstream pieces{std::string(english)};
  for (std::string piece; pieces >> piece;) {
    const std::string_view around = "\"'`(),;:.?";
    const std::size_t first = std::min(piece.find_first_not_of(around), piece.size());
    const std::string core = piece.substr(first, piece.find_last_not_of(around) + 1 - first);
    if (core.find_first_of("._/:<>=+-@{}[]*0123456789") == std::string::npos) continue;
    for (std::string& word : words_of(core)) out.insert(std::move(word));
  }
  return out;
}

TEST_CASE("a translation has no English word but those of the glossary", "[config][vietnamese]") {
  const Glossary known = glossary();
  std::set<std::string> used;
  for (const Translation& one : all_translations()) {
    const auto typed = typed_words(one.english);
    const auto english = words_of(one.english);
    for (const std::string& word : words_of(one.vietnamese)) {
      if (known.loans.count(word) + known.typed.count(word) != 0) used.insert(word);
      const bool as_typed =
          typed.count(word) != 0 ||
          (known.typed.count(word) != 0 && std::find(english.begin(), english.end(), word) != english.end());
      if (as_typed || known.loans.count(word) != 0) continue;
      INFO(one.vietnamese << ": " << word);
      CHECK(is_vietnamese(plain_letters(word)));
    }
  }
  for (const auto& words : {known.loans, known.typed})
    for (const std::string& word : words) {
      INFO("the glossary has a word that no sentence uses: " << word);
      CHECK(used.count(word) == 1);
    }
  for (const char* const word : {"nghiêng", "khuỷu", "gì", "quyết", "yêu", "oằn", "Ưu", "đĩa"})
    CHECK(is_vietnamese(plain_letters(word)));
  for (const char* const word : {"file", "the list", "folder", "string", "cache", "key", "line", "error"})
    CHECK_FALSE(is_vietnamese(plain_letters(word)));
}

// Two words, with a blank between them: more than a name, a unit or signs.
bool is_words(const std::string& literal) {
  const std::size_t blank =
      literal.find_first_of(' ', std::min(literal.find_first_not_of(' '), literal.size()));
  const auto has_letter = [](std::string_view part) {
    return std::any_of(part.begin(), part.end(), is_letter);
  };
  return blank != std::string::npos && has_letter(std::string_view(literal).substr(0, blank)) &&
         has_letter(std::string_view(literal).substr(blank));
}

// Message and Error take texts that are the same in each language; a literal of several words is a sentence.
TEST_CASE("no sentence goes past say()", "[config][vietnamese]") {
  each_source(
      {"rules", "config", "proxy", "tools"}, [](const std::string& path, const std::vector<Token>& tokens) {
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
          const bool makes =
              (tokens[i].text == "Message" && tokens[i + 1].text == "(") ||
              ((tokens[i].text == "Error" || tokens[i].text == "DbError") && tokens[i + 1].text == "{") ||
              (tokens[i].text == "complain" && tokens[i + 1].text == "(") ||
              (tokens[i].text == "foreign" && tokens[i + 1].text == "(");
          if (!makes || tokens[i].kind != Token::Kind::word) continue;
          int depth = 0;
          for (std::size_t at = i + 1; at < tokens.size(); ++at) {
            if (tokens[at].kind == Token::Kind::literal) {
              INFO(path << ": " << tokens[at].text);
              CHECK((!is_words(tokens[at].text) || tokens[at - 2].text == "say"));
              continue;
            }
            const std::string& text = tokens[at].text;
            depth += text == "(" || text == "{" ? 1 : text == ")" || text == "}" ? -1 : 0;
            if (depth == 0) break;
          }
        }
      });
}

}  // namespace
}  // namespace schoolgate
