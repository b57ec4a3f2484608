#include "tools/manual/completion.h"

#include <string_view>
#include <vector>

namespace schoolgate::tools {
namespace {

// "ca create"; "" = the program itself.
std::string below_program(const CommandText& command) {
  std::string name = command.name();
  const std::size_t blank = name.find(' ');
  return blank == std::string::npos ? std::string() : name.substr(blank + 1);
}

void collect(const CommandText& command, std::vector<const CommandText*>& all) {
  all.push_back(&command);
  for (const CommandText& below : command.commands) collect(below, all);
}

constexpr std::string_view offer_tiers =
    "offer -W \"$(sed -n 's/^tier: *//p' /etc/schoolgate/tiers.d/*.yaml 2>/dev/null)\"";

// A bash command that fills COMPREPLY with what may follow this option; "" = anything.
std::string values_of(const OptionText& option) {
  if (!option.choices.empty()) {
    std::string words;
    for (const std::string& word : option.choices) words += (words.empty() ? "" : " ") + word;
    return "offer -W '" + words + "'";
  }
  if (option.value == "FILE") return "offer_files -f";
  if (option.value == "DIR") return "offer_files -d";
  if (option.value == "NAME") return "offer -u";
  if (option.names.back() == "--tier") return std::string(offer_tiers);
  return {};
}

// "    'run -c' | 'run --config') offer_files -f ;;"
std::string value_cases(const CommandText& command) {
  std::string text;
  for (const OptionText& option : command.options) {
    if (option.value.empty()) continue;
    std::string names;
    for (const std::string& name : option.names)
      names += (names.empty() ? "'" : " | '") + below_program(command) + " " + name + "'";
    const std::string values = values_of(option);
    text += "    " + names + ")" + (values.empty() ? "" : " " + values) + " ;;\n";
  }
  return text;
}

std::string word_case(const CommandText& command) {
  std::string words;
  const auto add = [&words](const std::string& word) { words += (words.empty() ? "" : " ") + word; };
  for (const CommandText& below : command.commands) add(below.words.back());
  for (const OptionText& option : command.options)
    for (const std::string& name : option.names) add(name);
  std::string text = "    '" + below_program(command) + "') offer -W '" + words + "'";
  for (const OptionText& positional : command.positionals)
    if (positional.value == "DIR")
      text += "; offer_files -d";
    else if (positional.value == "TIER")
      text += "; " + std::string(offer_tiers);
  return text + " ;;\n";
}

}  // namespace

std::string bash_completion(const CommandText& program) {
  std::vector<const CommandText*> all;
  collect(program, all);
  std::string deeper, values, words;
  for (const CommandText* command : all) {
    for (const CommandText& below : command->commands)
      deeper += (deeper.empty() ? "'" : " | '") + below_program(*command) + " " + below.words.back() + "'";
    values += value_cases(*command);
    words += word_case(*command);
  }
  return "# bash completion of schoolgate. Made by schoolgate_manual out of the table that schoolgate --help "
         "prints.\n"
         "_schoolgate() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word\n"
         "  offer() { mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"$@\" -- \"$current\"); }\n"
         "  offer_files() {\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    offer \"$@\"\n"
         "  }\n"
         "  COMPREPLY=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$command $word\" in\n"
         "      " +
         deeper +
         ") command=${command:+$command }$word ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$command $previous\" in\n" +
         values +
         "    *)\n"
         "      case $command in\n" +
         words +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "  unset -f offer offer_files\n"
         "}\n"
         "complete -F _schoolgate schoolgate\n";
}

}  // namespace schoolgate::tools
