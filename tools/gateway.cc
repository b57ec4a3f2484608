#include "tools/gateway.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <ostream>
#include <sstream>
#include <thread>
#include <vector>

#include "proxy/audit/access_log.h"
#include "proxy/io/server.h"
#include "tools/check.h"
#include "tools/control.h"
#include "tools/gateway_text.h"
#include "tools/json_text.h"
#include "tools/load.h"
#include "tools/privileges.h"
#include "tools/systemd.h"

namespace schoolgate::tools {
namespace {

using Clock = std::chrono::steady_clock;

sigset_t handled_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

// A descriptor that one thread makes readable to wake another.
class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Bell() { ::close(fd_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  void ring() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
  }
  void silence() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

// Work that only the main thread may do, asked for by others.
class MainThread {
 public:
  // Waits until `task` is done; false if the main thread is on its way out.
  [[nodiscard]] bool run(std::function<void()> task) {
    std::packaged_task<void()> packaged(std::move(task));
    std::future<void> done = packaged.get_future();
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return false;
      tasks_.push_back(std::move(packaged));
    }
    bell_.ring();
    try {
      done.get();
      return true;
    } catch (const std::future_error&) {
      return false;
    }
  }
  [[nodiscard]] int fd() const noexcept { return bell_.fd(); }
  void work() {
    bell_.silence();
    std::vector<std::packaged_task<void()>> now;
    {
      const std::lock_guard lock(mutex_);
      now.swap(tasks_);
    }
    for (auto& task : now) task();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    tasks_.clear();  // who waits for one is told by its broken promise
  }

 private:
  Bell bell_;
  std::mutex mutex_;
  std::vector<std::packaged_task<void()>> tasks_;
  bool closed_ = false;
};

// Threads: the main one owns the server and reads signals. Loading, which may take seconds, happens on the
// thread that asks for it: one of two that serve the control socket (a status is answered during a reload),
// or one of its own after SIGHUP.
class Gateway {
 public:
  Gateway(std::string config_file, Console& console)
      : config_file_(std::move(config_file)), console_(console) {}

  int run();

 private:
  [[nodiscard]] int load_first();
  [[nodiscard]] std::optional<Error> open();
  void loop();
  void on_signal(int signals);
  void begin_end(const std::string& who);
  void reload_in_background();
  [[nodiscard]] LoadResult reload(const std::string& who, bool accept_shrunk);
  void serve_control();
  [[nodiscard]] Answer answer(const std::string& question, uid_t asker);
  [[nodiscard]] Answer answer_reload(const LoadResult& loaded, bool json, bool colour) const;
  [[nodiscard]] Answer answer_status(bool json);
  void say(std::ostream& where, const std::string& text) {
    const std::lock_guard lock(console_mutex_);
    where << text << std::flush;
  }

  const std::string config_file_;
  Console& console_;
  std::mutex console_mutex_;
  const Clock::time_point started_ = Clock::now();

  std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded, as last_reload_
  std::string last_reload_;
  std::mutex reload_mutex_;     // one reload at a time
  std::uint64_t revision_ = 1;  // of the last attempt to load; guarded by reload_mutex_

  MainThread main_;
  Bell ended_, end_control_;
  std::unique_ptr<AccessLog> log_;
  std::unique_ptr<Server> server_;
  std::optional<ControlSocket> control_;
  std::thread joiner_;  // waits for the drain to end
  std::thread reloader_;
  std::atomic<bool> reload_wanted_{false}, reloader_busy_{false};
};

int Gateway::run() {
  const std::uint64_t descriptors = raise_descriptor_limit();
  if (const int code = load_first(); code != exit_ok) return code;
  if (const auto error = open()) {
    say(console_.err, "schoolgate: " + printable(error->message) + "\n");
    return exit_failed;
  }
  server_->reload(snapshot_);  // before start: no request is ever answered without a policy
  server_->start();
  std::thread control[2];
  for (std::thread& thread : control) thread = std::thread([this] { serve_control(); });
  say(console_.out, banner(*snapshot_, server_->listeners(), descriptors, console_.out_colour));
  notify_manager("READY=1");
  loop();
  main_.close();
  end_control_.ring();
  for (std::thread& thread : control) thread.join();
  for (std::thread* thread : {&joiner_, &reloader_}) {
    if (thread->joinable()) thread->join();
  }
  server_.reset();
  log_->stop();
  say(console_.out, "Stopped.\n");
  return exit_ok;
}

int Gateway::load_first() {
  ProgressBar bar(console_);
  LoadOptions options;
  options.last_good_lists = true;
  options.progress = [&](const std::string& what, double done) { bar.show(what, done); };
  const LoadResult loaded = load_snapshot(config_file_, options);
  bar.clear();
  say(console_.err, render(loaded.diagnostics, loaded.texts, console_.err_colour));
  if (!loaded.snapshot) {
    say(console_.err, "schoolgate: " + to_text(count(loaded.diagnostics)) + "; not started\n");
    return exit_config_errors;
  }
  snapshot_ = loaded.snapshot;
  return exit_ok;
}

std::optional<Error> Gateway::open() {
  const Config& config = snapshot_->config;
  Result<ControlSocket> control = ControlSocket::open(config.control_socket);
  if (!control) return control.error();
  control_.emplace(std::move(*control));

  ServerOptions options;
  options.workers = config.workers != 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
  const std::vector<int> handed = handed_over_sockets();
  auto listeners = handed.empty() ? open_listeners(config.listen, options.workers) : adopt_listeners(handed);
  if (!listeners) return listeners.error();
  options.listeners = std::move(*listeners);

  AccessLogOptions log;
  log.settings = config.log;
  log.version = SCHOOLGATE_VERSION;
  log.complain = [this](const std::string& line) {
    say(console_.err, "schoolgate: " + printable(line) + "\n");
  };
  Result<std::unique_ptr<AccessLog>> opened = AccessLog::open(std::move(log));
  if (!opened) return opened.error();
  log_ = std::move(*opened);
  server_ = std::make_unique<Server>(*log_, std::move(options));
  return std::nullopt;
}

void Gateway::loop() {
  const sigset_t set = handled_signals();
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  for (;;) {
    pollfd waiting[] = {{signals, POLLIN, 0}, {main_.fd(), POLLIN, 0}, {ended_.fd(), POLLIN, 0}};
    if (::poll(waiting, 3, -1) < 0) continue;
    if (waiting[2].revents != 0) break;
    if (waiting[0].revents != 0) on_signal(signals);
    if (waiting[1].revents != 0) main_.work();
  }
  ::close(signals);
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

void Gateway::begin_end(const std::string& who) {
  if (joiner_.joinable()) {
    server_->stop();
    return;
  }
  say(console_.out, "Stopping: open transfers may end; once more ends them now.\n");
  notify_manager("STOPPING=1");
  log_->event(who, "drain", "{}");
  server_->begin_drain();
  joiner_ = std::thread([this] {
    server_->join();
    ended_.ring();
  });
}

void Gateway::reload_in_background() {
  reload_wanted_ = true;
  if (reloader_busy_.exchange(true)) return;  // it looks again before it ends
  if (reloader_.joinable()) reloader_.join();
  reloader_ = std::thread([this] {
    do {
      while (reload_wanted_.exchange(false)) {
        const LoadResult loaded = reload("signal 1", false);
        say(console_.err, answer_reload(loaded, false, false).text);
      }
      reloader_busy_ = false;
    } while (reload_wanted_ && !reloader_busy_.exchange(true));
  });
}

LoadResult Gateway::reload(const std::string& who, bool accept_shrunk) {
  const std::lock_guard one_at_a_time(reload_mutex_);
  LoadOptions options;
  options.revision = ++revision_;
  options.accept_shrunk = accept_shrunk;
  LoadResult loaded = load_snapshot(config_file_, options);
  if (loaded.snapshot && !main_.run([&] { server_->reload(loaded.snapshot); })) loaded.snapshot = nullptr;
  const DiagnosticCounts counts = count(loaded.diagnostics);
  JsonObject detail;
  detail.add("revision", options.revision).add("errors", counts.errors).add("warnings", counts.warnings);
  if (loaded.snapshot) detail.add("digest", loaded.snapshot->digest);
  log_->event(who, loaded.snapshot ? "reload" : "reload_refused", detail.text());
  const std::lock_guard lock(snapshot_mutex_);
  last_reload_ = (loaded.snapshot ? "taken" : "REFUSED") +
                 (to_text(counts).empty() ? std::string() : ", " + to_text(counts));
  if (loaded.snapshot) snapshot_ = loaded.snapshot;
  return loaded;
}

void Gateway::serve_control() {
  for (;;) {
    pollfd waiting[] = {{control_->fd(), POLLIN, 0}, {end_control_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    control_->serve([this](const std::string& question, uid_t asker) { return answer(question, asker); });
  }
}

Answer Gateway::answer(const std::string& question, uid_t asker) {
  std::istringstream line(question);
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const std::string who = "uid " + std::to_string(asker);
  const std::string command = words.empty() ? std::string() : words[0];
  if (command == "reload")
    return answer_reload(reload(who, has("accept-shrunk")), has("json"), has("colour"));
  if (command == "status") return answer_status(has("json"));
  if (command == "stop") {
    const bool begun = main_.run([&] { begin_end(who); });
    return {begun ? exit_ok : exit_failed, ""};
  }
  return {exit_usage, "no such question\n"};
}

Answer Gateway::answer_reload(const LoadResult& loaded, bool json, bool colour) const {
  const int code = loaded.snapshot ? exit_ok : exit_config_errors;
  if (json) return {code, check_json(loaded)};
  std::string text = render(loaded.diagnostics, loaded.texts, colour);
  if (!loaded.snapshot) {
    return {code,
            text + paint(colour, Colour::red, "not reloaded: the running policy stays in force") + "\n"};
  }
  return {code, text + reloaded_text(*loaded.snapshot, colour)};
}

Answer Gateway::answer_status(bool json) {
  std::shared_ptr<const Snapshot> snapshot;
  std::string last_reload;
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot = snapshot_;
    last_reload = last_reload_;
  }
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_);
  const StatusFacts facts{*snapshot, server_->status(), log_->health(), up.count(), last_reload};
  return {exit_ok, json ? status_json(facts) : status_text(facts)};
}

}  // namespace

void block_signals() noexcept {
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int run_gateway(const std::string& config_file, Console& console) {
  return Gateway(config_file, console).run();
}

}  // namespace schoolgate::tools
