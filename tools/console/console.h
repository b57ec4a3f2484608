// Where a command writes, and how: in which language; colour and progress only on a terminal.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "config/main/config.h"
#include "rules/message.h"

namespace schoolgate::tools {

// What every command answers with (tools/README.md).
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,  // at run time
  exit_usage = 2,
  exit_config_errors = 3,  // configuration or policy has errors
  exit_warnings = 4,       // warnings under --strict
  exit_blocked = 10,       // explain --exit-code: would be blocked
};

struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_terminal = false, err_terminal = false;
  bool out_colour = false, err_colour = false;
  Catalogue catalogue = nullptr;  // the language; null: English

  // Standard output and error; colours unless NO_COLOR is set or TERM is "dumb"; the language of the
  // environment, until a command knows its school's (load.h).
  static Console standard();

  // In its language, fit for a terminal: a line without its end.
  [[nodiscard]] std::string text(const Message& message) const;
  void print(const Message& line) const;     // to `out`
  void complain(const Message& line) const;  // to `err`, behind "schoolgate: "
};

// What a school speaks.
[[nodiscard]] Catalogue catalogue_of(Language language) noexcept;
// LC_ALL, LC_MESSAGES or LANG, the first that says anything: Vietnamese where it begins with "vi".
[[nodiscard]] Catalogue catalogue_of_environment() noexcept;

enum class Colour : unsigned char { red, green, yellow, magenta, cyan, bold, dim };
// `text`, in that colour if `on`.
[[nodiscard]] std::string paint(bool on, Colour colour, std::string_view text);
// The colour of an action: block red, help cyan, warn yellow, allow green.
[[nodiscard]] Colour colour_of_action(std::string_view action);

// How many columns of a terminal a text fills.
[[nodiscard]] std::size_t columns(std::string_view text) noexcept;
// With spaces to at least `width` columns.
[[nodiscard]] std::string padded(std::string text, std::size_t width);
// On the right of a column of 11: a text; grouped().
[[nodiscard]] std::string on_the_right(std::string text);
[[nodiscard]] std::string in_column(std::uint64_t n, Catalogue catalogue);

// One line on the error output that is overwritten as work goes on, and wiped at the end. Silent unless that
// is a terminal.
class ProgressBar {
 public:
  explicit ProgressBar(Console& console) : console_(console) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(const Message& what, double done);  // done 0..1
  void clear();

 private:
  Console& console_;
  std::string last_;
};

}  // namespace schoolgate::tools
