// `schoolgate schema`: what the files may hold, as editors read it.
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "config/schemas.h"
#include "tools/commands/commands.h"
#include "tools/commands/json_schema.h"

namespace schoolgate::tools {
namespace {

constexpr char schema_footer[] =
    R"(An editor that knows the schemas (VS Code with its YAML extension, Kate, Vim, Emacs) offers keys and words,
says what each is for, and underlines what `schoolgate check` would refuse. The installed ones lie in
/usr/share/schoolgate/schema, in English in its en/; each file names its own in a comment.

Examples:
  schoolgate schema                      which kinds of files there are
  schoolgate schema tier                 what a file of tiers.d may hold
  schoolgate schema tier --lang en > tier.json
  schoolgate schema --out schemas        all of them, for the teacher's own PC)";

struct SchemaOptions {
  std::string config, kind, language, out;
};

// NAME.json in Vietnamese, en/NAME.json in English, as the package installs them.
int write_schemas(const std::string& folder, Console& console) {
  for (const Language language : {Language::vi, Language::en}) {
    const std::filesystem::path below = language == Language::vi ? folder : folder + "/en";
    std::error_code ignored;  // what cannot be made cannot be written to either
    std::filesystem::create_directories(below, ignored);
    for (const FileKind& kind : file_kinds()) {
      const std::filesystem::path path = below / (std::string(kind.name) + ".json");
      std::ofstream file(path, std::ios::binary | std::ios::trunc);
      file << json_schema(kind, language) << std::flush;
      if (file) continue;
      console.complain(say("cannot write {}", path.string()));
      return exit_failed;
    }
  }
  return exit_ok;
}

int print_schema(const SchemaOptions& options, Console& console) {
  const bool vi = options.language.empty() ? console.catalogue != nullptr : options.language == "vi";
  if (options.kind.empty()) {
    for (const FileKind& kind : file_kinds())
      console.out << padded(std::string(kind.name), 16) << padded(std::string(kind.files), 22)
                  << (vi ? kind.vi : kind.en) << '\n';
    return exit_ok;
  }
  const FileKind* const kind = find_file_kind(options.kind);
  if (kind == nullptr) return exit_usage;  // CLI11 knows the names
  console.out << json_schema(*kind, vi ? Language::vi : Language::en);
  return exit_ok;
}

}  // namespace

void add_schema_command(CLI::App& app, Console& console, int& result) {
  CLI::App* const command =
      app.add_subcommand("schema", "What a kind of file may hold, for editors (JSON Schema)");
  command->footer(schema_footer);
  const auto options = std::make_shared<SchemaOptions>();
  add_config_option(*command, options->config);
  std::vector<std::string> kinds;
  for (const FileKind& kind : file_kinds()) kinds.emplace_back(kind.name);
  command->add_option("kind", options->kind, "the kind of file; without it all are listed")
      ->type_name("KIND")
      ->check(CLI::IsMember(kinds));
  command->add_option("--lang", options->language, "of the descriptions; without it the school's")
      ->type_name("LANG")
      ->check(CLI::IsMember({"vi", "en"}));
  command->add_option("--out", options->out, "write all of them into this folder, in both languages")
      ->type_name("DIR")
      ->excludes("kind")
      ->excludes("--lang");
  on_command(*command, options->config, console, [options, &console, &result] {
    result = options->out.empty() ? print_schema(*options, console) : write_schemas(options->out, console);
  });
}

}  // namespace schoolgate::tools
