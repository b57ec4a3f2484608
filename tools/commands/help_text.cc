#include "tools/commands/help_text.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <sstream>
#include <string_view>

#include "tools/commands/help_vietnamese.h"
#include "tools/console/console.h"
#include "tools/console/recognised.h"

namespace schoolgate::tools {
namespace {

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

// In Vietnamese; what has none stays.
std::string in_vietnamese(const std::string& english) {
  const std::string_view vietnamese = vietnamese_help(english);
  return vietnamese.empty() ? english : std::string(vietnamese);
}

// Lines of at most 112 columns; all but the first begin with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t widest = 112;
  std::string out;
  std::size_t at = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t width = columns(word);
    if (at > indent && at + 1 + width > widest) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (at > indent) {
      out += ' ';
      ++at;
    }
    out += word;
    at += width;
  }
  return out;
}

std::string footer_text(const std::vector<FooterSection>& sections) {
  constexpr std::size_t widest_head = 48;
  std::string out;
  for (const FooterSection& section : sections) {
    if (!section.title.empty()) out += (out.empty() ? "" : "\n") + in_vietnamese(section.title) + ":\n";
    std::size_t head = 0;
    for (const ItemText& item : section.items)
      if (columns(item.head) <= widest_head) head = std::max(head, columns(item.head));
    for (const ItemText& item : section.items) {
      if (section.title.empty()) {
        out += (out.empty() ? "" : "\n") + wrapped(in_vietnamese(item.text), 0) + "\n";
      } else if (item.text.empty()) {
        out += "  " + item.head + "\n";
      } else {
        const std::string begin = "  " + padded(item.head, head) + "  ";
        out += begin + wrapped(in_vietnamese(item.text), columns(begin)) + "\n";
      }
    }
  }
  if (!out.empty()) out.pop_back();  // CLI11 ends the last line
  return out;
}

// CLI11's own counts bytes, and names what excludes an option in the order of addresses.
class ColumnFormatter : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_option_opts(const CLI::Option* option) const override {
    const std::string excludes = " " + get_label("Excludes") + ":";
    std::string text = Formatter::make_option_opts(option);
    const std::size_t at = text.find(excludes);
    if (at == std::string::npos) return text;
    std::set<std::string> names;
    for (const CLI::Option* other : option->get_excludes()) names.insert(other->get_name());
    text.resize(at + excludes.size());
    for (const std::string& name : names) text += " " + name;
    return text;
  }
  [[nodiscard]] std::string make_option(const CLI::Option* option, bool positional) const override {
    const std::string indent(column_width_, ' ');
    std::string line = "  " + make_option_name(option, positional) + make_option_opts(option);
    if (columns(line) >= column_width_) line += "\n" + indent;
    return padded(std::move(line), column_width_) + make_option_desc(option) + "\n";
  }
};

void translate(CLI::App& app, const std::shared_ptr<CLI::FormatterBase>& formatter) {
  app.formatter(formatter);
  app.description(in_vietnamese(app.get_description()));
  app.footer(footer_text(parse_footer(app.get_footer())));
  for (CLI::Option* option : app.get_options()) {
    option->description(in_vietnamese(option->get_description()));
    option->group(in_vietnamese(option->get_group()));
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->group(in_vietnamese(command->get_group()));
    translate(*command, formatter);
  }
}

}  // namespace

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

CLI::Validator counted_from_one() {
  return {[](std::string& text) {
            const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return digits && text.front() != '0' ? std::string() : text + " is not a number from 1 on";
          },
          ""};
}

Message usage_error(const std::string& what) {
  // One that is more exactly said stands before another that would hold it too.
  static constexpr std::array<std::string_view, 13> sentences{
      "A subcommand is required",
      "The following argument was not expected: {}",
      "The following arguments were not expected: {}",
      "Could not convert: {} = {}",
      "{}: {} required {} missing",
      "{}: At Most {} required but received {}",
      "{}: Directory does not exist: {}",
      "{}: Directory is actually a file: {}",
      "{}: {} not in {}",
      "{}: {} is not a number from 1 on",
      "{} is required",
      "{} requires {}",
      "{} excludes {}",
  };
  for (const std::string_view sentence : sentences)
    if (auto values = values_in(sentence, what)) return Message::of_table(sentence, std::move(*values));
  return Message::foreign(what);
}

std::shared_ptr<CLI::Formatter> help_formatter() {
  auto formatter = std::make_shared<ColumnFormatter>();
  formatter->column_width(34);
  return formatter;
}

void speak_vietnamese(CLI::App& program) {
  const auto formatter = help_formatter();
  for (const Translation& word : cli_in_vietnamese())
    formatter->label(std::string(word.english), std::string(word.vietnamese));
  translate(program, formatter);
  program.failure_message([](const CLI::App*, const CLI::Error& error) {
    const Message more = Message::of_table("Run with {} for more information.", {Message("--help")});
    return usage_error(error.what()).in(vietnamese_help) + "\n" + more.in(vietnamese_help) + "\n";
  });
}

}  // namespace schoolgate::tools
