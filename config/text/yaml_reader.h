// A YAML file as a tree of nodes with places, or everything that is wrong with it.
//
// Built on yaml-cpp's events alone: its own loader drops content after a wrong indent or a second document
// and lets duplicate keys pass. Refused here: more than 4 MiB, bytes that are not UTF-8, control characters,
// a second document, aliases, anchors, tags, `<<`, keys that are not text, duplicate keys, more than 32
// levels or 200,000 nodes. Nothing has a type but text: `no` is the text "no" (see yaml_fields.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostic.h"

namespace schoolgate {

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool quoted = false;             // scalars: 'x', "x", | and >
  std::string text;                // scalars
  SourcePos pos;                   // of the first byte
  std::uint32_t length = 0;        // bytes a caret underlines
  std::vector<YamlNode> children;  // sequence: items; map: key, value, key, value, ...

  [[nodiscard]] const YamlNode* find(std::string_view key) const noexcept;  // a map's value, or null
  [[nodiscard]] Message kind_name() const;  // "a list", "text", "nothing", "keys and values"
};

struct YamlLimits {
  static constexpr std::size_t bytes = 4 * 1024 * 1024;
  static constexpr std::size_t depth = 32;
  static constexpr std::size_t nodes = 200'000;
};

// Never throws for any text. Nullopt exactly when an error was added to `out`. An empty document is an error.
[[nodiscard]] std::optional<YamlNode> read_yaml(std::string_view text, const std::string& file,
                                                Diagnostics& out);

}  // namespace schoolgate
