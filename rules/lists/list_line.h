// One line of a list in each of its formats; list_parser.cc feeds the lines and counts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "rules/lists/list_format.h"
#include "rules/rule.h"
#include "rules/url/host.h"
#include "rules/url/url.h"

namespace schoolgate {

// Receives what a line holds.
class ListLineSink {
 public:
  // `where` is the line, or of a line with several names the name: what reread() takes.
  virtual void accept(RuleEntry&& entry, std::string_view where) = 0;
  virtual void ignore(Ignored reason) = 0;
  // `where` is a part of the line.
  virtual void refuse(std::string_view where, std::string message, std::string hint) = 0;

 protected:
  ~ListLineSink() = default;
};

// Reads lines without blanks at their ends. Keeps buffers between lines.
class ListLineReader {
 public:
  explicit ListLineReader(ListFormat format) : format_(format) {}
  // Calls `sink` at least once. The line is valid UTF-8 and no comment.
  void read(std::string_view line, ListLineSink& sink);
  // The entry that was accepted with a `where` beginning at `offset` of `text`, once more.
  void reread(std::string_view text, std::size_t offset, ListLineSink& sink);

 private:
  void domains(std::string_view line, ListLineSink& sink);
  void urls(std::string_view line, ListLineSink& sink);
  void expressions(std::string_view line, ListLineSink& sink);
  void hosts(std::string_view line, ListLineSink& sink);
  void adblock(std::string_view line, ListLineSink& sink);
  void adblock_host(std::string_view line, std::string_view rule, std::string_view options, bool exception,
                    ListLineSink& sink);
  void patterns(std::string_view line, ListLineSink& sink);

  // A host as an entry; refuses it when it is none.
  void host_entry(std::string_view token, bool exception, std::string_view where, ListLineSink& sink);
  // `written` is the pattern's part of the line, `text` what RE2 is given.
  void pattern_entry(std::string_view line, std::string_view written, std::string text, PatternTarget target,
                     ListLineSink& sink);

  ListFormat format_;
  Host host_;
  Url url_;
  std::string text_;
};

// Whether parse_host() would take `token` as it stands; false where that needs a closer look.
[[nodiscard]] bool is_plain_name(std::string_view token) noexcept;

// A squidGuard expression for the URL as the match form has it (see parse_list).
[[nodiscard]] std::string expression_to_re2(std::string_view expression);

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
[[nodiscard]] std::string_view line_at(std::string_view text,
                                       std::size_t offset) noexcept;     // without its end
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;  // blanks, tabs, carriage returns

}  // namespace schoolgate
