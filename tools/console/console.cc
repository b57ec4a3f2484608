#include "tools/console/console.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace schoolgate::tools {

Console Console::standard() {
  const char* term = std::getenv("TERM");
  const bool colours =
      std::getenv("NO_COLOR") == nullptr && term != nullptr && std::string_view(term) != "dumb";
  Console console{std::cout, std::cerr};
  console.out_terminal = ::isatty(STDOUT_FILENO) == 1;
  console.err_terminal = ::isatty(STDERR_FILENO) == 1;
  console.out_colour = console.out_terminal && colours;
  console.err_colour = console.err_terminal && colours;
  return console;
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

std::string counted(std::size_t n, std::string_view noun) {
  return grouped(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string in_column(std::uint64_t n) {
  constexpr std::size_t width = 11;
  std::string digits = grouped(n);
  digits.insert(0, digits.size() < width ? width - digits.size() : 0, ' ');
  return digits;
}

void ProgressBar::show(const std::string& what, double done) {
  if (!console_.err_terminal) return;
  constexpr int width = 30;
  const int full = static_cast<int>(std::clamp(done, 0.0, 1.0) * width);
  std::string line = "[" + std::string(static_cast<std::size_t>(full), '#') +
                     std::string(static_cast<std::size_t>(width - full), '.') + "] " + what.substr(0, 40);
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
