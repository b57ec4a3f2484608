#include "tools/commands/json_schema.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "proxy/core/json_text.h"
#include "rules/action.h"

namespace schoolgate::tools {
namespace {

using Kind = ValueShape::Kind;

// Every spelling of an effect that parse_effect() takes, but those that no list of words here has the like
// of.
std::string effect_pattern(std::span<const std::string_view> words) {
  const auto offered = [&](auto fits) { return std::any_of(words.begin(), words.end(), fits); };
  const auto named = [&](std::string_view word) {
    return offered([&](std::string_view one) { return one.find(word) != std::string_view::npos; });
  };
  std::string spellings;
  const auto add = [&](const std::string& text) {
    const auto effect = parse_effect(text);
    if (!effect || (effect->flags.locked && !named("locked")) ||
        (effect->action == Action::help && !named("help")))
      return;
    spellings += spellings.empty() ? "" : "|";
    for (const char c : text) spellings += c == '+' ? std::string("\\+") : std::string(1, c);
  };
  for (const char* const action : {"allow", "warn", "block", "help"}) {
    add(action);
    std::array<std::string_view, 3> flags{"alert", "locked", "record"};
    std::set<std::string> seen;
    do {
      std::string text = action;
      for (const std::string_view flag : flags)
        if (seen.insert((text += '+') += flag).second) add(text);
    } while (std::next_permutation(flags.begin(), flags.end()));
  }
  return "^(" + spellings + ")$";
}

// "from to"
std::vector<std::string_view> keys_of_way(std::string_view way) {
  std::vector<std::string_view> keys;
  while (!way.empty()) {
    const std::size_t end = std::min(way.find(' '), way.size());
    keys.push_back(way.substr(0, end));
    way.remove_prefix(std::min(end + 1, way.size()));
  }
  return keys;
}

class SchemaWriter {
 public:
  explicit SchemaWriter(Language language) : language_(language) {}

  std::string file(const FileKind& kind) {
    JsonObject out;
    out.add("$schema", "http://json-schema.org/draft-07/schema#");
    out.add("title", std::string(said(kind.en, kind.vi)) + " (" + std::string(kind.files) + ")");
    add_map(*kind.shape, out);
    // What is referred to may refer to more.
    JsonObject definitions;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      JsonObject definition;
      add_map(*wanted_[i], definition);
      definitions.add(wanted_[i]->id, definition);
    }
    if (!wanted_.empty()) out.add("definitions", definitions);
    return out.text();
  }

 private:
  [[nodiscard]] std::string_view said(std::string_view en, std::string_view vi) const {
    return language_ == Language::vi ? vi : en;
  }

  JsonObject reference(const Shape& shape) {
    if (std::find(wanted_.begin(), wanted_.end(), &shape) == wanted_.end()) wanted_.push_back(&shape);
    return JsonObject().add("$ref", "#/definitions/" + std::string(shape.id));
  }

  // A key with a value: "key:" alone counts as absent.
  static JsonObject has(std::string_view key) {
    const JsonObject filled = JsonObject().add("not", JsonObject().add("type", "null"));
    return JsonObject()
        .add("required", JsonArray().add(key))
        .add("properties", JsonObject().add(key, filled));
  }

  JsonObject condition(const When& when) {
    if (when.word.empty()) return has(when.key);
    return JsonObject()
        .add("required", JsonArray().add(when.key))
        .add("properties", JsonObject().add(when.key, JsonObject().add("const", when.word)));
  }

  // One value, lists aside.
  JsonObject single(const ValueShape& value) {
    JsonObject out;
    switch (value.kind) {
      case Kind::text:
        return out.add("type", JsonArray().add("string").add("number").add("boolean")).add("minLength", 1);
      case Kind::ports:
        return out.add("type", JsonArray().add("string").add("integer"))
            .add("pattern", "^[0-9]+(-[0-9]+)?$")
            .add("minimum", 1)
            .add("maximum", 65'535);
      case Kind::boolean:
        return out.add("type", "boolean");
      case Kind::number:
        return out.add("type", "integer").add("minimum", value.low).add("maximum", value.high);
      case Kind::duration:
        return out.add("type", JsonArray().add("string").add("integer"))
            .add("pattern", "^(0|[1-9][0-9]*)[smh]?$")
            .add("minimum", value.low)
            .add("maximum", value.high);
      case Kind::word:
        return out.add("enum", list(value.words));
      case Kind::effect: {
        const JsonObject usual = JsonObject().add("enum", list(value.words));
        const JsonObject any = JsonObject().add("type", "string").add("pattern", effect_pattern(value.words));
        return out.add("anyOf", JsonArray().add(usual).add(any));
      }
      case Kind::version:
        return out.raw("enum", "[1,\"1\"]");
      case Kind::map:
        return reference(*value.keys);
      case Kind::entries:
        // A list without an item may be left out behind its key.
        out.add("type", "object");
        out.add("additionalProperties",
                value.each->several ? or_nothing(whole(*value.each)) : whole(*value.each));
        if (!value.key_pattern.empty())
          out.add("propertyNames", JsonObject().add("pattern", value.key_pattern));
        return out;
      case Kind::anything:
        break;
    }
    return out;
  }

  static JsonArray list(std::span<const std::string_view> words) {
    JsonArray out;
    for (const std::string_view word : words) out.add(word);
    return out;
  }

  static JsonObject or_nothing(const JsonObject& value) {
    return JsonObject().add("anyOf", JsonArray().add(value).add(JsonObject().add("type", "null")));
  }

  static bool is_scalar(Kind kind) noexcept { return kind != Kind::map && kind != Kind::entries; }

  JsonObject whole(const ValueShape& value) {
    JsonArray ways;
    std::size_t count = 0;
    const auto add = [&](const JsonObject& way) {
      ways.add(way);
      ++count;
    };
    JsonObject base = single(value);
    if (value.several) {
      JsonObject item = base;
      if (value.or_else != nullptr)
        item = JsonObject().add("anyOf", JsonArray().add(base).add(single(*value.or_else)));
      if (is_scalar(value.kind)) add(base);
      base = JsonObject().add("type", "array").add("items", item);
      add(base);
    } else {
      add(base);
      if (value.or_else != nullptr) add(whole(*value.or_else));
    }
    return count == 1 ? base : JsonObject().add("anyOf", ways);
  }

  // "key:" without a value counts as absent, and is no mistake where the key is not needed.
  JsonObject of_key(const Key& key) {
    JsonObject value = whole(key.value);
    if (key.need == Need::may && key.value.kind != Kind::anything) value = or_nothing(value);
    return value.add("description", said(key.en, key.vi));
  }

  // Keys that belong only beside another.
  void add_conditions(const Shape& shape, JsonArray& all) {
    for (const Key& key : shape.keys) {
      if (key.when.key.empty()) continue;
      const JsonObject absent = JsonObject().add("properties", JsonObject().add(key.name, false));
      JsonObject present;
      if (key.need == Need::must) present.add("required", JsonArray().add(key.name));
      all.add(JsonObject()
                  .add("if", condition(key.when))
                  .add("then", key.when.is ? present : absent)
                  .add("else", key.when.is ? absent : present));
    }
  }

  void add_ways(const Shape& shape, JsonArray& all) {
    const auto of_way = [&](std::string_view way, bool alone) {
      const std::vector<std::string_view> keys = keys_of_way(way);
      JsonArray parts;
      for (const std::string_view key : keys) parts.add(has(key));
      if (alone)
        for (const std::string_view other : shape.one_of)
          for (const std::string_view key : keys_of_way(other))
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
              parts.add(JsonObject().add("not", has(key)));
      return JsonObject().add("allOf", parts);
    };
    JsonArray one, some;
    for (const std::string_view way : shape.one_of) one.add(of_way(way, true));
    for (const std::string_view way : shape.some_of) some.add(of_way(way, false));
    if (!one.empty()) all.add(JsonObject().add("oneOf", one));
    if (!some.empty()) all.add(JsonObject().add("anyOf", some));
    for (const std::string_view need : shape.needs) {
      const std::vector<std::string_view> keys = keys_of_way(need);
      all.add(JsonObject().add("if", has(keys.front())).add("then", has(keys.back())));
    }
  }

  void add_map(const Shape& shape, JsonObject& out) {
    JsonObject properties;
    JsonArray required, all;
    for (const Key& key : shape.keys) {
      properties.add(key.name, of_key(key));
      if (key.need == Need::must && key.when.key.empty()) required.add(key.name);
    }
    out.add("type", "object").add("additionalProperties", false).add("properties", properties);
    if (!required.empty()) out.add("required", required);
    add_conditions(shape, all);
    add_ways(shape, all);
    if (!all.empty()) out.add("allOf", all);
  }

  Language language_;
  std::vector<const Shape*> wanted_;
};

// Two blanks a level; what is written is JSON already.
std::string indented(const std::string& json) {
  std::string out;
  std::size_t depth = 0;
  bool in_text = false;
  const auto line = [&] { (out += '\n').append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\') out += json[++i];
      in_text = c != '"';
    } else if (c == '{' || c == '[') {
      out += c;
      ++depth;
      line();
    } else if (c == '}' || c == ']') {
      --depth;
      line();
      out += c;
    } else {
      out += c;
      in_text = c == '"';
      if (c == ':') out += ' ';
      if (c == ',') line();
    }
  }
  return out + '\n';
}

}  // namespace

std::string json_schema(const FileKind& kind, Language language) {
  return indented(SchemaWriter(language).file(kind));
}

}  // namespace schoolgate::tools
