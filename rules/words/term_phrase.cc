#include "rules/words/term_phrase.h"

#include <algorithm>
#include <utility>

#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_phrases = 4096;
constexpr std::size_t longest_term = 1000;  // bytes; also bounds the depth of brackets
constexpr std::size_t most_words = 32;

using Texts = std::vector<std::string>;

// Recursive descent over  alternatives := sequence ("|" sequence)*,  sequence := (text | "(" alternatives ")"
// "?"?)*.
class Expander {
 public:
  explicit Expander(std::string_view term) : term_(term) {}

  Result<Texts> expand() {
    Texts all = alternatives();
    if (error_.empty() && at_ < term_.size()) error_ = "a \")\" without its \"(\"";
    if (!error_.empty()) return Error{error_};
    return all;
  }

 private:
  Texts alternatives() {
    Texts all = sequence();
    while (error_.empty() && at_ < term_.size() && term_[at_] == '|') {
      ++at_;
      const Texts more = sequence();
      all.insert(all.end(), more.begin(), more.end());
      check_count(all.size());
    }
    return all;
  }

  Texts sequence() {
    Texts all{""};
    while (error_.empty() && at_ < term_.size() && term_[at_] != '|' && term_[at_] != ')') {
      if (term_[at_] == '(') {
        append(all, group());
      } else {
        if (term_[at_] == '?') error_ = "a \"?\" stands after a \")\" only";
        for (std::string& text : all) text += term_[at_];
        ++at_;
      }
    }
    return all;
  }

  Texts group() {
    ++at_;
    Texts all = alternatives();
    if (!error_.empty()) return all;
    if (at_ == term_.size()) error_ = "a \"(\" without its \")\"";
    ++at_;
    if (at_ < term_.size() && term_[at_] == '?') {
      ++at_;
      all.emplace_back();
    }
    return all;
  }

  void append(Texts& all, const Texts& more) {
    check_count(all.size() * more.size());
    if (!error_.empty()) return;
    Texts product;
    for (const std::string& head : all)
      for (const std::string& tail : more) product.push_back(head + tail);
    all = std::move(product);
  }

  void check_count(std::size_t count) {
    if (count > most_phrases) error_ = "it stands for more than 4,096 phrases";
  }

  std::string_view term_;
  std::size_t at_ = 0;
  std::string error_;
};

void add_words(std::string_view text, Phrase& phrase) {
  TextKeys keys;
  fold_text(text, keys);
  std::string_view telex = keys.telex, folded = keys.folded;
  while (!folded.empty()) {
    const std::size_t telex_end = std::min(telex.find(' '), telex.size());
    const std::size_t folded_end = std::min(folded.find(' '), folded.size());
    phrase.words.push_back(
        {std::string(telex.substr(0, telex_end)), std::string(folded.substr(0, folded_end)), false});
    telex.remove_prefix(std::min(telex_end + 1, telex.size()));
    folded.remove_prefix(std::min(folded_end + 1, folded.size()));
  }
}

Result<Phrase> read_phrase(std::string_view text) {
  Phrase phrase;
  if (!text.empty() && text.back() == '$') {
    phrase.at_end = true;
    text.remove_suffix(1);
  }
  if (text.find('$') != std::string_view::npos) return Error{"a \"$\" stands at the end only"};
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    start = end + 1;
    if (word == "*") {
      phrase.words.push_back({"", "", true});
    } else if (word.find('*') != std::string_view::npos) {
      return Error{"a \"*\" is a word of its own"};
    } else {
      add_words(word, phrase);
    }
  }
  if (phrase.words.empty()) return Error{"it holds no word"};
  if (phrase.words.front().gap || phrase.words.back().gap) return Error{"a \"*\" stands between words"};
  if (phrase.words.size() > most_words) return Error{"a phrase has more than 32 words"};
  return phrase;
}

}  // namespace

Result<std::vector<Phrase>> parse_term(std::string_view term) {
  if (term.size() > longest_term) return Error{"it is longer than 1,000 bytes"};
  const Result<Texts> texts = Expander(term).expand();
  if (!texts) return texts.error();
  std::vector<Phrase> phrases;
  for (const std::string& text : *texts) {
    Result<Phrase> phrase = read_phrase(text);
    if (!phrase) return phrase.error();
    phrases.push_back(*std::move(phrase));
  }
  return phrases;
}

}  // namespace schoolgate
