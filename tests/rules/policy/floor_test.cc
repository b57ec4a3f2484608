#include "rules/policy/floor.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

Url url_of(const std::string& text) {
  Url url;
  REQUIRE(url.parse("http://" + text).ok());
  return url;
}

Floor floor_of(std::initializer_list<const char*> sealed) {
  std::vector<FloorEntry> entries;
  for (const char* text : sealed) {
    Result<FloorEntry> entry = parse_floor_entry(*seal_floor_line(url_of(text)));
    REQUIRE(entry);
    entry->where = {0, static_cast<std::uint32_t>(entries.size() + 1)};
    entries.push_back(*entry);
  }
  return Floor(entries);
}

constexpr FloorSalt salt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// The same as a signed floor holds it.
Floor salted_floor_of(std::initializer_list<const char*> sealed) {
  SaltedFloor floor{salt, {}};
  for (const char* text : sealed) {
    Result<SaltedEntry> entry = seal_with(salt, url_of(text));
    REQUIRE(entry);
    entry->where = {0, static_cast<std::uint32_t>(floor.entries.size() + 1)};
    floor.entries.push_back(*entry);
  }
  return Floor({}, &floor);
}

}  // namespace

TEST_CASE("a line of the sealed floor", "[rules][floor]") {
  const std::string a = to_hex(sha256("bad.example")), b = to_hex(sha256("bad.example/x"));
  CHECK(*seal_floor_line(url_of("bad.example")) == a);
  CHECK(*seal_floor_line(url_of("bad.example/")) == a);
  CHECK(*seal_floor_line(url_of("BAD.example/X/")) == a + " " + b);
  const Result<FloorEntry> host = parse_floor_entry(a);
  REQUIRE(host);
  CHECK(host->host == sha256("bad.example"));
  CHECK_FALSE(host->url.has_value());
  const Result<FloorEntry> path = parse_floor_entry(a + " " + b);
  REQUIRE(path);
  CHECK(path->url == sha256("bad.example/x"));
  for (const std::string& bad : {std::string(), a.substr(1), a + " ", a + "  " + b, a + " " + b + " ",
                                 a + " " + b.substr(1), std::string("bad.example"), a + "\t" + b}) {
    INFO(bad);
    CHECK_FALSE(parse_floor_entry(bad));
  }
}

TEST_CASE("the floor's answers about hosts", "[rules][floor]") {
  const Floor floor = floor_of({"bad.example", "half.example/x", "192.0.2.7", "whole.half.example"}),
              salted = salted_floor_of({"bad.example", "half.example/x", "192.0.2.7", "whole.half.example"});
  struct Row {
    const char* host;
    bool hit, has_paths;
    std::uint32_t line;
  };
  const Row rows[] = {
      {"bad.example", true, false, 1},          {"a.b.bad.example", true, false, 1},
      {"notbad.example", false, false, 0},      {"example", false, false, 0},
      {"half.example", false, true, 0},         {"www.half.example", false, true, 0},
      {"whole.half.example", true, false, 4},   {"192.0.2.7", true, false, 3},
      {"1.192.0.2.7.example", false, false, 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.host) {
      const Floor::HostMatch match = floor.ask_host(url_of(row.host).host());
      CHECK(match.hit == row.hit);
      CHECK(match.has_paths == row.has_paths);
      if (row.hit) CHECK(match.where.line == row.line);
      const Floor::HostMatch same = salted.ask_host(url_of(row.host).host());
      CHECK(same.hit == match.hit);
      CHECK(same.has_paths == match.has_paths);
      CHECK(same.where == match.where);
    }
  }
  CHECK(Floor().empty());
  CHECK_FALSE(Floor().ask_host(url_of("bad.example").host()).hit);
}

TEST_CASE("the floor's answers about paths", "[rules][floor]") {
  const Floor floor = floor_of({"a.example/x/y", "a.example/q?id=1", "a.example/?id=2"}),
              salted = salted_floor_of({"a.example/x/y", "a.example/q?id=1", "a.example/?id=2"});
  struct Row {
    const char* url;
    bool hit;
  };
  const Row rows[] = {
      {"a.example/x/y", true},       {"a.example/x/y/", true},       {"a.example/x/y/z", true},
      {"a.example/x/y?z", true},     {"a.example/X//./%79/z", true}, {"w.a.example/x/y", true},
      {"a.example/x", false},        {"a.example/x/yy", false},      {"a.example/", false},
      {"a.example/q?id=1", true},    {"a.example/q?id=11", false},   {"a.example/q", false},
      {"a.example/q/r?id=1", false}, {"a.example/?id=2", true},      {"b.example/x/y", false},
      {"a.example:8080/x/y", true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.url) {
      CHECK(floor.ask_path(url_of(row.url)).has_value() == row.hit);
      CHECK(salted.ask_path(url_of(row.url)).has_value() == row.hit);
    }
}

TEST_CASE("the deepest path that can be sealed", "[rules][floor]") {
  std::string path = "a.example";
  for (std::size_t i = 0; i < max_floor_segments; ++i) path += "/s";
  const Result<std::string> line = seal_floor_line(url_of(path));
  REQUIRE(line);
  const FloorEntry entry = *parse_floor_entry(*line);
  CHECK(Floor(std::span(&entry, 1)).ask_path(url_of(path + "/and/below")).has_value());
  CHECK_FALSE(seal_floor_line(url_of(path + "/s")));
}

TEST_CASE("a salt of its own makes other digests, and both floors hold beside each other", "[rules][floor]") {
  const FloorSalt other{9};
  const Result<SaltedEntry> one = seal_with(salt, url_of("bad.example/x")),
                            two = seal_with(other, url_of("bad.example/x"));
  REQUIRE((one && two));
  CHECK(one->host != two->host);
  CHECK(one->url != two->url);
  CHECK(seal_with(salt, url_of("BAD.example:8080/x/"))->url == one->url);
  std::string deep = "a.example";
  for (std::size_t i = 0; i <= max_floor_segments; ++i) deep += "/s";
  CHECK_FALSE(seal_with(salt, url_of(deep)));

  const FloorEntry plain = *parse_floor_entry(*seal_floor_line(url_of("plain.example")));
  const SaltedFloor salted{other, {*two}};
  const Floor floor(std::span(&plain, 1), &salted);
  CHECK(floor.ask_host(url_of("www.plain.example").host()).hit);
  CHECK(floor.ask_host(url_of("bad.example").host()).has_paths);
  CHECK(floor.ask_path(url_of("bad.example/x/y")).has_value());
  CHECK_FALSE(floor.ask_path(url_of("bad.example/y")).has_value());
  const SaltedFloor nothing{other, {}};
  CHECK(Floor({}, &nothing).empty());
}
