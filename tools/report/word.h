// A report as a Word document (.docx, ECMA-376 part 1), for those who fill in what only people know and sign
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "tools/report/document.h"

namespace schoolgate::tools {

struct WordPart {
  std::string_view name;  // "word/document.xml"
  std::string text;
};

// The parts that such a document is made of, in the order of the archive. No fields but the page's number, no
// macros, nothing that points elsewhere.
[[nodiscard]] std::vector<WordPart> word_parts(const Document& document);

// The file. The same document gives the same bytes: no time is in it but what the report says.
[[nodiscard]] Result<std::string> to_docx(const Document& document);

// "html", "docx", "csv", "json"; anything else is HTML.
[[nodiscard]] Result<std::string> in_form(const Document& document, std::string_view form);

}  // namespace schoolgate::tools
