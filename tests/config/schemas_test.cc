// The tables of keys: whole, and said in both languages. That readers and schemas agree
// tests/integration/test_schema.py asks of the program.
#include "config/schemas.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

namespace schoolgate {
namespace {

std::size_t sentence_ends(std::string_view text) {
  std::size_t ends = 0;
  for (std::size_t at = 0; (at = text.find(". ", at)) != std::string_view::npos; ++at) ++ends;
  return ends;
}

class ShapeWalk {
 public:
  void shape(const Shape& one) {
    const auto [found, fresh] = seen_.emplace(std::string(one.id), &one);
    CHECK(found->second == &one);  // an id is one shape's
    if (!fresh) return;
    std::set<std::string_view> names;
    for (const Key& key : one.keys) {
      INFO(one.id << ": " << key.name);
      CHECK(names.insert(key.name).second);
      CHECK_FALSE(key.en.empty());
      CHECK_FALSE(key.vi.empty());
      CHECK(key.en != key.vi);
      CHECK(sentence_ends(key.en) <= 1);
      CHECK(sentence_ends(key.vi) <= 1);
      CHECK(key.en.ends_with('.') == key.vi.ends_with('.'));
      CHECK((key.when.key.empty() || one.find(key.when.key) != nullptr));
      value(key.value);
    }
    for (const auto ways : {one.one_of, one.some_of, one.needs})
      for (const std::string_view way : ways) {
        INFO(one.id << ": " << way);
        for (std::string_view rest = way; !rest.empty();) {
          const std::size_t end = std::min(rest.find(' '), rest.size());
          CHECK(one.find(rest.substr(0, end)) != nullptr);
          rest.remove_prefix(std::min(end + 1, rest.size()));
        }
      }
  }
  [[nodiscard]] std::size_t count() const noexcept { return seen_.size(); }

 private:
  void value(const ValueShape& one) {
    using Kind = ValueShape::Kind;
    const bool has_words = one.kind == Kind::word || one.kind == Kind::effect;
    CHECK(one.words.empty() != has_words);
    CHECK((one.keys != nullptr) == (one.kind == Kind::map));
    CHECK((one.each != nullptr) == (one.kind == Kind::entries));
    if (one.kind == Kind::number || one.kind == Kind::duration) CHECK(one.low < one.high);
    if (one.keys != nullptr) shape(*one.keys);
    if (one.each != nullptr) value(*one.each);
    if (one.or_else != nullptr) value(*one.or_else);
  }

  std::map<std::string, const Shape*> seen_;
};

TEST_CASE("every key of every file has its kind, and says what it is for", "[config][schema]") {
  ShapeWalk walk;
  std::set<std::string_view> names;
  for (const FileKind& kind : file_kinds()) {
    INFO(kind.name);
    CHECK(names.insert(kind.name).second);
    CHECK(find_file_kind(kind.name) == &kind);
    REQUIRE(kind.shape != nullptr);
    CHECK(kind.shape->find("version") != nullptr);
    walk.shape(*kind.shape);
  }
  CHECK(names.size() == 15);
  CHECK(walk.count() > 60);
  CHECK(find_file_kind("nothing") == nullptr);
}

TEST_CASE("the comment that names a schema is one line of a comment", "[config][schema]") {
  CHECK(schema_comment("tier") == "# yaml-language-server: $schema=/usr/share/schoolgate/schema/tier.json\n");
}

}  // namespace
}  // namespace schoolgate
