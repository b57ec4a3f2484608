// schoolgate backup: what a school's installation consists of, as one file.
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <memory>
#include <ostream>

#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "config/text/restoring.h"
#include "config/text/whole_file.h"
#include "proxy/core/json_text.h"
#include "tools/backup/age.h"
#include "tools/backup/collect.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/web/run_web.h"

namespace schoolgate::tools {
namespace {

constexpr char backup_footer[] =
    R"(Configuration, what commands changed of it, accepted policies, fetched lists and the figures of the log go into one file,
0600. Rows of the log never do. Without --keys no key and no password is in it; with --keys the authority's key, passwords,
the accounts of the staff's pages and this month's key of the pseudonyms are, and the file is encrypted by `age`.

Examples:
  schoolgate backup                          schoolgate-backup-2026-11-30.tar.gz in this folder
  schoolgate backup --list                   every file: whether a backup holds it, and why not
  schoolgate backup --keys                   asks for a passphrase; the file ends in .tar.gz.age
  schoolgate backup --keys --recipient /root/backup.pub -o /mnt/usb/school.age   for whoever has the private key)";

struct BackupOptions {
  std::string config, accounts = WebOptions{}.accounts, output;
  std::vector<std::string> recipients;
  bool keys = false, list = false, json = false;
};

class BackupCommand {
 public:
  BackupCommand(const BackupOptions& options, Console& console) : options_(options), console_(console) {}

  int run() {
    if (restore_was_cut(options_.config))
      return fail(say("a restore was cut in the middle: schoolgate restore --finish"));
    LoadContext context(options_.config);
    const auto main = read_main_file(context);
    if (!main) {
      print_errors(context.diagnostics, context.texts, console_);
      return exit_config_errors;
    }
    if (!names_its_secrets(context)) return exit_config_errors;
    const Places places = Places::of(main->config, options_.config, options_.accounts);
    if (options_.list) return list(places);
    CollectOptions collect{options_.keys, SCHOOLGATE_VERSION, std::time(nullptr), {}};
    for (const ListEntry& one : main->lists)
      if (!one.update) collect.lists.push_back(one.path);
    auto collected = collect_backup(places, main->config, collect);
    if (!collected) return fail(collected.error().message);
    auto bytes = write_backup(collected->backup);
    if (!bytes) return fail(bytes.error().message);
    const bool encrypted = options_.keys || !options_.recipients.empty();
    if (encrypted) {
      bytes = age_encrypt(*bytes, options_.recipients);
      if (!bytes) return fail(bytes.error().message);
    }
    const std::string output = options_.output.empty() ? usual_name(collect.now, encrypted) : options_.output;
    struct stat info {};
    if (::lstat(output.c_str(), &info) == 0)
      return fail(say("{} is there already: it stays as it is", output));
    if (const auto written = write_whole_file(output, {*bytes}, {.mode = 0600}); written.failed())
      return fail(written.error().message);
    for (const Message& remark : collected->remarks) console_.complain(remark);
    tell(collected->backup.manifest, output, bytes->size());
    return exit_ok;
  }

 private:
  int fail(const Message& why) const {
    console_.complain(why);
    return exit_failed;
  }

  // A section with an error is not there for who reads on: a password that it names would pass for a file
  // like others.
  [[nodiscard]] bool names_its_secrets(const LoadContext& context) const {
    const std::string main_file = context.real(context.config_file());
    Diagnostics errors;
    for (const Diagnostic& one : context.diagnostics)
      if (one.severity == Severity::error && one.file == main_file) errors.push_back(one);
    if (errors.empty()) return true;
    sort_by_place(errors);
    print_errors(errors, context.texts, console_);
    fail(say("no backup is made: while {} has errors it is not certain which files hold keys and passwords",
             main_file));
    return false;
  }

  static std::string usual_name(std::int64_t now, bool encrypted) {
    const std::time_t time = now;
    std::tm broken{};
    ::localtime_r(&time, &broken);
    char day[16];
    const std::size_t length = std::strftime(day, sizeof day, "%Y-%m-%d", &broken);
    return "schoolgate-backup-" + std::string(day, length) + (encrypted ? ".tar.gz.age" : ".tar.gz");
  }

  void tell(const Manifest& manifest, const std::string& output, std::size_t size) const {
    console_.print(say("{}: {} files, {} KiB", output, manifest.files.size(), (size + 1023) / 1024));
    if (manifest.keys)
      console_.print(
          say("Keys and passwords of the school are in it: who can decrypt it can pass for every site."));
    else if (!manifest.left.empty())
      console_.print(say("{} keys and passwords are not in it; with them: schoolgate backup --keys",
                         manifest.left.size()));
    console_.print(say("To try it without changing anything: schoolgate restore --dry-run {}", output));
  }

  int list(const Places& places) const {
    const FoundFiles found = find_files(places);
    JsonArray json;
    for (const FoundFile& file : found.files) {
      const bool held = is_held(file.what, options_.keys);
      if (options_.json) {
        json.add(JsonObject()
                     .add("file", file.path)
                     .add("class", to_string(file.what))
                     .add("held", held)
                     .add("why", reason_of(file.what).english()));
        continue;
      }
      console_.out << (held ? "+ " : "- ") << padded(file.path, 60) << "  "
                   << console_.text(reason_of(file.what)) << '\n';
    }
    if (options_.json) console_.out << json.text() << '\n';
    for (const Message& problem : found.problems) console_.complain(problem);
    return found.problems.empty() ? exit_ok : exit_failed;
  }

  const BackupOptions& options_;
  Console& console_;
};

}  // namespace

void add_backup_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* command =
      app.add_subcommand("backup", "This school's configuration, policy and figures as one file");
  command->add_option("-o,--out", options->output, "the file to make; one that is there is left alone")
      ->type_name("FILE");
  command->add_flag("--keys", options->keys, "keys, passwords and accounts too: always encrypted, by `age`");
  command
      ->add_option(
          "--recipient", options->recipients,
          "encrypt for this public key of `age`, or a file of such keys; else --keys asks for a passphrase")
      ->type_name("KEY|FILE");
  auto* const list = command->add_flag("--list", options->list,
                                       "make none: show every file, and whether it belongs into one");
  command->add_flag("--json", options->json, "for programs")->needs(list);
  command->add_option("--accounts", options->accounts, "the file of the accounts")
      ->type_name("FILE")
      ->capture_default_str();
  add_config_option(*command, options->config);
  command->footer(backup_footer);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = BackupCommand(*options, console).run(); });
}

}  // namespace schoolgate::tools
