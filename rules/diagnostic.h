// What is wrong in a person's file, where, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message.h"

namespace schoolgate {

struct SourcePos {
  std::uint32_t line = 0;    // from 1; {0,0} = the whole file
  std::uint32_t column = 0;  // from 1, counted in bytes
  friend bool operator==(const SourcePos&, const SourcePos&) = default;
};

enum class Severity : std::uint8_t { error, warning, note };

struct Diagnostic {
  Severity severity = Severity::error;
  int code = 0;  // printed as SG1204; a number is never reused for another meaning
  std::string file;
  SourcePos pos;
  std::uint32_t length = 0;  // bytes the caret underlines; 0 = one
  Message message;           // what is wrong, quoting the text
  Message hint;              // what to do; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics) noexcept;

// Text of strangers made safe to print: control characters, bidi controls, line separators and bytes
// that are no UTF-8 become \xNN, byte by byte; everything else stays.
[[nodiscard]] std::string printable(std::string_view text);

// "policy.yaml:12:9: error SG1204: unknown category "gambing"" followed, where `source_line`
// is not empty, by that line with a caret under the column, and by the hint. Every line ends in
// "\n"; all texts go through printable(). `colour` adds ANSI colours. In the language of `catalogue`; English
// of none.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic, const std::string& source_line,
                                  Catalogue catalogue, bool colour);

}  // namespace schoolgate
