// A report as it is before it becomes a page, a table or data: in one language, text not yet escaped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/main/config.h"
#include "tools/report/counts.h"

namespace schoolgate::tools {

struct Cell {
  std::string text;
  bool number = false;  // on the right
  bool blank = false;   // for a person to fill in
  std::optional<Folded> count{};
};
struct Table {
  std::string id;  // "blocks"; the same in each language
  std::string title, note;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  bool has_total = false;  // the last row
};
struct Heading {
  std::string text;
};
struct Paragraph {
  std::string text;
  bool lead = false;  // one of the first sentences
};
// A picture with its title, a sentence that says what it shows, and the same figures as a table.
struct Chart {
  std::string title, sentence;
  std::string svg;  // HTML of our own
  Table table;
};
using Block = std::variant<Heading, Paragraph, Table, Chart>;

// What stands around an official letter.
struct Letter {
  std::vector<std::string> left, right;  // side by side above the title
  std::string addressee;
  std::vector<std::string> below_left, below_right;
};

struct Document {
  Language language = Language::vi;
  std::string audience;  // "head", "admin", "department"
  std::string title, subtitle;
  std::string school, period, before;
  std::int64_t first_day = 0, last_day = 0;  // days since 1970
  std::optional<Letter> letter{};
  std::string alarm{};  // said in red above all else; "" = nothing
  std::vector<Block> blocks;
  std::string made;                   // when, and by which version
  std::string seal{}, seal_digest{};  // of the log when it was made, in words and 64 hex digits; "" = none
};

// "1.234" in Vietnamese, "1,234" in English.
[[nodiscard]] std::string number_text(std::uint64_t n, Language language);
// "1.234", "1.234+" where cells under five are beside it, "dưới 5".
[[nodiscard]] std::string count_text(const Folded& count, Language language);
// "4,6 %"; of nothing "".
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole, Language language);

[[nodiscard]] Cell text_cell(std::string text);
[[nodiscard]] Cell count_cell(const Folded& count, Language language);
[[nodiscard]] Cell blank_cell();

[[nodiscard]] std::string to_html(const Document& document);
[[nodiscard]] std::string to_csv(const Document& document);
[[nodiscard]] std::string to_json(const Document& document);

}  // namespace schoolgate::tools
