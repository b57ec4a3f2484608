// `schoolgate help`: what a code of a message means, or how a command is used.
#include <ostream>
#include <vector>

#include "config/text/diag_codes.h"
#include "tools/commands/commands.h"

namespace schoolgate::tools {
namespace {

constexpr char help_footer[] = R"(Examples:
  schoolgate help SG1012             what that message means and what to do
  schoolgate help                    all codes
  schoolgate help check              the same as: schoolgate check --help)";

// Both languages: who types this may not be who runs the school's box.
void print(std::ostream& out, const diag::Explanation& about) {
  out << "SG" << about.code << "  " << about.title << "\n  " << about.vi << "\n  " << about.en << '\n';
}

// False: neither a code nor a command.
bool help_with(const CLI::App& program, const std::string& topic, std::ostream& out) {
  if (const diag::Explanation* const about = diag::find(topic)) {
    print(out, *about);
    return true;
  }
  const auto named =
      program.get_subcommands([&](const CLI::App* command) { return command->get_name() == topic; });
  for (const CLI::App* const command : named) out << command->help();
  return !named.empty();
}

}  // namespace

void add_help_command(CLI::App& app, Console& console, int& result) {
  CLI::App* const command =
      app.add_subcommand("help", "What a code of a message means, or how a command is used");
  command->footer(help_footer);
  const auto topics = std::make_shared<std::vector<std::string>>();
  command->add_option("topic", *topics, "SG1012, 1012, or the name of a command; none = all codes")
      ->type_name("CODE|COMMAND");
  command->callback([&app, &console, &result, topics] {
    if (topics->empty())
      for (const diag::Explanation& about : diag::all()) print(console.out, about);
    for (const std::string& topic : *topics) {
      if (help_with(app, topic, console.out)) continue;
      console.complain(say("there is neither a code nor a command \"{}\"", topic));
      result = exit_usage;
    }
  });
}

}  // namespace schoolgate::tools
