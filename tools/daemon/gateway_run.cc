// Gateway: from the start to the end of the process, and what signals ask.
#include "tools/daemon/gateway_object.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/load.h"
#include "tools/daemon/folders.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/handover.h"
#include "tools/daemon/paced.h"
#include "tools/daemon/privileges.h"
#include "tools/daemon/successor.h"
#include "tools/daemon/systemd.h"

namespace schoolgate::tools {
namespace {

sigset_t handled_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

int Gateway::run() {
  const std::uint64_t descriptors = raise_descriptor_limit();
  int loaded = exit_ok;
  const auto load = [&] { loaded = load_first(); };
  take_over_ ? paced(load) : load();  // the process that is taken over from serves meanwhile
  if (loaded != exit_ok) return loaded;
  if (const auto folders = missing_folders(snapshot()->config); folders.failed()) {
    write(console_.err, "schoolgate: " + folders.error().message.in(language()) + "\n");
    return exit_failed;
  }
  if (const auto opened = open(); opened.failed()) {
    complain(opened.error().message);
    return exit_failed;
  }
  teachers_.emplace(
      *log_,
      TeacherDesk::Hooks{
          .current = [this] { return snapshot(); },
          .apply = [this](std::vector<OverrideRow> rows) { server_->override_with(std::move(rows)); },
          .explain = explain_,
          .now = {},
          .wishes =
              [this](const std::string& question, const std::string& actor, const std::string& account) {
                return wishes_desk_->reply(question, {actor, account});
              }});
  take_up_overrides();  // so that none is missing at the first request
  doubt_clock();
  server_->reload(snapshot(), std::move(tls_));  // before start: no request is ever answered without a policy
  server_->start();
  log_->event("schoolgate", "descriptors", JsonObject().add("limit", descriptors).text());
  if (take_over_) {
    if (!replace_running()) return exit_failed;
    take_up_overrides();  // what was changed until then
  }
  open_wishes();
  reveal_.emplace(*log_, [this] { return snapshot(); });
  if (const auto asked = reveal_->open(snapshot()->config.control_socket); asked.failed())
    complain(asked.error().message);
  start_posts();
  if (const auto asked = teachers_->open(snapshot()->config.control_socket); asked.failed())
    complain(asked.error().message);
  open_pages();
  if (const LastGoodFacts used = standing().last_good; used.in_use) {
    JsonObject detail;
    detail.add("set", used.set).add("errors", used.errors.english());
    log_->event("schoolgate", "last_good_used", detail.text());
  } else {
    const Standing first = standing();
    keep("schoolgate", "start", *first.snapshot, *first.texts);
  }
  tell_reveal_rule(nullptr, *snapshot());
  refused_.emplace(server_->device_tests(), snapshot()->config.control_socket).start();
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
  refused_.reset();
  for (std::thread& thread : control) thread.join();
  for (std::thread* thread : {&joiner_, &reloader_}) {
    if (thread->joinable()) thread->join();
  }
  post_.reset();
  seal_post_.reset();
  pages_.reset();  // asks the next two
  reveal_.reset();
  teachers_.reset();
  server_.reset();
  wishes_->close();
  const bool kept = log_->stop();
  write(console_.out, say("Stopped.").in(language()) + "\n");
  return kept ? exit_ok : exit_failed;
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
  log.complain = [this](const Message& line) { complain(line); };
  Result<std::unique_ptr<AccessLog>> opened = AccessLog::open(std::move(log));
  if (!opened) return opened.error();
  log_ = std::move(*opened);
  audit::WishBook::Hooks wishes;
  wishes.event = [this](const std::string& what, const std::string& detail) {
    log_->event("schoolgate", what, detail);
  };
  wishes.cut_ms = [this] { return log_->retention().cut_ms; };
  wishes_ = std::make_unique<audit::WishBook>(std::move(wishes));
  options.wishes = wishes_.get();
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

// Mail of alerts and of the log's seals.
void Gateway::start_posts() {
  post_.emplace(snapshot()->config.log.directory,
                AlertPost::Hooks{.current = [this] { return snapshot(); },
                                 .complain = [this](const Message& line) { complain(line); }});
  post_->start();
  seal_post_.emplace(snapshot()->config.log.directory,
                     SealPost::Hooks{.current = [this] { return snapshot(); },
                                     .complain = [this](const Message& line) { complain(line); },
                                     .mailed =
                                         [this](std::int64_t seal, const std::string& digest) {
                                           const auto detail =
                                               JsonObject().add("seal", seal).add("digest", digest);
                                           log_->event("schoolgate", "seal_mailed", detail.text());
                                         }});
  seal_post_->start();
}

void Gateway::open_pages() {
  pages_.emplace(
      *log_, *teachers_,
      WebDesk::Hooks{
          .current = [this] { return snapshot(); },
          .status = [this](const auto& use) { tell_status(use); },
          .texts = texts_,
          .tier_text = [this](const auto& asked, Catalogue words) { return reply_tier_text(asked, words); },
          .edit = [this](const auto& asked, Catalogue words) { return reply_edit(asked, words); },
          .policies = [this](const auto& asked, Catalogue words) { return reply_policies(asked, words); },
          .published = [this](const auto&, Catalogue words) { return reply_published(words); },
          .reveal = [this](const std::string& code, const std::string& why,
                           const std::string& actor) { return reveal_->reveal_as(code, why, actor); },
          .untold = [this] { return post_ ? post_->failure() : Message(); }},
      &*wishes_desk_);
  if (const auto asked = pages_->open(snapshot()->config.control_socket); asked.failed())
    complain(asked.error().message);
}

// After a process that ran before has left the file: none of its last wishes is missed.
void Gateway::open_wishes() {
  wishes_desk_.emplace(
      *wishes_, *log_,
      WishesDesk::Hooks{
          .current = [this] { return snapshot(); },
          .open =
              [this](const WishesDesk::Asker& who, const TeacherQuestion& question) {
                return teachers_->answer_for(who.actor, who.account, question);
              },
          .overrides = [this] { return teachers_->kept(); },
          .add_line = [this](const WishesDesk::LineWanted& line) { return add_allow_line(line); },
          .now_ms = wall_clock_ms});
  if (const auto taken = wishes_->open(snapshot()->config.log.directory); taken.failed()) {
    complain(say("no report of a wrong block is taken: {}", taken.error().message));
    const std::string why = taken.error().message.english();
    log_->event("schoolgate", "wishes_closed", JsonObject().add("why", why).text());
  }
}

void Gateway::take_up_overrides() {
  const auto taken = teachers_->load();
  if (taken.ok()) return;
  complain(taken.error().message);
  const std::string why = taken.error().message.english();
  log_->event("schoolgate", "overrides_lost", JsonObject().add("why", why).text());
}

// Before the first request: which would be judged by the hour of a clock that may be wrong.
void Gateway::doubt_clock() {
  // The row first: a process that is taken over from may write one meanwhile.
  const std::int64_t newest_ms = newest_row_ms(snapshot()->config.log.directory);
  clock_.emplace(wall_clock_ms(), newest_ms);
  if (clock_->until_ms() == 0) return;
  server_->doubt_clock_until(clock_->until_ms());
  complain(clock_doubted_text());
  log_->event("schoolgate", "clock_doubted", JsonObject().add("newest_row_ms", clock_->until_ms()).text());
}

void Gateway::look_at_clock() {
  if (clock_->until_ms() == 0 || !clock_->agrees_now(audit::read_clocks())) return;
  server_->doubt_clock_until(0);
  log_->event("schoolgate", "clock_agrees", "{}");
}

void Gateway::loop() {
  const sigset_t set = handled_signals();
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  auto look_at = std::chrono::steady_clock::now();
  for (;;) {
    pollfd waiting[] = {{signals, POLLIN, 0}, {main_.fd(), POLLIN, 0}, {ended_.fd(), POLLIN, 0}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(look_at - std::chrono::steady_clock::now()).count();
    if (::poll(waiting, 3, std::max(static_cast<int>(left), 0)) < 0) continue;
    if (waiting[2].revents != 0) break;
    try {
      if (std::chrono::steady_clock::now() >= look_at) {
        look_at = std::chrono::steady_clock::now() + watch_.look_every();
        look_at_workers();
        look_at_clock();
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
  const ServerStatus open = server_->status();    // what `timeouts: drain` is given to
  log_->event(who, "drain",
              JsonObject().add("connections", open.connections).add("tunnels", open.tunnels).text());
}

void block_signals() noexcept {
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int run_gateway(const RunOptions& options, Console& console) {
  return Gateway(options, console).run();
}

}  // namespace schoolgate::tools
