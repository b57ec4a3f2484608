#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "config/kept_sets.h"
#include "config/lists/list_cache.h"
#include "config/main/main_reader.h"
#include "config/text/diag_codes.h"
#include "config/text/load_context.h"
#include "config/text/overlay.h"
#include "config/text/suggest.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/commands/proxys_user.h"
#include "tools/console/folder_watch.h"
#include "tools/console/load.h"
#include "tools/console/load_report.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr char check_footer[] = R"(Examples:
  schoolgate check                        the installed configuration
  schoolgate check -c draft/schoolgate.yaml --strict    also warnings fail (exit code 4)
  schoolgate check --json | jq '.diagnostics[].message'
  schoolgate check --watch                look again whenever a file was saved, until Ctrl-C)";

struct CheckOptions {
  std::string config, state, user;
  bool strict = false, json = false, watch = false;
};

bool closes_what_must_work_alone(const LoadResult& loaded) {
  const auto is_other_error = [](const Diagnostic& one) {
    return one.severity == Severity::error && one.code != diag::must_work_closed;
  };
  return has_errors(loaded.diagnostics) &&
         std::none_of(loaded.diagnostics.begin(), loaded.diagnostics.end(), is_other_error);
}

// Everything that `check` looks at, as the user that this process is.
Done look(const CheckOptions& options, const std::string& standing, const Console& console) {
  std::ostringstream out, err;
  Console quiet{out, err, false, false, console.out_colour, false, console.catalogue};
  const KeptSets sets(kept_sets_folder(options.config, options.state), options.config);
  const KeptSets::Found kept = sets.find();
  for (const Message& problem : kept.problems)
    quiet.complain(say("not compared with what was accepted last: {}", problem));
  std::optional<PolicyFiles> accepted;
  if (kept.set)
    if (const auto main_file = main_file_of(options.config, kept.set->texts)) accepted = main_file->policy;
  static const ConfigTexts nothing;  // was accepted yet, where sets are kept
  const ConfigTexts* const texts = kept.set ? &kept.set->texts : sets.folder().empty() ? nullptr : &nothing;
  LoadResult loaded = load_for_reading(options.config, quiet, accepted, nullptr, texts);
  if (kept.set && closes_what_must_work_alone(loaded)) {  // as a reload: it may have been closed before, too
    LoadOptions then;
    then.kept = &kept.set->texts;
    then.write_cache = false;
    if (const LoadResult before = load_snapshot(options.config, then); before.snapshot)
      loaded = load_for_reading(options.config, quiet, accepted, before.snapshot.get(), texts);
  }
  check_trust(loaded);
  if (loaded.snapshot) {
    const std::string compiled = join_path(loaded.snapshot->config.state_directory, "lists.sgdb");
    if (const auto lists = open_compiled_lists(compiled); !lists)
      quiet.complain(say("the lists were not compared with those of the last good load: {}: {}", compiled,
                         lists.error().message));
  }
  if (options.json) {
    out << check_json(loaded, standing);
  } else {
    out << check_text(loaded, quiet.catalogue, quiet.out_colour);
    if (!loaded.snapshot && kept.set)
      quiet.print(say("a start begins with the configuration accepted {} (set {})",
                      time_text(kept.set->accepted_at), kept.set->digest.substr(0, 12)));
    out << paint(quiet.out_colour && !standing.empty(), Colour::red, standing);
  }
  return {check_exit_code(loaded, options.strict), out.str(), err.str()};
}

// Root may read what the proxy may not, and does not believe what the proxy wrote: it looks as the proxy's
// user.
Result<Done> look_as_root(const CheckOptions& options, const std::string& standing, const Console& console) {
  const auto user = proxys_user(options.config, options.state, options.user);
  if (!user && !options.user.empty()) return Error{say("there is no user \"{}\"", options.user)};
  const auto as_root = [&](const Message& why) {
    Done done = look(options, standing, console);
    std::ostringstream err;
    Console{err, err, false, false, false, false, console.catalogue}.complain(
        say("looked at as root ({}): whether the proxy's user may read these files was not looked at", why));
    done.err += err.str();
    return done;
  };
  if (!user || *user == 0) return as_root(say("--user NAME looks as the one whom the proxy becomes"));
  constexpr int not_readable = 112;  // none of the exit codes of `check`
  Result<Done> done = do_as(*user, [&]() -> Done {
    const bool draft = options.user.empty() && kept_sets_folder(options.config, "").empty();
    if (draft && ::access(options.config.c_str(), R_OK) != 0 && errno == EACCES)
      return {not_readable, "", ""};
    return look(options, standing, console);
  });
  if (done && done->exit_code == not_readable)
    return as_root(say("user {} may not read {}", name_of(*user), options.config));
  return done;
}

// The folders in which something that `check` reads may change. What the main file names is not known while
// it cannot be read: what was watched before stays so.
void watch_folders(const std::string& config, FolderWatch& watch) {
  LoadContext context(config);
  watch.add(context.folder());
  watch.add(overlay_folder(config));
  const auto main = read_main_file(context);
  if (!main) return;
  const PolicyFiles& policy = main->config.policy;
  watch.add(policy.tiers_directory);
  watch.add(main->lists_folder);
  watch.add(policy.bundles_directory);
  watch.add(policy.host_files_directory);
  for (const std::string& file : {policy.categories, policy.locked, policy.help, policy.floor, policy.terms,
                                  policy.search, policy.periods, policy.bundles})
    if (!file.empty()) watch.add(folder_of(file));
  constexpr int most_subfolders = 1000;
  int subfolders = 0;
  for (const ListEntry& list : main->lists) {
    watch.add(folder_of(list.path));
    if (!list.tree) continue;
    watch.add(list.path);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(list.path, ignored))
      if (entry.is_directory(ignored) && ++subfolders <= most_subfolders) watch.add(entry.path().string());
  }
}

int check_once(const CheckOptions& options, Console& console) {
  std::ostringstream unsaid;
  Console quiet{unsaid, unsaid};
  const std::string question = options.json ? "standing json" : "standing";
  const auto running = ask_running(options.config, options.state, question, quiet);
  const std::string standing = running && running->exit_code == exit_ok ? running->text : std::string();
  const Result<Done> done = ::geteuid() == 0 ? look_as_root(options, standing, console)
                                             : Result<Done>(look(options, standing, console));
  return tell(done, console);
}

// Until a signal ends us, or the reader of our output leaves.
int check_and_watch(const CheckOptions& options, Console& console) {
  FolderWatch watch;
  for (;;) {
    watch_folders(options.config, watch);  // before the look: what changes meanwhile is seen
    const int result = check_once(options, console);
    if (!options.json && console.out_terminal)
      console.out << paint(console.out_colour, Colour::dim,
                           console.text(say("waiting for a change; Ctrl-C ends")))
                  << '\n';
    if (!console.out.flush()) return result;
    const std::vector<std::string> changed = watch.wait(std::chrono::seconds(1));
    if (changed.empty()) {
      console.complain(say("changes cannot be waited for"));
      return exit_failed;
    }
    if (options.json) continue;
    constexpr std::size_t most_named = 5;
    speak_as_school(options.config, console);
    console.out << '\n';
    console.print(say("changed: {}", join_words(changed, most_named)));
  }
}

}  // namespace

void add_check_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "Check configuration, tiers, lists and patterns; run their tests");
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command
      ->add_option("--user", options->user,
                   "as root: look as this user (default: whose the proxy's files are)")
      ->type_name("NAME");
  command->add_flag("--strict", options->strict, "warnings fail too (exit code 4)");
  command->add_flag("--json", options->json, "for programs");
  command->add_flag("--watch", options->watch,
                    "look again a second after files of the configuration changed, until interrupted");
  command->footer(check_footer);
  on_command(*command, options->config, console, [options, &console, &result] {
    result = options->watch ? check_and_watch(*options, console) : check_once(*options, console);
  });
}

}  // namespace schoolgate::tools
