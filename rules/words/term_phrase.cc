#include "rules/words/term_phrase.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_phrases = 4096;
constexpr std::size_t longest_term = 1000;  // bytes; also bounds the depth of brackets
constexpr std::size_t most_words = 32;
constexpr std::size_t most_parts_in_any_order = 3;
constexpr char border = '\x01';  // where a bracket stood, in a phrase written out

using Texts = std::vector<std::string>;

// Recursive descent over  alternatives := sequence ("|" sequence)*,  sequence := (text | "(" alternatives ")"
// "?"?)*.
class Expander {
 public:
  explicit Expander(std::string_view term) : term_(term) {}

  Result<Texts> expand() {
    Texts all = alternatives();
    if (error_.empty() && at_ < term_.size()) error_ = say("a \")\" without its \"(\"");
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
        if (term_[at_] == '?') error_ = say("a \"?\" stands after a \")\" only");
        const char c = term_[at_] == border ? ' ' : term_[at_];
        for (std::string& text : all) text += c;
        ++at_;
      }
    }
    return all;
  }

  Texts group() {
    ++at_;
    Texts all = alternatives();
    if (!error_.empty()) return all;
    if (at_ == term_.size()) error_ = say("a \"(\" without its \")\"");
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
      for (const std::string& tail : more) product.push_back(head + border + tail + border);
    all = std::move(product);
  }

  void check_count(std::size_t count) {
    if (count > most_phrases) error_ = say("it stands for more than 4,096 phrases");
  }

  std::string_view term_;
  std::size_t at_ = 0;
  Message error_;
};

std::vector<Phrase::Word> words_of(std::string_view text) {
  std::vector<Phrase::Word> words;
  TextKeys keys;
  fold_text(text, keys);
  std::string_view telex = keys.telex, folded = keys.folded;
  while (!folded.empty()) {
    const std::size_t telex_end = std::min(telex.find(' '), telex.size());
    const std::size_t folded_end = std::min(folded.find(' '), folded.size());
    words.push_back({std::string(telex.substr(0, telex_end)), std::string(folded.substr(0, folded_end))});
    telex.remove_prefix(std::min(telex_end + 1, telex.size()));
    folded.remove_prefix(std::min(folded_end + 1, folded.size()));
  }
  return words;
}

// What stands between blanks in a term. Each is read once, in however many of the term's phrases it stands.
struct TermToken {
  std::vector<Phrase::Word> words;  // usually one
  bool at_border = false, ends_at_border = false;
  bool is_star = false, holds_star = false;
};
struct TokenHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using TermTokens = std::unordered_map<std::string, TermToken, TokenHash, std::equal_to<>>;

TermToken read_token(std::string_view text) {
  TermToken token;
  token.at_border = text.starts_with(border);
  token.ends_at_border = text.ends_with(border);
  std::string word(text);
  std::erase(word, border);
  token.is_star = word == "*";
  token.holds_star = word.find('*') != std::string::npos;
  if (!token.holds_star) token.words = words_of(word);
  return token;
}

// Adds what stands between two "&", or the whole of a phrase without one.
class PhraseReader {
 public:
  PhraseReader(Phrase& phrase, std::size_t near, TermTokens& tokens)
      : phrase_(phrase), near_(near), tokens_(tokens) {}

  Result<void> add(std::string_view text) {
    const std::size_t before = phrase_.words.size();
    near_next_ = before > 0;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find(' ', start), text.size());
      if (const auto added = add_token(text.substr(start, end - start)); added.failed()) return added;
      start = end + 1;
    }
    if (phrase_.words.size() == before) return Error{say("it holds no word")};
    const bool gap_first = before == 0 && phrase_.words.front().gap > 0;
    if (gap_first || phrase_.words.back().gap > 0) return Error{say("a \"*\" stands between words")};
    return {};
  }

 private:
  Result<void> add_token(std::string_view text) {
    auto known = tokens_.find(text);
    if (known == tokens_.end()) known = tokens_.emplace(text, read_token(text)).first;
    const TermToken& token = known->second;
    near_next_ |= token.at_border;
    if (token.is_star) {
      const bool after_gap = !phrase_.words.empty() && phrase_.words.back().gap > 0;
      if (after_gap)  // "* *" says no more than "*"
        phrase_.words.back().gap = term_gap_words;
      else
        phrase_.words.push_back({"", "", term_gap_words});
      near_next_ = false;
      return {};
    }
    if (token.holds_star) return Error{say("a \"*\" is a word of its own")};
    const std::vector<Phrase::Word>& added = token.words;
    const bool may_be_near = near_ > 0 && !phrase_.words.empty() && phrase_.words.back().gap == 0;
    if (!added.empty()) {
      if (near_next_ && may_be_near) phrase_.words.push_back({"", "", near_});
      phrase_.words.insert(phrase_.words.end(), added.begin(), added.end());
      near_next_ = false;
    }
    near_next_ |= token.ends_at_border;
    return {};
  }

  Phrase& phrase_;
  std::size_t near_;
  TermTokens& tokens_;
  bool near_next_ = false;  // before the next word others may stand
};

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('&', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// Appends the phrase, or one for each order of its parts.
Result<void> read_phrases(std::string_view text, std::size_t near, TermTokens& tokens,
                          std::vector<Phrase>& out) {
  bool at_end = false;
  if (const std::size_t last = text.find_last_not_of(border);
      last != std::string_view::npos && text[last] == '$') {
    at_end = true;
    text = text.substr(0, last);
  }
  if (text.find('$') != std::string_view::npos) return Error{say("a \"$\" stands at the end only")};
  const std::vector<std::string_view> parts = parts_of(text);
  if (parts.size() > most_parts_in_any_order) return Error{say("a phrase has more than two \"&\"")};
  if (at_end && parts.size() > 1) return Error{say("a \"$\" does not go with \"&\"")};
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), 0U);
  do {
    Phrase phrase;
    phrase.at_end = at_end;
    phrase.words.reserve(8);
    PhraseReader reader(phrase, near, tokens);
    for (const std::size_t part : order)
      if (const auto added = reader.add(parts[part]); added.failed()) return added;
    if (phrase.words.size() > most_words) return Error{say("a phrase has more than 32 words")};
    out.push_back(std::move(phrase));
    if (out.size() > most_phrases) return Error{say("it stands for more than 4,096 phrases")};
  } while (std::next_permutation(order.begin(), order.end()));
  return {};
}

}  // namespace

Result<std::vector<Phrase>> parse_term(std::string_view term, std::size_t near) {
  if (term.size() > longest_term) return Error{say("it is longer than 1,000 bytes")};
  const Result<Texts> texts = Expander(term).expand();
  if (!texts) return texts.error();
  std::vector<Phrase> phrases;
  TermTokens tokens;
  for (const std::string& text : *texts)
    if (const auto read = read_phrases(text, near, tokens, phrases); read.failed()) return read.error();
  return phrases;
}

}  // namespace schoolgate
