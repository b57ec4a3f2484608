#include "rules/db/url_index.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace schoolgate {
namespace {

// One group of the given rests; item tags are their positions.
Bytes one_group(const std::vector<std::string>& rests, std::uint64_t& prefixes) {
  UrlIndexBuilder builder;
  std::vector<std::uint32_t> rules;
  for (std::uint32_t i = 0; i < rests.size(); ++i) rules.push_back(builder.add(rests[i], {i, 0, 0}));
  const std::vector<std::uint32_t> begin{0, static_cast<std::uint32_t>(rests.size())};
  return builder.build(begin, rules, prefixes);
}

}  // namespace

TEST_CASE("url rule text: host, www and rest", "[rules][url_index]") {
  struct Row {
    const char *text, *host;
    bool www;
    const char* rest;
  };
  const Row table[] = {
      {"example.com/a/b", "example.com", false, "/a/b"},
      {"www.example.com/a/", "example.com", true, "/a"},
      {"example.com", "example.com", false, ""},
      {"example.com/", "example.com", false, ""},
      {"example.com?x=1", "example.com", false, "/?x=1"},
      {"example.com/?u=a/", "example.com", false, "/?u=a/"},
      {"www.com/x", "www.com", false, "/x"},
      {"www.www.com/x", "www.com", true, "/x"},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.text) {
      const UrlRuleText got = UrlRuleText::split(r.text);
      CHECK(got.host == r.host);
      CHECK(got.www == r.www);
      CHECK(got.rest == r.rest);
    }
  }
  CHECK(UrlRuleText::split("www.example.com/a/", true).rest == "/a/");  // of an open end
}

TEST_CASE("url index: a rest ends at a border", "[rules][url_index]") {
  struct Row {
    const char *rest, *target;
    bool want;
  };
  const Row table[] = {
      {"", "/anything", true},       {"/dir", "/dir", true},       {"/dir", "/dir/", true},
      {"/dir", "/dir/x", true},      {"/dir", "/dir?x", true},     {"/dir", "/dir;v=1", true},
      {"/dir", "/directory", false}, {"/dir", "/dir.html", false}, {"/dir", "/di", false},
      {"/?id=", "/?id=7", true},     {"/?id=7", "/?id=7&x", true}, {"/?id=7", "/?id=77", false},
      {"/a?b&", "/a?b&c", true},     {"/dir/x", "/dir/x", true},   {"/Dir", "/dir", false},
  };
  std::uint64_t prefixes = 0;
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.rest << " and " << r.target) {
      const Bytes bytes = one_group({r.rest}, prefixes);
      const auto index = UrlIndex::open(bytes);
      REQUIRE(index);
      int hits = 0;
      index->match(1, r.target, [&](std::string_view, auto items, bool at_border) {
        if (at_border) hits += static_cast<int>(items.size());
      });
      CHECK(hits == (r.want ? 1 : 0));
    }
  }
}

TEST_CASE("url index: all prefixes of a target are found, as one by one", "[rules][url_index]") {
  // All texts up to four characters over a small alphabet, as rules and as targets.
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, length = 1; length <= 4; ++length) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : {'/', 'a', '?'}) texts.push_back(texts[begin] + c);
    }
  }
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < texts.size(); i += 3) rules.push_back(texts[i]);
  rules.push_back(rules[5]);  // twice the same
  std::uint64_t prefixes = 0;
  const Bytes bytes = one_group(rules, prefixes);
  CHECK(prefixes == rules.size() - 1);
  const auto index = UrlIndex::open(bytes);
  REQUIRE(index);
  for (const std::string& target : texts) {
    std::vector<std::uint32_t> got, want;
    index->match(1, target, [&](std::string_view, auto items, bool at_border) {
      for (const UrlItem& item : items)
        if (at_border) got.push_back(item.tag);
    });
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      if (target.starts_with(rules[i]) && ends_at_border(target, rules[i])) want.push_back(i);
    }
    std::sort(got.begin(), got.end());
    CHECK(got == want);
  }
}

TEST_CASE("url index: which hosts a rule holds", "[rules][url_index]") {
  struct Row {
    const char *host, *key;
    HostRelation want;
  };
  const Row table[] = {
      {"example.com", "example.com", HostRelation::same},
      {"www.example.com", "example.com", HostRelation::same},
      {"m.example.com", "example.com", HostRelation::below},
      {"m.www.example.com", "example.com", HostRelation::below_www},
      {"xwww.example.com", "example.com", HostRelation::below},
      {"www.com", "com", HostRelation::below},
      {"www.www.com", "www.com", HostRelation::same},
      {"www.a.com", "www.a.com", HostRelation::below},  // a key of "www.www.a.com" only
  };
  for (const Row& r : table) DYNAMIC_SECTION(r.host << " of " << r.key) {
      CHECK(host_relation(r.host, r.key) == r.want);
    }
  const UrlItem plain{}, below{0, 0, UrlItem::subdomains},
      below_www{0, 0, UrlItem::subdomains | UrlItem::www};
  CHECK(holds(plain, HostRelation::same));
  CHECK_FALSE(holds(plain, HostRelation::below_www));
  CHECK(holds(below, HostRelation::below));
  CHECK(holds(below_www, HostRelation::below_www));
  CHECK_FALSE(holds(below_www, HostRelation::below));
}

TEST_CASE("url index: bytes that are none are refused", "[rules][url_index]") {
  std::uint64_t prefixes = 0;
  const Bytes bytes = one_group({"/a", "/a/b", "/c"}, prefixes);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 4)
    CHECK_FALSE(UrlIndex::open(std::span(bytes).first(cut)));
  for (std::size_t i = 0; i < 16 + 2 * 4 + 3 * 16; i += 4) {  // counts, groups and prefixes
    Bytes damaged = bytes;
    const std::uint32_t huge = 0xfffffff0;
    std::memcpy(damaged.data() + i, &huge, 4);
    CHECK_FALSE(UrlIndex::open(damaged));
  }
  const auto index = UrlIndex::open(bytes);
  REQUIRE(index);
  CHECK_FALSE(index->valid(0));
  CHECK_FALSE(index->valid(2));
  int hits = 0;
  index->match(2, "/a", [&](auto, auto, bool) { ++hits; });
  CHECK(hits == 0);
}

}  // namespace schoolgate
