// What there is to tell of the program's commands, out of the table that `--help` prints.
#pragma once

#include <string>
#include <vector>

#include "tools/commands/help_text.h"

namespace schoolgate::tools {

struct OptionText {
  std::vector<std::string> names;    // "-c", "--config"; of a positional its one name
  std::string value;                 // "FILE"; "" = takes none
  std::vector<std::string> choices;  // the only values there are
  std::string text, standard, environment;
  bool required = false;
  std::vector<std::string> needs, excludes;  // names of others
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

}  // namespace schoolgate::tools
