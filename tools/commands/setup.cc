// `schoolgate setup`: from a bare machine to a filtered school, by an interview or by flags.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>

#include "config/list_enable.h"
#include "config/main/lists_reader.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "proxy/io/tls/school_ca.h"
#include "tools/commands/commands.h"
#include "tools/commands/nft_table.h"
#include "tools/commands/setup_pcs.h"
#include "tools/console/load.h"
#include "tools/console/qr_print.h"
#include "tools/lan/dhcp_probe.h"
#include "tools/lan/gateway_counts.h"
#include "tools/lan/school_address.h"
#include "tools/lan/tproxy_way.h"
#include "tools/setup/apply.h"
#include "tools/setup/changes.h"
#include "tools/setup/interview.h"
#include "tools/setup/main_edit.h"
#include "tools/setup/pieces.h"

namespace schoolgate::tools {
namespace {

constexpr char setup_footer[] =
    R"(Without an answer among the options it asks, in Vietnamese or English; Enter takes what stands in brackets. With answers it
asks nothing; what is not given is as it was answered last, or as schoolgate.yaml has it.

Of schoolgate.yaml and the tiers only the lines that an answer is about are changed. Other files are written where they
are not there, or are as setup wrote them: what a person changed is kept, and shown. Over ssh the new state has to be
confirmed within 60 s, else everything goes back by itself. Port 22 of this machine stays as it is.

`setup pcs` writes files for the school's own PCs and tablets: Windows with an undo, Firefox, Chromium and Chrome, Apple,
values for Google Workspace. They set the proxy, switch DNS over HTTPS and QUIC off, and bring the school's certificate.

Examples:
  schoolgate setup                                asks, shows what it would write, writes, starts
  schoolgate setup --dry-run --phone "0280 123 456"    one answer changed: what would be written
  schoolgate setup --phone "0280 123 456"         that, done
  schoolgate setup pcs DIR                        files for PCs; README.txt there says where each goes)";

constexpr int confirm_seconds = 60;
constexpr std::chrono::seconds probe_time{4};

struct SetupOptions {
  std::string config, root;
  bool dry_run = false, confirm = false, yes = false;
  SetupAnswers given;
};

class Setup {
 public:
  Setup(const SetupOptions& options, std::istream& in, Console& console)
      : options_(options), in_(in), console_(console), main_path_(options.root + options.config) {}
  int run();

 private:
  bool read_what_is_there();
  bool answer();
  bool plan();
  void show() const;
  [[nodiscard]] bool missing_packages(const SetupAnswers& answers, const Config& config) const;
  int write();
  [[nodiscard]] Result<void> remember(const WrittenFiles& written) const;
  [[nodiscard]] Result<void> make_authority() const;
  int start();
  void go_back();
  void tell_end() const;
  int fail(const Message& why, int code = exit_failed) {
    console_.complain(why);
    return code;
  }
  [[nodiscard]] std::string memory() const { return options_.root + state_ + "/setup"; }

  const SetupOptions& options_;
  std::istream& in_;
  Console& console_;
  const std::string main_path_;
  std::string main_text_, state_;
  std::optional<MainFile> main_;
  std::optional<ListOffers> offers_;
  std::vector<std::pair<std::string, std::string>> tier_files_;  // as the main file names them, their text
  SetupFacts facts_;
  std::optional<std::map<std::string, std::uint64_t>> went_out_;  // through holes, until the table is new
  SetupAnswers answers_;
  std::optional<Config> config_;  // as it will be
  WrittenFiles written_;
  std::vector<FileChange> changes_;
};

constexpr std::uint64_t most_of_a_file = 4 << 20;

// A folder that root alone writes: the state folder is the service's.
Result<void> own_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(folder_of(path), error);  // below --root
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return Error{say("{}: {}", path, system_words(errno))};
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return Error{say("{}: {}", path, system_words(errno))};
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid())
    return Error{say("{} is not a folder of this user's own", path)};
  return {};
}

bool Setup::read_what_is_there() {
  auto text = read_file(main_path_, most_of_a_file);
  if (!text) {
    fail(say("{}: {}", main_path_, text.error().message));
    return false;
  }
  main_text_ = std::move(*text);
  if (!load_main_file(main_path_, console_)) return false;
  Diagnostics diagnostics;
  main_ = read_as_main_file(main_path_, main_text_, diagnostics);
  if (!main_) return false;
  state_ = main_->config.state_directory;
  LoadContext context(main_path_);
  if (const auto files = context.yaml_files_in(main_->config.policy.tiers_directory))
    for (const std::string& file : *files)
      if (auto tier = read_file(file, most_of_a_file)) {
        if (const std::string id = tier_of_file(*tier); !id.empty()) facts_.tiers.push_back(id);
        tier_files_.emplace_back(file, std::move(*tier));
      }
  facts_.unknown_tier = main_->config.unknown_tier;
  facts_.machine = look_at_machine();
  if (constexpr std::chrono::seconds patience{2}; options_.root.empty())
    if (const auto table = read_counts(counts_socket(main_->config.control_socket), patience))
      went_out_ = holes_in(*table);
  facts_.gave_right = ::access((options_.root + tproxy_drop_in).c_str(), F_OK) == 0;
  if (auto offers = read_list_offers(main_path_)) {
    offers_ = std::move(*offers);
    for (const PublishedList& list : offers_->published.lists)
      if (list.school == PublishedList::School::yes) facts_.lists.push_back(list.name);
  }
  if (const auto written = read_file(memory() + "/written", most_of_a_file))
    written_ = WrittenFiles::parse(*written);
  return true;
}

// What the main file says goes before what was answered once: it may have been changed since.
bool Setup::answer() {
  SetupAnswers known;
  if (const auto text = read_file(memory() + "/answers", most_of_a_file)) known = remembered_answers(*text);
  const SetupAnswers in_file = answers_in(main_->config);
  for (const SetupQuestion& question : setup_questions())
    if (const std::string& said = in_file.*question.field; !said.empty()) known.*question.field = said;
  if (options_.given == SetupAnswers{}) {
    answers_ = known;
    if (interview(in_, console_, facts_, answers_)) return true;
    fail(say("the answers ended before the last question: nothing was written"));
    return false;
  }
  auto answers = settled(options_.given, known, facts_);
  if (!answers) {
    if (const std::string& said = options_.given.language; said == "vi" || said == "en")
      console_.catalogue = catalogue_of(said == "vi" ? Language::vi : Language::en);
    for (const Message& wrong : answers.error()) console_.complain(wrong);
    return false;
  }
  answers_ = std::move(*answers);
  return true;
}

bool Setup::plan() {
  const auto text = edited_main_file(main_text_, *main_, answers_, facts_);
  if (!text) {
    fail(text.error().message);
    return false;
  }
  Diagnostics diagnostics;
  auto after = read_as_main_file(main_path_, *text, diagnostics);
  if (!after) return false;
  config_ = std::move(after->config);
  const auto rules = nft_table(*config_);
  if (!rules) {
    fail(rules.error().message);
    return false;
  }
  // Paths without the root: this is what is remembered.
  const auto plain = [&](const std::string& path) {
    return path.starts_with(options_.root) ? path.substr(options_.root.size()) : path;
  };
  std::vector<PlannedFile> files{{plain(main_path_), *text, true}};
  for (const auto& [path, tier] : tier_files_) {
    const std::string edited = edited_tier_file(tier, answers_.https);
    if (edited != tier) files.push_back({plain(path), edited, true});
  }
  for (const std::string& name : words_in(answers_.lists))
    if (const PublishedList* const list = offers_ ? offers_->published.find(name) : nullptr;
        list != nullptr && !offers_->has(name))
      files.push_back({plain(list_entry_file(*main_, name)), enable_text(*list), false});
  for (PlannedFile& piece : pieces(answers_, facts_, *config_, *rules)) files.push_back(std::move(piece));
  auto changes = changes_for(files, options_.root, written_);
  if (!changes) {
    fail(changes.error().message);
    return false;
  }
  changes_ = std::move(*changes);
  return true;
}

// The lines that an edit takes out and puts in, in order.
void show_edit(const std::string& before, const std::string& after, Console& console) {
  std::vector<std::string> old;
  for_each_line(before, [&](std::string_view line, std::uint32_t) { old.emplace_back(line); });
  std::vector<std::string> added;
  for_each_line(after, [&](std::string_view line, std::uint32_t) {
    const auto found = std::find(old.begin(), old.end(), line);
    if (found != old.end())
      old.erase(found);
    else
      added.emplace_back(line);
  });
  for (const std::string& line : old) console.print(Message("  - " + line));
  for (const std::string& line : added) console.print(Message("  + " + line));
}

void Setup::show() const {
  for (const FileChange& change : changes_) {
    switch (change.fate) {
      case FileFate::create:
        console_.print(say("new: {}", change.path));
        break;
      case FileFate::replace:
        console_.print(say("changed: {}", change.path));
        break;
      case FileFate::same:
        console_.print(say("as it is: {}", change.path));
        continue;
      case FileFate::keep:
        console_.print(
            say("kept, for somebody else wrote or changed it: {}; setup would have written:", change.path));
        break;
    }
    if (change.file.edited)
      show_edit(change.before.value_or(""), change.file.text, console_);
    else if (options_.dry_run || change.fate == FileFate::keep)
      for_each_line(change.file.text, [&](std::string_view line, std::uint32_t) {
        console_.print(Message("  " + std::string(line)));
      });
  }
}

bool Setup::missing_packages(const SetupAnswers& answers, const Config& config) const {
  std::string names;
  for (const NeededPackage& one : needed_packages(answers, config))
    if (::access((options_.root + one.program).c_str(), X_OK) != 0) names += " " + one.name;
  if (names.empty()) return false;
  console_.complain(say("needed besides: sudo apt install{}", names));
  return true;
}

Result<void> Setup::make_authority() const {
  if (answers_.https == "names" || ::access((config_->https.ca_directory + "/ca.crt").c_str(), F_OK) == 0)
    return {};
  const auto made = SchoolCa::create(config_->school.name, std::time(nullptr));
  if (!made) return made.error();
  const passwd* const user = ::geteuid() == 0 ? ::getpwnam("schoolgate") : nullptr;
  return made->save(config_->https.ca_directory, false, user != nullptr ? static_cast<int>(user->pw_uid) : -1,
                    user != nullptr ? static_cast<int>(user->pw_gid) : -1);
}

Result<void> Setup::remember(const WrittenFiles& written) const {
  if (auto folder = own_folder(memory()); folder.failed()) return folder;
  const FileAccess access{.mode = 0644};
  if (auto done = write_whole_file(memory() + "/answers", {text_to_remember(answers_)}, access);
      done.failed())
    return done;
  return write_whole_file(memory() + "/written", {written.text()}, access);
}

// Everything, or nothing.
int Setup::write() {
  WrittenFiles written = written_;
  if (auto authority = make_authority(); authority.failed()) return fail(authority.error().message);
  if (auto done = write_changes(changes_, written); done.failed()) return fail(done.error().message);
  const LoadResult loaded = load_for_reading(main_path_, console_);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console_);
    if (auto back = undo_changes(changes_); back.failed()) return fail(back.error().message);
    return fail(say("the configuration would have errors: nothing was written"), exit_config_errors);
  }
  if (auto done = remember(written); done.failed()) {
    static_cast<void>(undo_changes(changes_));
    return fail(done.error().message);
  }
  return exit_ok;
}

void Setup::go_back() {
  const WayBack back = way_back(changes_);
  for (const CommandWords& words : back.before) static_cast<void>(run_command(words));
  if (auto undone = undo_changes(changes_); undone.failed()) console_.complain(undone.error().message);
  static_cast<void>(write_whole_file(memory() + "/written", {written_.text()}, {.mode = 0644}));
  for (const CommandWords& words : back.after) static_cast<void>(run_command(words));
  console_.complain(say("everything is as it was before"));
}

int Setup::start() {
  ::signal(SIGHUP, SIG_IGN);  // a connection that ends here must not end this
  const auto told = [&](const Message& line) {
    console_.print(line);
    console_.out << std::flush;
  };
  if (answers_.is_gateway() && answers_.dhcp != "none")
    if (const auto others = dhcp_servers(answers_.inside, probe_time); others && !others->empty())
      console_.complain(
          say("{} hands out addresses by DHCP on {}: switch that off; until then this machine hands out "
              "none, and looks again each minute",
              others->front().to_string(), answers_.inside));
  if (!apply(steps_to_apply(answers_), run_command, told).empty()) {
    go_back();
    return exit_failed;
  }
  if (!options_.yes && (options_.confirm || is_over_ssh())) {
    console_.out << console_.text(
                        say("Still there? Type yes within {} s, else everything goes back as it was",
                            confirm_seconds))
                 << ": " << std::flush;
    if (!confirmed(STDIN_FILENO, std::chrono::seconds(confirm_seconds))) {
      go_back();
      return exit_failed;
    }
  }
  return exit_ok;
}

void Setup::tell_end() const {
  if (answers_.topology == "router")
    console_.print(say("What to paste into the router: {}", options_.root + "/etc/schoolgate/router.txt"));
  console_.print(say("Ways around that remain:"));
  for (const Message& way : ways_around(answers_, *config_, went_out_))
    console_.out << "  - " << console_.text(way) << "\n";
  if (const std::string& clock = config_->policy.periods; !clock.empty())
    console_.print(
        say("Yours to correct, for timetables go by it (lessons, terms, holidays, exams): {}", clock));
  if (!answers_.lists.empty() && answers_.lists != "none")
    console_.print(say("Lists are fetched anew each night: systemctl list-timers schoolgate-lists.timer"));
  console_.print(say("Next: schoolgate doctor"));
  console_.print(say("Then, on a pupil's device in each room: http://schoolgate.internal/test"));
  const std::uint16_t port = browsers_port(*config_);
  if (port == 0 || answers_.address.empty()) return;
  console_.print(say("The same by number, to type or to scan with its camera:"));
  print_address(console_, "http://" + answers_.address + ":" + std::to_string(port) + "/test");
}

int Setup::run() {
  if (!options_.dry_run && options_.root.empty() && ::geteuid() != 0)
    return fail(say("setup writes the system's files: run it as root, or look with --dry-run"));
  if (!read_what_is_there()) return exit_config_errors;
  const bool writes_here = !options_.dry_run && options_.root.empty();
  // Before somebody has answered fifteen questions in vain.
  if (writes_here && missing_packages({}, main_->config)) return fail(say("nothing was written"));
  if (!answer()) return options_.given == SetupAnswers{} ? exit_failed : exit_usage;
  console_.catalogue = catalogue_of(answers_.language == "vi" ? Language::vi : Language::en);
  if (!plan()) return exit_config_errors;
  show();
  for (const Message& odd : odd_networks(answers_, facts_)) console_.complain(odd);
  const bool lacks = missing_packages(answers_, *config_);
  if (options_.dry_run) {
    tell_end();
    return exit_ok;
  }
  if (lacks && writes_here) return fail(say("nothing was written"));
  if (options_.given == SetupAnswers{}) {
    console_.out << console_.text(say("Write these files and put them in force? yes or no")) << ": "
                 << std::flush;
    if (!says_yes(in_)) return fail(say("nothing was written"));
  }
  if (const int written = write(); written != exit_ok) return written;
  if (options_.root.empty()) {
    if (::access("/run/systemd/system", F_OK) != 0) {
      console_.print(say("systemd does not run here: the files are written, nothing is started"));
    } else if (const int started = start(); started != exit_ok) {
      return started;
    }
  }
  tell_end();
  return exit_ok;
}

}  // namespace

void add_setup_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<SetupOptions>();
  CLI::App* command =
      app.add_subcommand("setup", "From a bare machine to a filtered school: asks, writes, starts");
  command->footer(setup_footer);
  add_config_option(*command, options->config);
  command->add_flag("--dry-run", options->dry_run, "write nothing: show every file");
  command->add_option("--root", options->root, "write below this folder, and start nothing")
      ->type_name("DIR");
  command->add_flag("--confirm", options->confirm,
                    "go back unless \"yes\" is typed within 60 s, as over ssh");
  command->add_flag("--yes", options->yes, "over ssh too: no confirmation");
  for (const SetupQuestion& question : setup_questions())
    command->add_option(std::string("--") + question.key, options->given.*question.field, question.help)
        ->type_name(question.value);
  const CLI::App* const pcs = add_setup_pcs_command(*command, console, result);
  on_command(*command, options->config, console, [options, pcs, &console, &result] {
    if (!pcs->parsed()) result = Setup(*options, std::cin, console).run();
  });
}

}  // namespace schoolgate::tools
