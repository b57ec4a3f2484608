#include "rules/patterns/build/parse.h"

#include <string>

#include "rules/patterns/match/pattern_re2.h"

namespace schoolgate::pattern {
namespace {

constexpr int max_depth = 100;
constexpr int no_limit = -1;

struct Flags {
  bool ignore_case = false, multi_line = false, dot_newline = false;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Recursive descent over a text that RE2 has accepted. `failed_` once something is not understood.
class Parser {
 public:
  Parser(std::string_view text, bool case_sensitive, ClassOracle& oracle) : text_(text), oracle_(oracle) {
    flags_.ignore_case = !case_sensitive;
  }

  std::optional<Parsed> run() {
    Parsed out;
    out.root = choice(0);
    if (failed_ || at_ != text_.size()) return std::nullopt;
    out.case_closed = case_closed_;
    out.word_assertions = word_assertions_;
    return out;
  }

 private:
  bool more() const { return !failed_ && at_ < text_.size(); }
  bool next_is(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
  bool take(std::string_view token) {
    if (!next_is(token)) return false;
    at_ += token.size();
    return true;
  }

  Node choice(int depth) {
    Node out;
    out.kind = Node::Kind::choice;
    if (depth > max_depth) failed_ = true;
    do out.children.push_back(sequence(depth));
    while (more() && take("|"));
    return out.children.size() == 1 ? Node(std::move(out.children[0])) : out;
  }

  Node sequence(int depth) {
    Node out;
    bool repeatable = false;  // the last child is what an operator here would apply to
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      int min = 0, max = 0;
      if (take_repetition(min, max)) {
        if (!repeatable) failed_ = true;
        if (failed_) break;
        repeat_last(out, min, max);
        continue;
      }
      const std::size_t before = out.children.size();
      item(out, depth);
      repeatable = out.children.size() > before;
    }
    return out;
  }

  static void repeat_last(Node& sequence, int min, int max) {
    Node repeat;
    repeat.kind = Node::Kind::repeat;
    repeat.min = min;
    repeat.max = max;
    repeat.children.push_back(std::move(sequence.children.back()));
    sequence.children.back() = std::move(repeat);
  }

  bool take_repetition(int& min, int& max) {
    const char c = text_[at_];
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      min = c == '+' ? 1 : 0;
      max = c == '?' ? 1 : no_limit;
    } else if (c != '{' || !take_counts(min, max)) {
      return false;
    }
    take("?");  // lazy: the same texts
    return true;
  }

  // "{2}", "{2,}", "{2,5}"; any other brace is a character.
  bool take_counts(int& min, int& max) {
    std::size_t i = at_ + 1;
    const auto number = [&](int& out) {
      const std::size_t first = i;
      for (out = 0; i < text_.size() && is_digit(text_[i]) && out < 10'000; ++i)
        out = out * 10 + (text_[i] - '0');
      return i > first;
    };
    if (!number(min)) return false;
    max = min;
    if (i < text_.size() && text_[i] == ',') {
      ++i;
      if (!number(max)) max = no_limit;
    }
    if (i >= text_.size() || text_[i] != '}') return false;
    at_ = i + 1;
    return true;
  }

  void item(Node& out, int depth) {
    switch (text_[at_]) {
      case '(':
        group(out, depth);
        break;
      case '^':
        ++at_;
        line_assertion(out, Assertion::text_start);
        break;
      case '$':
        ++at_;
        line_assertion(out, Assertion::text_end);
        break;
      case '.':
        ++at_;
        atom(out, ".");
        break;
      case '[':
        bracket(out);
        break;
      case '\\':
        escape(out);
        break;
      default:
        literal(out);
    }
  }

  void group(Node& out, int depth) {
    const Flags outer = flags_;
    ++at_;
    if (take("?")) {
      if (take("P<")) {
        at_ = text_.find('>', at_);
        if (at_ == std::string_view::npos)
          at_ = text_.size(), failed_ = true;
        else
          ++at_;
      } else if (!take_flags()) {
        return;  // "(?i)" holds until the enclosing group ends
      }
    }
    if (failed_) return;
    out.children.push_back(choice(depth + 1));
    if (!take(")")) failed_ = true;
    flags_ = outer;
  }

  // After "(?": true when a group body follows.
  bool take_flags() {
    bool on = true;
    for (; at_ < text_.size(); ++at_) {
      switch (text_[at_]) {
        case '-':
          on = false;
          break;
        case 'i':
          flags_.ignore_case = on;
          break;
        case 'm':
          flags_.multi_line = on;
          break;
        case 's':
          flags_.dot_newline = on;
          break;
        case 'U':
          break;
        case ':':
          ++at_;
          return true;
        case ')':
          ++at_;
          return false;
        default:
          failed_ = true;
          return false;
      }
    }
    failed_ = true;
    return false;
  }

  void line_assertion(Node& out, Assertion assertion) {
    if (flags_.multi_line) failed_ = true;
    assert_here(out, assertion);
  }

  void assert_here(Node& out, Assertion assertion) {
    Node node;
    node.kind = Node::Kind::assertion;
    node.assertion = assertion;
    word_assertions_ =
        word_assertions_ || assertion == Assertion::word_border || assertion == Assertion::no_word_border;
    out.children.push_back(std::move(node));
  }

  void atom(Node& out, std::string_view source) {
    const auto& set = oracle_.ask(source, flags_.ignore_case, flags_.dot_newline);
    if (!set) {
      failed_ = true;
      return;
    }
    case_closed_ = case_closed_ && set->case_closed;
    Node node;
    node.kind = Node::Kind::set;
    node.set = set->symbols;
    out.children.push_back(std::move(node));
  }

  void bracket(Node& out) {
    std::size_t i = at_ + 1;
    if (i < text_.size() && text_[i] == '^') ++i;
    if (i < text_.size() && text_[i] == ']') ++i;  // first: a character
    while (i < text_.size() && text_[i] != ']') {
      if (text_.substr(i, 2) == "[:") {
        const std::size_t close = text_.find(":]", i + 2);
        i = close == std::string_view::npos ? i + 1 : close + 2;
      } else {
        i += text_[i] == '\\' ? 2 : 1;
      }
    }
    if (i >= text_.size()) {
      failed_ = true;
      return;
    }
    const std::string_view source = text_.substr(at_, i + 1 - at_);
    at_ = i + 1;
    atom(out, source);
  }

  void escape(Node& out) {
    if (at_ + 1 >= text_.size()) {
      failed_ = true;
      return;
    }
    const char c = text_[at_ + 1];
    switch (c) {
      case 'Q':
        quoted(out);
        return;
      case 'A':
        at_ += 2;
        assert_here(out, Assertion::text_start);
        return;
      case 'z':
        at_ += 2;
        assert_here(out, Assertion::text_end);
        return;
      case 'b':
        at_ += 2;
        assert_here(out, Assertion::word_border);
        return;
      case 'B':
        at_ += 2;
        assert_here(out, Assertion::no_word_border);
        return;
      default:
        break;
    }
    std::size_t length = 2;
    if (c == 'x' || c == 'p' || c == 'P') {
      const std::size_t close = text_.find('}', at_);
      const bool braces = at_ + 2 < text_.size() && text_[at_ + 2] == '{';
      if (braces && close == std::string_view::npos) failed_ = true;
      length = braces ? close + 1 - at_ : (c == 'x' ? 4 : 3);
    } else if (is_digit(c) || c == 'C' || static_cast<unsigned char>(c) >= 0x80) {
      failed_ = true;
    }
    if (failed_) return;
    const std::string_view source = text_.substr(at_, length);
    at_ += source.size();
    atom(out, source);
  }

  // \Q...\E: every character stands for itself.
  void quoted(Node& out) {
    at_ += 2;
    while (more() && !take("\\E")) literal(out);
  }

  void literal(Node& out) {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::string_view character = text_.substr(at_, length);
    at_ += character.size();
    atom(out, RE2::QuoteMeta({character.data(), character.size()}));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ClassOracle& oracle_;
  Flags flags_;
  bool failed_ = false, case_closed_ = true, word_assertions_ = false;
};

}  // namespace

std::optional<Parsed> parse_pattern(std::string_view text, bool case_sensitive, ClassOracle& oracle) {
  return Parser(text, case_sensitive, oracle).run();
}

}  // namespace schoolgate::pattern
