// One line of a list in each of its formats; list_parser.cc feeds the lines and counts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rules/lists/adblock_line.h"
#include "rules/lists/entry_maker.h"
#include "rules/lists/list_format.h"
#include "rules/lists/rpz_line.h"

namespace schoolgate {

// What lines owe to other lines of their file. Looks at `text`, which outlives it.
struct FileFacts {
  FileFacts(std::string_view text, ListFormat format);
  TakenBack taken_back;  // adblock
  RpzZone zone;          // rpz
};

// Reads lines without blanks at their ends. Keeps buffers between lines.
class ListLineReader {
 public:
  ListLineReader(ListFormat format, const FileFacts& facts) : format_(format), facts_(facts) {}
  // Empty: there is nothing but a comment.
  [[nodiscard]] std::string_view without_comment(std::string_view line) const noexcept;
  // Calls `sink` at least once. The line is a part of the file's text, valid UTF-8, and without comment.
  void read(std::string_view line, ListLineSink& sink);
  // The entry that was accepted with a `where` beginning at `offset` of the file's text, once more.
  void reread(std::string_view text, std::size_t offset, ListLineSink& sink);

 private:
  void domains(std::string_view line, ListLineSink& sink);
  void urls(std::string_view line, ListLineSink& sink);
  void expressions(std::string_view line, ListLineSink& sink);
  void patterns(std::string_view line, ListLineSink& sink);

  ListFormat format_;
  const FileFacts& facts_;
  EntryMaker make_;
};

// A squidGuard expression for the URL as the match form has it (see parse_list).
[[nodiscard]] std::string expression_to_re2(std::string_view expression);

}  // namespace schoolgate
