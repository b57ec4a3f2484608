// Sentences for people: written in English where they arise, said in the language of the school where they
// are printed.
//
//   report.error(diag::bad_effect, node, say("\"{}\" is not an action", text));
//
// The literal is the key of the catalogue (config/text/vietnamese.h), so it is a whole sentence: never glued
// to another, and singular and plural are two.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schoolgate {

// The English sentence -> the same in another language, with the same places, "{0}" for the first where their
// order differs; empty where there is none, and then English stands.
using Catalogue = std::string_view (*)(std::string_view english) noexcept;

template <std::size_t places>
struct Sentence;

class Message {
 public:
  Message() = default;
  // What is the same in each language: a name, a number, what a person wrote. Explicit: a sentence that
  // nobody can translate is handed to nobody by accident.
  explicit Message(std::string text) : verbatim_(std::move(text)) {}
  explicit Message(std::string_view text) : verbatim_(text) {}
  explicit Message(const char* text) : verbatim_(text) {}
  explicit Message(char) = delete;  // a number, or a text?
  explicit Message(bool) = delete;
  explicit Message(std::integral auto number) : verbatim_(std::to_string(number)) {}
  // The words of another program, which speaks English: in quotes in other languages.
  [[nodiscard]] static Message foreign(std::string words);
  // A sentence that a table holds (config/text/vietnamese.h), and so lives for ever; for text that came in
  // English and was recognised. All else goes through say().
  [[nodiscard]] static Message of_table(std::string_view sentence, std::vector<Message> values) {
    return Message(sentence, std::move(values));
  }

  [[nodiscard]] bool empty() const noexcept { return sentence_.empty() && verbatim_.empty(); }
  [[nodiscard]] std::string in(Catalogue catalogue) const;
  [[nodiscard]] std::string english() const { return in(nullptr); }
  // The literal; empty of text that is the same in each language.
  [[nodiscard]] std::string_view sentence() const noexcept { return sentence_; }

  friend bool operator==(const Message& a, const Message& b) { return a.english() == b.english(); }
  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const Message& message, const Text& english) {
    return message.english() == std::string_view(english);
  }
  friend std::ostream& operator<<(std::ostream& out, const Message& message);
  template <class... Values>
  friend Message say(Sentence<sizeof...(Values)> sentence, Values&&... values);

 private:
  // `sentence` lives for ever.
  Message(std::string_view sentence, std::vector<Message> values)
      : sentence_(sentence), values_(std::move(values)) {}

  std::string_view sentence_;
  std::vector<Message> values_;
  std::string verbatim_;
  bool foreign_ = false;
};

// How many values a sentence takes: "{}" the next, "{0}" to "{9}" by number. Other braces are what they are.
[[nodiscard]] constexpr std::size_t places_of(std::string_view sentence) noexcept {
  std::size_t next = 0, most = 0;
  for (std::size_t at = sentence.find('{'); at != std::string_view::npos; at = sentence.find('{', at + 1)) {
    const std::string_view rest = sentence.substr(at + 1);
    std::size_t needs = 0;
    if (rest.starts_with('}')) {
      needs = ++next;
    } else if (rest.size() >= 2 && rest[0] >= '0' && rest[0] <= '9' && rest[1] == '}') {
      needs = static_cast<std::size_t>(rest[0] - '0') + 1;
    }
    if (needs > most) most = needs;
  }
  return most;
}

// A literal with just so many places: checked by the compiler.
template <std::size_t places>
struct Sentence {
  consteval Sentence(const char* literal) : text(literal) {  // NOLINT: implicit by design
    if (places_of(text) != places) throw "as many values as the sentence has places";
  }
  std::string_view text;
};

template <class... Values>
[[nodiscard]] Message say(Sentence<sizeof...(Values)> sentence, Values&&... values) {
  std::vector<Message> all;
  all.reserve(sizeof...(Values));
  (all.push_back(Message(std::forward<Values>(values))), ...);
  return Message(sentence.text, std::move(all));
}

// "1,234,567", with the separator of each language.
[[nodiscard]] Message grouped(std::uint64_t number);

}  // namespace schoolgate
