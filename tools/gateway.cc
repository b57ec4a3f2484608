#include "tools/gateway.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <thread>

#include "proxy/audit/access_log.h"
#include "proxy/io/server.h"
#include "tools/json_text.h"
#include "tools/load.h"
#include "tools/privileges.h"

namespace schoolgate::tools {
namespace {

sigset_t handled_signals() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

std::string address_text(const ListeningSocket& socket) {
  const std::string host = socket.address.to_string();
  return (socket.address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(socket.port);
}

class Gateway {
 public:
  Gateway(std::string config_file, Console& console)
      : config_file_(std::move(config_file)), console_(console) {}

  int run();

 private:
  [[nodiscard]] LoadResult load(bool first);
  [[nodiscard]] std::optional<Error> open();
  void say_what_runs(std::uint64_t descriptors);
  void loop();
  void on_signal();
  void begin_end(const std::string& who);
  [[nodiscard]] Answer reload(const std::string& who);
  [[nodiscard]] Answer answer(const std::string& question, uid_t asker);
  [[nodiscard]] Answer status() const;

  std::string config_file_;
  Console& console_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::unique_ptr<AccessLog> log_;
  std::unique_ptr<Server> server_;
  std::optional<ControlSocket> control_;
  std::uint64_t revision_ = 0;  // of the last attempt to load
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  int signals_ = -1, ended_ = -1;
  std::thread joiner_;  // waits for the drain to end
};

LoadResult Gateway::load(bool first) {
  ProgressBar bar(console_);
  LoadOptions options;
  options.revision = ++revision_;
  options.last_good_lists = first;
  options.progress = [&](const std::string& what, double done) { bar.show(what, done); };
  return load_snapshot(config_file_, options);
}

std::optional<Error> Gateway::open() {
  const Config& config = snapshot_->config;
  Result<ControlSocket> control = ControlSocket::open(config.control_socket);
  if (!control) return control.error();
  control_.emplace(std::move(*control));

  AccessLogOptions log;
  log.settings = config.log;
  log.version = SCHOOLGATE_VERSION;
  log.complain = [this](const std::string& line) { console_.err << line << '\n'; };
  Result<std::unique_ptr<AccessLog>> opened = AccessLog::open(std::move(log));
  if (!opened) return opened.error();
  log_ = std::move(*opened);

  ServerOptions options;
  options.workers = config.workers != 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
  Result<std::vector<ListeningSocket>> listeners = open_listeners(config.listen, options.workers);
  if (!listeners) return listeners.error();
  options.listeners = std::move(*listeners);
  server_ = std::make_unique<Server>(*log_, std::move(options));
  return std::nullopt;
}

void Gateway::say_what_runs(std::uint64_t descriptors) {
  std::ostream& out = console_.out;
  const Snapshot& s = *snapshot_;
  std::string addresses;
  for (const ListeningSocket& socket : server_->listeners())
    addresses += (addresses.empty() ? "" : ", ") + address_text(socket);
  const Tier& tier = s.policy->tiers()[s.policy->tier_of(IpAddress::v4(0x7f000001))];
  out << paint(console_.out_colour, Colour::bold, "Schoolgate " SCHOOLGATE_VERSION) << " filters on "
      << paint(console_.out_colour, Colour::bold, addresses) << " for " << printable(s.config.school.name)
      << ": " << counted(s.counts.tiers, "tier") << ", " << counted(s.list_status.size(), "list") << " with "
      << counted(s.lists->counts().domains, "domain") << ", " << counted(server_->workers(), "worker") << ", "
      << grouped(descriptors) << " descriptors\n";
  out << "This machine (127.0.0.1) is in tier " << paint(console_.out_colour, Colour::bold, tier.id) << ": "
      << printable(tier.name_vi) << " / " << printable(tier.name_en) << '\n';
  for (const std::string& thin : s.thin)
    out << paint(console_.out_colour, Colour::red, "thin: " + printable(thin)) << '\n';
  out << "Ctrl-C stops it.\n" << std::flush;
}

int Gateway::run() {
  const std::uint64_t descriptors = raise_descriptor_limit();
  const LoadResult loaded = load(true);
  console_.err << render(loaded.diagnostics, loaded.texts, console_.err_colour) << std::flush;
  if (!loaded.snapshot) return exit_config_errors;
  snapshot_ = loaded.snapshot;
  if (const auto error = open()) {
    console_.err << "schoolgate: " << error->message << '\n';
    return exit_failed;
  }
  const sigset_t set = handled_signals();
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  ended_ = ::eventfd(0, EFD_CLOEXEC);
  log_->policy_loaded(snapshot_);
  server_->start();
  server_->reload(snapshot_);
  say_what_runs(descriptors);
  loop();
  if (joiner_.joinable()) joiner_.join();
  server_.reset();
  log_->stop();
  ::close(signals_);
  ::close(ended_);
  console_.out << "Stopped.\n" << std::flush;
  return exit_ok;
}

void Gateway::loop() {
  for (;;) {
    pollfd waiting[] = {{signals_, POLLIN, 0}, {control_->fd(), POLLIN, 0}, {ended_, POLLIN, 0}};
    if (::poll(waiting, 3, -1) < 0) continue;
    if (waiting[2].revents != 0) return;
    if (waiting[0].revents != 0) on_signal();
    if (waiting[1].revents != 0)
      control_->serve([this](const std::string& question, uid_t asker) { return answer(question, asker); });
  }
}

void Gateway::on_signal() {
  signalfd_siginfo got{};
  if (::read(signals_, &got, sizeof got) != sizeof got) return;
  if (got.ssi_signo == SIGHUP) {
    const Answer said = reload("signal");
    console_.err << said.text << std::flush;
  } else {
    begin_end("signal");
  }
}

void Gateway::begin_end(const std::string& who) {
  if (joiner_.joinable()) {
    server_->stop();
    return;
  }
  console_.out << "Stopping: open transfers may end; once more ends them now.\n" << std::flush;
  log_->event(who, "drain", "{}");
  server_->begin_drain();
  joiner_ = std::thread([this] {
    server_->join();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(ended_, &one, sizeof one);
  });
}

Answer Gateway::reload(const std::string& who) {
  const auto begin = std::chrono::steady_clock::now();
  const LoadResult loaded = load(false);
  Answer said{exit_ok, render(loaded.diagnostics, loaded.texts, false)};
  JsonObject detail;
  detail.add("revision", revision_);
  if (!loaded.snapshot) {
    said.exit_code = exit_config_errors;
    said.text += to_text(count(loaded.diagnostics)) + ": the running policy (revision " +
                 std::to_string(snapshot_->revision) + ") stays in force\n";
    log_->event(who, "reload_refused", detail.text());
    return said;
  }
  snapshot_ = loaded.snapshot;
  log_->policy_loaded(snapshot_);
  server_->reload(snapshot_);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  detail.add("digest", snapshot_->digest);
  log_->event(who, "reload", detail.text());
  said.text += "revision " + std::to_string(snapshot_->revision) +
               " is in force: " + counted(snapshot_->counts.tiers, "tier") + ", " +
               counted(snapshot_->list_status.size(), "list") + " with " +
               counted(snapshot_->lists->counts().domains, "domain") + " (" + std::to_string(took.count()) +
               " ms)\n";
  return said;
}

Answer Gateway::status() const {
  const ServerStatus s = server_->status();
  const AccessLog::Health log = log_->health();
  const auto up =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  JsonArray thin;
  for (const std::string& sentence : snapshot_->thin) thin.add(sentence);
  JsonObject log_json;
  log_json.add("written", log.written)
      .add("lost", log.lost)
      .add("queued", log.queued)
      .add("stalled", log.stalled);
  log_json.add_or_null("last_error", log.last_error);
  JsonObject json;
  json.add("version", SCHOOLGATE_VERSION).add("up_seconds", static_cast<std::uint64_t>(up.count()));
  json.add("revision", s.revision).add("digest", snapshot_->digest).add("workers", s.workers);
  json.add("connections", s.connections).add("clients", s.clients).add("tunnels", s.tunnels);
  json.add("requests", s.requests).add("tunnels_opened", s.tunnels_opened).add("blocked", s.blocked);
  json.add("refused_clients", s.refused_clients)
      .add("closed_by_policy", s.closed_by_policy)
      .add("failures", s.failures);
  json.add("log", log_json).add("thin", thin);
  return {exit_ok, json.text() + "\n"};
}

Answer Gateway::answer(const std::string& question, uid_t asker) {
  const std::string who = "uid " + std::to_string(asker);
  if (question == "reload") return reload(who);
  if (question == "status") return status();
  if (question == "stop") {
    begin_end(who);
    return {exit_ok, ""};
  }
  return {exit_usage, "no such question\n"};
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
