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

// What of the configuration may stand there, as `schoolgate __complete` knows it; "": nothing of it. By the
// name of an option, or by command and positional.
std::string_view names_there(const std::string& command, const std::string& name) {
  struct Row {
    std::string_view command, name, kind;
  };
  constexpr Row rows[] = {{"", "--tier", "tiers"},
                          {"", "--category", "categories"},
                          {"", "--room", "rooms"},
                          {"tier show", "tier", "tiers"},
                          {"room", "room", "rooms"},
                          {"allow", "what", "targets"},
                          {"block", "what", "targets"},
                          {"lists update", "name", "lists"},
                          {"lists disable", "name", "lists"},
                          {"lists enable", "name", "published"},
                          {"room", "what", "bundles"}};
  for (const Row& row : rows)
    if (row.name == name && (row.command.empty() || row.command == command)) return row.kind;
  return {};
}

// A bash command that fills COMPREPLY with what may follow this option; "" = anything.
std::string values_of(const std::string& command, const OptionText& option) {
  if (!option.choices.empty()) {
    std::string words;
    for (const std::string& word : option.choices) words += (words.empty() ? "" : " ") + word;
    return "offer -W '" + words + "'";
  }
  if (option.value == "FILE") return "offer_files -f";
  if (option.value == "DIR") return "offer_files -d";
  if (option.value == "NAME") return "offer -u";
  if (const std::string_view kind = names_there(command, option.names.back()); !kind.empty())
    return "offer_names " + std::string(kind);
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
    const std::string values = values_of(below_program(command), option);
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
    if (const std::string values = values_of(below_program(command), positional); !values.empty())
      text += "; " + values;
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
         // Names are the school's own words: they are compared here, for compgen -W would run what stands in
         // $().
         "  offer_names() {\n"
         "    local name quoted i config=()\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "      case ${COMP_WORDS[i]} in\n"
         "        -c | --config) config=(-c \"${COMP_WORDS[i + 1]}\") ;;\n"
         "      esac\n"
         "    done\n"
         "    while IFS= read -r name; do\n"
         "      printf -v quoted %q \"$name\"\n"
         "      if [[ $quoted == \"$current\"* || $name == \"$current\"* ]]; then COMPREPLY+=(\"$quoted\"); "
         "fi\n"
         "    done < <(\"${COMP_WORDS[0]}\" __complete \"$1\" \"${config[@]}\" 2>/dev/null)\n"
         "    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace 2>/dev/null; "
         "fi\n"
         "  }\n"
         "  COMPREPLY=()\n"
         // A colon parts words: "bundle:olm" are three.
         "  if [[ $current == : && $previous == bundle ]]; then current= previous=:; fi\n"
         "  if [[ $previous == : && ${COMP_WORDS[*]} == *' bundle :'* ]]; then\n"
         "    offer_names bundles\n"
         "    unset -f offer offer_files offer_names\n"
         "    return\n"
         "  fi\n"
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
         "  unset -f offer offer_files offer_names\n"
         "}\n"
         "complete -F _schoolgate schoolgate\n";
}

}  // namespace schoolgate::tools
