// A file that is read as another format than its own.
#include "rules/lists/line_look.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/rules/lists/parsed.h"

namespace schoolgate {
namespace {

using F = ListFormat;

std::string lines_of(const std::string& before, const std::string& after, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += before + "n" + std::to_string(i) + ".example" + after + "\n";
  return out;
}

TEST_CASE("line look: what a line looks like", "[rules][list]") {
  struct Row {
    const char *line, *kind;  // "": of no kind
  };
  const Row table[] = {
      {"local=/bad.com/", "dnsmasq"},
      {"address=/bad.com/0.0.0.0", "dnsmasq"},
      {"bad.com CNAME .", "rpz"},
      {"$TTL 300", "rpz"},
      {"@ IN SOA localhost. root.localhost. 1 3600 600 86400 300", "rpz"},
      {"0.0.0.0 bad.com", "hosts"},
      {"0 bad.com", "hosts"},
      {"||bad.com^", "adblock"},
      {"bad.com##div:has(x)", "adblock"},
      {"+.bad.com", "clash"},
      {"- 'bad.com'", "clash"},
      {"- DOMAIN-SUFFIX,bad.com", "a set of rules of Surge or Clash"},
      {"DOMAIN,bad.com", "a set of rules of Surge or Clash"},
      {".Include<x>", "e2guardian"},
      {"192.0.2.0/24", "a list of networks"},
      {"2001:db8::/32", "a list of networks"},
      {"bad.com/x", "urls"},
      {"https://bad.com/", "urls"},
      {"Bad.com", "domains"},
      {".bad.com", "domains"},
      {"(^|\\.)ads[0-9]+", "patterns"},
      {"^ads", "patterns"},
      {"<!DOCTYPE html>", "a web page"},
      {"<div class=\"x\">bad.com</div>", "a web page"},
      {"local-zone: \"bad.com\" always_nxdomain", "a configuration of Unbound"},
      {"/banner/ads.", ""},
      {"< bad.com", ""},
      {"two words", ""},
      {"x", ""},
  };
  for (const Row& row : table) DYNAMIC_SECTION(row.line) {
      const auto look = look_of(row.line);
      CHECK((look ? std::string(look->kind) : "") == row.kind);
    }
}

TEST_CASE("line look: a file in the wrong format is recognised", "[rules][list]") {
  struct Row {
    const char* name;
    F format;
    std::string text;
    const char *message, *hint;  // of the file; "": it is read, and nothing is said
  };
  const Row table[] = {
      {"dnsmasq as domains", F::domains, "# x\n" + lines_of("local=/", "/", 9),
       "no entry in the whole file; 9 of 9 lines are like local=/name/, the first in line 2: this is dnsmasq",
       "format: dnsmasq"},
      {"dnsmasq as adblock", F::adblock, lines_of("address=/", "/0.0.0.0", 3),
       "no entry in the whole file; 3 of 3 lines are like address=/name/, the first in line 1: this is "
       "dnsmasq",
       "format: dnsmasq"},
      {"a short rpz as domains", F::domains,
       "$TTL 60\n@ IN SOA localhost. root.localhost. 1 3600 600 86400 60\n  IN NS localhost.\nbad.com CNAME "
       ".\n",
       "no entry in the whole file; 3 of 4 lines are like name CNAME ., the first in line 1: this is rpz",
       "format: rpz"},
      {"rpz as hosts", F::hosts, lines_of("", " CNAME .", 3),
       "no entry in the whole file; 3 of 3 lines are like name CNAME ., the first in line 1: this is rpz",
       "format: rpz"},
      {"hosts as domains", F::domains, lines_of("0.0.0.0 ", "", 3),
       "no entry in the whole file; 3 of 3 lines are like 0.0.0.0 name, the first in line 1: this is hosts",
       "format: hosts"},
      {"adblock as domains", F::domains, "! x\n" + lines_of("||", "^", 3),
       "no entry in the whole file; 3 of 4 lines are like ||name^, the first in line 2: this is adblock",
       "format: adblock"},
      {"expressions as adblock", F::adblock, "^ads[0-9]+\\.\n(.+[_.-])?adserv\n",
       "no entry in the whole file; 2 of 2 lines are like a regular expression, the first in line 1: this is "
       "patterns",
       "format: patterns, with host: in front of expressions that are about names"},
      {"networks as adblock", F::adblock, "192.0.2.0/24\n2001:db8::/32\n",
       "no entry in the whole file; 2 of 2 lines are like 192.0.2.0/24, the first in line 1: this is a list "
       "of "
       "networks",
       "format: domains"},
      {"pages as adblock", F::adblock, "http://a.com/x\nb.com/y/z\nc.com/w?q\n/banner/ad\n",
       "no entry in the whole file; 3 of 4 lines are like name/path, the first in line 1: this is urls",
       "format: urls"},
      {"networks", F::domains, "192.0.2.0/24\n2001:db8::/32\n", "", ""},
      {"clash as surge", F::surge, lines_of("+.", "", 3),
       "no entry in the whole file; 3 of 3 lines are like +.name, the first in line 1: this is clash",
       "format: clash"},
      {"no known one", F::domains, "two words\nand three words\n",
       "no entry in the whole file; line 1: more than one word in a line", ""},
      {"all of it ignored", F::adblock, "||a.com^$third-party\na.com##.b\n||b.com^$popup,client=c\n! d\n",
       "no entry in the whole file; ignored: 1 cosmetic rule, 2 unsupported option, the first in line 1", ""},
      {"half of it", F::domains, lines_of("0.0.0.0 ", "", 3) + lines_of("", "", 3), "", ""},
      {"adblock with hosts in it", F::adblock, lines_of("0.0.0.0 ", "", 3), "", ""},
      {"browser rules", F::adblock,
       "||a.com^\n" + lines_of("/ads[0-9]*$domain=", "", 5) + lines_of("", "##div(x)", 9), "", ""},
      {"browser rules on pages", F::adblock,
       lines_of("||", "^", 3) + lines_of("", "/ads/$image", 2) + "/banner/\n-ad-300x\n", "", ""},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(row.name) {
      const test::Parsed p = test::parsed(row.text, row.format);
      if (*row.message == '\0') {
        CHECK_FALSE(p.report.other_format);
        CHECK(p.report.accepted > 0);
        continue;
      }
      REQUIRE_FALSE(p.report.first_problems.empty());
      CHECK(p.report.first_problems[0].code == list_code::nothing_in_it);
      CHECK(p.report.first_problems[0].message == row.message);
      CHECK(p.report.first_problems[0].hint == row.hint);
    }
  }
}

TEST_CASE("line look: also where some lines can be used, or a format takes anything", "[rules][list]") {
  const test::Parsed some = test::parsed("good.com\n" + lines_of("local=/", "/", 5), F::domains);
  CHECK(some.report.accepted == 1);
  REQUIRE(some.report.other_format);
  CHECK(message_of(*some.report.other_format) ==
        "5 of 6 lines are like local=/name/, the first in line 2: this is dnsmasq");
  for (const F format : {F::urls, F::patterns, F::expressions}) {
    const test::Parsed names = test::parsed(lines_of("", "", 5), format);
    CHECK(names.report.accepted == 5);
    REQUIRE(names.report.other_format);
    CHECK(message_of(*names.report.other_format) ==
          "5 of 5 lines are like a name alone, the first in line 1: this is domains");
  }
  CHECK_FALSE(test::parsed("a.com\nb.com/x\nc.com/y\n", F::urls).report.other_format);
}

TEST_CASE("line look: expressions take anything, and lines of another format are none", "[rules][list]") {
  struct Row {
    const char* name;
    std::string text;
    const char* told;  // "": these are expressions
  };
  const Row rows[] = {
      {"hosts", lines_of("0.0.0.0 ", "", 3),
       "3 of 3 lines are like 0.0.0.0 name, the first in line 1: this is hosts"},
      {"dnsmasq", lines_of("address=/", "/", 3),
       "3 of 3 lines are like address=/name/, the first in line 1: this is dnsmasq"},
      {"rpz", lines_of("", " CNAME .", 3),
       "3 of 3 lines are like name CNAME ., the first in line 1: this is rpz"},
      {"rules of Surge", lines_of("DOMAIN-SUFFIX,", "", 3),
       "3 of 3 lines are like DOMAIN-SUFFIX,name, the first in line 1: this is a set of rules of Surge or "
       "Clash"},
      {"a web page", lines_of("<li>", "</li>", 3),
       "3 of 3 lines are like <html>, the first in line 1: this is a web page"},
      {"addresses", "ads/[0-9]+\n/banner\\.gif\n^http://x\\.test/\n", ""},
      {"one line of three", "ads/[0-9]+\n/banner\\.gif\n0.0.0.0 a.test\n", ""},
      {"with their target in front", "host:(^|\\.)a[0-9]\\.test$\npath:^/x\nhost:^b\n", ""},
  };
  for (const Row& row : rows)
    for (const F format : {F::patterns, F::expressions})
      DYNAMIC_SECTION(row.name << " as " << to_string(format)) {
        const auto other = test::parsed(row.text, format).report.other_format;
        CHECK((other ? message_of(*other).english() : "") == row.told);
      }
}

// Such a list holds nearly no address: what follows the name in one is no part of the expression.
TEST_CASE("line look: expressions about names, read on whole addresses", "[rules][list]") {
  const test::Parsed names = test::parsed(
      "(^|\\.)shop[0-9]+\\.example$\n^(.+[_.-])?adse?rv(er)?[0-9]*[_.-]\nads[0-9]\\.\n", F::patterns);
  CHECK(names.report.accepted == 3);
  REQUIRE(names.report.other_format);
  CHECK(message_of(*names.report.other_format) ==
        "2 of 3 lines are like (^|\\.)name$, the first in line 1: this is expressions about names alone");
  CHECK(hint_of(*names.report.other_format).english() ==
        "format: patterns, with host: in front of expressions that are about names");
  CHECK_FALSE(
      test::parsed("(^|\\.)a\\.test/x\n(?:^|&)dns=\n(^|/)wp-login\n", F::patterns).report.other_format);
  // squidGuard's expressions are written for the address without its scheme.
  CHECK_FALSE(test::parsed("(^|\\.)a[0-9]\\.test$\n", F::expressions).report.other_format);
}

}  // namespace
}  // namespace schoolgate
