#include "rules/words/term_phrase.h"

#include <algorithm>
#include <functional>
#include <iterator>
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
  explicit Expander(std::string_view term) : term_(term) {
    std::replace(term_.begin(), term_.end(), border, ' ');
  }

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
      Texts more = sequence();
      std::move(more.begin(), more.end(), std::back_inserter(all));
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
        const std::size_t end = std::min(term_.find_first_of("|()?", at_ + 1), term_.size());
        for (std::string& text : all) text.append(term_, at_, end - at_);
        at_ = end;
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
    product.reserve(all.size() * more.size());
    for (const std::string& head : all)
      for (const std::string& tail : more) {
        std::string& text = product.emplace_back();
        text.reserve(head.size() + tail.size() + 2);
        text.append(head).append(1, border).append(tail).append(1, border);
      }
    all = std::move(product);
  }

  void check_count(std::size_t count) {
    if (count > most_phrases) error_ = say("it stands for more than 4,096 phrases");
  }

  std::string term_;
  std::size_t at_ = 0;
  Message error_;
};

std::vector<TermPhrases::Word> words_of(std::string_view text) {
  std::vector<TermPhrases::Word> words;
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
  std::vector<TermPhrases::Unit> units;  // its words, usually one
  bool at_border = false, ends_at_border = false;
  bool is_star = false, holds_star = false;
};
struct TokenHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
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

// Reads the texts of one term, most of which begin as the one before: what was read of that is kept.
class PhraseReader {
 public:
  explicit PhraseReader(std::size_t near) : near_(static_cast<std::uint32_t>(near)) {}

  // Appends the text's phrase, or one for each order of its parts. `text` is there until the next one is
  // read.
  Result<void> read(std::string_view text) {
    bool at_end = false;
    if (const std::size_t last = text.find_last_not_of(border);
        last != std::string_view::npos && text[last] == '$') {
      at_end = true;
      text = text.substr(0, last);
    }
    if (text.find('$') != std::string_view::npos) return Error{say("a \"$\" stands at the end only")};
    if (text.find('&') != std::string_view::npos) return read_orders(parts_of(text), at_end);
    forget_behind(text);
    if (const auto added = add_part(text, 0); added.failed()) return added;
    read_before_ = text;
    return finish(at_end);
  }

  TermPhrases take() { return std::move(out_); }

 private:
  // What was read up to a blank.
  struct Mark {
    std::size_t text, units;
    bool near_next;
  };

  Result<void> read_orders(const std::vector<std::string_view>& parts, bool at_end) {
    if (parts.size() > most_parts_in_any_order) return Error{say("a phrase has more than two \"&\"")};
    if (at_end) return Error{say("a \"$\" does not go with \"&\"")};
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), 0U);
    do {
      units_.clear();
      for (const std::size_t part : order) {
        near_next_ = !units_.empty();
        marks_.clear();
        if (const auto added = add_part(parts[part], units_.size()); added.failed()) return added;
      }
      if (const auto added = finish(at_end); added.failed()) return added;
    } while (std::next_permutation(order.begin(), order.end()));
    marks_.clear();
    read_before_ = {};
    return {};
  }

  // Goes back to the last blank up to which `text` is as the text before.
  void forget_behind(std::string_view text) {
    const auto [differs, ignored] =
        std::mismatch(text.begin(), text.end(), read_before_.begin(), read_before_.end());
    const auto alike = static_cast<std::size_t>(differs - text.begin());
    while (!marks_.empty() && marks_.back().text > alike) marks_.pop_back();
    units_.resize(marks_.empty() ? 0 : marks_.back().units);
    near_next_ = !marks_.empty() && marks_.back().near_next;
  }

  // Adds what stands between two "&", or the whole of a phrase without one: behind the last mark.
  Result<void> add_part(std::string_view text, std::size_t before) {
    for (std::size_t start = marks_.empty() ? 0 : marks_.back().text; start < text.size();) {
      const std::size_t end = std::min(text.find(' ', start), text.size());
      if (const auto added = add_token(text.substr(start, end - start)); added.failed()) return added;
      start = end + 1;
      marks_.push_back({start, units_.size(), near_next_});
    }
    if (units_.size() == before) return Error{say("it holds no word")};
    const bool gap_first = before == 0 && units_.front().gap > 0;
    if (gap_first || units_.back().gap > 0) return Error{say("a \"*\" stands between words")};
    return {};
  }

  Result<void> add_token(std::string_view text) {
    auto known = tokens_.find(text);
    if (known == tokens_.end()) known = tokens_.emplace(text, read_token(text)).first;
    const TermToken& token = known->second;
    const bool after_word = !units_.empty() && units_.back().gap == 0;
    near_next_ |= token.at_border;
    if (token.is_star) {
      if (units_.empty() || after_word) units_.push_back({term_gap_words, 0});  // "* *" says no more than "*"
      near_next_ = false;
      return {};
    }
    if (token.holds_star) return Error{say("a \"*\" is a word of its own")};
    if (!token.units.empty()) {
      if (near_next_ && near_ > 0 && after_word) units_.push_back({near_, 0});
      units_.insert(units_.end(), token.units.begin(), token.units.end());
      near_next_ = false;
    }
    near_next_ |= token.ends_at_border;
    return {};
  }

  TermToken read_token(std::string_view text) {
    TermToken token;
    token.at_border = text.starts_with(border);
    token.ends_at_border = text.ends_with(border);
    std::string word(text);
    std::erase(word, border);
    token.is_star = word == "*";
    token.holds_star = word.find('*') != std::string::npos;
    if (token.holds_star) return token;
    for (TermPhrases::Word& one : words_of(word)) {
      token.units.push_back({0, static_cast<std::uint32_t>(out_.words.size())});
      out_.words.push_back(std::move(one));
    }
    return token;
  }

  Result<void> finish(bool at_end) {
    if (units_.size() > most_words) return Error{say("a phrase has more than 32 words")};
    const std::size_t begin = out_.units.size();
    out_.units.insert(out_.units.end(), units_.begin(), units_.end());
    out_.phrases.push_back({begin, out_.units.size(), at_end});
    if (out_.phrases.size() > most_phrases) return Error{say("it stands for more than 4,096 phrases")};
    return {};
  }

  const std::uint32_t near_;
  std::unordered_map<std::string, TermToken, TokenHash, std::equal_to<>> tokens_;
  std::string_view read_before_;  // of the text before, without "$"
  std::vector<Mark> marks_;       // of it
  std::vector<TermPhrases::Unit> units_;
  bool near_next_ = false;  // before the next word others may stand
  TermPhrases out_;
};

}  // namespace

Result<TermPhrases> parse_term(std::string_view term, std::size_t near) {
  if (term.size() > longest_term) return Error{say("it is longer than 1,000 bytes")};
  const Result<Texts> texts = Expander(term).expand();
  if (!texts) return texts.error();
  PhraseReader reader(near);
  for (const std::string& text : *texts)
    if (const auto read = reader.read(text); read.failed()) return read.error();
  return reader.take();
}

}  // namespace schoolgate
