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
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> longer = out.words;
    longer.push_back(command->get_name());
    out.commands.push_back(describe(*command, std::move(longer), footer));
  }
  return out;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all;
  for (std::size_t at = line.find_first_not_of(' '); at != std::string::npos;) {
    const std::size_t end = line.find("  ", at);
    all.push_back(line.substr(at, end - at));
    at = end == std::string::npos ? end : line.find_first_not_of(' ', end);
  }
  return all;
}

// An indented line: a head with its text, the going on of the text above, or several short items.
void read_item(const std::string& line, std::vector<ItemText>& items) {
  const std::vector<std::string> parts = cells(line);
  if (line.starts_with("   ") && !items.empty()) {
    items.back().text += (items.back().text.empty() ? "" : " ") + parts.front();
  } else if (parts.size() <= 2) {
    items.push_back({parts.front(), parts.size() == 2 ? parts[1] : ""});
  } else {
    for (const std::string& part : parts) {
      const std::size_t blank = std::min(part.find(' '), part.size());
      items.push_back({part.substr(0, blank), part.substr(std::min(blank + 1, part.size()))});
    }
  }
}

}  // namespace

std::string CommandText::name() const {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::vector<FooterSection> parse_footer(const std::string& footer) {
  std::vector<FooterSection> sections;
  bool new_paragraph = true;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      new_paragraph = true;
    } else if (line.starts_with("  ")) {
      if (sections.empty()) sections.emplace_back();
      read_item(line, sections.back().items);
    } else if (line.ends_with(':')) {
      sections.push_back({line.substr(0, line.size() - 1), {}});
    } else {
      if (sections.empty() || !sections.back().title.empty()) sections.emplace_back();
      if (new_paragraph || sections.back().items.empty()) sections.back().items.emplace_back();
      std::string& text = sections.back().items.back().text;
      text += (text.empty() ? "" : " ") + line;
      new_paragraph = false;
    }
  }
  return sections;
}

CommandText describe_program() {
  std::ostringstream unsaid;
  Console console{unsaid, unsaid};
  int result = 0;
  const auto program = make_program(console, result);
  return describe(*program, {program->get_name()}, "");
}

}  // namespace schoolgate::tools
