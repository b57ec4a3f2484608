// What there is to tell of the program's commands, out of the table that `--help` prints.
#pragma once

#include <string>
#include <vector>

namespace schoolgate::tools {

struct OptionText {
  std::vector<std::string> names;    // "-c", "--config"; of a positional its one name
  std::string value;                 // "FILE"; "" = takes none
  std::vector<std::string> choices;  // the only values there are
  std::string text, standard, environment;
  bool required = false;
  std::vector<std::string> needs, excludes;  // names of others
};

// A line of a footer that stands apart: "schoolgate check", "the installed configuration".
struct ItemText {
  std::string head, text;  // either may be empty
};
struct FooterSection {
  std::string title;  // "Examples"; "" = plain paragraphs
  std::vector<ItemText> items;
};

struct CommandText {
  std::vector<std::string> words;  // "schoolgate", "ca", "create"
  std::string text;
  std::vector<OptionText> positionals, options;
  std::vector<FooterSection> footer;  // without what it has from the command above
  std::vector<CommandText> commands;

  [[nodiscard]] std::string name() const;  // "schoolgate ca create"
};

[[nodiscard]] CommandText describe_program();

// Paragraphs, and headed blocks of indented lines ("Examples:"), as the commands' footers are written.
[[nodiscard]] std::vector<FooterSection> parse_footer(const std::string& footer);

}  // namespace schoolgate::tools
