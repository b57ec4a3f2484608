#include "tools/daemon/gateway.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <ostream>
#include <sstream>
#include <thread>
#include <vector>

#include "config/kept_sets.h"
#include "config/text/diag_codes.h"
#include "proxy/audit/access_log.h"
#include "proxy/core/json_text.h"
#include "proxy/core/mutex.h"
#include "proxy/io/server.h"
#include "proxy/io/tls/tls_material.h"
#include "tools/console/load.h"
#include "tools/console/load_report.h"
#include "tools/daemon/control.h"
#include "tools/daemon/folders.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/handover.h"
#include "tools/daemon/main_thread.h"
#include "tools/daemon/privileges.h"
#include "tools/daemon/reveal.h"
#include "tools/daemon/successor.h"
#include "tools/daemon/systemd.h"
#include "tools/daemon/teacher_desk.h"
#include "tools/daemon/worker_watch.h"

namespace schoolgate::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int control_retry_ms = 200;
constexpr int successor_look_ms = 50;

sigset_t handled_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

void note_waiting(LoadResult& loaded, const std::vector<Message>& keys) {
  for (const Message& key : keys)
    loaded.diagnostics.push_back({Severity::note,
                                  diag::waits_for_start,
                                  loaded.snapshot->config.file,
                                  {},
                                  0,
                                  say("{} has changed: that waits for the next start of the proxy", key),
                                  say("systemctl restart schoolgate, or schoolgate run --take-over")});
}

// The school's authority, where there is one. Where a tier needs it and it cannot be used, `loaded` becomes a
// refusal.
std::shared_ptr<const TlsMaterial> load_tls(LoadResult& loaded) {
  if (!loaded.snapshot) return nullptr;
  const Config& config = loaded.snapshot->config;
  Result<std::shared_ptr<const TlsMaterial>> material = TlsMaterial::load(config);
  if (material) return *material;
  if (!config.https.needed) return nullptr;
  const Message& why = material.error().message;
  const std::string begin = why.english();
  const bool a_file_of_the_config = begin.starts_with("upstream.") || begin.starts_with("https.");
  refuse(loaded, diag::ca_unusable, config.file, why,
         a_file_of_the_config
             ? Message()
             : say("schoolgate ca create makes one; its key belongs to the user who runs the proxy"));
  return nullptr;
}

// Threads: the main one owns the server and reads signals. Loading, which may take seconds, happens on the
// thread that asks for it: one of two that serve the control socket (a status is answered during a reload),
// or one of its own after SIGHUP.
class Gateway {
 public:
  Gateway(const RunOptions& options, Console& console)
      : config_file_(options.config_file),
        state_(options.state),
        take_over_(options.take_over),
        explain_(options.explain),
        kept_(kept_sets_folder(options.config_file, options.state), options.config_file),
        console_(console) {}

  int run();

 private:
  [[nodiscard]] int load_first();
  [[nodiscard]] LoadResult begin_with_last_good(LoadOptions options, const Message& errors,
                                                LastGoodFacts& facts);
  void keep(const std::string& who, const ConfigTexts& accepted) noexcept;
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<std::vector<ListeningSocket>> listeners(const std::vector<int>& handed,
                                                               unsigned workers);
  [[nodiscard]] bool replace_running();
  void take_up_overrides();
  void loop();
  void look_at_workers();
  void on_signal(int signals);
  void begin_end(const std::string& who, bool taken_over = false);
  void reload_in_background();
  void start_reloader();
  [[nodiscard]] LoadResult reload(const std::string& who, bool accept_shrunk);
  void serve_control();
  [[nodiscard]] Reply reply(const std::string& question, uid_t asker);
  [[nodiscard]] Reply reply_reload(const LoadResult& loaded, bool json, bool colour);
  [[nodiscard]] Reply refused(const Message& why) { return {exit_failed, why.in(language()) + "\n"}; }
  [[nodiscard]] Reply reply_status(bool json);
  [[nodiscard]] Reply reply_retention(const std::vector<std::string>& words, const std::string& who);
  [[nodiscard]] Reply reply_standing(bool json);
  [[nodiscard]] Reply no_such_question() {
    return {exit_usage, say("no such question").in(language()) + "\n"};
  }
  [[nodiscard]] Reply reply_upgrade(uid_t asker);
  [[nodiscard]] Reply reply_take_over(uid_t asker);
  [[nodiscard]] Reply reply_taken_over(const std::vector<std::string>& words, uid_t asker);
  // Without memory for a sentence.
  void complain_plainly(const std::exception& failure) noexcept {
    try {
      const MutexLock lock(console_mutex_);
      console_.err << "schoolgate: not done: " << failure.what() << '\n' << std::flush;
    } catch (...) {
    }
  }
  void write(std::ostream& where, const std::string& text) {
    const MutexLock lock(console_mutex_);
    where << text << std::flush;
  }
  void complain(const Message& line) {
    write(console_.err, "schoolgate: " + printable(line.in(language())) + "\n");
  }
  // The school's; before there is a policy that of `run`.
  [[nodiscard]] Catalogue language() {
    const std::shared_ptr<const Snapshot> running = snapshot();
    return running ? catalogue_of(running->config.school.language) : console_.catalogue;
  }

  const std::string config_file_, state_, program_ = own_program();
  const bool take_over_;
  const TeacherDesk::Explain explain_;
  const KeptSets kept_;
  Console& console_;
  Mutex console_mutex_;  // one line at a time
  const Clock::time_point started_ = Clock::now();

  // What rules, and how it came to.
  struct Standing {
    std::shared_ptr<const Snapshot> snapshot;
    Message last_reload;
    LastGoodFacts last_good;
    std::vector<Message> waiting;  // keys that a reload did not apply
  };
  [[nodiscard]] Standing standing() {
    const MutexLock lock(standing_mutex_);
    return standing_;
  }
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() { return standing().snapshot; }
  Mutex standing_mutex_;
  Standing standing_ SG_GUARDED_BY(standing_mutex_);
  ConfigTexts first_texts_;  // of the first load, until they are kept
  Config started_with_;      // what the sockets, the threads and the log were made of
  Mutex reload_mutex_;       // one reload at a time
  std::uint64_t revision_ SG_GUARDED_BY(reload_mutex_) = 1;  // of the last attempt to load

  MainThread main_;
  Bell ended_, end_control_;
  std::unique_ptr<AccessLog> log_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const TlsMaterial> tls_;  // of the first load, until the server has it
  std::optional<ControlSocket> control_;
  std::optional<RevealDesk> reveal_;
  std::optional<TeacherDesk> teachers_;
  std::thread joiner_;  // waits for the drain to end
  std::thread reloader_;
  std::atomic<bool> reload_wanted_{false}, reloader_busy_{false};
  std::atomic<bool> replaced_{false};  // the manager hears of the process that took over
  const std::optional<std::chrono::milliseconds> watchdog_ = watchdog_limit();
  std::atomic<bool> upgrading_{false};
  bool sockets_lent_ = false;  // only the main thread, as the next
  WorkerWatch watch_{watchdog_};
};

int Gateway::run() {
  const std::uint64_t descriptors = raise_descriptor_limit();
  if (const int code = load_first(); code != exit_ok) return code;
  if (const auto folders = missing_folders(snapshot()->config); folders.failed()) {
    write(console_.err, "schoolgate: " + folders.error().message.in(language()) + "\n");
    return exit_failed;
  }
  if (const auto opened = open(); opened.failed()) {
    complain(opened.error().message);
    return exit_failed;
  }
  teachers_.emplace(
      *log_, TeacherDesk::Hooks{
                 .current = [this] { return snapshot(); },
                 .apply = [this](std::vector<OverrideRow> rows) { server_->override_with(std::move(rows)); },
                 .explain = explain_,
                 .now = {}});
  take_up_overrides();                           // so that none is missing at the first request
  server_->reload(snapshot(), std::move(tls_));  // before start: no request is ever answered without a policy
  server_->start();
  log_->event("schoolgate", "descriptors", JsonObject().add("limit", descriptors).text());
  if (take_over_) {
    if (!replace_running()) return exit_failed;
    take_up_overrides();  // what was changed until then
  }
  reveal_.emplace(*log_, [this] { return snapshot(); });
  if (const auto asked = reveal_->open(snapshot()->config.control_socket); asked.failed())
    complain(asked.error().message);
  if (const auto asked = teachers_->open(snapshot()->config.control_socket); asked.failed())
    complain(asked.error().message);
  if (const LastGoodFacts used = standing().last_good; used.in_use) {
    JsonObject detail;
    detail.add("set", used.set).add("errors", used.errors.english());
    log_->event("schoolgate", "last_good_used", detail.text());
  } else {
    keep("schoolgate", first_texts_);
    first_texts_ = {};
  }
  std::thread control[2];
  for (std::thread& thread : control) thread = std::thread([this] { serve_control(); });
  const Standing begun = standing();
  write(console_.out,
        banner(*begun.snapshot, server_->listeners(), descriptors, language(), console_.out_colour) +
            last_good_text(begun.last_good, language(), console_.out_colour));
  notify_manager("READY=1");
  loop();
  main_.close();
  end_control_.ring();
  for (std::thread& thread : control) thread.join();
  for (std::thread* thread : {&joiner_, &reloader_}) {
    if (thread->joinable()) thread->join();
  }
  reveal_.reset();
  teachers_.reset();
  server_.reset();
  const bool kept = log_->stop();
  write(console_.out, say("Stopped.").in(language()) + "\n");
  return kept ? exit_ok : exit_failed;
}

int Gateway::load_first() {
  ProgressBar bar(console_);
  LoadOptions options;
  options.last_good_lists = true;
  options.progress = [&](const Message& what, double done) { bar.show(what, done); };
  if (const auto newest = kept_.find().set)
    if (const auto main_file = main_file_of(config_file_, newest->texts)) options.running = main_file->policy;
  LoadResult loaded = load_snapshot(config_file_, options);
  tls_ = load_tls(loaded);
  bar.clear();
  write(console_.err, render(loaded.diagnostics, loaded.texts, language(), console_.err_colour));
  LastGoodFacts facts;
  if (loaded.snapshot) {
    first_texts_ = std::move(loaded.read);
  } else {
    loaded = begin_with_last_good(options, to_message(count(loaded.diagnostics)), facts);
    if (!loaded.snapshot) return exit_config_errors;
  }
  started_with_ = loaded.snapshot->config;
  const MutexLock lock(standing_mutex_);
  standing_.snapshot = loaded.snapshot;
  standing_.last_good = std::move(facts);
  return exit_ok;
}

// The newest accepted configuration that can still be loaded; without a snapshot when there is none.
LoadResult Gateway::begin_with_last_good(LoadOptions options, const Message& errors, LastGoodFacts& facts) {
  options.running.reset();
  std::size_t told = 0;
  for (std::size_t skip = 0;; ++skip) {
    const KeptSets::Found found = kept_.find(skip);
    for (; told < found.problems.size(); ++told) complain(found.problems[told]);
    if (!found.set) break;
    options.kept = &found.set->texts;
    LoadResult loaded = load_snapshot(config_file_, options);
    tls_ = load_tls(loaded);
    const Message name =
        say("the configuration accepted {} (set {} in {})", time_text(found.set->accepted_at),
            found.set->digest.substr(0, 12), kept_.folder());
    if (!loaded.diagnostics.empty()) {
      complain(say("of {}:", name));
      write(console_.err, render(loaded.diagnostics, loaded.texts, language(), console_.err_colour));
    }
    if (!loaded.snapshot) {
      complain(say("it cannot be used either"));
      continue;
    }
    facts.in_use = true;
    facts.set = found.set->digest;
    facts.errors = errors;
    facts.accepted_at = found.set->accepted_at;
    facts.folder = kept_.folder();
    complain(say("{}: the files are NOT used as they are", errors));
    complain(say("STARTED WITH THE LAST GOOD CONFIGURATION: {}", name));
    complain(say("what the files lock today is locked; mend the errors above, then: schoolgate reload"));
    return loaded;
  }
  complain(say("{}; not started", errors));
  complain(kept_.folder().empty()
               ? say("no configuration accepted earlier is kept: {}", keeps_none(config_file_))
               : say("no configuration accepted earlier is kept in {} that could be used in its place",
                     kept_.folder()));
  return {};
}

// What was accepted is what a start with a broken file begins with.
void Gateway::keep(const std::string& who, const ConfigTexts& accepted) noexcept try {
  LastGoodFacts facts;
  JsonObject detail;
  bool kept = false;
  if (kept_.folder().empty()) {
    facts.problem = keeps_none(config_file_);
  } else if (const Result<std::string> set = kept_.keep(accepted)) {
    kept = true;
    facts.set = *set;
    facts.folder = kept_.folder();
    detail.add("set", *set).add("folder", kept_.folder());
  } else {
    facts.problem = set.error().message;
    complain(say("this configuration is not kept for a later start: {}", facts.problem));
  }
  if (!kept) detail.add("why", facts.problem.english());
  log_->event(who, kept ? "last_good_kept" : "last_good_not_kept", detail.text());
  const MutexLock lock(standing_mutex_);
  standing_.last_good = std::move(facts);
} catch (
    const std::exception&) {  // out of memory: the former sets stay, and nothing else depends on this one
}

Result<void> Gateway::open() {
  const std::shared_ptr<const Snapshot> running = snapshot();
  const Config& config = running->config;
  std::vector<int> handed;
  if (take_over_) {
    Result<TakenSockets> taken = take_sockets(config.control_socket);
    if (!taken) return taken.error();
    control_.emplace(ControlSocket::adopt(taken->control));
    handed = std::move(taken->listeners);
  } else {
    Result<ControlSocket> control = ControlSocket::open(config.control_socket);
    if (!control) return control.error();
    control_.emplace(std::move(*control));
    handed = handed_over_sockets();
  }
  ServerOptions options;
  options.workers = config.workers != 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
  auto sockets = listeners(handed, options.workers);
  if (!sockets) return sockets.error();
  options.listeners = std::move(*sockets);

  AccessLogOptions log;
  log.settings = config.log;
  log.version = SCHOOLGATE_VERSION;
  log.takes_over = take_over_;
  log.complain = [this](const std::string& line) { complain(Message::foreign(line)); };
  Result<std::unique_ptr<AccessLog>> opened = AccessLog::open(std::move(log));
  if (!opened) return opened.error();
  log_ = std::move(*opened);
  server_ = std::make_unique<Server>(*log_, std::move(options));
  return {};
}

Result<std::vector<ListeningSocket>> Gateway::listeners(const std::vector<int>& handed, unsigned workers) {
  const std::shared_ptr<const Snapshot> running = snapshot();
  const std::vector<Listener>& wanted = running->config.listen;
  if (handed.empty()) return open_listeners(wanted, workers);
  Result<AdoptedListeners> adopted =
      adopt_listeners(handed, wanted, workers, take_over_ ? Beside::replaced_process : Beside::nobody);
  if (!adopted) return adopted.error();
  for (const ListeningSocket& socket : adopted->left_over)
    complain(say("closed the handed-over socket on {} port {}: listen: does not name it",
                 socket.address.to_string(), socket.port));
  return std::move(adopted->sockets);
}

// Both accept now; the old process stops when it hears this.
bool Gateway::replace_running() {
  const std::string path = snapshot()->config.control_socket;
  const auto told = tell_taken_over(path);
  if (told.ok()) {
    control_->take_path(path);
    return true;
  }
  complain(told.error().message);
  log_->hand_over();       // the other one writes on
  server_->begin_drain();  // what was accepted meanwhile is served to its end
  server_->join();
  return false;
}

void Gateway::take_up_overrides() {
  const auto taken = teachers_->load();
  if (taken.ok()) return;
  complain(taken.error().message);
  const std::string why = taken.error().message.english();
  log_->event("schoolgate", "overrides_lost", JsonObject().add("why", why).text());
}

void Gateway::loop() {
  const sigset_t set = handled_signals();
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  auto look_at = Clock::now();
  for (;;) {
    pollfd waiting[] = {{signals, POLLIN, 0}, {main_.fd(), POLLIN, 0}, {ended_.fd(), POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(look_at - Clock::now()).count();
    if (::poll(waiting, 3, std::max(static_cast<int>(left), 0)) < 0) continue;
    if (waiting[2].revents != 0) break;
    try {
      if (Clock::now() >= look_at) {
        look_at = Clock::now() + watch_.look_every();
        look_at_workers();
      }
      if (waiting[0].revents != 0) on_signal(signals);
      if (waiting[1].revents != 0) main_.work();
    } catch (const std::exception& failure) {  // no memory: what was asked may be asked again
      complain_plainly(failure);
    }
  }
  ::close(signals);
}

// Who waits for a worker that is stuck waits for ever: the manager, no longer told that all is well, starts
// us anew.
void Gateway::look_at_workers() {
  const Server::Silence silence = server_->longest_silence();
  const WorkerWatch::Seen seen = watch_.look(silence.lasts);
  if (seen.well && !replaced_) notify_manager("WATCHDOG=1");
  // A drain ends by itself, and may last longer than the manager would wait.
  if (seen.well && !replaced_ && joiner_.joinable()) notify_manager("EXTEND_TIMEOUT_USEC=30000000");
  if (!seen.got_stuck && !seen.moves_again) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(silence.lasts).count();
  JsonObject detail;
  if (seen.got_stuck) detail.add("worker", silence.worker).add("silent_s", seconds);
  complain(seen.got_stuck ? say("worker {} is STUCK: it has not moved for {} s", silence.worker, seconds)
                          : say("every worker moves again"));
  log_->event("schoolgate", seen.got_stuck ? "worker_stuck" : "workers_move_again", detail.text());
}

void Gateway::on_signal(int signals) {
  signalfd_siginfo got{};
  if (::read(signals, &got, sizeof got) != sizeof got) return;
  if (got.ssi_signo == SIGHUP) {
    reload_in_background();
  } else {
    begin_end("signal " + std::to_string(got.ssi_signo));
  }
}

void Gateway::begin_end(const std::string& who, bool taken_over) {
  if (joiner_.joinable()) {
    server_->stop();
    return;
  }
  server_->begin_drain();  // first of all: what follows only tells
  try {
    joiner_ = std::thread([this] {
      server_->join();
      ended_.ring();
    });
  } catch (const std::exception&) {  // no thread to be had
    server_->stop();
    server_->join();
    ended_.ring();
  }
  const Message told = taken_over ? say("Another process has taken over: open transfers may end.")
                                  : say("Stopping: open transfers may end; once more ends them now.");
  write(console_.out, told.in(language()) + "\n");
  if (!taken_over) notify_manager("STOPPING=1");  // else the service goes on
  log_->event(who, "drain", "{}");
}

void Gateway::reload_in_background() {
  reload_wanted_ = true;
  if (reloader_busy_.exchange(true)) return;  // it looks again before it ends
  if (reloader_.joinable()) reloader_.join();
  try {
    start_reloader();
  } catch (const std::exception& failure) {  // no thread to be had
    reloader_busy_ = false;
    complain_plainly(failure);
  }
}

void Gateway::start_reloader() {
  reloader_ = std::thread([this] {
    do {
      while (reload_wanted_.exchange(false)) {
        try {
          const LoadResult loaded = reload("signal 1", false);
          write(console_.err, reply_reload(loaded, false, false).text);
        } catch (const std::exception& failure) {
          complain_plainly(failure);
        }
      }
      reloader_busy_ = false;
    } while (reload_wanted_ && !reloader_busy_.exchange(true));
  });
}

LoadResult Gateway::reload(const std::string& who, bool accept_shrunk) {
  const MutexLock one_at_a_time(reload_mutex_);
  LoadOptions options;
  options.revision = ++revision_;
  options.accept_shrunk = accept_shrunk;
  const std::shared_ptr<const Snapshot> running = snapshot();  // only a reload changes it
  options.running = running->config.policy;
  options.running_lists = running.get();
  LoadResult loaded;
  try {
    loaded = load_snapshot(config_file_, options);
    const auto tls = load_tls(loaded);
    if (loaded.snapshot) server_->reload(loaded.snapshot, tls);
  } catch (const std::exception& failure) {  // out of memory, at worst: what runs goes on
    refuse(loaded, diag::not_loaded, config_file_, Message::foreign(failure.what()));
  }
  const DiagnosticCounts counts = count(loaded.diagnostics);
  std::vector<Message> waiting;
  JsonObject detail;
  detail.add("revision", options.revision).add("errors", counts.errors).add("warnings", counts.warnings);
  if (loaded.snapshot) detail.add("digest", loaded.snapshot->digest);
  log_->event(who, loaded.snapshot ? "reload" : "reload_refused", detail.text());
  if (loaded.snapshot) {
    keep(who, loaded.read);
    waiting = waits_for_start(started_with_, loaded.snapshot->config);
    if (!waiting.empty()) note_waiting(loaded, waiting);
  }
  const MutexLock lock(standing_mutex_);
  const Message found = to_message(counts);
  const bool any = !found.empty();
  standing_.last_reload = loaded.snapshot ? (any ? say("taken, {}", found) : say("taken"))
                                          : (any ? say("REFUSED, {}", found) : say("REFUSED"));
  if (!loaded.snapshot) return loaded;
  standing_.snapshot = loaded.snapshot;
  standing_.waiting = std::move(waiting);
  return loaded;
}

void Gateway::serve_control() {
  for (;;) {
    pollfd waiting[] = {{control_->fd(), POLLIN, 0}, {end_control_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    bool served = false;
    try {
      served = control_->serve(
          [this](const std::string& question, uid_t asker) { return reply(question, asker); });
    } catch (const std::exception& failure) {  // no memory: this one is not answered
      complain_plainly(failure);
    }
    // Out of descriptors who asks stays in the queue: looking again at once would spin.
    if (!served) ::poll(&waiting[1], 1, control_retry_ms);
  }
}

Reply Gateway::reply(const std::string& question, uid_t asker) {
  std::istringstream line(question);
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const std::string who = "uid " + std::to_string(asker);
  const std::string command = words.empty() ? std::string() : words[0];
  if (command == "reload") return reply_reload(reload(who, has("accept-shrunk")), has("json"), has("colour"));
  if (command == "status") return reply_status(has("json"));
  if (command == "standing") return reply_standing(has("json"));
  if (command == "stop") {
    const bool begun = main_.run([&] { begin_end(who); });
    return {begun ? exit_ok : exit_failed, ""};
  }
  if (command == "retention") return reply_retention(words, who);
  if (command == "upgrade") return reply_upgrade(asker);
  if (command == "take-over") return reply_take_over(asker);
  if (command == "taken-over") return reply_taken_over(words, asker);
  return no_such_question();
}

Reply Gateway::reply_reload(const LoadResult& loaded, bool json, bool colour) {
  const int code = loaded.snapshot ? exit_ok : exit_config_errors;
  if (json) return {code, check_json(loaded)};
  const Catalogue catalogue = language();
  const std::string text = render(loaded.diagnostics, loaded.texts, catalogue, colour);
  if (loaded.snapshot) return {code, text + reloaded_text(*loaded.snapshot, catalogue, colour)};
  const Message kept = say("not reloaded: the running policy stays in force");
  return {code, text + paint(colour, Colour::red, kept.in(catalogue)) + "\n"};
}

// The date is compared here, where the clock is that would delete.
Reply Gateway::reply_retention(const std::vector<std::string>& words, const std::string& who) {
  const auto zone = TimeZone::load(snapshot()->config.school.time_zone);
  const RetentionText text(log_->retention(), zone ? *zone : TimeZone());
  if (words.size() < 2) return {exit_ok, text.state(language())};
  if (words.size() != 3 || words[1] != "confirm") return no_such_question();
  if (words[2] != text.today()) return {exit_failed, text.wrong_date(words[2], language())};
  log_->confirm_clock(who);
  const RetentionText after(log_->retention(), zone ? *zone : TimeZone());
  return {exit_ok, after.state(language())};
}

// The group of the control socket may reload and stop; to become the proxy takes its user.
Reply Gateway::reply_take_over(uid_t asker) {
  if (asker != ::geteuid() && asker != 0) return refused(say("only this proxy's user may take it over"));
  Reply reply;
  const bool asked = main_.run([&] {
    if (joiner_.joinable()) return;  // its sockets are closing
    reply.fds = server_->copy_listeners();
    if (reply.fds.empty()) return;
    if (const int control = ::fcntl(control_->fd(), F_DUPFD_CLOEXEC, 0); control >= 0)
      reply.fds.push_back(control);
    sockets_lent_ = true;
  });
  if (!asked || reply.fds.empty()) return refused(say("it is ending, or out of descriptors"));
  return reply;
}

// Waits until the new process has taken over, or has given up: then this one serves on. The other control
// thread answers it meanwhile.
Reply Gateway::reply_upgrade(uid_t asker) {
  if (asker != ::geteuid() && asker != 0) return refused(say("only this proxy's user may upgrade it"));
  if (upgrading_.exchange(true)) return refused(say("an upgrade is under way"));
  const struct Busy {
    std::atomic<bool>& flag;
    ~Busy() { flag = false; }
  } busy{upgrading_};
  const Result<pid_t> successor = start_successor({program_, config_file_, state_, watchdog_});
  if (!successor) return {exit_failed, printable(successor.error().message.in(language())) + "\n"};
  for (;;) {
    if (replaced_) return {exit_ok, say("process {} has taken over", *successor).in(language()) + "\n"};
    if (const auto code = ended_with(*successor))
      return refused(
          say("not upgraded: the new process ended (exit code {}, its output says why); the running "
              "one goes on",
              *code));
    pollfd ending{end_control_.fd(), POLLIN, 0};
    ::poll(&ending, 1, successor_look_ms);
    if (ending.revents != 0 && !replaced_) return refused(say("it is ending"));
  }
}

Reply Gateway::reply_taken_over(const std::vector<std::string>& words, uid_t asker) {
  bool lent = false;
  const bool asked = main_.run([&] {
    lent = sockets_lent_ && (asker == ::geteuid() || asker == 0) && !joiner_.joinable();
    if (!lent) return;
    // The manager hears it from the process that it believes.
    if (words.size() == 2) notify_manager("MAINPID=" + words[1]);
    replaced_ = true;
    control_->leave_path();
    reveal_->close();
    teachers_->close();
    end_control_.ring();
    log_->hand_over();
    begin_end("uid " + std::to_string(asker), true);
  });
  return asked && lent ? Reply{exit_ok, ""} : refused(say("nothing was handed over"));
}

Reply Gateway::reply_status(bool json) {
  const Standing now = standing();
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_);
  const StatusFacts facts{*now.snapshot,   server_->status(), log_->health(), up.count(),
                          now.last_reload, now.last_good,     now.waiting};
  return {exit_ok, json ? status_json(facts) : status_text(facts, language())};
}

Reply Gateway::reply_standing(bool json) {
  const LastGoodFacts facts = standing().last_good;
  const Catalogue catalogue = json ? nullptr : language();
  return {exit_ok, facts.in_use ? last_good_text(facts, catalogue, false) : std::string()};
}

}  // namespace

void block_signals() noexcept {
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int run_gateway(const RunOptions& options, Console& console) {
  return Gateway(options, console).run();
}

}  // namespace schoolgate::tools
