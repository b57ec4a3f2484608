// `--help`, and in Vietnamese what is said of a wrong command line; in English CLI11 says that by itself.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>
#include <vector>

#include "rules/message.h"

namespace schoolgate::tools {

// A line of a footer that stands apart: "schoolgate check", "the installed configuration".
struct ItemText {
  std::string head, text;  // either may be empty
};
struct FooterSection {
  std::string title;  // "Examples"; "" = plain paragraphs
  std::vector<ItemText> items;
};

// Paragraphs, and headed blocks of indented lines ("Examples:"), as the commands' footers are written.
[[nodiscard]] std::vector<FooterSection> parse_footer(const std::string& footer);

// Lays `--help` out.
[[nodiscard]] std::shared_ptr<CLI::Formatter> help_formatter();
// Everything that `program` and the commands below it say of themselves.
void speak_vietnamese(CLI::App& program);
// Of an option that is a number by which people name something: 1, 2, ...
[[nodiscard]] CLI::Validator counted_from_one();
// What CLI11 says of a wrong command line, as a sentence with places.
[[nodiscard]] Message usage_error(const std::string& what);

}  // namespace schoolgate::tools
