// What a YAML file may hold, stated once: the readers ask these tables which keys a map has, which are
// needed, which words and numbers may stand there (yaml_fields.h), and `schoolgate schema` prints them for
// editors. Tables are constants of the program, beside the readers: main_shapes.h, policy_shapes.h,
// tier_shapes.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace schoolgate {

struct Shape;

// Where the package puts what editors read: NAME.json in Vietnamese, en/NAME.json in English
// (config/schemas.h).
inline constexpr std::string_view schema_folder = "/usr/share/schoolgate/schema";
// The comment, with its line's end, by which an editor finds the schema of a file. It stands before the first
// key: behind that language servers do not look for it.
[[nodiscard]] inline std::string schema_comment(std::string_view kind) {
  return "# yaml-language-server: $schema=" + std::string(schema_folder) + "/" + std::string(kind) +
         ".json\n";
}

// What may stand somewhere: one of these kinds, or (`several`) a list of them, where one text alone counts as
// a list of one.
struct ValueShape {
  enum class Kind : std::uint8_t {
    text,      // any scalar that is not empty
    ports,     // 443, "1024-65535"
    boolean,   // true, false
    number,    // digits, low .. high
    duration,  // "15s", "5m", "2h", or seconds: low .. high
    word,      // one of `words`
    effect,    // allow, warn, block, ... with flags; `words` are offered
    version,   // 1
    map,       // `keys`
    entries,   // keys of the file's own choice, `each` behind each
    anything,  // what stands there is not read
  };
  Kind kind = Kind::text;
  bool several = false;
  std::int64_t low = 0, high = 0;
  std::span<const std::string_view> words = {};
  const Shape* keys = nullptr;
  const ValueShape* each = nullptr;
  std::string_view key_pattern = {};    // of entries: what their keys look like, ECMA 262 and RE2; empty: any
  const ValueShape* or_else = nullptr;  // it may be written in this way too
};

// A key that is there only where another key stands with a value, or has one word: {"format", "squidguard"}.
struct When {
  std::string_view key = {};   // empty: always
  std::string_view word = {};  // empty: any value
  bool is = true;              // false: where it has not
};

enum class Need : std::uint8_t { may, must };

struct Key {
  std::string_view name;
  Need need = Need::may;
  ValueShape value = {};
  std::string_view en = {}, vi = {};  // what it is for, in a sentence or two
  When when = {};
};

// The keys of one map. `one_of`: of these ways exactly one is written; `some_of`: at least one; a way is a
// key, or several with blanks between. `needs`: where the first key stands the second must. The readers tell
// of these in their own words.
struct Shape {
  std::string_view id;  // unlike that of any other shape
  std::span<const Key> keys;
  std::span<const std::string_view> one_of = {}, some_of = {};
  std::span<const std::string_view> needs = {};  // "user password_file"

  [[nodiscard]] constexpr const Key* find(std::string_view name) const noexcept {
    for (const Key& key : keys)
      if (key.name == name) return &key;
    return nullptr;
  }
};

// How the tables are written.
namespace shape {

using Kind = ValueShape::Kind;
inline constexpr Need may = Need::may, must = Need::must;

constexpr ValueShape text{};
constexpr ValueShape texts{.several = true};
constexpr ValueShape anything{.kind = Kind::anything};
constexpr ValueShape ports{.kind = Kind::ports, .several = true};
constexpr ValueShape flag{.kind = Kind::boolean};
constexpr ValueShape number(std::int64_t low, std::int64_t high) {
  return {.kind = Kind::number, .low = low, .high = high};
}
constexpr ValueShape numbers(std::int64_t low, std::int64_t high) {
  return {.kind = Kind::number, .several = true, .low = low, .high = high};
}
constexpr ValueShape seconds(std::int64_t low, std::int64_t high) {
  return {.kind = Kind::duration, .low = low, .high = high};
}
constexpr ValueShape word(std::span<const std::string_view> words) {
  return {.kind = Kind::word, .words = words};
}
constexpr ValueShape words(std::span<const std::string_view> words) {
  return {.kind = Kind::word, .several = true, .words = words};
}
constexpr ValueShape effect(std::span<const std::string_view> words) {
  return {.kind = Kind::effect, .words = words};
}
constexpr ValueShape map(const Shape& keys) {
  return {.kind = Kind::map, .keys = &keys};
}
constexpr ValueShape maps(const Shape& keys) {
  return {.kind = Kind::map, .several = true, .keys = &keys};
}
constexpr ValueShape entries(const ValueShape& each, std::string_view key_pattern = {}) {
  return {.kind = Kind::entries, .each = &each, .key_pattern = key_pattern};
}
// `value`, or `other`.
constexpr ValueShape either(ValueShape value, const ValueShape& other) {
  value.or_else = &other;
  return value;
}
constexpr Key needed(Key key) {
  key.need = Need::must;
  return key;
}
constexpr Key where(Key key, When when) {
  key.when = when;
  return key;
}

inline constexpr std::string_view id_pattern = "^[a-z][a-z0-9_]{0,31}$";  // is_id()

inline constexpr Key version{
    "version", must, {.kind = Kind::version}, "The format of this file: 1.", "Dạng của tệp này: 1."};

}  // namespace shape

}  // namespace schoolgate
