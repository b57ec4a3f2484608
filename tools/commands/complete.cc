// `schoolgate __complete KIND`: names of the configuration as its files are, a line each, for the completion
// of shells (tools/manual/completion). No help, page or list of commands tells of it. It reads files of names
// alone, never a list; what cannot be read has no names, and nothing is said of it.
#include <ostream>
#include <set>
#include <string>

#include "config/lists/published_lists.h"
#include "config/main/main_reader.h"
#include "config/policy/bundle_reader.h"
#include "config/policy/category_reader.h"
#include "config/policy/tier_reader.h"
#include "tools/commands/commands.h"

namespace schoolgate::tools {
namespace {

struct CompleteOptions {
  std::string config, kind;
};

using Names = std::set<std::string>;

void add_tiers(const PolicyFiles& files, LoadContext& context, Names& names) {
  const auto paths = context.yaml_files_in(files.tiers_directory);
  if (!paths) return;
  for (const std::string& path : *paths)
    if (const auto tier = read_tier_file(path, context)) names.insert(tier->id.value);
}

Names names_of_kind(const std::string& config, const std::string& kind) {
  Names names;
  LoadContext context(config);
  const auto main = read_main_file(context);
  if (!main) return names;
  const PolicyFiles& files = main->config.policy;
  const auto catalogue = [&] { return read_catalogue(files.categories, context, {}); };
  const auto bundles = [&] { return read_bundles(files.bundles, files.bundles_directory, context, {}); };
  if (kind == "tiers") {
    add_tiers(files, context, names);
  } else if (kind == "lists") {
    for (const ListEntry& list : main->lists) names.insert(list.name);
  } else if (kind == "rooms") {
    for (const ClientNetwork& line : main->config.who)
      if (!line.label.empty()) names.insert(line.label);
  } else if (kind == "published") {
    if (const std::string file = published_lists_file(context); !file.empty()) {
      const PublishedLists published = read_published_lists(file, catalogue(), context);
      for (const PublishedList& list : published.lists) names.insert(list.name);
      for (const PublishedSet& set : published.sets) names.insert(set.name);
    }
  } else {
    if (kind == "categories" || kind == "targets")
      for (const std::string& id : catalogue().ids) names.insert(id);
    if (kind == "targets") names.insert("bundle:");
    if (kind == "bundles")
      for (const Bundle& bundle : bundles().all) names.insert(bundle.id);
  }
  return names;
}

bool is_one_line(const std::string& name) {
  return !name.empty() && name.find_first_of("\n\r") == std::string::npos;
}

}  // namespace

void add_complete_command(CLI::App& app, Console& console, int& result) {
  CLI::App* const command = app.add_subcommand(complete_command, "")->group("");
  const auto options = std::make_shared<CompleteOptions>();
  add_config_option(*command, options->config);
  command->add_option("kind", options->kind)->required();
  command->callback([options, &console, &result] {
    for (const std::string& name : names_of_kind(options->config, options->kind))
      if (is_one_line(name)) console.out << name << '\n';
    result = exit_ok;
  });
}

}  // namespace schoolgate::tools
