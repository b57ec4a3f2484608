// Gateway: what it answers on the control socket (gateway.h).
#include "tools/daemon/gateway_object.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <iterator>
#include <sstream>
#include <vector>

#include "config/lists/fetched_list.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/load_report.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/handover.h"
#include "tools/daemon/health.h"
#include "tools/daemon/privileges.h"
#include "tools/daemon/successor.h"
#include "tools/daemon/systemd.h"
#include "tools/lan/gateway_counts.h"

namespace schoolgate::tools {
namespace {

constexpr int control_retry_ms = 200;
constexpr int successor_look_ms = 50;

// Nullopt: there are no holes, or nobody tells what went through.
std::optional<std::map<std::string, std::uint64_t>> counts_of_holes(const Config& config) {
  constexpr std::chrono::milliseconds longest_wait{2'000};
  if (config.gateway.open.empty()) return std::nullopt;
  const auto table = read_counts(counts_socket(config.control_socket), longest_wait);
  return table ? std::optional(holes_in(*table)) : std::nullopt;
}

}  // namespace

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
  if (question.starts_with("policy\t")) return reply_policy(question, asker);
  std::istringstream line(question);
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const std::string who = "uid " + std::to_string(asker);
  const std::string command = words.empty() ? std::string() : words[0];
  if (command == "reload") return reply_reload(reload(who, has("accept-shrunk")), has("json"), has("colour"));
  if (command == "reload-lists") return reply_reload(reload_lists(who), has("json"), has("colour"));
  if (command == "status") return reply_status(has("json"), has("colour"));
  if (command == "health") return reply_health();
  if (command == "self-test") return reply_self_test(words, who);
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
  static_cast<void>(main_.run([&] {
    clock_->confirm();
    server_->doubt_clock_until(0);
  }));
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
    post_->close();
    seal_post_->close();
    teachers_->close();
    pages_->close();
    wishes_->close();
    end_control_.ring();
    log_->hand_over();
    begin_end("uid " + std::to_string(asker), true);
  });
  return asked && lent ? Reply{exit_ok, ""} : refused(say("nothing was handed over"));
}

void Gateway::tell_status(const std::function<void(const StatusFacts&)>& use) {
  const Standing now = standing();
  const auto up =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  const ServerStatus server = server_->status();
  const auto refusing =
      name_devices(server.refusing, now.snapshot->config, log_->settings().key_file, wall_clock_ms());
  const StatusFacts facts{*now.snapshot,
                          server,
                          log_->health(),
                          up.count(),
                          now.last_reload,
                          now.last_good,
                          now.waiting,
                          radar_of(*server_, now.snapshot->config),
                          refusing,
                          laid_files(config_file_, find_overlay(config_file_).overlay),
                          read_coverage(now.snapshot->config, wall_clock_ms()),
                          post_ ? post_->failure() : Message(),
                          seal_post_ ? seal_post_->failure() : Message(),
                          counts_of_holes(now.snapshot->config)};
  use(facts);
}

Reply Gateway::reply_status(bool json, bool colour) {
  Reply reply{exit_ok, ""};
  tell_status([&](const StatusFacts& facts) {
    reply.text = json ? status_json(facts) : status_text(facts, language(), colour);
  });
  return reply;
}

// For a program; `doctor` says it to people.
Reply Gateway::reply_health() {
  const Standing now = standing();
  const AccessLog::Health log = log_->health();
  Health health;
  health.uptime_s =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_).count();
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) health.descriptors = files.rlim_cur;
  health.log_error = log.last_error;
  health.seal_error = log.seal_error.english();
  health.log_full = log.full;
  health.last_good = now.last_good.in_use;
  const std::int64_t today = std::time(nullptr);
  for (const ListStatus& status : now.snapshot->list_status)
    if (status.source.update && overdue(*status.source.update, fetched_at(status.source), today))
      health.old_lists.push_back(status.source.name);
  for (const Message& key : now.waiting) health.waiting.push_back(key.english());
  if (auto radar = radar_of(*server_, now.snapshot->config)) {
    health.radar_works = true;
    health.radar = std::move(*radar);
  }
  return {exit_ok, health_text(health)};
}

// "self-test 14 1 2": how many were well, to be looked at, wrong.
Reply Gateway::reply_self_test(const std::vector<std::string>& words, const std::string& who) {
  JsonObject detail;
  constexpr const char* keys[] = {"good", "warnings", "bad"};
  if (words.size() != 1 + std::size(keys)) return no_such_question();
  for (std::size_t i = 0; i < std::size(keys); ++i) {
    const std::string& count = words[i + 1];
    if (count.empty() || count.size() > 4 || count.find_first_not_of("0123456789") != std::string::npos)
      return no_such_question();
    detail.add(keys[i], std::stoi(count));
  }
  log_->event(who, "self_test", detail.text());
  return {exit_ok, ""};
}

Reply Gateway::reply_standing(bool json) {
  const LastGoodFacts facts = standing().last_good;
  const Catalogue catalogue = json ? nullptr : language();
  return {exit_ok, facts.in_use ? last_good_text(facts, catalogue, false) : std::string()};
}

}  // namespace schoolgate::tools
