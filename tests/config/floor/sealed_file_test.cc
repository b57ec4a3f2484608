#include "config/floor/sealed_file.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

SealedFile some_floor() {
  SealedFile file;
  file.made = 1'796'000'000;
  file.floor.salt = {1, 2, 3};
  const auto add = [&](const char* address, FloorKind kind) {
    Url url;
    REQUIRE(url.parse(std::string("http://") + address).ok());
    file.floor.entries.push_back(*seal_with(file.floor.salt, url));
    file.kinds.push_back(kind);
  };
  add("b.example", FloorKind::unlawful);
  add("a.example/x", FloorKind::csam);
  add("b.example", FloorKind::unlawful);
  add("c.example", FloorKind::terrorism);
  put_in_order(file);
  return file;
}

TEST_CASE("a sealed file: what is written is read, and nothing else", "[config][floor]") {
  const SealedFile file = some_floor();
  CHECK(file.counts == FloorCounts{1, 1, 0, 1});
  const std::string text = to_text(file);
  CHECK(text.starts_with("schoolgate floor 1\nmade 2026-11-30T"));
  CHECK(text.find("example") == std::string::npos);
  const auto read = parse_sealed_file(text);
  REQUIRE(read);
  CHECK(to_text(*read) == text);
  CHECK(read->counts == file.counts);
  CHECK(read->made == file.made);
  CHECK(read->floor.entries.front().where.line == 8);
  CHECK(read->floor.entries.back().where.line == 10);

  // Every byte counts.
  for (std::size_t i = 0; i < text.size(); ++i) {
    INFO("cut at " << i);
    CHECK_FALSE(parse_sealed_file(text.substr(0, i)));
    for (const char other : {'z', '\n', ' ', 'A'}) {
      std::string changed = text;
      if (changed[i] == other) continue;
      changed[i] = other;
      const auto odd = parse_sealed_file(changed);
      if (odd) CHECK(to_text(*odd) == changed);
      CHECK_FALSE(odd);
    }
  }
  CHECK_FALSE(parse_sealed_file(text + "\n"));
  CHECK_FALSE(parse_sealed_file("\xEF\xBB\xBF" + text));
  const std::size_t last = text.rfind("unlawful ");
  CHECK_FALSE(parse_sealed_file(text + text.substr(last)));  // twice
}

TEST_CASE("a sealed file without entries is one", "[config][floor]") {
  SealedFile file;
  put_in_order(file);
  const auto read = parse_sealed_file(to_text(file));
  REQUIRE(read);
  CHECK(read->floor.entries.empty());
  CHECK(read->made == 0);
  CHECK(utc_second_text(0) == "1970-01-01T00:00:00Z");
}

TEST_CASE("moments that are none", "[config][floor]") {
  const std::string rest =
      to_text(SealedFile{}).substr(std::string("schoolgate floor 1\nmade 1970-01-01T00:00:00Z").size());
  for (const char* moment :
       {"2026-02-29T00:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T00:60:00Z", "2026-11-30 00:00:00Z",
        "1969-12-31T23:59:59Z", "2026-11-30T00:00:00", "2026-11-30T0a:00:00Z"}) {
    INFO(moment);
    CHECK_FALSE(parse_sealed_file(std::string("schoolgate floor 1\nmade ") + moment + rest));
  }
}

}  // namespace
}  // namespace schoolgate
