#include "tests/support/pattern_corpus.h"

#include <re2/re2.h>

#include <string_view>

namespace schoolgate::testing {
namespace {

const char* const whole_patterns[] = {
    // literals, alternatives, classes
    "casino",
    "CaSiNo",
    "a",
    "ab",
    "xxx",
    "//",
    "a.b",
    R"(a\.b)",
    "bet365|188bet|fun88",
    "(porn|sex)s?",
    "[ae]bc",
    "[^a-z]xyz",
    "[^/]+/admin",
    "[]x]yz",
    "[a\\]b]cd",
    "[-a-z]+\\.xyz/",
    "[[:digit:]]{3}",
    "[[:^digit:]]abc",
    "[\\d.]+:80",
    "[\\w-]+\\.top",
    "[x-z&&]q",
    "(a|b|c|d|e|f)gh",
    "(|a)bcd",
    "x(|y|z)w",
    "(?:ab|cd){2}",
    "((a)(b))c",
    "(?P<name>red|blue)sky",
    "man|woman|men",
    "(m[ae]n|boy|girl)+.*(model|talent)",
    "ad[sx]?/",
    "\\.(jpg|gif|png)$",
    "/(a|b)/(c|d)/(e|f)/",
    // anchors and borders
    "^http",
    "^https?://",
    "^http://[0-9.]+/",
    "^https://(www\\.)?[a-z0-9]+\\.[a-z]+/[a-z0-9]{4}/$",
    "html$",
    "\\.js$",
    "/$",
    "[0-9]$",
    "^.{12}$",
    "^.{5,9}/",
    "(^|[-?+=/_.])(hot|sex|tit)s?([-.?+=/_]|$)",
    "\\bsex\\b",
    "\\bsex",
    "sex\\b",
    "\\Bsex\\B",
    "\\Bsex",
    "\\b(a|an|the)\\b",
    "\\b[a-z]{3}\\b",
    "x\\b.y",
    "x\\B.y",
    "\\bk",
    "s\\b",
    "\\bski\\B",
    "\\A(http)",
    "com\\z",
    "a\\b\\b-b",
    "(\\b|x)abc",
    "(\\bfoo|bar\\b)+",
    "-\\b?foo",
    "\\b+foo",
    "(?:^|/)x",
    "a(b$|c)",
    "a$b",
    "^a^b",
    "x$|y^",
    "^^http",
    "com$$",
    "(^a|b$)",
    "(a|^)b(c|$)",
    "[a-z]\\b[0-9]",
    "_\\b-",
    "\\b_x",
    "(foo\\b|\\Bbar).(\\bx|y\\B)",
    // repetition
    "a+b",
    "a*bc",
    "a?bcd",
    "(ab)*cd",
    "(ab)+cd",
    "a{3}",
    "a{2,}b",
    "a{1,3}b",
    "a{0}bc",
    "a{0,1}bc",
    "(ab){2,3}",
    "(a|b){3}c",
    "(a*)+b",
    "(a?){4}bc",
    "x{,3}",
    "x{a}",
    "a{2}?b",
    "a+?b",
    "a*?b",
    "a??b",
    "[0-9a-f]{32}",
    "/[0-9a-f]{8}-[0-9a-f]{4}/",
    "\\d{1,3}(\\.\\d{1,3}){3}",
    "[a-z]{30,}\\.me/",
    "/[0-9a-z]{8,10}\\?k=[0-9a-z]{20,}",
    ".{100,}z",
    "(?:[a-z0-9]+-)+x",
    "(?:[0-9a-z]{7,9}-){3,5}[0-9a-z]{4}/",
    "(a{10}){10}b",
    ".*",
    ".+foo",
    "foo.*bar",
    "foo.*bar.*baz",
    "^.*foo$",
    "[\\w\\W]{30,}end",
    "(a.*b|c.*d)e",
    "(.*/)?x=1",
    "q=([^&]*)&",
    "(foo|bar)+.*(\\.jpg|\\.gif)",
    // flags
    "(?i)CASINO",
    "(?-i)Casino",
    "(?i:abc)DEF",
    "(?-i:ABC)def",
    "a(?i)b|c",
    "(?s)a.b",
    "(?s:.)x(?-s:.)y",
    "(?U)a+b",
    "(?U:a+?)bc",
    "(?m)^a",
    "(?m)b$",
    "(?im)^x",
    "(?i-s:a.c)",
    "(?i)k",
    "(?i)s",
    "(?i)[k-s]{3}",
    "(?i)[^k]s",
    "(?-i)[^s]x",
    // escapes
    "\\Qa.b*c\\E",
    "\\Qa.b",
    "\\Qx\\E+y",
    "x\\Q\\Ey",
    "\\x41bc",
    "\\x{61}bc",
    "\\x{1EC7}t",
    "\\t|tab",
    "\\.\\?\\+\\*",
    "\\/path\\/",
    "\\-x\\_y",
    "\\d\\D\\d",
    "\\s\\S",
    "\\w\\W\\w",
    "\\pN{2}",
    "\\p{L}x",
    "\\PLx",
    "\\p{^L}x",
    "\\p{Greek}x",
    "\\pLu",
    "[\\pN.]{4}",
    "[^\\pL]q",
    "[\\x30-\\x39]z",
    "\\101bc",
    "\\Cabc",
    "a\\Cb",
    "\\012x",
    "%20",
    "%[0-9a-f]{2}",
    // beyond ASCII
    "đánh.?bạc",
    "Đánh BẠC",
    "cờ bạc|lô đề",
    "[à-ỹ]+x",
    "[^à-ỹ]x",
    "(?-i)Đ",
    "[đ]á",
    "é?toile",
    "é+x",
    "ſ",
    "(?i)ſex",
    "K",
    "(?i)\\x{212A}ey",
    "[ſ]x",
    "[^ſ]x",
    "日本",
    "[一-龥]{2}",
    ".é.",
    "\\bé",
    "é\\b",
    "\\Bé\\B",
    "x\\bé",
    "\\b(sex|kiss)\\b",
};

const char* const heads[] = {"",   "^",        "\\b",  "/", "(^|[/.])", "[?&]", "^https?://(www\\.)?",
                             ".*", "(?:a|bc)", "[^/]*"};
const char* const bodies[] = {"casino", "(bet|win)[0-9]{1,3}", "ad[sx]*", "[0-9a-f]{6}", "(ka|ss)+", "x"};
const char* const tails[] = {"", "$", "\\b", "/", "([-./]|$)", "\\.(php|asp)\\?", ".*end", "s?"};

const char* const addresses[] = {
    "",
    "a",
    "/",
    "http://a.b/",
    "https://www.example.com/",
    "http://www.Example.com/Path/Index.HTML?Q=1&b=2",
    "http://a.b",
    "https://bet365.com/vn/188bet?x=fun88",
    "http://10.0.0.1:8080/admin/x=1",
    "https://x.y/sex",
    "https://x.y/sexy-men/model.jpg",
    "https://essex.co.uk/",
    "https://www.x.com/hot?tits=1",
    "https://a.com/0123456789abcdef0123456789abcdef.js",
    "https://ab.cd/a/c/e/",
    "https://w.com/man/woman/men/boys/talent",
    "https://q.com/search?q=cache&b",
    "https://x.y/a-b_c.d%20e",
    "https://x.y/foo/bar.jpg/baz",
    "https://x.y/foobar",
    "https://x.y/aaab/abab/abcd/cdcd",
    "https://skis.com/k/s/Kiss/KEY",
    "https://vi\u1ec7t.vn/\u0111\u00e1nh b\u1ea1c/\u0110\u00c1NH-B\u1ea0C",
    "https://x/\u017fex/\u212aey/\u017f",
    "https://x/c\u1edd b\u1ea1c l\u00f4 \u0111\u1ec1",
    "https://x/\u65e5\u672c/\u4e00\u4e8c",
    "https://x/\xff\xfe\xc3x\xe1\xbbz\xf0\x9f\x98\x80",
    "\xc5\xbf",
    "k\xe2\x84\xaa",
    "https://x/tab\there\x01\x7f\n\nb",
    "https://x/\xe0\x80\x80.\xed\xa0\x80\xf4\x90\x80\x80x",
    "s",
    "K",
    "ab cd",
    "red sky redsky",
    "a.b*c",
    "aab+y x+y xy",
    "]yz ]cd \\cd",
    "x,3 x{,3} x{a} xxx",
    "_x -_- a1 1a",
    "\xc3\xa9 x\xc3\xa9x \xc3\xa9toile \xc3\xa9\xc3\xa9x",
};

// Reads RE2 source loosely and writes a text along the way.
class Imitator {
 public:
  Imitator(const std::string& source, std::mt19937& random) : source_(source), random_(random) {}

  std::string run() {
    std::string out = choice(true);
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_()) % n; }
  bool more() const { return at_ < source_.size(); }

  // Reads alternatives up to the closing bracket; one of them, chosen fairly, is the result.
  std::string choice(bool keep) {
    std::string kept;
    for (std::size_t n = 1;; ++n) {
      std::string one = sequence(keep);
      if (below(n) == 0) kept = std::move(one);
      if (!more() || source_[at_] != '|') return kept;
      ++at_;
    }
  }

  std::string sequence(bool keep) {
    std::string out;
    while (more() && source_[at_] != '|' && source_[at_] != ')') {
      const std::size_t begin = at_;
      std::string piece = item(keep);
      const std::size_t end = at_;
      std::size_t low = 1, high = 1;
      repetition(low, high);
      const std::size_t behind = at_;
      const std::size_t times = low + below(high - low + 1);
      if (times == 0) piece.clear();
      for (std::size_t i = 0; i < times; ++i) {  // read again, so that each round may choose anew
        out += piece;
        if (i + 1 == times || out.size() > 400 || ++readings_ > 2000) break;
        at_ = begin;
        piece = item(keep);
        at_ = end;
      }
      at_ = behind;
    }
    return out;
  }

  void repetition(std::size_t& low, std::size_t& high) {
    if (!more()) return;
    const char c = source_[at_];
    if (c == '*')
      low = 0, high = 3, ++at_;
    else if (c == '+')
      high = 3, ++at_;
    else if (c == '?')
      low = 0, ++at_;
    else if (int a = 0, b = 0, used = 0;
             std::sscanf(source_.c_str() + at_, "{%d,%d}%n", &a, &b, &used) == 2 && used > 0)
      low = static_cast<std::size_t>(a), high = static_cast<std::size_t>(b),
      at_ += static_cast<std::size_t>(used);
    else if (used = 0; std::sscanf(source_.c_str() + at_, "{%d,}%n", &a, &used) == 1 && used > 0)
      low = static_cast<std::size_t>(a), high = low + 2, at_ += static_cast<std::size_t>(used);
    else if (used = 0; std::sscanf(source_.c_str() + at_, "{%d}%n", &a, &used) == 1 && used > 0)
      low = high = static_cast<std::size_t>(a), at_ += static_cast<std::size_t>(used);
    if (more() && source_[at_] == '?') ++at_;
    if (high < low) high = low;
  }

  std::string item(bool keep) {
    const char c = source_[at_];
    if (c == '(') return group(keep);
    if (c == '^' || c == '$') return ++at_, "";
    if (c == '[') return one_of(bracket());
    if (c == '.') return ++at_, one_of(".");
    if (c == '\\' && at_ + 1 < source_.size()) return escape();
    return std::string(1, source_[at_++]);
  }

  std::string group(bool keep) {
    ++at_;
    if (source_.compare(at_, 3, "?P<") == 0) {
      at_ = source_.find('>', at_) + 1;
    } else if (source_.compare(at_, 1, "?") == 0) {
      while (more() && source_[at_] != ':' && source_[at_] != ')') ++at_;
      if (!more() || source_[at_++] == ')') return "";
    }
    std::string out = choice(keep);
    if (more()) ++at_;
    return out;
  }

  std::string bracket() {
    const std::size_t begin = at_++;
    if (more() && source_[at_] == '^') ++at_;
    if (more() && source_[at_] == ']') ++at_;
    for (; more() && source_[at_] != ']'; ++at_) {
      if (source_[at_] == '\\') ++at_;
      if (source_.compare(at_, 2, "[:") != 0) continue;
      if (const std::size_t close = source_.find(":]", at_); close != std::string::npos) at_ = close + 1;
    }
    if (more()) ++at_;
    return source_.substr(begin, at_ - begin);
  }

  std::string escape() {
    const char c = source_[at_ + 1];
    if (c == 'Q') {
      const std::size_t begin = at_ + 2, end = source_.find("\\E", begin);
      at_ = end == std::string::npos ? source_.size() : end + 2;
      return source_.substr(begin, end == std::string::npos ? end : end - begin);
    }
    std::size_t length = 2;
    if (c == 'x' || c == 'p' || c == 'P')
      length = source_[at_ + 2] == '{' ? source_.find('}', at_) + 1 - at_ : (c == 'x' ? 4 : 3);
    const std::string token = source_.substr(at_, length);
    at_ += token.size();
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') return "";
    return one_of(token);
  }

  // A character RE2 says the class holds.
  std::string one_of(const std::string& token) {
    const RE2 re(token, RE2::Quiet);
    static const char* const tries[] = {
        "a", "e", "k", "s", "z", "0", "7",      "-",      "_",      ".",      "/",      "?",      "x", "q",
        "m", " ", "&", "A", "K", "S", "\u00e9", "\u1ec7", "\u017f", "\u212a", "\u65e5", "\u03b1", "f", "b"};
    for (int i = 0; i < 60; ++i) {
      const char* text = tries[below(std::size(tries))];
      if (re.ok() && RE2::FullMatch(text, re)) return text;
    }
    for (int c = 1; c < 127; ++c)
      if (const char text = static_cast<char>(c); re.ok() && RE2::FullMatch(re2::StringPiece(&text, 1), re))
        return std::string(1, text);
    return "?";
  }

  const std::string& source_;
  std::mt19937& random_;
  std::size_t at_ = 0;
  int readings_ = 0;  // nested repetitions would read for ever
};

std::string random_choice(std::mt19937& random, int depth);

std::string random_atom(std::mt19937& random, int depth) {
  static const char* const atoms[] = {
      "a",      "k",      "s",
      "S",      "x",      "0",
      "-",      "/",      "\\.",
      "_",      "ab",     "sk",
      ".",      "\\w",    "\\W",
      "\\d",    "[a-k]",  "[^s]",
      "[^k/]",  "[ks]",   "[0-9a-f]",
      "[-?=/]", "\u00e9", "\u017f",
      "\\b",    "\\b",    "\\B",
      "^",      "$",      "\\pL",
      "[^\\w]", "\\s",    "[\u00e0-\u1ef9]",
      "foo",    "kiss",   "\\x6b",
  };
  const std::size_t pick = random() % 44;
  if (pick < std::size(atoms)) return atoms[pick];
  static const char* const opens[] = {"(", "(?:", "(?i:", "(?-i:", "(?s:", "(?P<n>"};
  return depth > 3 ? "a" : opens[random() % std::size(opens)] + random_choice(random, depth + 1) + ")";
}

std::string random_choice(std::mt19937& random, int depth) {
  static const char* const repeats[] = {"*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,2}", "{2,}", "{3,5}?"};
  std::string out;
  for (std::size_t n = 1 + random() % 5; n > 0; --n) {
    out += random_atom(random, depth);
    if (random() % 4 == 0) out += repeats[random() % std::size(repeats)];
    if (n > 1 && random() % 6 == 0) out += '|';
  }
  return out;
}

}  // namespace

std::string random_pattern(std::mt19937& random) {
  return random_choice(random, 0);
}

std::vector<Pattern> pattern_corpus() {
  std::vector<Pattern> out;
  for (const char* text : whole_patterns) {
    out.push_back({text, PatternTarget::url, false});
    out.push_back({text, PatternTarget::url, true});
  }
  for (const char* head : heads)
    for (const char* body : bodies)
      for (const char* tail : tails)
        out.push_back({std::string(head) + body + tail, PatternTarget::url, false});
  return out;
}

std::vector<std::string> pattern_subjects() {
  std::vector<std::string> out(std::begin(addresses), std::end(addresses));
  out.push_back("https://x.y/" + std::string(150, 'a') + "z.me/" + std::string(40, 'k'));
  out.push_back("https://x.y/" + std::string(700, '0') + "/foo");
  return out;
}

std::string text_like(const std::string& pattern, std::mt19937& random) {
  std::string out = Imitator(pattern, random).run();
  switch (random() % 4) {
    case 0:
      return out;
    case 1:
      return "http://x.y/" + out;
    case 2:
      return out + "/tail";
    default:
      return "https://a-b.com/" + out + "?z=1";
  }
}

std::string spoilt(std::string text, std::mt19937& random) {
  static const char* const bits[] = {"a",      "s",      "-",    "/", "_", "0",
                                     "\u00e9", "\u017f", "\xe1", "K", ".", "\n"};
  const std::size_t at = random() % (text.size() + 1);
  switch (random() % 4) {
    case 0:
      return text.insert(at, bits[random() % std::size(bits)]);
    case 1:
      return text.replace(at, 1, bits[random() % std::size(bits)]);
    case 2:
      return text.erase(at, 1);
    default:
      for (char& c : text)
        if (c >= 'a' && c <= 'z' && random() % 2 == 0) c = static_cast<char>(c - 32);
      return text;
  }
}

}  // namespace schoolgate::testing
