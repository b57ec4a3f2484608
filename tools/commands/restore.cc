// schoolgate restore: a backup in the place of what is there; looks first, and asks.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <iostream>
#include <memory>
#include <ostream>

#include "config/kept_sets.h"
#include "config/load_snapshot.h"
#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "config/text/own_files.h"
#include "config/text/restoring.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "proxy/audit/figures_copy.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/pseudonym.h"
#include "proxy/core/json_text.h"
#include "tools/backup/age.h"
#include "tools/backup/restore.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/daemon/privileges.h"
#include "tools/setup/changes.h"
#include "tools/setup/interview.h"
#include "tools/web/run_web.h"

namespace schoolgate::tools {
namespace {

constexpr char restore_footer[] =
    R"(Everything is looked at before anything is touched: each file's SHA-256, and whether the configuration loads. Then it shows
what would change, and asks. What was there is kept aside. The log is never kept longer than this machine keeps it now,
and a running proxy is told to reload. After an end in the middle no configuration loads until --finish was given.

Examples:
  schoolgate restore --dry-run school.tar.gz      what would change
  schoolgate restore school.tar.gz                the same, asks, does it
  schoolgate restore --identity key.txt school.age   encrypted for a key; a passphrase is asked for
  schoolgate restore --finish                     what was cut in the middle)";

struct RestoreOptions {
  std::string config, accounts = WebOptions{}.accounts, file, identity;
  bool yes = false, dry_run = false, finish = false;
};

constexpr std::uint64_t most_of_archive = 2ull << 30;
constexpr std::size_t most_named = 10;

class RestoreCommand {
 public:
  RestoreCommand(const RestoreOptions& options, std::istream& in, Console& console)
      : options_(options), in_(in), console_(console), main_file_(absolute_path(options.config)) {}

  int run() {
    if (options_.finish) return finish();
    if (options_.file.empty()) return fail(say("which backup? schoolgate restore FILE"), exit_usage);
    if (restore_was_cut(main_file_))
      return fail(say("a restore was cut in the middle: schoolgate restore --finish"));
    if (!read() || !look()) return code_;
    show();
    if (options_.dry_run) {
      console_.print(say("Nothing was changed."));
      return exit_ok;
    }
    if (!options_.yes) {
      console_.out << console_.text(say("Put this in the place of what is there? yes or no")) << ": "
                   << std::flush;
      if (!says_yes(in_)) return fail(say("nothing was changed"));
    }
    return apply();
  }

 private:
  int fail(const Message& why, int code = exit_failed) {
    console_.complain(why);
    code_ = code;
    return code;
  }
  bool failed(const Message& why) {
    fail(why);
    return false;
  }

  bool read() {
    auto bytes = read_file(options_.file, most_of_archive);
    if (!bytes) return failed(say("cannot read {}: {}", options_.file, bytes.error().message));
    if (is_age_file(*bytes)) {
      bytes = age_decrypt(*bytes, options_.identity, most_of_archive);
      if (!bytes) {
        fail(bytes.error().message);
        return options_.identity.empty()
                   ? failed(
                         say("where it was encrypted for a key: --identity and the file of the private key"))
                   : false;
      }
    }
    auto backup = read_backup(*bytes, SCHOOLGATE_VERSION);
    if (!backup) return failed(say("{} is not used: {}", options_.file, backup.error().message));
    backup_ = *std::move(backup);
    if (backup_.manifest.config_file != main_file_)
      return failed(say("this backup is of {}, and not of {}: name that one with --config",
                        backup_.manifest.config_file, main_file_));
    return true;
  }

  // Whether it loads, and what it would make of this machine.
  bool look() {
    auto overlay = overlay_in(backup_);
    if (!overlay) return failed(say("{} is not used: {}", options_.file, overlay.error().message));
    Diagnostics diagnostics;
    auto config = config_in(backup_, *overlay, main_file_, diagnostics);
    const ArchiveCheck check = check_backup(backup_, *overlay, console_.catalogue);
    if (!check.loads || !config) {
      console_.err << check.report;
      fail(say("the configuration in {} does not load: nothing was changed", options_.file),
           exit_config_errors);
      return false;
    }
    config_ = std::move(*config);
    speak_as_it_does();
    before_ = {config_.log.keep_days, config_.log.min_days};
    after_ = before_;
    Diagnostics ignored;
    LoadContext now(main_file_);
    const auto main = read_main_file(now);
    // Of a machine whose main file is broken: as it was accepted last.
    const auto kept = KeptSets(join_path(config_.state_directory, "last-good"), main_file_).find().set;
    const auto here = main   ? std::optional(main->config)
                      : kept ? main_file_of(main_file_, kept->texts)
                             : std::nullopt;
    if (here) {
      machine_ = Retention{here->log.keep_days, here->log.min_days};
      after_ = stricter(*machine_, before_);
      other_state_ = absolute_path(here->state_directory) != absolute_path(config_.state_directory);
    }
    if (!main) take_retention_of_broken();
    if (after_ != before_)
      if (const auto set = set_retention(backup_, after_, before_); set.failed())
        return failed(set.error().message);
    places_ = Places::of(config_, main_file_, options_.accounts);
    changes_ = changes_of(backup_, places_);
    const auto kept_sets = names_in_folder(join_path(places_.state, "last-good"));
    history_ = std::none_of(kept_sets.begin(), kept_sets.end(),
                            [](const std::string& name) { return name.starts_with("set-"); });
    return true;
  }

  // Somebody may have set it lower since, in the very file that is broken now.
  void take_retention_of_broken() {
    const auto text = read_file(main_file_, most_of_archive);
    if (!text) return;
    const Retention so_far = machine_.value_or(before_);
    machine_ = stricter(retention_told_in(*text, so_far), so_far);
    after_ = stricter(*machine_, before_);
  }

  void speak_as_it_does() { console_.catalogue = catalogue_of(config_.school.language); }

  void names(const char* sign, const std::vector<std::string>& all) const {
    for (std::size_t i = 0; i < all.size() && i < most_named; ++i)
      console_.out << "  " << sign << ' ' << printable(all[i]) << '\n';
    if (all.size() > most_named) console_.print(say("  ... and {} more", all.size() - most_named));
  }

  void show() const {
    const Manifest& of = backup_.manifest;
    console_.print(say("{}: of {}, by Schoolgate {}, whole; its configuration loads", options_.file,
                       audit::utc_text(of.made * 1000), of.version));
    console_.print(say("Files: {} new, {} other, {} that go, {} as they are", changes_.fresh.size(),
                       changes_.changed.size(), changes_.gone.size(), changes_.same));
    names("+", changes_.fresh);
    names("~", changes_.changed);
    names("-", changes_.gone);
    if (machine_) {
      tell_retention("keep_days", machine_->keep_days, before_.keep_days, after_.keep_days);
      tell_retention("min_days", machine_->min_days, before_.min_days, after_.min_days);
    }
    if (backup_.contents.count(std::string(totals_entry)) != 0)
      console_.print(say("Figures: hours of the log that this machine has none of are added; its own stay"));
    if (other_state_)
      console_.print(
          say("state_directory is another one: what lies in the former folder is not used any more"));
    for (const std::string& name : changes_.lacking)
      console_.print(say("Not in this backup, and not on this machine: {}", name.substr(in_keys.size())));
    if (!changes_.lacking.empty())
      console_.print(
          say("Make these anew (schoolgate ca create, schoolgate user add, the password's file) before the "
              "proxy is started."));
  }

  void tell_retention(const char* key, std::uint32_t machine, std::uint32_t backup, std::uint32_t now) const {
    if (machine == backup) return;
    console_.print(say("log: {}: {} on this machine, {} in the backup; the stricter one will hold: {}", key,
                       machine, backup, now));
  }

  int apply() {
    char stamp[32];
    const std::time_t now = std::time(nullptr);
    std::tm broken{};
    ::gmtime_r(&now, &broken);
    const std::string when(stamp, std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &broken));
    if (const auto made = make_folders(); made.failed()) return fail(made.error().message);
    if (const auto joined = join_figures(); joined.failed()) return fail(joined.error().message);
    if (const auto adopted = adopt_key(); adopted.failed()) return fail(adopted.error().message);
    const auto parts = parts_of(backup_, places_, changes_, history_);
    if (const auto staged = stage_swap(places_.config, parts, when); staged.failed())
      return fail(staged.error().message);
    if (const auto finished = finish_swap(places_.config); finished.failed()) {
      fail(finished.error().message);
      return fail(say("a restore was cut in the middle: schoolgate restore --finish"));
    }
    if (const auto kept = remember_answers(); kept.failed()) console_.complain(kept.error().message);
    console_.print(say("Restored. What was there before: {}",
                       join_path(places_.config, std::string(aside_prefix) + when)));
    tell_setup();
    return tell_machine();
  }

  // On a machine that was wiped they may be missing.
  Result<void> make_folders() const {
    const std::string folders[] = {places_.state, places_.log};
    for (const std::string& folder : folders) {
      if (::mkdir(folder.c_str(), 0750) != 0) {
        if (errno == EEXIST) continue;
        return Error{say("cannot make the folder {}: {}", folder, system_words(errno))};
      }
      if (::geteuid() != 0) continue;
      const auto user = uid_of("schoolgate");
      if (user && ::chown(folder.c_str(), *user, static_cast<gid_t>(-1)) != 0)
        return Error{say("cannot make the folder {}: {}", folder, system_words(errno))};
    }
    return {};
  }

  Result<void> join_figures() const {
    return as_owner_of(places_.log, [&]() -> Result<void> {
      for (const auto& [entry, join] :
           {std::pair{totals_entry, &audit::join_totals}, {names_entry, &audit::join_names}}) {
        const auto bytes = backup_.contents.find(std::string(entry));
        if (bytes == backup_.contents.end()) continue;
        if (const auto joined = join(places_.log, bytes->second); !joined) return joined.error();
      }
      return {};
    });
  }

  // Of a month that is over nothing can be named by it any more, and the machine's own goes first.
  Result<void> adopt_key() const {
    const auto line = backup_.contents.find(std::string(month_key_entry));
    if (line == backup_.contents.end()) return {};
    const auto entry = audit::parse_key_line(line->second.substr(0, line->second.find('\n')));
    if (!entry) return Error{say("{} in it is damaged", month_key_entry)};
    if (entry->first != audit::Month::of(std::time(nullptr) * 1000)) {
      console_.print(say("The key of the pseudonyms in it is of another month, and is not used."));
      return {};
    }
    return as_owner_of(folder_of(places_.key_file), [&]() -> Result<void> {
      auto keys = audit::PseudonymKeys::load(places_.key_file);
      if (!keys) return keys.error();
      const auto taken = keys->adopt(entry->first, entry->second);
      return taken ? Result<void>() : Result<void>(taken.error());
    });
  }

  // Of setup, in a folder of root's own: the service cannot lead it elsewhere.
  Result<void> remember_answers() const {
    const std::string folder = join_path(places_.state, "setup");
    for (const char* name : {"answers", "written"}) {
      const auto bytes = backup_.contents.find(std::string(in_state) + "setup/" + name);
      if (bytes == backup_.contents.end()) continue;
      struct stat info {};
      if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
        return Error{say("{}: {}", folder, system_words(errno))};
      if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::geteuid())
        return Error{say("{} is not a folder of this user's own", folder)};
      if (auto written = write_whole_file(join_path(folder, name), {bytes->second}, {.mode = 0644});
          written.failed())
        return written;
    }
    return {};
  }

  // The firewall's unit, the resolver's file: a backup has none of them, and answers that bring them back.
  void tell_setup() const {
    const auto bytes = backup_.contents.find(std::string(in_state) + "setup/written");
    if (bytes == backup_.contents.end()) return;
    std::vector<std::string> missing;
    struct stat info {};
    for (std::string& path : WrittenFiles::parse(bytes->second).paths())
      if (::lstat(path.c_str(), &info) != 0) missing.push_back(std::move(path));
    if (missing.empty()) return;
    console_.print(say("Made by setup there, and not on this machine:"));
    names("!", missing);
    console_.print(
        say("Firewall, resolver and addresses come back by: schoolgate setup (Enter keeps each answer)"));
  }

  // The log has an event, and a running proxy takes it.
  int tell_machine() {
    const Manifest& of = backup_.manifest;
    const std::string detail = JsonObject()
                                   .add("made", audit::utc_text(of.made * 1000))
                                   .add("version", of.version)
                                   .add("keys", of.keys)
                                   .add("new", changes_.fresh.size())
                                   .add("other", changes_.changed.size())
                                   .add("gone", changes_.gone.size())
                                   .add("keep_days", after_.keep_days)
                                   .text();
    const std::string who = "uid " + std::to_string(::getuid());
    const auto told = as_owner_of(places_.log, [&] {
      return audit::begin_with_event(places_.log, std::time(nullptr) * 1000, who, "restored", detail);
    });
    if (told.failed()) console_.complain(told.error().message);
    const auto answer = ask_proxy(config_.control_socket, "reload");
    if (!answer) {
      console_.print(say("The proxy does not run. Next: systemctl start schoolgate, then schoolgate doctor"));
      return told.ok() ? exit_ok : exit_failed;
    }
    console_.out << answer->text;
    if (answer->exit_code != exit_ok) {
      console_.complain(say("the running proxy did not take it, and goes on with what it had; see above"));
      return answer->exit_code;
    }
    console_.print(
        say("The running proxy took it. Addresses to listen on, and where the log lies, count from its next "
            "start on."));
    return told.ok() ? exit_ok : exit_failed;
  }

  int finish() {
    const auto finished = finish_swap(folder_of(main_file_));
    if (!finished) return fail(finished.error().message);
    if (!*finished) return fail(say("no restore was cut in the middle: there is nothing to finish"));
    console_.print(
        say("Finished: all files are in place. Next: schoolgate check, then schoolgate reload or a start"));
    if (const auto config = load_main_file(options_.config, console_)) {
      const auto told = as_owner_of(config->log.directory, [&] {
        return audit::begin_with_event(config->log.directory, std::time(nullptr) * 1000,
                                       "uid " + std::to_string(::getuid()), "restored",
                                       R"({"finished":true})");
      });
      if (told.failed()) return fail(told.error().message);
    }
    return exit_ok;
  }

  const RestoreOptions& options_;
  std::istream& in_;
  Console& console_;
  const std::string main_file_;
  int code_ = exit_failed;
  Backup backup_;
  Config config_;
  Places places_;
  RestoreChanges changes_;
  Retention before_, after_;
  std::optional<Retention> machine_;
  bool history_ = false, other_state_ = false;
};

}  // namespace

void add_restore_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* command =
      app.add_subcommand("restore", "Put a backup in the place of what is there: looks first, and asks");
  auto* const file = command->add_option("backup", options->file, "the file that `schoolgate backup` made")
                         ->type_name("FILE");
  command
      ->add_option("--identity", options->identity,
                   "the file of the private key of `age`; else it asks for a passphrase")
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "change nothing: verify it, and show what would change");
  command->add_flag("--yes", options->yes, "do not ask");
  command->add_flag("--finish", options->finish, "put the rest in place after an end in the middle")
      ->excludes(file);
  command->add_option("--accounts", options->accounts, "the file of the accounts")
      ->type_name("FILE")
      ->capture_default_str();
  add_config_option(*command, options->config);
  command->footer(restore_footer);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = RestoreCommand(*options, std::cin, console).run(); });
}

}  // namespace schoolgate::tools
