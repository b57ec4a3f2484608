#include "tools/manual/man_page.h"

#include <algorithm>
#include <cctype>

namespace schoolgate::tools {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fP";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fP";
}

std::string section(const std::string& title) {
  return ".SH \"" + roff(title) + "\"\n";
}

std::string item(const std::string& head, const std::string& text) {
  return ".TP\n" + head + "\n" + (text.empty() ? "\\&" : text) + "\n";
}

std::string line_of(const std::string& text) {
  const std::string safe = roff(text);
  return (safe.starts_with('.') || safe.starts_with('\'') ? "\\&" : "") + safe + "\n";
}

std::string head(const std::string& page, const std::string& what, const Words& words) {
  return ".\\\" Made by schoolgate_manual out of the table that schoolgate --help prints.\n.TH \"" +
         roff(upper(page)) + "\" 8 \"\" \"schoolgate " SCHOOLGATE_VERSION "\" \"Schoolgate\"\n.nh\n.ad l\n" +
         section(words("Name")) + roff(page) + " \\- " + roff(what) + "\n";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + bold(name);
  return text;
}

std::string option_item(const OptionText& option, bool positional, const Words& words) {
  std::string names, more;
  for (const std::string& name : option.names)
    names += (names.empty() ? "" : ", ") + (positional ? italic(name) : bold(name));
  if (!positional && !option.value.empty()) names += " " + italic(option.value);
  const auto add = [&more](const std::string& sentence) { more += (more.empty() ? "" : " ") + sentence; };
  if (!option.standard.empty()) add(roff(words("Unless said:")) + " " + bold(option.standard) + ".");
  if (!option.environment.empty())
    add(roff(words("Also by the environment variable")) + " " + bold(option.environment) + ".");
  if (!option.needs.empty()) add(roff(words("Only together with")) + " " + joined(option.needs) + ".");
  if (!option.excludes.empty()) add(roff(words("Not together with")) + " " + joined(option.excludes) + ".");
  std::string text = roff(words(option.text));
  if (!more.empty()) text += (text.empty() || text.ends_with('.') ? "\n" : ".\n") + more;
  return item(names, text);
}

std::string synopsis_line(const CommandText& command, const Words& words) {
  std::string line = bold(command.name());
  if (!command.options.empty()) line += " [" + italic(words("options")) + "]";
  for (const OptionText& positional : command.positionals) {
    const std::string name = italic(positional.names.front());
    line += positional.required ? " " + name : " [" + name + "]";
  }
  return line;
}

std::string synopsis(const CommandText& command, const Words& words) {
  std::string text = section(words("Synopsis"));
  const bool alone = command.commands.empty() || !command.positionals.empty() || command.options.size() > 1;
  if (alone) text += synopsis_line(command, words) + "\n";
  for (std::size_t i = 0; i < command.commands.size(); ++i)
    text += (i > 0 || alone ? ".br\n" : "") + synopsis_line(command.commands[i], words) + "\n";
  return text;
}

std::string options(const CommandText& command, const Words& words) {
  std::string text;
  for (const OptionText& positional : command.positionals) text += option_item(positional, true, words);
  for (const OptionText& option : command.options) text += option_item(option, false, words);
  return text;
}

// What is no headed block.
std::string paragraphs(const std::vector<FooterSection>& footer, const Words& words) {
  std::string text;
  for (const FooterSection& part : footer)
    if (part.title.empty())
      for (const ItemText& one : part.items) text += ".PP\n" + line_of(words(one.text));
  return text;
}

std::string items(const FooterSection& part, const Words& words) {
  std::string text;
  for (const ItemText& one : part.items) text += item(bold(one.head), roff(words(one.text)));
  return text;
}

std::string blocks(const std::vector<FooterSection>& footer, const Words& words) {
  std::string text;
  for (const FooterSection& part : footer)
    if (!part.title.empty()) text += section(words(part.title)) + items(part, words);
  return text;
}

// Of a command below another: in its part of that one's page.
std::string blocks_below(const std::vector<FooterSection>& footer, const Words& words) {
  std::string text;
  for (const FooterSection& part : footer)
    if (!part.title.empty()) text += ".PP\n" + roff(words(part.title)) + "\n" + items(part, words);
  return text;
}

std::string file_item(const char* path, const char* what, const Words& words) {
  return item(bold(path), roff(words(what)));
}

std::string files(const Words& words) {
  return section(words("Files")) +
         file_item("/etc/schoolgate/schoolgate.yaml", "the main configuration file: schoolgate.yaml(5)",
                   words) +
         file_item("/etc/schoolgate/tiers.d/*.yaml", "a file for each age tier: schoolgate-tier(5)", words) +
         file_item("/var/log/schoolgate/access-YYYY-MM.db", "the access log of a month", words) +
         file_item("/var/log/schoolgate/safeguarding-YYYY-MM.db", "calls for help, and who looked", words) +
         file_item("/var/lib/schoolgate",
                   "compiled lists, keys of the pseudonyms, the configurations accepted last", words) +
         file_item("/run/schoolgate/control.sock",
                   "over which reload, status and stop ask the running proxy: for its group", words);
}

std::string references(const std::vector<std::string>& pages, const Words& words) {
  std::string text;
  for (const std::string& page : pages) {
    const std::size_t bracket = page.find('(');
    text += ".BR " + roff(page.substr(0, bracket)) + " " + page.substr(bracket) +
            (page == pages.back() ? "\n" : " ,\n");
  }
  return section(words("See also")) + text;
}

}  // namespace

std::string roff(const std::string& text) {
  std::string out;
  bool code = false;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        code = !code;
        out += code ? "\\fB" : "\\fP";
        break;
      case '\n':
        out += '\n';
        break;
      default:
        out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string page_name(const CommandText& command) {
  std::string name;
  for (const std::string& word : command.words) name += (name.empty() ? "" : "-") + word;
  return name;
}

std::string program_page(const CommandText& program, const Words& words) {
  std::string text = head(page_name(program), words("a web filter for schools"), words);
  text += section(words("Synopsis")) + bold(program.name()) + " " + italic(words("command")) + " [" +
          italic(words("options")) + "]\n";
  text += section(words("Description")) + line_of(words(program.text)) + paragraphs(program.footer, words);
  text += section(words("Commands"));
  std::vector<std::string> pages;
  for (const CommandText& command : program.commands) {
    text += item(bold(command.words.back()), roff(words(command.text)));
    pages.push_back(page_name(command) + "(8)");
  }
  text += section(words("Options")) + options(program, words);
  text += blocks(program.footer, words) + files(words);
  pages.insert(pages.end(), {"schoolgate.yaml(5)", "schoolgate-tier(5)"});
  return text + references(pages, words);
}

std::string command_page(const CommandText& command, const Words& words) {
  std::string text = head(page_name(command), words(command.text), words) + synopsis(command, words);
  const std::string description = paragraphs(command.footer, words);
  if (!description.empty()) text += section(words("Description")) + description;
  text += section(words("Options")) + options(command, words);
  if (!command.commands.empty()) text += section(words("Commands"));
  for (const CommandText& below : command.commands)
    text += ".SS \"" + roff(below.name()) + "\"\n" + line_of(words(below.text)) +
            paragraphs(below.footer, words) + options(below, words) + blocks_below(below.footer, words);
  text += blocks(command.footer, words);
  return text + references({"schoolgate(8)", "schoolgate.yaml(5)", "schoolgate-tier(5)"}, words);
}

}  // namespace schoolgate::tools
