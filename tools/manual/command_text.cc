#include "tools/manual/command_text.h"

#include <algorithm>
#include <sstream>

#include "tools/commands/commands.h"

namespace schoolgate::tools {
namespace {

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  if (names.empty()) names.push_back(option.get_name());
  return names;
}

std::vector<std::string> names_of(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(names_of(*option).back());
  std::sort(names.begin(), names.end());
  return names;
}

// CLI11 says a type and then what it must be: "TEXT:DIR", "TEXT:{request,connect}".
void read_type(const std::string& type, OptionText& out) {
  const std::size_t colon = type.find(':');
  const std::string must = colon == std::string::npos ? std::string() : type.substr(colon + 1);
  if (!must.starts_with('{')) {
    out.value = must.empty() ? type : must;
    return;
  }
  std::istringstream words(must.substr(1, must.size() - 2));
  for (std::string word; std::getline(words, word, ',');) out.choices.push_back(word);
  for (const std::string& word : out.choices) out.value += (out.value.empty() ? "" : "|") + word;
}

OptionText describe(const CLI::Option& option) {
  OptionText out;
  out.names = names_of(option);
  if (option.get_items_expected_max() > 0) read_type(option.get_type_name(), out);
  out.text = option.get_description();
  out.standard = option.get_default_str();
  out.environment = option.get_envname();
  out.required = option.get_required();
  out.needs = names_of(option.get_needs());
  out.excludes = names_of(option.get_excludes());
  return out;
}

CommandText describe(const CLI::App& app, std::vector<std::string> words, const std::string& above) {
  CommandText out;
  out.words = std::move(words);
  out.text = app.get_description();
  for (const CLI::Option* option : app.get_options())
    (option->nonpositional() ? out.options : out.positionals).push_back(describe(*option));
  const std::string footer = app.get_footer();
  if (footer != above) out.footer = parse_footer(footer);
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
    std::vector<std::string> longer = out.words;
    longer.push_back(command->get_name());
    out.commands.push_back(describe(*command, std::move(longer), footer));
  }
  return out;
}

}  // namespace

std::string CommandText::name() const {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

CommandText describe_program() {
  std::ostringstream unsaid;
  Console console{unsaid, unsaid};
  int result = 0;
  const auto program = make_program(console, result);
  return describe(*program, {program->get_name()}, "");
}

}  // namespace schoolgate::tools
