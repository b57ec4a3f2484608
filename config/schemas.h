// The kinds of files that a school writes, by the names that `schoolgate schema` gives them.
#pragma once

#include <span>
#include <string_view>

#include "config/text/shape.h"

namespace schoolgate {

struct FileKind {
  std::string_view name;   // "tier"; its schema is installed as NAME.json
  std::string_view files;  // where such files are, from the main file's folder on: "tiers.d/*.yaml"
  const Shape* shape;
  std::string_view en, vi;  // what they are
};

[[nodiscard]] std::span<const FileKind> file_kinds() noexcept;
[[nodiscard]] const FileKind* find_file_kind(std::string_view name) noexcept;

}  // namespace schoolgate
