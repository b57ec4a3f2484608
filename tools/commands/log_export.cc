#include "tools/commands/log_export.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <ostream>

#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/commands/log_filter.h"
#include "tools/console/counted.h"
#include "tools/console/export_row.h"
#include "tools/console/load.h"
#include "tools/console/new_file.h"

namespace schoolgate::tools {
namespace {

struct ExportOptions : LogFilter {
  std::string format = "jsonl", why, out;
  bool clients = false;
};

class ExportCommand {
 public:
  ExportCommand(const ExportOptions& options, Console& console) : options_(options), console_(console) {}

  int run() {
    for (char& c : why_) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    constexpr std::size_t longest = 800;  // as of `log --reveal`
    if (options_.clients && (why_.find_first_not_of(' ') == std::string::npos || why_.size() > longest))
      return tell(say("--why is empty or longer than {} bytes", longest), exit_usage);
    const auto log = FilteredLog::open(options_, console_);
    if (!log) return exit_config_errors;
    const std::int64_t now = wall_clock_ms();
    auto query = log->query(now);
    if (!query) return tell(query.error(), exit_usage);
    if (!query->until_ms) query->until_ms = now + 1;  // what comes meanwhile is the next export's
    if (!options_.out.empty()) {
      auto file = NewFile::begin(options_.out, options_.clients ? 0600 : 0640);
      if (!file) return tell(file.error().message, exit_failed);
      file_.emplace(std::move(*file));
    }
    if (const auto recorded = record(log->directory(), *query, now); recorded.failed())
      return tell(recorded.error().message, exit_failed);
    return rows(*log, *query);
  }

 private:
  // What cannot be written down does not happen.
  [[nodiscard]] Result<void> record(const std::string& directory, const audit::LogQuery& query,
                                    std::int64_t now) const {
    JsonObject detail;
    if (query.since_ms) detail.add("since", audit::utc_text(*query.since_ms));
    detail.add("until", audit::utc_text(*query.until_ms)).add("format", options_.format);
    const std::pair<const char*, const std::string&> words[] = {{"tier", options_.tier},
                                                                {"category", options_.category},
                                                                {"action", options_.action},
                                                                {"host", options_.host},
                                                                {"client", options_.client}};
    for (const auto& [name, value] : words)
      if (!value.empty()) detail.add(name, value);
    if (options_.blocked) detail.add("blocked", true);
    if (options_.visits) detail.add("visits", true);
    detail.add("clients", options_.clients);
    if (!why_.empty()) detail.add("why", why_);
    return audit::append_event(directory, now, "uid " + std::to_string(::getuid()), "log_taken",
                               detail.text());
  }

  int rows(const FilteredLog& log, const audit::LogQuery& query) {
    constexpr std::size_t piece = 5'000;
    const auto clients = options_.clients ? ExportClients::named : ExportClients::left_out;
    const ExportFormat format = *export_format(options_.format);
    std::string waiting = export_header(format, clients);
    std::uint64_t told = 0;
    std::optional<std::int64_t> first_ms = query.since_ms;
    ProgressBar bar(console_);
    const auto done = audit::LogReader(log.directory()).each_row(query, piece, [&](const audit::LogRow& row) {
      waiting += export_line(row, format, clients);
      if (!first_ms) first_ms = row.time_ms;
      if (++told % 1'000 != 0) return true;
      const auto all = static_cast<double>(*query.until_ms - *first_ms);
      bar.show(counted::rows(told), static_cast<double>(row.time_ms - *first_ms) / all);
      return write(waiting);
    });
    bar.clear();
    if (done.failed()) return tell(done.error().message, exit_failed);
    if (told == 0) {
      const FilteredLog::Unknown unknown = log.look_for_names(query);
      for (const Message& words : unknown.words) (void)tell(words, exit_ok);
      if (unknown.wrong) return exit_usage;
    }
    if (!trouble_ && write(waiting)) return finish(told);
    if (trouble_) return tell(*trouble_, exit_failed);
    return exit_failed;  // who reads our output has left
  }

  // False: no more can be written.
  bool write(std::string& waiting) {
    if (!file_) {
      console_.out << waiting;
      waiting.clear();
      return static_cast<bool>(console_.out.flush());
    }
    if (const auto added = file_->add(waiting); added.failed()) trouble_ = added.error().message;
    waiting.clear();
    return !trouble_;
  }

  int finish(std::uint64_t told) {
    if (!file_) return exit_ok;
    if (const auto done = file_->finish(); done.failed()) return tell(done.error().message, exit_failed);
    console_.print(say("{}: {}", options_.out, counted::rows(told)));
    return exit_ok;
  }

  int tell(const Message& message, int exit_code) const {
    console_.err << console_.text(message) << '\n';
    return exit_code;
  }

  const ExportOptions& options_;
  Console& console_;
  std::string why_ = options_.why;
  std::optional<NewFile> file_;
  std::optional<Message> trouble_;
};

}  // namespace

void add_export_command(CLI::App& log, Console& console, int& result) {
  auto options = std::make_shared<ExportOptions>();
  ExportOptions& o = *options;
  CLI::App* command = log.add_subcommand("export", "Rows for another program, as JSON lines or CSV");
  command
      ->add_option("--format", o.format, "jsonl (JSON lines with the names of ECS) or csv, for spreadsheets")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  add_filter_options(*command, o);
  CLI::Option* why = command->add_option(
      "--why", o.why, "the reason, which is recorded; with --with-clients it must be said");
  CLI::Option* clients =
      command
          ->add_flag("--with-clients", o.clients, "with pseudonyms of devices, and times to the millisecond")
          ->needs(why);
  // Rows of one device are about a client, whatever columns they have.
  command->get_option("--client")->needs(clients);
  command->add_option("--out", o.out, "the file to make; one that is there is left alone")->type_name("FILE");
  add_config_option(*command, o.config);
  command->add_option("--dir", o.directory, "the log's folder, instead of asking the configuration");
  command->callback([options, &console, &result] {
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = ExportCommand(*options, console).run();
  });
}

}  // namespace schoolgate::tools
