#include "tools/console/console.h"

#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "config/text/vietnamese.h"
#include "rules/diagnostic.h"

namespace schoolgate::tools {
namespace {

struct Glyph {
  std::size_t bytes, columns;
};

// The first of a text that is not empty; a byte that is no UTF-8 is a glyph.
Glyph glyph_of(std::string_view text) noexcept {
  utf8proc_int32_t c = -1;
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const utf8proc_ssize_t n = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &c);
  if (n <= 0) return {1, 1};
  return {static_cast<std::size_t>(n), static_cast<std::size_t>(std::max(utf8proc_charwidth(c), 0))};
}

// What fits into so many columns.
std::string shortened(std::string_view text, std::size_t width) {
  std::size_t at = 0, filled = 0;
  while (at < text.size()) {
    const Glyph next = glyph_of(text.substr(at));
    if (filled + next.columns > width) break;
    filled += next.columns;
    at += next.bytes;
  }
  return std::string(text.substr(0, at));
}

}  // namespace

Console Console::standard() {
  const char* term = std::getenv("TERM");
  const bool colours =
      std::getenv("NO_COLOR") == nullptr && term != nullptr && std::string_view(term) != "dumb";
  Console console{std::cout, std::cerr};
  console.out_terminal = ::isatty(STDOUT_FILENO) == 1;
  console.err_terminal = ::isatty(STDERR_FILENO) == 1;
  console.out_colour = console.out_terminal && colours;
  console.err_colour = console.err_terminal && colours;
  console.catalogue = catalogue_of_environment();
  return console;
}

std::string Console::text(const Message& message) const {
  return printable(message.in(catalogue));
}

void Console::print(const Message& line) const {
  out << text(line) << '\n';
}

void Console::complain(const Message& line) const {
  err << "schoolgate: " << text(line) << '\n';
}

Catalogue catalogue_of(Language language) noexcept {
  return language == Language::vi ? vietnamese : nullptr;
}

Catalogue catalogue_of_environment() noexcept {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return catalogue_of(std::string_view(value).starts_with("vi") ? Language::vi : Language::en);
  }
  return nullptr;
}

std::string paint(bool on, Colour colour, std::string_view text) {
  if (!on || text.empty()) return std::string(text);
  constexpr std::string_view codes[] = {"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[35m",
                                        "\x1b[36m", "\x1b[1m",  "\x1b[2m"};
  return std::string(codes[static_cast<unsigned>(colour)]).append(text).append("\x1b[0m");
}

Colour colour_of_action(std::string_view action) {
  if (action.starts_with("block")) return Colour::red;
  if (action.starts_with("help")) return Colour::cyan;
  if (action.starts_with("warn")) return Colour::yellow;
  return Colour::green;
}

std::size_t columns(std::string_view text) noexcept {
  std::size_t all = 0;
  while (!text.empty()) {
    const Glyph first = glyph_of(text);
    all += first.columns;
    text.remove_prefix(first.bytes);
  }
  return all;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t filled = columns(text);
  if (filled < width) text.append(width - filled, ' ');
  return text;
}

std::string on_the_right(std::string text) {
  constexpr std::size_t width = 11;
  const std::size_t filled = columns(text);
  if (filled < width) text.insert(0, width - filled, ' ');
  return text;
}

std::string in_column(std::uint64_t n, Catalogue catalogue) {
  return on_the_right(grouped(n).in(catalogue));
}

void ProgressBar::show(const Message& what, double done) {
  if (!console_.err_terminal) return;
  constexpr int width = 30;
  const int full = static_cast<int>(std::clamp(done, 0.0, 1.0) * width);
  std::string line = "[" + std::string(static_cast<std::size_t>(full), '#') +
                     std::string(static_cast<std::size_t>(width - full), '.') + "] " +
                     shortened(what.in(console_.catalogue), 40);
  if (line == last_) return;
  console_.err << "\r\x1b[K" << line << std::flush;
  last_ = std::move(line);
}

void ProgressBar::clear() {
  if (last_.empty()) return;
  console_.err << "\r\x1b[K" << std::flush;
  last_.clear();
}

}  // namespace schoolgate::tools
