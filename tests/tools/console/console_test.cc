#include "tools/console/console.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <sstream>

#include "tests/support/child_process.h"
#include "tools/console/counted.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::test;

namespace {

// What a person sees on a terminal: each "\r\x1b[K" wipes the line. The bytes that were written, too.
struct Screen {
  std::string line, bytes;
  std::size_t wipes = 0;
};

Screen screen_of(const std::string& bytes) {
  constexpr std::string_view wipe = "\r\x1b[K";
  Screen screen{bytes, bytes};
  for (std::size_t at = 0; (at = bytes.find(wipe, at)) != std::string::npos; at += wipe.size()) {
    ++screen.wipes;
    screen.line = bytes.substr(at + wipe.size());
  }
  return screen;
}

}  // namespace

TEST_CASE("console: text has colour only where it is wanted, and always ends it", "[tools][console]") {
  CHECK(paint(false, Colour::red, "thin") == "thin");
  CHECK(paint(true, Colour::red, "thin") == "\x1b[31mthin\x1b[0m");
  CHECK(paint(true, Colour::green, "ok") == "\x1b[32mok\x1b[0m");
  CHECK(paint(true, Colour::bold, "thcs") == "\x1b[1mthcs\x1b[0m");
  CHECK(paint(true, Colour::dim, "lost") == "\x1b[2mlost\x1b[0m");
  CHECK(paint(true, Colour::red, "").empty());  // no codes around nothing
}

TEST_CASE("console: an action's colour is the action's, whatever flags follow", "[tools][console]") {
  struct Row {
    const char* action;
    Colour want;
  };
  const Row rows[] = {
      {"block", Colour::red},   {"block+locked", Colour::red}, {"help", Colour::cyan},
      {"warn", Colour::yellow}, {"allow", Colour::green},      {"allow+record", Colour::green},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.action) {
      CHECK(colour_of_action(row.action) == row.want);
    }
}

TEST_CASE("console: numbers are grouped by thousands, what there is counted", "[tools][console]") {
  struct Row {
    std::uint64_t number;
    const char *grouped, *counted, *column;  // the column has 11 places, and grows for more
  };
  const Row rows[] = {
      {0, "0", "0 rows", "          0"},
      {1, "1", "1 row", "          1"},
      {999, "999", "999 rows", "        999"},
      {1'000, "1,000", "1,000 rows", "      1,000"},
      {1'234'567, "1,234,567", "1,234,567 rows", "  1,234,567"},
      {1'234'567'890, "1,234,567,890", "1,234,567,890 rows", "1,234,567,890"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.number) {
      CHECK(grouped(row.number).english() == row.grouped);
      CHECK(counted::rows(row.number) == row.counted);
      CHECK(in_column(row.number, nullptr) == row.column);
    }
  CHECK(padded("ab", 4) == "ab  ");
  CHECK(padded("abcd", 4) == "abcd");
  CHECK(padded("abcde", 4) == "abcde");  // nothing is cut
}

TEST_CASE("console: columns are what a terminal shows, not bytes", "[tools][console]") {
  CHECK(columns("cấp học") == 7);
  CHECK(columns("ca\xcc\x82\xcc\x81p") == 3);  // marks of their own
  CHECK(columns("例") == 2);
  CHECK(columns("a\xff") == 2);  // no UTF-8
  CHECK(padded("cấp", 5) + "|" == "cấp  |");
}

TEST_CASE("console: the language is the environment's until a school is known", "[tools][console]") {
  struct Row {
    const char *all, *messages, *lang;  // null = not set
    bool vietnamese;
  };
  const Row rows[] = {
      {nullptr, nullptr, nullptr, false},
      {nullptr, nullptr, "vi_VN.UTF-8", true},
      {nullptr, nullptr, "vi", true},
      {nullptr, nullptr, "en_US.UTF-8", false},
      {nullptr, "C", "vi_VN.UTF-8", false},
      {nullptr, "vi_VN", "C", true},
      {"C", "vi_VN", "vi_VN", false},
      {"", "", "vi_VN", true},  // empty is not set
      {"vi_VN", "C", "C", true},
  };
  for (const Row& row : rows) {
    const int failed = in_child([&row] {
      const auto set = [](const char* name, const char* value) {
        return value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
      };
      const bool all_set =
          set("LC_ALL", row.all) == 0 && set("LC_MESSAGES", row.messages) == 0 && set("LANG", row.lang) == 0;
      const Catalogue want = row.vietnamese ? catalogue_of(Language::vi) : nullptr;
      return first_false(
          {all_set, catalogue_of_environment() == want, Console::standard().catalogue == want});
    });
    CHECK(failed == 0);
  }
  CHECK(catalogue_of(Language::vi)("1 error") == "1 lỗi");
  CHECK(catalogue_of(Language::en) == nullptr);
}

TEST_CASE("console: a pipe gets neither colours nor progress; a terminal both, unless it is told not to",
          "[tools][console]") {
  struct Row {
    const char* name;
    bool terminal;
    const char *no_color, *term;  // null = not set
    bool colour;
  };
  const Row rows[] = {
      {"a terminal", true, nullptr, "xterm", true},      {"NO_COLOR, of any value", true, "", "xterm", false},
      {"a dumb terminal", true, nullptr, "dumb", false}, {"no TERM", true, nullptr, nullptr, false},
      {"a pipe", false, nullptr, "xterm", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const int failed = in_child([&row] {
        const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
        const bool made = ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0;
        const int there =
            row.terminal ? ::open(::ptsname(terminal), O_RDWR | O_NOCTTY) : ::open("/dev/null", O_WRONLY);
        ::dup2(there, STDOUT_FILENO);
        ::dup2(there, STDERR_FILENO);
        row.no_color != nullptr ? ::setenv("NO_COLOR", row.no_color, 1) : ::unsetenv("NO_COLOR");
        row.term != nullptr ? ::setenv("TERM", row.term, 1) : ::unsetenv("TERM");
        const Console console = Console::standard();
        return first_false({made, there >= 0, console.out_terminal == row.terminal,
                            console.err_terminal == row.terminal, console.out_colour == row.colour,
                            console.err_colour == row.colour});
      });
      CHECK(failed == 0);
    }
}

TEST_CASE("progress: one line on a terminal, overwritten and in the end wiped", "[tools][console]") {
  std::ostringstream out, err;
  Console console{out, err};
  console.err_terminal = true;
  {
    ProgressBar bar(console);
    bar.show(Message("lists/a.txt"), 0);
    CHECK(screen_of(err.str()).line == "[..............................] lists/a.txt");
    bar.show(Message("lists/b.txt"), 0.5);
    const Screen half = screen_of(err.str());
    CHECK(half.line == "[###############...............] lists/b.txt");
    bar.show(Message("lists/b.txt"), 0.501);  // looks the same: nothing is written
    CHECK(screen_of(err.str()).bytes == half.bytes);
    bar.show(Message(std::string(100, 'x')),
             7);  // never wider than the bar, its text never longer than 40 columns
    CHECK(screen_of(err.str()).line ==
          "[##############################] xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    bar.show(Message("below nothing"), -1);
    CHECK(screen_of(err.str()).line.starts_with("[......"));
  }
  CHECK(screen_of(err.str()).line.empty());
  CHECK(out.str().empty());
}

TEST_CASE("progress: clear wipes once, and only what was shown", "[tools][console]") {
  std::ostringstream out, err;
  Console console{out, err};
  console.err_terminal = true;
  ProgressBar bar(console);
  bar.clear();
  CHECK(err.str().empty());
  bar.show(Message("a"), 0.1);
  bar.clear();
  bar.clear();
  CHECK(screen_of(err.str()).wipes == 2);
  bar.show(Message("a"), 0.1);  // the same line once more, after it was wiped
  CHECK(screen_of(err.str()).line.ends_with("] a"));
}

TEST_CASE("progress: silent where the error output is no terminal, though the output is",
          "[tools][console]") {
  std::ostringstream out, err;
  Console console{out, err};
  console.out_terminal = true;
  {
    ProgressBar bar(console);
    bar.show(Message("a"), 0.5);
  }
  CHECK(out.str().empty());
  CHECK(err.str().empty());
}
