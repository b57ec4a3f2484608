// Each line of each format as it was meant: exact entries, reasons and places.
#include <catch2/catch.hpp>

#include "tests/rules/lists/parsed.h"

namespace schoolgate {
namespace {

using test::LineRow;
using test::parsed;

constexpr int blank = static_cast<int>(Ignored::comment_or_blank),
              cosmetic = static_cast<int>(Ignored::cosmetic_rule),
              path = static_cast<int>(Ignored::path_rule),
              option = static_cast<int>(Ignored::unsupported_option),
              local = static_cast<int>(Ignored::local_name), other = static_cast<int>(Ignored::other_rule),
              takes_back = static_cast<int>(Ignored::takes_back),
              broad = static_cast<int>(Ignored::too_broad),
              server = static_cast<int>(Ignored::names_a_server),
              included = static_cast<int>(Ignored::included_list);

void check(ListFormat format, const std::vector<LineRow>& table) {
  for (const LineRow& row : table) {
    DYNAMIC_SECTION(to_string(format) << ": " << row.line) {
      const test::Parsed p = parsed(row.line, format);
      CHECK(p.entries == row.want);
      CHECK(p.report.lines == 1);
      CHECK(p.report.accepted == row.want.size());
      if (row.ignored >= 0) CHECK(p.ignored(static_cast<Ignored>(row.ignored)) >= 1);
      std::uint64_t ignored = 0;
      for (const std::uint64_t count : p.report.ignored) ignored += count;
      const bool invalid = row.want.empty() && row.ignored < 0;
      CHECK(ignored == (row.ignored >= 0 ? p.ignored(static_cast<Ignored>(row.ignored)) : 0));
      CHECK(p.report.invalid == (invalid ? 1u : 0u));
      if (!invalid) continue;
      REQUIRE(p.report.first_problems.size() == 2);  // the file's, for it has no entry, and the line's
      CHECK(p.report.first_problems[1].pos == SourcePos{1, row.column});
      CHECK(p.report.first_problems[1].severity == Severity::warning);
      CHECK_FALSE(p.report.first_problems[1].message.empty());
    }
  }
}

TEST_CASE("adblock: hosts and what lies below them", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"||bad.com^", {"bad.com"}},
                                 {"||Bad.COM^", {"bad.com"}},
                                 {"||bad.com^|", {"bad.com"}},
                                 {"||bad.com|", {"bad.com"}},
                                 {"||bad.com^*", {"bad.com"}},
                                 {"||bad.com", {"bad.com"}},
                                 {"||bad.com/", {"bad.com"}},
                                 {"||bad.com/*", {"bad.com"}},
                                 {"||b\xc3\xbc"
                                  "cher.de^",
                                  {"xn--bcher-kva.de"}},
                                 {"||192.0.2.1^", {"192.0.2.1"}},
                                 {"||2001:db8::1^", {"2001:db8::1"}},
                                 {"||localhost^", {"localhost"}},
                                 {"||vn", {"vn"}},  // what becomes of a public suffix the loader decides
                                 {"@@||fine.com^", {"@@fine.com"}},
                                 {"@@||fine.com^|", {"@@fine.com"}},
                                 {"||*.bad.com^", {".bad.com"}},
                                 {"||.bad.com^", {".bad.com"}},
                                 {"@@||*.fine.com^", {"@@.fine.com"}},
                                 {"|bad.com^", {"=bad.com"}},
                                 {"@@|fine.com|", {"@@=fine.com"}},
                                 {"://bad.com^", {"=bad.com"}},
                                 {"@@://fine.com^", {"@@=fine.com"}},
                                 {".bad.com^", {".bad.com"}},
                                 {"*.bad.com^", {".bad.com"}},
                                 {".bad.com", {".bad.com"}},
                                 {"*.bad.com", {".bad.com"}},
                                 {"bad.com", {"bad.com"}},
                                 {"xn--bcher-kva.de", {"xn--bcher-kva.de"}},
                                 {"Bad.Com", {"bad.com"}},
                                 {"5.6.7.8", {"5.6.7.8"}},
                                 {"2001:db8::1", {"2001:db8::1"}},
                                 {"bad.com$important", {"!bad.com"}},
                                 {"||a..b^", {}, -1, 3},
                                 {"||bad!.com^", {}, -1, 3},
                                 {"||1.2.3.4.5^", {}, -1, 3},
                                 {"@@fine.com", {}, other},
                                 {"@@5.6.7.8", {}, other},
                                 {"||bad.com:8080^", {}, other},
                                 {"||[2001:db8::1]^", {}, other},
                                 {"bad.com other.com", {}, other},
                                 {"-banner-", {}, other},
                                 {"banner.300", {}, other},
                                 {"ads^", {}, other},
                                 {"|https", {}, other},
                                 {"bad.com:80", {}, other},
                             });
}

TEST_CASE("adblock: names with a star, and beginnings of names", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"||log-*.zadn.vn^", {"host:(?:^|\\.)log-.*\\.zadn\\.vn$"}},
                                 {"||ads*.livetv*.example^", {"host:(?:^|\\.)ads.*\\.livetv.*\\.example$"}},
                                 {"||ads.*^", {"host:(?:^|\\.)ads\\."}},
                                 {"||ads.*", {"host:(?:^|\\.)ads\\."}},
                                 {"||ads.", {"host:(?:^|\\.)ads\\."}},
                                 {"||get-me-wow.", {"host:(?:^|\\.)get-me-wow\\."}},
                                 {"||adserv", {"host:(?:^|\\.)adserv"}},
                                 {"||ads.example.*.vn^", {"host:(?:^|\\.)ads\\.example\\..*\\.vn$"}},
                                 {"||*ads.bad.com^", {"host:ads\\.bad\\.com$"}},
                                 {"||192.0.2.", {"host:(?:^|\\.)192\\.0\\.2\\."}},
                                 {"||bad**.com^", {"host:(?:^|\\.)bad.*\\.com$"}},
                                 {"ad*.x.vn", {"host:(?:^|\\.)ad.*\\.x\\.vn$"}},
                                 {"ads.*", {"host:(?:^|\\.)ads\\."}},
                                 {"ad*.x.vn^", {"host:ad.*\\.x\\.vn$"}},
                                 {"*ads.shop.example^", {"host:ads\\.shop\\.example$"}},
                                 {"*ads.shop.example", {"host:ads\\.shop\\.example$"}},
                                 {"shop.example^", {"host:shop\\.example$"}},
                                 {"|ads*.example^", {"host:^ads.*\\.example$"}},
                                 {"|ads9.", {"host:^ads9\\."}},
                                 {"://ads9.", {"host:^ads9\\."}},
                                 {"://ads*.example^", {"host:^ads.*\\.example$"}},
                                 {"@@||ok*.bad.com^", {"@@host:(?:^|\\.)ok.*\\.bad\\.com$"}},
                                 {"||ADS*.bad.com^$important", {"!host:(?:^|\\.)ads.*\\.bad\\.com$"}},
                                 {"@@ok*.bad.com", {}, other},
                                 {"||b\xc3\xbc*.de^", {}, other},
                                 {"||ads.^", {}, other},
                                 {"ads.", {}, other},
                                 {".ads.", {}, other},
                                 // What nearly every site would fall under is nobody's rule.
                                 {"*", {}, broad},
                                 {"*$all", {}, broad},
                                 {"||*^", {}, broad},
                                 {"||^", {}, broad},
                                 {"||", {}, broad},
                                 {"||.^", {}, broad},
                                 {"||*.*^", {}, broad},
                                 {"||a*.com^", {}, broad},
                                 {"||*-*.com.vn^", {}, broad},
                                 {"||www.*^", {}, broad},
                                 {"com.vn^", {}, broad},
                                 {"@@||*^", {}, broad},
                                 {"||t", {}, broad},
                                 {"://", {}, broad},
                                 {"://www.", {}, broad},
                             });
}

TEST_CASE("adblock: addresses below a host", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"||bad.com/ads/", {"bad.com/ads/*"}},
                                 {"||bad.com/Ads", {"bad.com/ads*"}},
                                 {"||bad.com/ads^", {"bad.com/ads"}},
                                 {"||bad.com/ads*", {"bad.com/ads*"}},
                                 {"||bad.com/?ad=", {"bad.com/?ad=*"}},
                                 {"||bad.com/a%62c", {"bad.com/abc*"}},
                                 {"||bad.com/.well-known/x", {"bad.com/.well-known/x*"}},
                                 {"||192.0.2.1/x", {"192.0.2.1/x*"}},
                                 {"@@||bad.com/fine/", {"@@bad.com/fine/*"}},
                                 {"||bad.com/ads/$important", {"!bad.com/ads/*"}},
                                 {"||com.vn/ads/", {}, broad},
                                 {"||bad.com/ads|", {}, path},
                                 {"||bad.com/|", {}, path},
                                 {"||bad.com/*/ads/", {}, path},
                                 {"||bad.com^*/ads/", {}, path},
                                 {"||bad.com^ads", {}, path},
                                 {"||bad.*/ads/", {}, path},
                                 {"||bad.com/ads/^", {}, path},
                                 {"||bad.com/#ads", {}, path},
                                 {"||bad.com/./", {}, path},
                                 {"||bad.com/a/..", {}, path},
                                 {"||bad.com/ads?", {}, path},
                                 {"||bad.com/%2f", {}, path},
                                 {"||bad.com:8080/ads/", {}, path},
                                 {"||user@bad.com/ads/", {}, path},
                                 {"||bad.com?ad=1", {}, path},
                                 {"|http://bad.com/", {}, path},
                                 {"|https://bad.com^", {}, path},
                                 {"://bad.com/", {}, path},
                                 {"/banner/ads.", {}, path},
                                 {"bad.com/ads/", {}, path},
                                 {"&ad_box=", {}, path},
                                 {"//bad.com^", {}, path},
                             });
}

TEST_CASE("adblock: expressions", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"/^ads?[0-9]+\\./", {"host:^ads?[0-9]+\\."}},
                                 {"/adserver[0-9]+\\.example$/", {"host:adserver[0-9]+\\.example$"}},
                                 {"@@/^fine[0-9]+\\.example$/", {"@@host:^fine[0-9]+\\.example$"}},
                                 {"/^ads[0-9]\\.example$/$important", {"!host:^ads[0-9]\\.example$"}},
                                 {"/^https?:\\/\\/ads[0-9]/", {"url:^https?:\\/\\/ads[0-9]"}},
                                 {"/\\/banner[0-9]+\\//", {"url:\\/banner[0-9]+\\/"}},
                                 {"/ad\\.php\\?id=/", {"url:ad\\.php\\?id="}},
                                 {"/ads[0-9]/$third-party", {}, option},
                                 {"/.*/", {}, broad},
                                 {"/\\.vn$/", {}, broad},
                                 {"/^[a-z0-9-]+\\.com$/", {}, broad},
                                 {"/^www\\./", {}, broad},
                                 {"/^https?:\\/\\//", {}, broad},
                                 {"/ads(?!x)/", {}, -1, 5},
                                 {"/ads[0-9/", {}, -1, 5},
                             });
}

TEST_CASE("adblock: options", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"||bad.com^$important", {"!bad.com"}},
                                 {"||bad.com^$important,all", {"!bad.com"}},
                                 {"||bad.com^$Important , document", {"!bad.com"}},
                                 {"||bad.com^$doc", {"bad.com"}},
                                 {"||bad.com^$popup", {"bad.com"}},
                                 {"||bad.com^$_____,all", {"bad.com"}},
                                 {"||bad.com^$", {"bad.com"}},
                                 {"@@||fine.com^$important", {"@@!fine.com"}},
                                 {"@@||fine.com^$popup", {}, option},
                                 {"||bad.com^$third-party", {}, option},
                                 {"||bad.com^$~third-party", {}, option},
                                 {"||bad.com^$denyallow=fine.bad.com", {}, option},
                                 {"||bad.com^$client=192.168.1.5", {}, option},
                                 {"||bad.com^$ctag=device_phone", {}, option},
                                 {"||bad.com^$dnstype=AAAA", {}, option},
                                 {"||bad.com^$dnsrewrite=NOERROR;A;1.2.3.4", {}, option},
                                 {"||bad.com^$domain=a.com|b.com", {}, option},
                                 {"||bad.com^$important,new-thing=1", {}, option},
                                 {"||bad.com^$removeparam=/^utm\\,x$/", {}, option},
                                 {"||bad.com^$badfilter", {}, takes_back},
                                 {"||bad.com^$important,badfilter", {}, takes_back},
                                 {"@@||bad.com^$badfilter,third-party", {}, takes_back},
                             });
}

TEST_CASE("adblock: comments, selectors and lines of hosts files", "[rules][list][adblock]") {
  check(ListFormat::adblock, {
                                 {"! comment", {}, blank},
                                 {"!", {}, blank},
                                 {"# comment", {}, blank},
                                 {"## comment", {}, blank},
                                 {"####", {}, blank},
                                 {"### comment ###", {}, blank},
                                 {"#", {}, blank},
                                 {"[Adblock Plus 2.0]", {}, blank},
                                 {"||bad.com^ # seen in March", {"bad.com"}},
                                 {"||bad.com #Comment", {"bad.com"}},
                                 {"||bad.com^ ! seen in March", {"bad.com"}},
                                 {"||bad.com^$important # note", {"!bad.com"}},
                                 {"bad.com # comment", {"bad.com"}},
                                 {"bad.com ## comment", {"bad.com"}},
                                 {"5.6.7.8 # comment", {"5.6.7.8"}},
                                 {"/^ads[0-9]+\\./ # comment", {"host:^ads[0-9]+\\."}},
                                 {"0.0.0.0 bad.com", {"bad.com"}},
                                 {"0 bad.com", {"bad.com"}},
                                 {"0.0.0.0 bad.com #[Troj/A]", {"bad.com"}},
                                 {"0.0.0.0 bad.com # see=y", {"bad.com"}},
                                 {"0.0.0.0 bad.com ## y", {"bad.com"}},
                                 {"0.0.0.0 bad.com $$ y", {"bad.com"}},
                                 {"0.0.0.0 bad.com#y", {"bad.com"}},
                                 {"127.0.0.1 bad.com worse.com", {"bad.com", "worse.com"}},
                                 {"127.0.0.1 localhost", {}, local},
                                 {"bad.com##.ad", {}, cosmetic},
                                 {"bad.com,~a.bad.com##.ad # x", {}, cosmetic},
                                 {"###ad", {}, cosmetic},
                                 {"##.ad", {}, cosmetic},
                                 {"bad.com#@#.ad", {}, cosmetic},
                                 {"bad.com#?#div:has(x)", {}, cosmetic},
                                 {"bad.com#%#//scriptlet('x')", {}, cosmetic},
                                 {"bad.com#$#body { x: y }", {}, cosmetic},
                                 {"bad.com$$script[x]", {}, cosmetic},
                                 {"[$path=/x]bad.com##.ad", {}, cosmetic},
                             });
}

TEST_CASE("adblock: a rule that is taken back is none, wherever that stands in the file",
          "[rules][list][adblock]") {
  const test::Parsed p = parsed(
      "||first.com^$badfilter\n"
      "||first.com^\n"
      "||First.com^\n"
      "||first.com^$important\n"
      "@@||fine.com^\n"
      "||second.com^\n"
      "||second.com^$all,important\n"
      "plain.com\n"
      "/^ads[0-9]\\./\n"
      "||second.com^$badfilter,important,all   # not the plain one\n"
      "@@||fine.com^$badfilter\n"
      "plain.com$badfilter\n"
      "/^ads[0-9]\\./$badfilter\n"
      "||elsewhere.com^$badfilter\n"
      "||third.com^$third-party\n"
      "||third.com^$third-party,badfilter\n",
      ListFormat::adblock);
  CHECK(p.entries == std::vector<std::string>{"!first.com", "second.com"});
  CHECK(p.lines == std::vector<std::uint32_t>{4, 6});
  CHECK(p.ignored(Ignored::taken_back) == 7);
  CHECK(p.ignored(Ignored::takes_back) == 7);
  CHECK(p.ignored(Ignored::unsupported_option) == 0);
  CHECK(p.report.invalid == 0);
}

TEST_CASE("hosts: any address, any comment", "[rules][list]") {
  check(ListFormat::hosts, {
                               {"0 bad.com", {"bad.com"}},
                               {"0.0.0.0 bad.com#note", {"bad.com"}},
                               {"0.0.0.0 bad.com #[Troj/A]", {"bad.com"}},
                               {"0.0.0.0 bad.com // note", {"bad.com"}},
                               {"0.0.0.0 bad.com (note here)", {"bad.com"}},
                               {"::1%lo0 bad.com", {"bad.com"}},
                               {"# 0.0.0.0 bad.com", {}, blank},
                               {"1 bad.com", {}, -1, 1},
                               {"0", {}, -1, 1},
                               {"0.0.0.0 # bad.com", {}, -1, 1},
                               {"0.0.0.0 // bad.com", {}, -1, 1},
                           });
}

TEST_CASE("dnsmasq: names that are answered with nothing", "[rules][list]") {
  check(ListFormat::dnsmasq, {
                                 {"address=/bad.com/0.0.0.0", {"bad.com"}},
                                 {"address=/bad.com/", {"bad.com"}},
                                 {"address=/bad.com/#", {"bad.com"}},
                                 {"address=/bad.com/::", {"bad.com"}},
                                 {"address=/bad.com/127.0.0.1", {"bad.com"}},
                                 {"address = /bad.com/0.0.0.0   # note", {"bad.com"}},
                                 {"address=/bad.com/worse.com/0.0.0.0", {"bad.com", "worse.com"}},
                                 {"address=/.bad.com/::", {"bad.com"}},
                                 {"address=/*.bad.com/::", {"bad.com"}},
                                 {"local=/bad.com/", {"bad.com"}},
                                 {"server=/bad.com/", {"bad.com"}},
                                 {"server=/bad.com/1.2.3.4", {}, server},
                                 {"server=/a.com/b.com/1.2.3.4#5353", {}, server},
                                 {"local=/bad.com/1.2.3.4", {}, server},
                                 {"server=/bad.com/#", {}, server},
                                 {"server=8.8.8.8", {}, server},
                                 {"address=/bad.com/1.2.3.4", {}, server},
                                 {"address=/#/0.0.0.0", {}, broad},
                                 {"local=//", {}, other},
                                 {"no-resolv", {}, other},
                                 {"cache-size=1000", {}, other},
                                 {"ipset=/bad.com/set", {}, other},
                                 {"# address=/bad.com/", {}, blank},
                                 {"address=/bad.com", {}, -1, 9},
                                 {"address=/bad..com/", {}, -1, 10},
                                 {"bad.com", {}, -1, 1},
                                 {"0.0.0.0 bad.com", {}, -1, 1},
                             });
}

TEST_CASE("rpz: records that say there is nothing", "[rules][list]") {
  check(ListFormat::rpz, {
                             {"bad.com CNAME .", {"=bad.com"}},
                             {"*.bad.com CNAME .", {".bad.com"}},
                             {"bad.com 3600 IN CNAME *.", {"=bad.com"}},
                             {"BAD.com IN 1h cname rpz-drop.", {"=bad.com"}},
                             {"bad.com\tCNAME\t. ; seen in March", {"=bad.com"}},
                             {"bad.com A 0.0.0.0", {"=bad.com"}},
                             {"bad.com AAAA ::1", {"=bad.com"}},
                             {"fine.com CNAME rpz-passthru.", {"@@!=fine.com"}},
                             {"*.fine.com CNAME rpz-passthru.", {"@@.fine.com"}},
                             {"bad.com. CNAME .", {"=bad.com"}},
                             {"bad.com CNAME walled.garden.", {}, server},
                             {"bad.com CNAME rpz-tcp-only.", {}, server},
                             {"bad.com A 192.0.2.1", {}, server},
                             {"8.0.0.0.10.rpz-client-ip CNAME .", {}, other},
                             {"32.1.2.0.192.rpz-ip CNAME .", {"192.0.2.1/32"}},
                             {"24.0.2.0.192.rpz-ip CNAME *.", {"192.0.2.0/24"}},
                             {"24.0.2.0.192.RPZ-IP CNAME rpz-passthru.", {"@@192.0.2.0/24"}},
                             {"48.zz.2.2001.rpz-ip A 0.0.0.0", {"2001:2::/48"}},
                             {"128.1.zz.db8.2001.rpz-ip CNAME .", {"2001:db8::1/128"}},
                             {"64.zz.rpz-ip CNAME .", {"::/64"}},
                             {"128.8.7.6.5.4.3.2.1.rpz-ip CNAME .", {"1:2:3:4:5:6:7:8/128"}},
                             {"24.0.2.0.192.rpz-ip CNAME walled.garden.", {}, server},
                             {"24.7.2.0.192.rpz-ip CNAME .", {}, -1, 1},
                             {"0.0.0.0.0.rpz-ip CNAME .", {}, -1, 1},
                             {"33.7.2.0.192.rpz-ip CNAME .", {}, -1, 1},
                             {"24.zz.rpz-ip.x CNAME .", {"=24.zz.rpz-ip.x"}},
                             {"24.rpz-ip CNAME .", {}, -1, 1},
                             {"*.24.0.2.0.192.rpz-ip CNAME .", {}, -1, 3},
                             {"bad.com TXT \"x\"", {}, other},
                             {"@ SOA localhost. root.localhost. 1 2 3 4 5", {}, other},
                             {"@ NS localhost.", {}, other},
                             {"  CNAME .", {}, other},
                             {"2024010101 ; serial", {}, other},
                             {"1h )", {}, other},
                             {"$TTL 60", {}, other},
                             {"; comment", {}, blank},
                             {"* CNAME .", {}, broad},
                             {"@ CNAME .", {}, broad},
                             {"bad.com", {}, -1, 1},
                             {"bad.com CNAME", {}, -1, 1},
                             {"bad..com CNAME .", {}, -1, 1},
                             {"0.0.0.0 bad.com", {}, -1, 1},
                         });
}

TEST_CASE("rpz: names lose the zone's own, wherever its origin changes", "[rules][list]") {
  const test::Parsed p = parsed(
      "$TTL 60\n"
      "$ORIGIN rpz.example.\n"
      "@ SOA localhost. root.localhost. (\n"
      "   2024010101 ; serial\n"
      "   1h 15m 30d 2h )\n"
      "  NS localhost.\n"
      "bad.com CNAME .\n"
      "*.bad.com.rpz.example. CNAME .\n"
      "other.com.other.example. CNAME .\n"
      "$ORIGIN com.RPZ.example. ; from here on\n"
      "worse CNAME .\n"
      "bad CNAME .\n"
      "$ORIGIN rpz.example.\n"
      "last.com CNAME .\n",
      ListFormat::rpz);
  CHECK(p.entries == std::vector<std::string>{"=bad.com", ".bad.com", "=worse.com", "=last.com"});
  CHECK(p.ignored(Ignored::duplicate_in_file) == 1);
  CHECK(p.report.invalid == 1);
  REQUIRE(p.report.first_problems.size() == 1);
  CHECK(p.report.first_problems[0].pos == SourcePos{9, 1});

  const test::Parsed by_owner = parsed(
      "rpz.example. 60 IN SOA localhost. root.localhost. 1 2 3 4 5\n"
      "bad.com.rpz.example. 60 IN CNAME .\n",
      ListFormat::rpz);
  CHECK(by_owner.entries == std::vector<std::string>{"=bad.com"});
}

TEST_CASE("rpz: what lies below a passthru and is named itself stays blocked", "[rules][list]") {
  const test::Parsed p = parsed(
      "*.site.com CNAME .\n"
      "bad.fine.site.com CNAME .\n"
      "*.bad.fine.site.com CNAME .\n"
      "*.fine.site.com CNAME rpz-passthru.\n"
      "ok.bad.fine.site.com CNAME rpz-passthru.\n",
      ListFormat::rpz);
  CHECK(p.entries == std::vector<std::string>{".site.com", "!=bad.fine.site.com", "!.bad.fine.site.com",
                                              "@@.fine.site.com", "@@!=ok.bad.fine.site.com"});
}

TEST_CASE("dstdomain and surge: a dot in front means all below, too", "[rules][list]") {
  const std::vector<LineRow> table = {
      {".bad.com", {"bad.com"}},        {"bad.com", {"=bad.com"}},
      {"Bad.COM", {"=bad.com"}},        {"bad.com # note", {"=bad.com"}},
      {"192.0.2.1", {"=192.0.2.1"}},    {"# bad.com", {}, blank},
      {"*.bad.com", {}, -1, 1},         {"bad.com/x", {}, -1, 1},
      {"bad.com other.com", {}, -1, 9}, {"DOMAIN-SUFFIX,bad.com", {}, -1, 1},
      {"..bad.com", {}, -1, 2},
  };
  check(ListFormat::dstdomain, table);
  check(ListFormat::surge, table);
  check(ListFormat::surge, {
                               {"bad.com // note", {"=bad.com"}},
                               {".bad.com ; note", {"bad.com"}},
                               {"// note", {}, blank},
                               {"; note", {}, blank},
                           });
}

TEST_CASE("clash: plus, dot and star", "[rules][list]") {
  check(ListFormat::clash, {
                               {"+.bad.com", {"bad.com"}},
                               {".bad.com", {".bad.com"}},
                               {"bad.com", {"=bad.com"}},
                               {"*.bad.com", {"host:^[^.]+\\.bad\\.com$"}},
                               {"ads.*.bad.com", {"host:^ads\\.[^.]+\\.bad\\.com$"}},
                               {"payload:", {}, blank},
                               {"  - '+.bad.com'", {"bad.com"}},
                               {"  - \"bad.com\" # note", {"=bad.com"}},
                               {"- bad.com", {"=bad.com"}},
                               {"- '*.bad.com'", {"host:^[^.]+\\.bad\\.com$"}},
                               {"# note", {}, blank},
                               {"*", {}, broad},
                               {"*.com.vn", {}, broad},
                               {"ads*.bad.com", {}, -1, 1},
                               {"+.bad..com", {}, -1, 3},
                               {"  - DOMAIN-SUFFIX,bad.com", {}, -1, 5},
                           });
}

TEST_CASE("networks, in the formats that hold names or addresses", "[rules][list][network]") {
  const std::vector<LineRow> table = {
      {"198.51.100.0/24", {"198.51.100.0/24"}},
      {"198.51.100.7/32", {"198.51.100.7/32"}},
      {"198.51.100.0/255.255.255.0", {"198.51.100.0/24"}},
      {"198.51.100.0/255.255.255.255", {"198.51.100.0/32"}},
      {"10.0.0.0/8 # note", {"10.0.0.0/8"}},
      {"2001:db8::/32", {"2001:db8::/32"}},
      {"2001:DB8:0:0::/64", {"2001:db8::/64"}},
      {"198.51.100.7/24", {}, -1, 1},
      {"2001:db8::1/32", {}, -1, 1},
      {"0.0.0.0/0", {}, -1, 1},
      {"10.0.0.0/0.0.0.0", {}, -1, 1},
      {"12.0.0.0/7", {}, -1, 1},
      {"::/0", {}, -1, 1},
      {"2000::/3", {}, -1, 1},
      {"64:ff9b::/96", {}, -1, 1},
  };
  for (const ListFormat format : {ListFormat::domains, ListFormat::dstdomain, ListFormat::surge,
                                  ListFormat::clash, ListFormat::e2guardian})
    check(format, table);
  check(ListFormat::clash,
        {{"  - '198.51.100.0/24'", {"198.51.100.0/24"}}, {"- 198.51.100.7/24", {}, -1, 3}});
  check(ListFormat::e2guardian, {{"198.51.100.7", {"198.51.100.7"}},
                                 {"198.51.100.7/404", {"198.51.100.7/404"}},
                                 {"198.51.100.0/24/x", {"198.51.100.0/24/x"}}});
  check(ListFormat::domains, {{"198.51.100.0/33", {}, -1, 1},
                              {"198.51.100.0/255.0.255.0", {}, -1, 1},
                              {"198.51.100.0/024", {}, -1, 1},
                              {"*.198.51.100.0/24", {"198.51.100.0/24"}}});
  // Elsewhere it is a page of that address, or nothing.
  check(ListFormat::urls, {{"198.51.100.0/24", {"=198.51.100.0/24"}}});
  check(ListFormat::hosts, {{"0.0.0.0 198.51.100.0/24", {}, -1, 9}});
  check(ListFormat::adblock, {{"198.51.100.0/24", {}, path}, {"||198.51.100.0/24^", {"198.51.100.0/24"}}});
}

TEST_CASE("networks: the right spelling is said, and each stands once", "[rules][list][network]") {
  const test::Parsed p =
      parsed("198.51.100.7/24\n0.0.0.0/0\n198.51.100.0/24\n198.51.100.0/255.255.255.0\n198.51.100.0\n",
             ListFormat::domains);
  CHECK(p.entries == std::vector<std::string>{"198.51.100.0/24", "198.51.100.0"});
  CHECK(p.ignored(Ignored::duplicate_in_file) == 1);
  REQUIRE(p.report.first_problems.size() == 2);
  CHECK(p.report.first_problems[0].message == "\"198.51.100.7/24\" has more than zeros behind its mask");
  CHECK(p.report.first_problems[0].hint == "the network is 198.51.100.0/24");
  CHECK(p.report.first_problems[0].severity == Severity::warning);
  CHECK(p.report.first_problems[1].message == "\"0.0.0.0/0\" is a good part of the Internet: left out");
  CHECK(p.report.first_problems[1].hint == "a list takes networks up to /8 of IPv4 and /19 of IPv6");
  const test::Parsed zone = parsed("24.7.100.51.198.rpz-ip CNAME .\n", ListFormat::rpz);
  REQUIRE(zone.report.first_problems.size() == 2);
  CHECK(zone.report.first_problems[1].hint == "the network is 198.51.100.0/24");
}

TEST_CASE("e2guardian: sites and addresses, and what is no entry", "[rules][list]") {
  check(ListFormat::e2guardian, {
                                    {"bad.com", {"bad.com"}},
                                    {".bad.com", {"bad.com"}},
                                    {"*.bad.com", {"bad.com"}},
                                    {"bad.com/ads", {"bad.com/ads"}},
                                    {"bad.com # note", {"bad.com"}},
                                    {"#listcategory: \"Games\"", {}, blank},
                                    {".Include<local/sites>", {}, included},
                                    {"**", {}, broad},
                                    {"*ip", {}, broad},
                                    {"**s", {}, broad},
                                    {"#time: 8 30 12 0 01234", {}, -1, 1},
                                    {".Include<>", {}, -1, 1},
                                    {"bad.com/a b", {}, -1, 10},
                                });
  CHECK(parsed(".Include<a>\n.Include<b>\n", ListFormat::e2guardian).report.first_problems.empty());
}

TEST_CASE("formats: each rule once, also where a line names several", "[rules][list]") {
  struct Row {
    ListFormat format;
    const char* text;
    std::vector<std::string> want;
    std::uint64_t duplicates;
  };
  const Row table[] = {
      {ListFormat::dnsmasq,
       "address=/a.com/b.com/\nlocal=/b.com/\nserver=/c.com/B.com/a.com/\n",
       {"a.com", "b.com", "c.com"},
       3},
      {ListFormat::rpz, "a.com CNAME .\n*.a.com CNAME .\nA.com. CNAME *.\n", {"=a.com", ".a.com"}, 1},
      {ListFormat::clash, "payload:\n - '+.a.com'\n - a.com\n - '+.A.com'\n", {"a.com", "=a.com"}, 1},
      {ListFormat::surge, ".a.com\na.com\n.a.com // x\n", {"a.com", "=a.com"}, 1},
      {ListFormat::adblock,
       "||a.com/x\n||a.com/x^\n||a.com/X # y\n0 a.com b.com#c\n||b.com^\n",
       {"a.com/x*", "a.com/x", "a.com", "b.com"},
       2},
      {ListFormat::adblock,
       "||a.com^\n||*.a.com^\n|a.com^\n||a.com^$important\n||a.com^$important,all\n",
       {"a.com", ".a.com", "=a.com", "!a.com"},
       1},
  };
  for (const Row& row : table) {
    DYNAMIC_SECTION(to_string(row.format) << ": " << row.text) {
      const test::Parsed p = parsed(row.text, row.format);
      CHECK(p.entries == row.want);
      CHECK(p.ignored(Ignored::duplicate_in_file) == row.duplicates);
    }
  }
}

}  // namespace
}  // namespace schoolgate
