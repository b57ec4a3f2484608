#include "tools/commands/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "config/kept_sets.h"
#include "config/list_lifts.h"
#include "config/lists/list_cache.h"
#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr char footer[] = R"(Examples:
  schoolgate check                        the installed configuration
  schoolgate check -c draft/schoolgate.yaml --strict    also warnings fail (exit code 4)
  schoolgate check --json | jq '.diagnostics[].message')";

std::string list_line(const ListStatus& status, const Lifts* lifts, bool colour) {
  const ListReport& r = status.report;
  std::string text = "  " + padded(printable(status.source.name), 24) +
                     padded(printable(status.source.category), 20) + in_column(r.accepted) + " " +
                     std::string(to_string(status.source.format));
  std::string ignored;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    if (r.ignored[i] == 0 || static_cast<Ignored>(i) == Ignored::comment_or_blank) continue;
    ignored += (ignored.empty() ? "; ignored: " : ", ") + grouped(r.ignored[i]) + " " +
               std::string(to_string(static_cast<Ignored>(i)));
  }
  text += ignored;
  if (r.invalid != 0) text += "; " + paint(colour, Colour::yellow, grouped(r.invalid) + " invalid");
  if (lifts != nullptr)
    text += "; lifts " + grouped(lifts->entries) +
            (lifts->entries == 1 ? " blocked entry" : " blocked entries") + ", such as " +
            printable(lifts->example);
  text += '\n';
  for (const Diagnostic& d : r.first_problems) {
    text += "      line " + std::to_string(d.pos.line) + ": " + printable(d.message) + '\n';
  }
  return text;
}

const Lifts* of_list(const std::vector<Lifts>& all, const ListStatus& status) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Lifts& lifts) { return lifts.list == status.source.name; });
  return found == all.end() ? nullptr : &*found;
}

JsonObject list_json(const ListStatus& status, const Lifts* lifts) {
  const ListReport& r = status.report;
  JsonObject ignored;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    if (r.ignored[i] != 0) ignored.add(to_string(static_cast<Ignored>(i)), r.ignored[i]);
  }
  JsonArray problems;
  for (const Diagnostic& d : r.first_problems) problems.add(to_json(d));
  JsonObject json;
  json.add("name", status.source.name)
      .add("category", status.source.category)
      .add("file", status.source.path);
  json.add("format", to_string(status.source.format)).add("lines", r.lines).add("accepted", r.accepted);
  json.add("ignored", ignored).add("invalid", r.invalid).add("first_problems", problems);
  if (lifts != nullptr) json.add("lifts", lifts->entries).add("lifts_example", lifts->example);
  return json;
}

// Patterns of lists that wait for a path no tier but an inspected one ever sees of an https site.
std::string asleep_text(const Snapshot& snapshot, bool colour) {
  constexpr std::size_t shown = 5;
  const auto& tiers = snapshot.policy->tiers();
  if (std::all_of(tiers.begin(), tiers.end(), [](const Tier& t) { return t.https == Https::inspect; }))
    return {};
  const std::vector<RuleHit> asleep = snapshot.lists->patterns_that_need_a_path();
  if (asleep.empty()) return {};
  std::string text = counted(asleep.size(), "pattern") +
                     " of lists need a path: on https they are asked only where https: inspect";
  for (std::size_t i = 0; i < asleep.size() && i < shown; ++i)
    text += "\n  " + printable(snapshot.list_status[asleep[i].tag].source.path) + ":" +
            std::to_string(asleep[i].line) + ": " + printable(asleep[i].text);
  if (asleep.size() > shown) text += "\n  and " + grouped(asleep.size() - shown) + " more";
  return paint(colour, Colour::yellow, text) + "\n";
}

}  // namespace

std::string check_text(const LoadResult& loaded, bool colour) {
  std::string text = render(loaded.diagnostics, loaded.texts, colour);
  const std::string counts = to_text(count(loaded.diagnostics));
  if (!loaded.snapshot) {
    return text + paint(colour, Colour::red, counts + ": this configuration cannot be used") + "\n";
  }
  const Snapshot& s = *loaded.snapshot;
  if (!text.empty()) text += '\n';
  text += "lists\n";
  const std::vector<Lifts> lifts = count_lifts(s);
  for (const ListStatus& status : s.list_status) text += list_line(status, of_list(lifts, status), colour);
  if (s.list_status.empty()) text += "  none\n";
  if (const auto weak = s.lists->counts().weak_patterns; weak != 0) {
    text += paint(colour, Colour::yellow,
                  counted(weak, "pattern") +
                      " of lists without a fixed text of 3 letters or more: each is tried on "
                      "every request") +
            "\n";
  }
  text += asleep_text(s, colour);
  for (const std::string& thin : s.thin)
    text += paint(colour, Colour::red, "thin: " + printable(thin)) + "\n";
  text += "\n" + paint(colour, Colour::green, "ok") + (counts.empty() ? "" : " with " + counts) + ": " +
          counted(s.counts.tiers, "tier") + ", " + counted(s.list_status.size(), "list") + " with " +
          counted(s.lists->counts().domains, "domain") + ", " + counted(s.counts.lines, "line") +
          " of policy; tests passed: " + grouped(s.counts.policy_tests) + " of policy, " +
          grouped(s.counts.pattern_tests) + " of patterns\n";
  return text;
}

std::string check_json(const LoadResult& loaded, const std::string& standing) {
  const DiagnosticCounts counts = count(loaded.diagnostics);
  JsonArray diagnostics, lists, thin;
  for (const Diagnostic& d : loaded.diagnostics) diagnostics.add(to_json(d));
  JsonObject json;
  json.add("ok", loaded.snapshot != nullptr).add("errors", counts.errors).add("warnings", counts.warnings);
  json.add("diagnostics", diagnostics);
  if (loaded.snapshot) {
    const Snapshot& s = *loaded.snapshot;
    const std::vector<Lifts> lifts = count_lifts(s);
    for (const ListStatus& status : s.list_status) lists.add(list_json(status, of_list(lifts, status)));
    for (const std::string& sentence : s.thin) thin.add(sentence);
    const RuleDb::Counts db = s.lists->counts();
    JsonObject numbers;
    numbers.add("tiers", s.counts.tiers).add("categories", s.counts.categories).add("lines", s.counts.lines);
    numbers.add("floor", s.counts.floor)
        .add("domains", db.domains)
        .add("urls", db.urls)
        .add("patterns", db.patterns);
    numbers.add("weak_patterns", db.weak_patterns).add("policy_tests", s.counts.policy_tests);
    numbers.add("pattern_tests", s.counts.pattern_tests);
    json.add("digest", s.digest).add("counts", numbers).add("lists", lists).add("thin", thin);
  }
  if (!standing.empty()) json.add("standing", standing);
  return json.text() + "\n";
}

int check_exit_code(const LoadResult& loaded, bool strict) {
  const DiagnosticCounts counts = count(loaded.diagnostics);
  if (!loaded.snapshot || counts.errors != 0) return exit_config_errors;
  return strict && counts.warnings != 0 ? exit_warnings : exit_ok;
}

namespace {

struct CheckOptions {
  std::string config, state, user;
  bool strict = false, json = false;
};

// Everything that `check` looks at, as the user that this process is.
Done look(const CheckOptions& options, const std::string& standing, bool colour) {
  std::ostringstream out, err;
  Console quiet{out, err};
  const KeptSets sets(kept_sets_folder(options.config, options.state), options.config);
  const KeptSets::Found kept = sets.find();
  for (const std::string& problem : kept.problems)
    err << "schoolgate: not compared with what was accepted last: " << printable(problem) << '\n';
  std::optional<PolicyFiles> accepted;
  if (kept.set)
    if (const auto main_file = main_file_of(options.config, kept.set->texts)) accepted = main_file->policy;
  const LoadResult loaded = load_for_reading(options.config, quiet, accepted);
  if (loaded.snapshot) {
    const std::string compiled = join_path(loaded.snapshot->config.state_directory, "lists.sgdb");
    std::string problem;
    if (!open_compiled_lists(compiled, problem) && !problem.empty())
      err << "schoolgate: the lists were not compared with those of the last good load: "
          << printable(compiled) << ": " << problem << '\n';
  }
  if (options.json) {
    out << check_json(loaded, standing);
  } else {
    out << check_text(loaded, colour);
    if (!loaded.snapshot && kept.set)
      out << "a start begins with the configuration accepted " << time_text(kept.set->accepted_at) << " (set "
          << kept.set->digest.substr(0, 12) << ")\n";
    out << paint(colour && !standing.empty(), Colour::red, standing);
  }
  return {check_exit_code(loaded, options.strict), out.str(), err.str()};
}

// Whom the proxy runs as, for root: who is named, or who wrote its files, or the user of the installed one.
std::optional<uid_t> proxys_user(const CheckOptions& options) {
  if (!options.user.empty()) return uid_of(options.user);
  LoadContext context(options.config);
  const auto main = read_main_file(context);
  std::vector<std::string> written{kept_sets_folder(options.config, options.state)};
  if (main) {
    written.push_back(join_path(main->config.state_directory, "lists.sgdb"));
    written.push_back(main->config.log.directory);
    written.push_back(main->config.state_directory);
  }
  for (const std::string& path : written) {
    struct stat info {};
    if (!path.empty() && ::stat(path.c_str(), &info) == 0 && info.st_uid != 0) return info.st_uid;
  }
  const bool installed = !kept_sets_folder(options.config, "").empty();
  return installed ? uid_of("schoolgate") : std::nullopt;
}

// Root may read what the proxy may not, and does not believe what the proxy wrote: it looks as the proxy's
// user.
Result<Done> look_as_root(const CheckOptions& options, const std::string& standing, bool colour) {
  const auto user = proxys_user(options);
  if (!user && !options.user.empty()) return Error{"there is no user \"" + options.user + "\""};
  const auto as_root = [&](const std::string& why) {
    Done done = look(options, standing, colour);
    done.err += "schoolgate: looked at as root (" + why +
                "): whether the proxy's user may read these files was not looked at\n";
    return done;
  };
  if (!user || *user == 0) return as_root("--user NAME looks as the one whom the proxy becomes");
  constexpr int not_readable = 112;  // none of the exit codes of `check`
  Result<Done> done = do_as(*user, [&]() -> Done {
    const bool draft = options.user.empty() && kept_sets_folder(options.config, "").empty();
    if (draft && ::access(options.config.c_str(), R_OK) != 0 && errno == EACCES)
      return {not_readable, "", ""};
    return look(options, standing, colour);
  });
  if (done && done->exit_code == not_readable)
    return as_root("user " + name_of(*user) + " may not read " + printable(options.config));
  return done;
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
  command->footer(footer);
  command->callback([options, &console, &result] {
    std::ostringstream unsaid;
    Console quiet{unsaid, unsaid};
    const auto running = ask_running(options->config, options->state, "standing", quiet);
    const std::string standing = running && running->exit_code == exit_ok ? running->text : std::string();
    const bool colour = console.out_colour;
    const Result<Done> done = ::geteuid() == 0 ? look_as_root(*options, standing, colour)
                                               : Result<Done>(look(*options, standing, colour));
    if (!done) {
      console.err << "schoolgate: " << printable(done.error().message) << '\n';
      result = exit_failed;
      return;
    }
    console.err << done->err;
    console.out << done->out;
    result = done->exit_code;
  });
}

}  // namespace schoolgate::tools
