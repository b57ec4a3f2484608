// The two small languages of the pages. No I/O, no allocation beyond the result.
//
//   templates:  {{name}}  the value, HTML-escaped      {{&name}}  the value as it is: HTML of our own
//               {{#name}} ... {{/name}}                shown only if the value is not empty; may be nested
//   texts:      {name}    the value as it is; the text is escaped later, as a value of a template
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schoolgate {

class Values {
 public:
  Values() = default;
  Values(std::initializer_list<std::pair<std::string_view, std::string>> values) : values_(values) {}
  // `name` must outlive this object: a literal. A later value of a name wins.
  void set(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;  // "" if unknown

 private:
  std::vector<std::pair<std::string_view, std::string>> values_;
};

// Unbalanced sections are a bug of the template: logic_error. The tests render every one.
[[nodiscard]] std::string render_template(std::string_view text, const Values& values);

// Nullopt if a variable of `text` is empty or unknown: half a sentence is worse than none.
[[nodiscard]] std::optional<std::string> expand_text(std::string_view text, const Values& values);

// & < > " ' as entities, safe between tags and in quoted attributes. Control characters, which HTML does not
// know, and bidi overrides, which make an address read as another, become U+FFFD; so do bytes that are not
// UTF-8.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace schoolgate
