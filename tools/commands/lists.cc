// `schoolgate lists`: what lists there are, which of them name a host, and bringing in a published
// collection.
#include <chrono>
#include <ctime>
#include <memory>
#include <ostream>

#include "config/list_import.h"
#include "config/lists/fetched_list.h"
#include "rules/url/host.h"
#include "tools/commands/lists.h"
#include "tools/console/counted.h"
#include "tools/console/last_week.h"
#include "tools/console/load.h"
#include "tools/console/load_report.h"

namespace schoolgate::tools {
namespace {

constexpr char lists_footer[] =
    R"(A list that says `update:` is fetched by a process of its own, over https alone, and tried before it rules. What
has shrunk or grown a lot, opens much, or closes a site that must work waits: lists update --accept NAME takes it.

Examples:
  schoolgate lists show
  schoolgate lists search m.example.com              which lists name it or a parent of it
  schoolgate lists import /srv/blacklists --name ut1    a collection as UT1 and squidGuard publish it
  schoolgate lists catalogue                         published lists, and what their licences say
  schoolgate lists enable vn-gambling --unchecked    take one of them into lists.d
  schoolgate lists enable vn-school --unchecked      a set of them: what a school in Viet Nam takes first
  schoolgate lists update                            fetch every list that says update:
  schoolgate lists update vn-gambling --dry-run      what would change; nothing does
  schoolgate lists update --from /media/usb          from files there: NAME, NAME.txt or NAME.gz
  schoolgate lists update --accept vn-gambling       a person has looked at what waits
  schoolgate lists lookalikes --since 7d             sites in no list whose names look like gambling
  schoolgate lists compile                           compile now what the next start would)";

struct ListsOptions {
  std::string config, host;
  std::string folder, name;
  bool json = false, accept_shrunk = false, dry_run = false;
};

// Null after the errors were printed.
std::shared_ptr<const Snapshot> load(const std::string& config, Console& console, int& result) {
  LoadResult loaded = load_for_reading(config, console);
  if (loaded.snapshot) return loaded.snapshot;
  print_errors(loaded.diagnostics, loaded.texts, console);
  result = exit_config_errors;
  return nullptr;
}

// "12 domains, 3 URL rules, 1 pattern"
Message counts_text(const RuleDb::Counts& counts) {
  const Message three = say("{}, {}, {}", counted::domains(counts.domains), counted::url_rules(counts.urls),
                            counted::patterns(counts.patterns));
  return counts.networks == 0 ? three : say("{}, {}", three, counted::networks(counts.networks));
}

void show_lists(const ListsOptions& options, Console& console, int& result) {
  const auto snapshot = load(options.config, console, result);
  if (!snapshot) return;
  JsonArray json;
  std::size_t name_width = 4, category_width = 8;
  for (const ListStatus& s : snapshot->list_status) {
    name_width = std::max(name_width, s.source.name.size());
    category_width = std::max(category_width, s.source.category.size());
    JsonObject list;
    list.add("name", s.source.name).add("category", s.source.category);
    list.add("format", to_string(s.source.format)).add("file", s.source.path);
    list.add("accepted", s.report.accepted).add("invalid", s.report.invalid);
    if (s.source.update) {
      const auto fetched = fetched_at(s.source);
      list.raw("fetched_at", fetched ? std::to_string(*fetched) : "null");
      list.add("overdue", overdue(*s.source.update, fetched, std::time(nullptr)));
    }
    json.add(list);
  }
  if (options.json) {
    console.out << json.text() << '\n';
    return;
  }
  for (const ListStatus& s : snapshot->list_status) {
    console.out << padded(printable(s.source.name), name_width) << "  "
                << padded(printable(s.source.category), category_width)
                << in_column(s.report.accepted, console.catalogue) << "  "
                << padded(std::string(to_string(s.source.format)), 11) << "  " << printable(s.source.path);
    const std::string age = list_age(s.source, std::time(nullptr), console.catalogue, console.out_colour);
    console.out << (age.empty() ? "" : "  ") << age << '\n';
  }
  const RuleDb::Counts counts = snapshot->lists->counts();
  console.print(say("{}; compiled: {} KiB", counts_text(counts), grouped(counts.total_bytes >> 10)));
  for (const LookalikeModel& model : snapshot->lists->lookalikes().all())
    console.print(
        say("look-alikes of {}: learned from {} names against {} ordinary ones; of names kept apart {} of "
            "1,000 are seen, and {} ordinary ones",
            model.category, grouped(model.positives), grouped(model.negatives), model.seen_of_1000,
            model.false_alarms));
}

void search_lists(const ListsOptions& options, Console& console, int& result) {
  Host host;
  if (const auto parsed = parse_host(options.host, host); parsed.failed()) {
    console.err << console.text(say("\"{}\": {}", options.host, message_of(parsed.error()))) << '\n';
    result = exit_usage;
    return;
  }
  const auto snapshot = load(options.config, console, result);
  if (!snapshot) return;
  JsonArray json;
  const std::vector<RuleHit> hits = snapshot->lists->search(host.text);
  for (const RuleHit& hit : hits) {
    const SourceInfo& list = snapshot->lists->sources()[hit.tag];
    const std::string rule = (hit.exception ? "@@" : "") + hit.text;
    json.add(JsonObject()
                 .add("list", list.name)
                 .add("category", list.category)
                 .add("file", list.file)
                 .add("line", hit.line)
                 .add("rule", rule)
                 .add("exception", hit.exception));
    if (!options.json) {
      console.out << printable(list.category) << "  " << printable(rule) << "  " << printable(list.file)
                  << ":" << hit.line << '\n';
    }
  }
  if (options.json) console.out << json.text() << '\n';
  if (hits.empty() && !options.json) console.print(say("no list names {}", host.text));
}

void compile(const ListsOptions& options, Console& console, int& result) {
  const auto begin = std::chrono::steady_clock::now();
  ProgressBar bar(console);
  LoadOptions load;
  load.accept_shrunk = options.accept_shrunk;
  load.hosts_of_last_week = hosts_of_last_week;
  load.progress = [&](const Message& what, double done) { bar.show(what, done); };
  const LoadResult loaded = load_snapshot(options.config, load);
  bar.clear();
  print_errors(loaded.diagnostics, loaded.texts, console);
  if (!loaded.snapshot) {
    result = exit_config_errors;
    return;
  }
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  const RuleDb::Counts counts = loaded.snapshot->lists->counts();
  console.print(say("{} in {} ms", counts_text(counts), ms.count()));
}

// What becomes of a folder, in a column of its own.
std::string import_fate(const ImportFolder& folder, Catalogue catalogue, bool colour) {
  if (folder.too_deep)
    return paint(colour, Colour::yellow, say("skipped: lists are read two folders deep").in(catalogue));
  if (folder.otherwise) {
    const Message by_map = folder.category ? Message(*folder.category) : say("skipped");
    return say("{}, as the map says (categories.yaml: {})", by_map, *folder.otherwise).in(catalogue);
  }
  if (folder.category) return *folder.category;
  return folder.skipped
             ? paint(colour, Colour::dim, say("skipped").in(catalogue))
             : paint(colour, Colour::yellow, say("skipped: no category is known for it").in(catalogue));
}

std::string import_line(const ImportFolder& folder, Catalogue catalogue, bool colour) {
  return "  " + padded(printable(folder.name), 24) + in_column(folder.entries(), catalogue) + "  " +
         import_fate(folder, catalogue, colour) + "\n";
}

void import(const ListsOptions& options, Console& console, int& result) {
  std::string folder = options.folder;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  const std::string name = options.name.empty() ? base_name(folder) : options.name;
  const auto plan = plan_import(options.config, folder, name);
  if (!plan) {
    console.err << console.text(plan.error().message) << '\n';
    result = exit_failed;
    return;
  }
  print_errors(plan->diagnostics, plan->texts, console);
  std::uint64_t entries = 0;
  for (const ImportFolder& f : plan->folders) {
    console.out << import_line(f, console.catalogue, console.out_colour);
    if (f.category) entries += f.entries();
  }
  for (const auto& [gone, category] : plan->gone)
    console.print(
        say("{}: mapped to {}, and not in the collection; it stays in the map until you take it out", gone,
            category));
  console.print(say("{} entries in categories", grouped(entries)));
  for (const Lifts& lifts : plan->lifts) console.print(message_of(lifts));
  if (has_errors(plan->diagnostics)) {
    result = exit_config_errors;
    return;
  }
  if (options.dry_run) return;
  const auto written = write_import(options.config, *plan);
  if (!written) {
    console.err << console.text(written.error().message) << '\n';
    result = exit_failed;
    return;
  }
  console.print(say("written: {}", *written));
  console.print(say("to use them: schoolgate check, then schoolgate reload"));
}

}  // namespace

void add_lists_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<ListsOptions>();
  CLI::App* command = app.add_subcommand("lists", "Show, search, import, fetch and compile lists");
  command->require_subcommand(1);
  command->footer(lists_footer);
  const auto add = [&](const char* name, const char* what, auto&& act) {
    CLI::App* sub = command->add_subcommand(name, what);
    auto config = std::make_shared<std::string>();
    add_config_option(*sub, *config);
    on_command(*sub, *config, console, [options, config, &console, &result, act] {
      options->config = *config;
      act(*options, console, result);
    });
    return sub;
  };
  add("show", "Every list with its entries", show_lists)->add_flag("--json", options->json, "for programs");
  CLI::App* searching = add("search", "Which lists name a host or a parent of it", search_lists);
  searching->add_option("host", options->host, "the host")->required();
  searching->add_flag("--json", options->json, "for programs");
  CLI::App* importing = add("import", "Bring in a folder of lists as UT1 and squidGuard publish it", import);
  importing->add_option("folder", options->folder, "holds adult/domains, gambling/urls, ...")
      ->required()
      ->check(CLI::ExistingDirectory);
  importing->add_option("--name", options->name, "what to call it (default: the folder's name)");
  importing->add_flag("--dry-run", options->dry_run, "show what would come in, write nothing");
  CLI::App* compiling = add("compile", "Compile the lists now; a reload then takes a moment", compile);
  compiling->add_flag("--accept-shrunk", options->accept_shrunk,
                      "lists that are gone or lost more than 30 % are meant");
  add_lists_catalogue(*command, console, result);
  add_lists_update(*command, console, result);
  add_lists_lookalikes(*command, console, result);
}

}  // namespace schoolgate::tools
