// `schoolgate lists lookalikes`: which sites were called look-alikes and why, for a person to look at; and
// the person's word that one was called so wrongly.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <ostream>

#include "config/main/main_reader.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "proxy/audit/log_reader.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "rules/url/host.h"
#include "tools/commands/lists.h"
#include "tools/commands/log_filter.h"
#include "tools/console/load.h"
#include "tools/console/load_report.h"

namespace schoolgate::tools {
namespace {

struct LookalikeOptions : LogFilter {
  std::string wrong;
  std::size_t limit = 50;
  bool json = false;
};

int complain_of(const Message& why, Console& console, int code) {
  console.err << console.text(why) << '\n';
  return code;
}

// What the lists as they are now say of the name: "gambling 7.2 of 6.4: ^bet, bet8".
struct Today {
  std::string category, pieces;
  double score = 0, threshold = 0;
};

std::optional<Today> today(const RuleDb& lists, std::string_view host) {
  const std::string_view name = lookalike_name(host);
  if (name.empty() || !lists.search(host).empty()) return std::nullopt;
  for (const LookalikeModel& model : lists.lookalikes().all()) {
    const NamePieces pieces(name);
    const std::int32_t score = model.score(pieces);
    if (!model.holds(name, pieces)) continue;
    Today out{model.category, "", static_cast<double>(model.unit) * score,
              static_cast<double>(model.unit) * model.threshold};
    constexpr std::size_t most_pieces = 4;
    for (const SpokenPiece& piece : loudest_pieces(model, name, most_pieces))
      out.pieces += (out.pieces.empty() ? "" : ", ") + piece.text;
    return out;
  }
  return std::nullopt;
}

std::string one_decimal(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

void print_hit(const audit::TopLine& line, const std::optional<Today>& now, bool json, Console& console) {
  if (json) {
    JsonObject object;
    object.add("host", printable(line.name)).add("requests", line.requests).add("blocked", line.blocked);
    object.add("warned", line.warned).add_or_null("category", now ? now->category : "");
    object.raw("score", now ? one_decimal(now->score) : "null");
    object.raw("threshold", now ? one_decimal(now->threshold) : "null");
    object.add_or_null("pieces", now ? now->pieces : "");
    console.out << object.text() << '\n';
    return;
  }
  const Message why = now ? say("like {}: {} of {} needed ({})", now->category, one_decimal(now->score),
                                one_decimal(now->threshold), now->pieces)
                          : say("named by a list or spared since");
  console.out << in_column(line.requests, console.catalogue) << "  " << printable(line.name) << "  "
              << why.in(console.catalogue) << '\n';
}

int show(const LookalikeOptions& options, Console& console) {
  const auto log = FilteredLog::open(options, console);
  if (!log) return exit_config_errors;
  const std::int64_t now = wall_clock_ms();
  auto query = log->query(now);
  if (!query) return complain_of(query.error(), console, exit_usage);
  constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
  if (!query->since_ms) query->since_ms = now - week_ms;
  query->reason = std::string(to_string(Reason::lookalike));
  query->limit = options.limit;
  const auto lines = audit::LogReader(log->directory()).top(*query, audit::Top::hosts);
  if (!lines) return complain_of(lines.error().message, console, exit_failed);
  const LoadResult loaded = load_for_reading(options.config, console);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console);
    return exit_config_errors;
  }
  for (const audit::TopLine& line : *lines)
    print_hit(line, today(*loaded.snapshot->lists, line.name), options.json, console);
  if (options.json) return exit_ok;
  if (lines->empty())
    console.print(say("no site was called a look-alike"));
  else
    console.print(say("called so wrongly? schoolgate lists lookalikes --wrong HOST, then schoolgate reload"));
  return exit_ok;
}

// Beside the main file, a host a line.
int add_wrong(const LookalikeOptions& options, Console& console) {
  Host host;
  if (const auto parsed = parse_host(options.wrong, host); parsed.failed() || host.is_address())
    return complain_of(say("\"{}\" is no site", options.wrong), console, exit_usage);
  const std::string path = join_path(folder_of(options.config), "lookalikes_wrong.txt");
  constexpr std::uint64_t most_bytes = 4 * 1024 * 1024;
  std::string text;
  if (::access(path.c_str(), F_OK) == 0) {
    auto old = read_file(path, most_bytes);
    if (!old) return complain_of(say("cannot read {}: {}", path, old.error().message), console, exit_failed);
    text = *std::move(old);
  } else {
    text =
        "# Trang bị gọi nhầm là giống trang cờ bạc, khiêu dâm; mỗi dòng một tên.\n"
        "# Sites that were called look-alikes wrongly; one host a line.\n";
  }
  bool known = false;
  for_each_line(text, [&](std::string_view line, std::uint32_t) { known |= line == host.text; });
  if (!known) {
    if (!text.ends_with('\n')) text += '\n';
    text += host.text + '\n';
    if (const auto written = write_whole_file(path, {text}, {.mode = 0644}); written.failed())
      return complain_of(written.error().message, console, exit_failed);
  }
  console.print(say("{} is never called a look-alike again after: schoolgate reload", host.text));
  return exit_ok;
}

}  // namespace

void add_lists_lookalikes(CLI::App& lists, Console& console, int& result) {
  CLI::App* const command =
      lists.add_subcommand("lookalikes", "Sites in no list whose names look like those of a category");
  const auto options = std::make_shared<LookalikeOptions>();
  add_config_option(*command, options->config);
  command->add_option("--since", options->since,
                      "from 15m, 2h, 7d, 1w ago, from \"2026-03-04 07:30\", today or yesterday");
  command->add_option("--dir", options->directory, "the log's folder, instead of asking the configuration");
  command->add_option("-n,--limit", options->limit, "at most so many, the largest; 0 = all")
      ->capture_default_str();
  CLI::Option* const json = command->add_flag("--json", options->json, "an object per line");
  command->add_option("--wrong", options->wrong, "this site was called so wrongly: never again")
      ->excludes(json);
  on_command(*command, options->config, console, [options, &console, &result] {
    result = options->wrong.empty() ? show(*options, console) : add_wrong(*options, console);
  });
}

}  // namespace schoolgate::tools
