#include "rules/lists/list_parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "rules/lists/list_line.h"
#include "tests/rules/lists/parsed.h"

namespace schoolgate {
namespace {

struct Parsed {
  ListReport report;
  std::vector<std::string> entries;  // "@@" if an exception, text
  std::vector<std::uint32_t> lines;

  std::uint64_t ignored(Ignored reason) const { return report.ignored[static_cast<std::size_t>(reason)]; }
};

Parsed parse(std::string_view text, ListFormat format) {
  Parsed p;
  p.report = parse_list(text, format, "list", [&](RuleEntry&& e) {
    p.entries.push_back((e.exception ? "@@" : "") + e.text);
    p.lines.push_back(e.line);
  });
  return p;
}

}  // namespace

TEST_CASE("list parser: names of formats", "[rules][list]") {
  for (const ListFormat f :
       {ListFormat::domains, ListFormat::urls, ListFormat::expressions, ListFormat::hosts,
        ListFormat::adblock, ListFormat::patterns, ListFormat::dnsmasq, ListFormat::rpz,
        ListFormat::dstdomain, ListFormat::e2guardian, ListFormat::surge, ListFormat::clash})
    CHECK(parse_list_format(to_string(f)) == f);
  CHECK_FALSE(parse_list_format("Domains"));
  for (std::size_t i = 0; i < ignored_reasons; ++i) CHECK_FALSE(to_string(static_cast<Ignored>(i)).empty());
}

TEST_CASE("list parser: one line in each format of plain lists", "[rules][list]") {
  struct Row {
    ListFormat format;
    const char* line;
    std::vector<std::string> want;  // empty: ignored or invalid
    int ignored = -1;               // the reason; -1 with no entry: invalid
    std::uint32_t column = 0;
  };
  constexpr auto blank = static_cast<int>(Ignored::comment_or_blank),
                 local = static_cast<int>(Ignored::local_name);
  using F = ListFormat;
  const Row table[] = {
      {F::domains, "bad.com", {"bad.com"}},
      {F::domains, "  Bad.COM.\t", {"bad.com"}},
      {F::domains, "*.bad.com", {"bad.com"}},
      {F::domains, ".bad.com", {"bad.com"}},
      {F::domains, "bad.com # why", {"bad.com"}},
      {F::domains,
       "b\xc3\xbc"
       "cher.de",
       {"xn--bcher-kva.de"}},
      {F::domains, "a_b.vn", {"a_b.vn"}},
      {F::domains, "192.0.2.1", {"192.0.2.1"}},
      {F::domains, "0x7f.1", {"127.0.0.1"}},
      {F::domains, "2001:DB8::1", {"2001:db8::1"}},
      {F::domains, "[2001:db8::1]", {"2001:db8::1"}},
      {F::domains, "1.2.3.example", {"1.2.3.example"}},
      {F::domains, "# bad.com", {}, blank},
      {F::domains, "   ", {}, blank},
      {F::domains, "bad.com/path", {}, -1, 1},
      {F::domains, "  http://bad.com", {}, -1, 3},
      {F::domains, "bad.com:80", {}, -1, 1},
      {F::domains, "two words", {}, -1, 5},
      {F::domains, "bad..com", {}, -1, 1},
      {F::domains, "bad!.com", {}, -1, 1},
      {F::domains, "1.2.3.4.5", {}, -1, 1},
      {F::domains, "-", {"-"}},
      {F::urls, "site.com/Bad/", {"site.com/bad/"}},
      {F::urls, "HTTP://Site.com:8080/a?B=c", {"site.com/a?b=c"}},
      {F::urls, "site.com", {"site.com/"}},
      {F::urls, "site.com/a/../%62", {"site.com/b"}},
      {F::urls, "site.com/\xc3\x9c", {"site.com/\xc3\xbc"}},
      {F::urls, "ftp://site.com/", {}, -1, 1},
      {F::urls, "site.com/a b", {}, -1, 11},
      {F::urls, "user@site.com/", {}, -1, 1},
      {F::urls, "#site.com/", {}, blank},
      {F::expressions, "(a|b)c", {"(a|b)c"}},
      {F::expressions, "^bad/", {"(?:^https?://(?:www\\.)?)bad/"}},
      {F::expressions, "^http://bad", {"^http://bad"}},
      {F::expressions, "a(b", {}, -1, 1},
      {F::patterns, "host: ^bad", {"^bad"}},
      {F::patterns, "bad[0-9", {}, -1, 4},
      {F::patterns, "query:", {}, -1, 1},
      {F::hosts, "0.0.0.0 bad.com", {"bad.com"}},
      {F::hosts, "127.0.0.1\tbad.com Worse.com # x", {"bad.com", "worse.com"}},
      {F::hosts, "::1 localhost", {}, local},
      {F::hosts, "fe80::1%lo0 localhost", {}, local},
      {F::hosts, "0.0.0.0 0.0.0.0", {}, local},
      {F::hosts, "bad.com", {}, -1, 1},
      {F::hosts, "0.0.0.0", {}, -1, 1},
      {F::hosts, "0.0.0.0 a..b", {}, -1, 9},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(to_string(r.format) << ": " << r.line) {
      const Parsed p = parse(r.line, r.format);
      CHECK(p.entries == r.want);
      CHECK(p.report.lines == 1);
      CHECK(p.report.accepted == r.want.size());
      if (r.ignored >= 0) CHECK(p.ignored(static_cast<Ignored>(r.ignored)) == 1);
      const bool invalid = r.want.empty() && r.ignored < 0;
      CHECK(p.report.invalid == (invalid ? 1u : 0u));
      if (invalid) {
        REQUIRE(p.report.first_problems.size() == 2);  // the file's, for it has no entry, and the line's
        CHECK(p.report.first_problems[1].pos == SourcePos{1, r.column});
        CHECK(p.report.first_problems[1].severity == Severity::warning);
        CHECK_FALSE(p.report.first_problems[1].message.empty());
      }
    }
  }
}

TEST_CASE("list parser: what the entries say besides their text", "[rules][list]") {
  std::vector<RuleEntry> got;
  const auto keep = [&](RuleEntry&& e) { got.push_back(std::move(e)); };
  parse_list("host: a\npath:b\nquery: c\nurl:d\ne\n", ListFormat::patterns, "list", keep);
  REQUIRE(got.size() == 5);
  const PatternTarget want[] = {PatternTarget::host, PatternTarget::path, PatternTarget::query,
                                PatternTarget::url, PatternTarget::url};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(got[i].target == want[i]);
    CHECK(got[i].kind == RuleKind::pattern);
    CHECK_FALSE(got[i].case_sensitive);
    CHECK(got[i].line == i + 1);
  }
  got.clear();
  parse_list("site.com/x", ListFormat::urls, "list", keep);
  REQUIRE(got.size() == 1);
  CHECK(got[0].kind == RuleKind::url);
  CHECK_FALSE(got[0].subdomains);
}

TEST_CASE("list parser: expressions are written for the URL without scheme and www", "[rules][list]") {
  struct Row {
    const char *expression, *want;
  };
  const Row table[] = {
      {"^a|^b", "(?:^https?://(?:www\\.)?)a|(?:^https?://(?:www\\.)?)b"},
      {"(^|/)a", "((?:^https?://(?:www\\.)?)|/)a"},
      {"[^a]b", "[^a]b"},
      {"[]^]b", "[]^]b"},
      {"[^]^]b", "[^]^]b"},
      {"\\^a", "\\^a"},
      {"\\[^a", "\\[(?:^https?://(?:www\\.)?)a"},
      {"a\\", "a\\"},
      {"(^https?://)x", "(^https?://)x"},
  };
  for (const Row& r : table) DYNAMIC_SECTION(r.expression) {
      CHECK(expression_to_re2(r.expression) == r.want);
    }
}

TEST_CASE("list parser: each rule once, found again in every spelling", "[rules][list]") {
  const Parsed p = parse("bad.com\nBAD.com\n*.bad.com\nworse.com\nbad.com.\n", ListFormat::domains);
  CHECK(p.entries == std::vector<std::string>{"bad.com", "worse.com"});
  CHECK(p.lines == std::vector<std::uint32_t>{1, 4});
  CHECK(p.ignored(Ignored::duplicate_in_file) == 3);

  const Parsed h = parse(
      "\xef\xbb\xbf"
      "0.0.0.0 a.com b.com a.com\r\n:: b.com c.com\r\n",
      ListFormat::hosts);
  CHECK(h.entries == std::vector<std::string>{"a.com", "b.com", "c.com"});
  CHECK(h.ignored(Ignored::duplicate_in_file) == 2);

  const Parsed a =
      parse("||a.com^\n@@||a.com^\n0.0.0.0 b.com a.com\na.com\n@@||a.com^$doc", ListFormat::adblock);
  CHECK(a.entries == std::vector<std::string>{"a.com", "@@a.com", "b.com"});
  CHECK(a.ignored(Ignored::duplicate_in_file) == 3);

  const Parsed t = parse("host:a\nurl:a\na\nhost: a", ListFormat::patterns);
  CHECK(t.entries.size() == 2);
  CHECK(t.ignored(Ignored::duplicate_in_file) == 2);

  const Parsed first = parse(
      "\xef\xbb\xbf"
      "a.com\na.com",
      ListFormat::domains);
  CHECK(first.entries.size() == 1);
}

TEST_CASE("list parser: many rules, each kept", "[rules][list]") {
  std::string text;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50000; ++i) text += "n" + std::to_string(i) + ".example\n";
  }
  const Parsed p = parse(text, ListFormat::domains);
  CHECK(p.report.accepted == 50000);
  CHECK(p.ignored(Ignored::duplicate_in_file) == 50000);
  CHECK(p.report.lines == 100000);
}

TEST_CASE("list parser: files that are none", "[rules][list]") {
  struct Row {
    const char* name;
    std::string text;
    int code;
  };
  const Row table[] = {
      {"nothing", "", list_code::nothing_in_it},
      {"comments only", "# a\n# b\n", list_code::nothing_in_it},
      {"NUL", std::string("a.com\n\0b.com\n", 13), list_code::binary},
      {"another encoding",
       "a.com\nb\xfc"
       "cher.de\n",
       list_code::not_text},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.name) {
      const Parsed p = parse(r.text, ListFormat::domains);
      CHECK(p.entries.empty());
      REQUIRE(has_errors(p.report.first_problems));
      CHECK(p.report.first_problems.front().code == r.code);
      CHECK(p.report.first_problems.front().pos == SourcePos{});
    }
  }
  SECTION("one line of a hundred and more is that line's problem") {
    std::string text;
    for (int i = 0; i < 120; ++i) text += "n" + std::to_string(i) + ".com\n";
    const Parsed p = parse(text + "b\xfc.de", ListFormat::domains);
    CHECK(p.entries.size() == 120);
    CHECK_FALSE(has_errors(p.report.first_problems));
    REQUIRE(p.report.first_problems.size() == 1);
    CHECK(p.report.first_problems[0].code == list_code::bad_utf8_line);
    CHECK(p.report.first_problems[0].pos.line == 121);
  }
}

TEST_CASE("list parser: bytes of another encoding in comments harm nothing", "[rules][list]") {
  struct Row {
    ListFormat format;
    const char* text;
    std::vector<std::string> want;
  };
  const Row table[] = {
      {ListFormat::domains, "# r\xe9gion\na.com # \xe9t\xe9\n", {"a.com"}},
      {ListFormat::hosts, "# \xe9\n0.0.0.0 a.com #\xe9\n", {"a.com"}},
      {ListFormat::adblock, "! \xe9\n# \xe9\n||a.com^ # \xe9\n0.0.0.0 b.com #\xe9", {"a.com", "b.com"}},
      {ListFormat::urls, "# \xe9\na.com/x\n", {"a.com/x"}},
      {ListFormat::dnsmasq, "# \xe9\nlocal=/a.com/ # \xe9\n", {"a.com"}},
      {ListFormat::rpz, "; \xe9\na.com CNAME . ; \xe9\n", {"a.com"}},
      {ListFormat::surge, "// \xe9\n.a.com ; \xe9\n", {"a.com"}},
      {ListFormat::e2guardian, "#listcategory: \"\xe9\"\na.com\n", {"a.com"}},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(to_string(row.format)) {
      const Parsed p = parse(row.text, row.format);
      CHECK(p.entries == row.want);
      CHECK(p.report.invalid == 0);
      CHECK(p.report.first_problems.empty());
    }
  }
}

TEST_CASE("list parser: two bytes a character are told from a program", "[rules][list]") {
  using namespace std::string_literals;
  for (const std::string& text :
       {"\xff\xfe"
        "a\0.\0c\0o\0m\0\r\0\n\0"s,
        "\xfe\xff\0a\0.\0c\0o\0m\0\n"s, "a\0.\0c\0o\0m\0\n\0"s, "\0a\0.\0c\0o\0m\0\n"s}) {
    const Parsed p = parse(text, ListFormat::domains);
    CHECK(p.entries.empty());
    REQUIRE(p.report.first_problems.size() == 1);
    CHECK(p.report.first_problems[0].code == list_code::utf16);
    CHECK(p.report.first_problems[0].hint == "save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 OLD > NEW");
  }
  CHECK(parse("a.com\n\0\0\0\0b.com"s, ListFormat::domains).report.first_problems[0].code ==
        list_code::binary);
}

TEST_CASE("list parser: line ends of old Macs", "[rules][list]") {
  const Parsed p = parse("one.com\rtwo.com\r# x\rbad!.com\rone.com", ListFormat::domains);
  CHECK(p.entries == std::vector<std::string>{"one.com", "two.com"});
  CHECK(p.lines == std::vector<std::uint32_t>{1, 2});
  CHECK(p.report.lines == 5);
  REQUIRE(p.report.first_problems.size() == 1);
  CHECK(p.report.first_problems[0].pos == SourcePos{4, 1});
}

TEST_CASE("list parser: the first ten problems are told, all are counted", "[rules][list]") {
  std::string text = "good.com\n";
  for (int i = 0; i < 30; ++i) text += "bad!" + std::to_string(i) + "\n";
  const Parsed p = parse(text, ListFormat::domains);
  CHECK(p.report.invalid == 30);
  REQUIRE(p.report.first_problems.size() == 10);
  CHECK(p.report.first_problems[9].pos.line == 11);
}

TEST_CASE("list parser: a plain name is what parse_host() makes of it", "[rules][list]") {
  const std::string label63(63, 'a');
  const std::string names[] = {"a",       "a.b", "-a.b-", "a_b.c", "1.a",   label63 + ".b",  "a..b",
                               ".a",      "a.",  "1.2",   "a.1",   "a.0x1", label63 + "a.b", "A.b",
                               "xn--a.b", "a b", ""};
  for (const std::string& name : names) {
    DYNAMIC_SECTION("\"" << name << "\"") {
      Host host;
      if (is_plain_name(name)) {
        REQUIRE(parse_host(name, host).ok());
        CHECK(host.text == name);
        CHECK(host.kind == Host::Kind::name);
      }
    }
  }
  CHECK(is_plain_name("a_b.example"));
  CHECK_FALSE(is_plain_name("a.1"));
  CHECK_FALSE(is_plain_name("xn--bcher-kva.de"));
}

}  // namespace schoolgate
