// `schoolgate tier show`: what holds in a tier.
#include <memory>
#include <ostream>

#include "config/overrides.h"
#include "tools/commands/commands.h"
#include "tools/commands/explain.h"
#include "tools/commands/tier_show.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char tier_footer[] =
    R"(Each setting, category, time and line with the file and line it comes from, and what beats it.

Examples:
  schoolgate tier show thcs                       all that holds in this tier
  schoolgate tier show thcs --json | jq '.lines[] | select(.beaten_by)'    lines that have no effect)";

struct TierOptions {
  std::string config, tier;
  bool json = false;
};

int show(const TierOptions& options, Console& console) {
  const LoadResult loaded = load_for_reading(options.config, console);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console);
    return exit_config_errors;
  }
  const Policy& policy = *loaded.snapshot->policy;
  const auto tier = policy.find_tier(options.tier);
  if (!tier) {
    std::vector<std::string> known;
    for (const Tier& one : policy.tiers()) known.push_back(one.id);
    console.complain(no_such_tier(options.tier, known));
    return exit_usage;
  }
  auto overrides = overrides_now(*loaded.snapshot, console);
  console.out << (options.json ? tier_json(*loaded.snapshot, *tier, std::move(overrides))
                               : tier_text(*loaded.snapshot, *tier, console.catalogue, console.out_colour,
                                           std::move(overrides)));
  return exit_ok;
}

}  // namespace

void add_tier_command(CLI::App& app, Console& console, int& result) {
  CLI::App* command = app.add_subcommand("tier", "What holds in a tier");
  command->require_subcommand(1);
  command->footer(tier_footer);
  auto options = std::make_shared<TierOptions>();
  CLI::App* showing =
      command->add_subcommand("show", "Everything that holds in a tier, and where it was written");
  showing->add_option("tier", options->tier, "the tier")->required()->type_name("TIER");
  showing->add_flag("--json", options->json, "for programs");
  add_config_option(*showing, options->config);
  on_command(*showing, options->config, console,
             [options, &console, &result] { result = show(*options, console); });
}

}  // namespace schoolgate::tools
